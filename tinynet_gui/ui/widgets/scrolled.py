"""A page that scrolls where it does not fit."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from tinynet_gui.ui.widgets.naming import named


def scrolled(page: QWidget, name: str, says: str, *, takes_focus: bool = True) -> QScrollArea:
    """Return a page in an area that scrolls it up and down."""
    area = named(QScrollArea(), name, says)
    put_page(area, page)
    if not takes_focus:
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def put_page(area: QScrollArea, page: QWidget) -> None:
    """Put a page into an area; what is behind the area shows through.

    A style sheet could say so too, but only by a rule that is tried on every widget of the window.
    """
    area.setWidget(page)
    page.setAutoFillBackground(False)  # which the area has just set
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
