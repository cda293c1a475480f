"""A label that says as much as there is room for, in whole phrases."""

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent

from tinynet_gui.ui.widgets.text.elided_label import ElidedLabel


class FittingLabel(ElidedLabel):
    """One line: the first of several texts that fits, else the last."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: Sequence[str] = ("",)

    def show_longest(self, texts: Sequence[str]) -> None:
        """Show other texts, the longest first."""
        self._texts = texts
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width, width_of = self.contentsRect().width(), self.fontMetrics().horizontalAdvance
        self.setText(next((text for text in self._texts if width_of(text) <= width), self._texts[-1]))
