"""What a test may leave behind, and the line at which it was started."""

import inspect
import traceback
import weakref
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QObject, QThread, QThreadPool, QTimer
from PySide6.QtWidgets import QApplication, QWhatsThis, QWidget

from tests.not_none import not_none

Started = tuple[weakref.ref[Any], str]  # and the line
DEPTH = 4  # of calls that are named: who starts a thread is often a helper


class LeakCheck:
    """Remembers what is started from now on; `left_behind` says what of it still runs.

    `QThread.start`, `QTimer.start` and `QThreadPool.start` are replaced while the monkeypatch lasts. Windows that were
    open before do not count.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._started: list[Started] = []
        self._windows_before = {id(w) for w in QApplication.topLevelWidgets() if w.isVisible()}
        for kind in (QThread, QTimer, QThreadPool):
            monkeypatch.setattr(kind, "start", self._remembering(kind.start))

    def left_behind(self) -> list[str]:
        """Say what still runs or is open, a line for each, with where it was started."""
        windows = [w for w in QApplication.topLevelWidgets() if w.isVisible() and id(w) not in self._windows_before]
        modes = ["What's this?, which takes the next key or click"] if QWhatsThis.inWhatsThisMode() else []
        names = [f"window {type(w).__name__} {w.objectName()!r}" for w in windows]
        return still_running(self._started) + names + modes

    def hand_over(self, owner: QWidget) -> list[Started]:
        """Return what was started by what belongs to a window that stays open, and forget it."""
        given = [each for each in self._started if _belongs_to(each[0](), owner)]
        self._started = [each for each in self._started if each not in given]
        self._windows_before.add(id(owner))
        return given

    def _remembering(self, start: Callable[..., Any]) -> Callable[..., Any]:
        def remember_and_start(self_: QObject, *arguments: Any) -> Any:
            callers = islice(traceback.walk_stack(not_none(inspect.currentframe()).f_back), DEPTH)
            lines = ", from ".join(f"{frame.f_code.co_filename}:{line}" for frame, line in callers)
            self._started.append((weakref.ref(self_), lines))
            return start(self_, *arguments)

        return remember_and_start


def still_running(started: list[Started]) -> list[str]:
    """Say what of it runs, a line for each."""
    alive = ((reference(), line) for reference, line in started)
    return [
        f"{type(o).__name__} {o.objectName()!r}, started at {line}"
        for o, line in alive
        if o is not None and shiboken6.isValid(o) and _runs(o)
    ]


def _belongs_to(started: QObject | None, owner: QObject) -> bool:
    while started is not None and shiboken6.isValid(started) and started is not owner:
        started = started.parent()
    return started is owner


def _runs(started: QObject) -> bool:
    if isinstance(started, QThread):
        return started.isRunning()
    if isinstance(started, QTimer):
        return started.isActive()
    assert isinstance(started, QThreadPool)
    return started.activeThreadCount() > 0
