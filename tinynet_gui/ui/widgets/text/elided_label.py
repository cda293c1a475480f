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

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of it as fits."""
        room = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        with QPainter(self) as painter:
            self.style().drawItemText(
                painter, room, self.alignment(), self.palette(), self.isEnabled(), text, QPalette.ColorRole.WindowText
            )
