"""Tells gestures apart, so that a drag is undone as a whole."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QInputEvent
from PySide6.QtWidgets import QApplication

TURN_S = 1.0  # wheel turns and key presses at shorter intervals are one gesture


class Gestures(QObject):
    """Counts the gestures: from press to release of a mouse button, or a quick series of wheel turns or keys.

    Parameters
    ----------
    keeps
        Sees each event first, and says whether to keep it from what it is for.
    """

    def __init__(
        self,
        parent: QObject | None = None,
        now: Callable[[], float] = perf_counter,
        keeps: Callable[[QObject, QInputEvent], bool] = lambda *_: False,
    ) -> None:
        super().__init__(parent)
        self._now, self._keeps = now, keeps
        self._number = 0
        self._is_held = self._is_by_mouse = False
        self._latest_at = 0.0
        self._watch()

    def _watch(self) -> None:
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """Ignore events meanwhile: a style sheet sends thousands, and none of them is a press."""
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        try:
            yield
        finally:
            self._watch()

    @property
    def are_by_mouse(self) -> bool:
        """Whether the latest of them was made with the mouse."""
        return self._is_by_mouse

    def current(self) -> int:
        """Return the number of the current gesture."""
        now = self._now()
        if not self._is_held and now - self._latest_at > TURN_S:
            self._number += 1
        self._latest_at = now
        return self._number

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch every press and release without consuming it; what a release leads to still belongs to its gesture."""
        if not isinstance(event, QInputEvent):  # to ask for the type of each event would take much longer
            return False
        if self._keeps(watched, event):
            return True
        match event.type():
            case QEvent.Type.MouseButtonPress | QEvent.Type.MouseButtonDblClick if not self._is_held:
                self._is_held = self._is_by_mouse = True
                self._number += 1
            case QEvent.Type.MouseButtonRelease if self._is_held:
                self._is_held = False
                self._latest_at = self._now()
            case QEvent.Type.KeyPress | QEvent.Type.Wheel if self._is_by_mouse and not self._is_held:
                self._is_by_mouse = False
                self._number += 1
        return False
