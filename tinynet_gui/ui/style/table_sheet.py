"""The style sheet of tables that lie on a card."""

from tinynet_gui.ui.style.theme import Theme, in_pixels


def table_sheet(theme: Theme, padding: int, more: str = "") -> str:
    """Return it.

    Parameters
    ----------
    padding
        Beside the headings, in pixels at a zoom of 1.
    more
        What is special about a table.
    """
    return in_pixels(
        f"QTableView {{ background: transparent; gridline-color: {theme.grid};"
        f" selection-background-color: {theme.grid}; selection-color: {theme.ink}; }}"
        f"QHeaderView, QHeaderView::section {{ background: transparent; border: none; color: {theme.muted};"
        f" padding: 0 {padding}px; }}"
        "QTableCornerButton::section, QAbstractScrollArea::corner { background: transparent; border: none; }" + more
    )
