"""A word that must not be overlooked, on top of a view: nothing moves when it comes or goes."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QWidget

from tinynet_gui.ui.naming import named

MARGIN = 8
WIDEST = 0.9  # of the view


class Banner(QLabel):
    """Lies at the lower edge of a view while there is something to say."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        named(self, "messageLabel", "What has happened to the training")
        self.setProperty("role", "banner")
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._view = view
        view.installEventFilter(self)
        self.setVisible(False)

    def say(self, text: str) -> None:
        """Show a text; an empty one takes it back."""
        self.setText(text)
        self.setVisible(bool(text))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the edge when the view changes its size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        self.ensurePolished()
        room = round(WIDEST * self._view.width())
        width = min(self.fontMetrics().horizontalAdvance(self.text()) + 40, room)
        height = self.heightForWidth(width)
        self.setGeometry((self._view.width() - width) // 2, self._view.height() - height - MARGIN, width, height)
        self.raise_()
