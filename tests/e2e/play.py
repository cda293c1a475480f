"""The real main() with a script in the user's place."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QToolButton

from tests.not_none import not_none
from tinynet_gui.app import application
from tinynet_gui.ui.window.main_window import MainWindow

Condition = Callable[[], bool]
Script = Callable[[MainWindow], Iterator[Condition]]
LOOKS_EVERY_MS = 5
PATIENCE_S = 600  # for what hangs: a machine may be slow, and busy with other things


class Player:
    """Plays a script as soon as there is a window: it yields what to wait for before it goes on."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._looks_left = PATIENCE_S * 1000 / LOOKS_EVERY_MS
        self._window: MainWindow | None = None
        self._acts: Iterator[Condition] = iter(())
        self._condition: Condition = lambda: True
        self.error: BaseException | None = None
        self.timer = QTimer()
        self.timer.setInterval(LOOKS_EVERY_MS)
        self.timer.timeout.connect(self._look)
        self.timer.start()

    def _look(self) -> None:
        if self._window is None:
            shown = (w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible())
            if (window := next(shown, None)) is None:
                return
            self._window, self._acts = window, self._script(window)
        self._looks_left -= 1
        try:
            if self._looks_left <= 0:
                raise TimeoutError(f"waited in vain at {self._condition}: {self._window.session.state.status}")
            if self._condition():
                self._condition = next(self._acts)
        except StopIteration:
            self._end(self._window)
        except BaseException as error:
            self.error = error
            self._end(self._window)

    def _end(self, window: MainWindow) -> None:
        self.timer.stop()
        window.close()


def run_python(code: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own to its end, whatever that is."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False, **options)


def run_main(script: Script, arguments: tuple[str, ...] = ()) -> int:
    """Run main() while a script plays the user; return its status."""
    player = Player(script)
    status = application.main(list(arguments))
    player.timer.stop()
    if player.error is not None:
        raise player.error
    return status


def is_loaded(window: MainWindow) -> bool:
    """Whether the first network is there, and all that can train it."""
    state = window.session.state
    return state.snapshot is not None and "absent" not in (state.status.compiled, state.status.pytorch)


def press(key: Qt.Key) -> None:
    """Press a key where the keyboard's focus is."""
    QTest.keyClick(not_none(QApplication.focusWidget()), key)


def click_in_lesson(window: MainWindow, name: str) -> Iterator[Condition]:
    """Click a button of the lesson's page as soon as that can be done."""
    found = not_none(window.views.lesson.findChild(QAbstractButton, name))
    yield lambda: found.isVisible() and found.isEnabled()
    found.click()


def passed(seconds: float) -> Condition:
    """So much time has gone by, from now on: for what looks at the mouse every now and then."""
    end = perf_counter() + seconds
    return lambda: perf_counter() > end


def button(window: MainWindow, name: str) -> QToolButton:
    """The tool button of this name."""
    found = window.findChild(QToolButton, name)
    assert isinstance(found, QToolButton)
    return found


def label(window: MainWindow, name: str) -> str:
    """What the label of this name says."""
    found = window.findChild(QLabel, name)
    assert isinstance(found, QLabel)
    return found.text()
