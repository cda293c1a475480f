"""Base class of helpers that do one thing for a window."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

MESSAGE_MS = 20_000


class OfWindow(QObject):
    """Finds its window as its parent.

    It holds no reference to it: the window holds this, and Python would take such a cycle apart in any order.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)

    @property
    def _window(self) -> QMainWindow:
        window = self.parent()
        assert isinstance(window, QMainWindow)
        return window

    def say(self, words: str) -> None:
        """Show a message for a while, without waiting for an answer; nothing if it is empty."""
        if words:
            self._window.statusBar().showMessage(words, MESSAGE_MS)
