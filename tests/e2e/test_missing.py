"""A package that is missing or broken: what is missing is said, and what does not need it works."""

import subprocess
import sys
from pathlib import Path

import pytest

WITHOUT = """
import sys
blocked, error = sys.argv[1], {"missing": ModuleNotFoundError, "broken": OSError}[sys.argv[2]]

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == blocked:
            raise error(f"no {blocked} for this test")

sys.meta_path.insert(0, Finder())
"""

SCREENSHOT = WITHOUT + "from tinynet_gui import app; sys.exit(app.main(sys.argv[3:]))"

A_USER = (
    WITHOUT
    + """
from PySide6.QtWidgets import QApplication, QLabel
from tests.e2e.play import run_main

application = QApplication(["test"])

def user(window):
    state = lambda: window.session.state
    yield lambda: state().status.phase == "unusable"
    assert "nothing trains" in window.status.findChild(QLabel, "phaseLabel").text()
    window.actions_["actionStart"].trigger()
    assert not window.actions_["actionStart"].isChecked()
    window.actions_["actionStep"].trigger()
    window.actions_["actionToEnd"].trigger()
    window.session.edit({"network.hidden": (4,), "training.learning_rate": 0.5})
    window.session.undo()
    window.session.reset()
    assert state().status.phase == "unusable"
    assert state().config.network.hidden == (10,)

sys.exit(run_main(user))
"""
)


def _run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=90, check=False
    )


@pytest.mark.parametrize("how", ["missing", "broken"])
def test_without_numba_pytorch_draws_the_picture(tmp_path: Path, how: str) -> None:
    picture = tmp_path / "window.png"
    result = _run(SCREENSHOT, "numba", how, "--screenshot", str(picture), "--steps", "20")
    assert result.returncode == 0, result.stderr
    assert picture.is_file()


@pytest.mark.parametrize("how", ["missing", "broken"])
def test_without_torch_the_window_says_so_and_no_picture_is_made_up(tmp_path: Path, how: str) -> None:
    picture = tmp_path / "window.png"
    result = _run(SCREENSHOT, "torch", how, "--screenshot", str(picture), "--steps", "20")
    assert result.returncode == 1
    assert "PyTorch cannot be loaded" in result.stderr
    assert "Traceback" not in result.stderr
    assert not picture.exists()


@pytest.mark.parametrize("how", ["missing", "broken"])
def test_without_torch_the_settings_can_be_changed_all_the_same(how: str) -> None:
    result = _run(A_USER, "torch", how)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
