"""Ctrl+C and its like: at whatever moment they come, the program ends as if its window had been closed."""

import signal
from pathlib import Path

import pytest

from tests.e2e.play import run_python
from tests.systems import sends_signals
from tinynet_gui.app.application import Interruption

AT_IMPORT = """
import os, sys
from tinynet_gui.app import application as app

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), int(sys.argv[2]))

sys.meta_path.insert(0, Finder())
sys.exit(app.main(sys.argv[3:]))
"""

IN_A_DIALOG_WHILE_IT_TRAINS = """
import os, sys
sys.modules["torch"] = None  # it would take half of the time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from tests.e2e.play import is_loaded, run_main

application = QApplication(["test"])

def user(window):
    session = window.session
    yield lambda: is_loaded(window)
    session.start()
    yield lambda: session.state.run.step > 100
    QTimer.singleShot(0, window.actions_["actionAbout"].trigger)
    yield lambda: QApplication.activeModalWidget() is not None or QApplication.activeWindow() is not window
    assert session.state.is_running
    os.kill(os.getpid(), int(sys.argv[1]))
    yield lambda: False

sys.exit(run_main(user))
"""


def end_of(code: str, *arguments: str) -> tuple[int, str]:
    """Run a program that gets a signal; return its status and what it has said."""
    result = run_python(
        *(code, *arguments),
        preexec_fn=lambda: [signal.signal(number, signal.SIG_DFL) for number in (signal.SIGINT, signal.SIGHUP)],
    )
    return result.returncode, result.stderr.replace("This plugin does not support propagateSizeHints()\n", "")


@sends_signals
@pytest.mark.parametrize(("name", "module"), [("SIGTERM", "PySide6.QtWidgets"), ("SIGHUP", "torch")])
def test_early_on(name: str, module: str) -> None:
    assert end_of(AT_IMPORT, module, str(int(getattr(signal, name)))) == (0, "")


@sends_signals
def test_in_a_dialog_while_it_trains() -> None:
    assert end_of(IN_A_DIALOG_WHILE_IT_TRAINS, str(int(signal.SIGINT))) == (0, "")


@sends_signals
def test_a_screenshot_that_is_ended_says_so(tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    number = str(int(signal.SIGTERM))
    module = "tinynet_gui.core.training.compiled.kernel"
    status, said = end_of(AT_IMPORT, module, number, "--screenshot", str(file), "--steps", "1000000000")
    assert status == 1
    assert said.splitlines() == [
        f"tinynet-gui: --screenshot {file}: there is no picture: the program ended before it was taken"
    ]
    assert not file.exists()


def test_what_was_there_before_is_there_again() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Interruption().caught():
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] != before
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
