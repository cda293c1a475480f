"""What belongs to a window and does one thing for it."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

MESSAGE_MS = 20_000


class OfWindow(QObject):
    """Finds its window as its parent.

    It does not keep it: the window holds this, and what hold each other Python takes apart in any order.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)

    @property
    def _window(self) -> QMainWindow:
        window = self.parent()
        assert isinstance(window, QMainWindow)
        return window

    def say(self, words: str) -> None:
        """Say a line that needs no answer, for a while; nothing ends it at once."""
        self._window.statusBar().showMessage(words, MESSAGE_MS)
