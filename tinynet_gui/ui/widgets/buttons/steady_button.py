"""A button that changes its text but not its size."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton


class SteadyButton(QToolButton):
    """As wide as the widest of its texts needs, so that nothing beside it moves.

    Parameters
    ----------
    texts
        All its possible texts; none if its text never changes.
    """

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self._texts = texts

    def sizeHint(self) -> QSize:
        """The size that the widest text needs."""
        widths = [self._width_of(text) for text in self._texts or (self.text(),)]
        return super().sizeHint() + QSize(max(widths) - self._width_of(self.text()), 0)

    def _width_of(self, text: str) -> int:
        return self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, text).width()  # as measured by Qt

    def minimumSizeHint(self) -> QSize:
        """No less."""
        return self.sizeHint()
