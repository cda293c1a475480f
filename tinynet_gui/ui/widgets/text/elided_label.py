"""A label that shortens its text to the space available."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy

from tinynet_gui.ui.widgets.naming import as_it_stands


class ElidedLabel(QLabel):
    """One line of plain text; an ellipsis replaces what does not fit, and the tooltip has the full text."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str) -> None:
        """Show another text."""
        self.setText(text)
        self.setToolTip(as_it_stands(text))

    def drawn_text(self) -> str:
        """Return as much of the text as fits."""
        text, room, metrics = self.text(), self.contentsRect().width(), self.fontMetrics()
        if metrics.horizontalAdvance(text) <= room:  # Qt rounds it, also down, and would then shorten the text
            return text
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of it as fits."""
        role = QPalette.ColorRole.WindowText
        with QPainter(self) as painter:
            self.style().drawItemText(
                painter,
                self.contentsRect(),
                self.alignment(),
                self.palette(),
                self.isEnabled(),
                self.drawn_text(),
                role,
            )
