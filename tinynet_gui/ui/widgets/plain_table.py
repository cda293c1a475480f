"""A table without frame and grid, as the views have it."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex
from PySide6.QtGui import QAccessible, QAccessibleTableModelChangeEvent, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from tinynet_gui.ui.style.theme import small_font
from tinynet_gui.ui.style.zoom import drawn_font
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.telling import HeardLater, unheard


class PlainTable(QTableView):
    """Has headers in a small font; Tab leaves it, and its own keys are no shortcuts of the window meanwhile.

    Its rows are so many pixels higher than their text; with `has_numbers`, theirs stand beside them.
    """

    def __init__(self, name: str, says: str, around_px: int, *, has_numbers: bool = False) -> None:
        super().__init__()
        named(self, name, says)
        self.setProperty("bare", True)
        self.setFont(small_font())
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setFont(small_font())
            header.setHighlightSections(False)
            header.setSectionsClickable(False)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        line_px = QFontMetrics(drawn_font(small_font())).height()  # at a zoom of 1, which the table follows
        self.horizontalHeader().setFixedHeight(line_px + around_px)
        self.verticalHeader().setVisible(has_numbers)
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(line_px + around_px)
        self._later = HeardLater(self, self._tell_numbers)

    def is_editing(self) -> bool:
        """Whether a cell is being typed into."""
        return self.state() == QAbstractItemView.State.EditingState

    def dataChanged(
        self,
        first: QModelIndex | QPersistentModelIndex,
        last: QModelIndex | QPersistentModelIndex,
        roles: Sequence[int] = (),
    ) -> None:
        """Show other numbers, which may come with every frame."""
        with unheard():
            super().dataChanged(first, last, roles)
        self._later.tell_change()

    def _tell_numbers(self) -> None:
        change = QAccessibleTableModelChangeEvent.ModelChangeType.DataChanged
        QAccessible.updateAccessibility(QAccessibleTableModelChangeEvent(self, change))

    def event(self, event: QEvent) -> bool:
        """Keep the table's own keys from being shortcuts of the window."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._is_own_key(event):
            event.accept()
            return True
        return super().event(event)

    def _is_own_key(self, _event: QKeyEvent) -> bool:
        return False
