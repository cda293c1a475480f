"""A package that is missing or broken: what is missing is said, and what does not need it works."""

import json
import os
from pathlib import Path

from tests.e2e.play import run_python

WITHOUT = """
import sys
blocked, error = sys.argv[1], {"missing": ModuleNotFoundError, "broken": OSError}[sys.argv[2]]

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == self.blocked:
            raise error(f"no {self.blocked} for this test")

Finder.blocked = blocked
sys.meta_path.insert(0, Finder())
"""

SCREENSHOTS = (
    f"{WITHOUT}import json, tinynet_gui.app.application as app; print([*map(app.main, json.loads(sys.argv[3]))])"
)

PLAYED = """
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QToolButton
from tests.e2e.play import label, run_main
from tinynet_gui.core.network.refs import NeuronRef

application = QApplication(["test"])

def user(window):
    state = lambda: window.session.state
%s
sys.exit(run_main(user))
"""

MOST_IS_COMPILED = """
import os, shutil
from tinynet_gui.core.training.compiled.cache import cache_directory, is_compiled
from tinynet_gui.engine.loading import KernelCompiler

begin, suites = KernelCompiler.start, cache_directory()
os.environ["NUMBA_CACHE_DIR"] = sys.argv[3]

def begin_with_most(compiler):
    assert suites != cache_directory() and not is_compiled()
    for code in (*suites.glob("layers.*"), *suites.glob("one_hidden.*")):  # all but that of the lanes
        shutil.copy(code, cache_directory())
    begin(compiler)

KernelCompiler.start = begin_with_most
"""

A_USER = """
    yield lambda: (state().status.pytorch, state().status.compiled) == ("failed", "ready")
    yield lambda: state().snapshot is not None
    assert "no PyTorch" in label(window, "phaseLabel")
    assert "pip install torch" in window.frame.status.findChild(QLabel, "phaseLabel").toolTip()
    export, freeze = window.actions_["actionExportModel"], window.findChild(QCheckBox, "inspectorFreeze")
    yield lambda: not export.isEnabled()  # once there is somebody to offer it
    assert "Only PyTorch" in export.toolTip()
    window.session.pin(NeuronRef(0, 0))
    yield freeze.isVisible
    assert not freeze.isEnabled() and "Only PyTorch" in freeze.toolTip()
    window.session.freeze(NeuronRef(0, 0), True)  # as a session from elsewhere may have it
    yield lambda: freeze.isChecked() and freeze.isEnabled()
    freeze.click()
    yield lambda: not freeze.isEnabled() and not state().run.wanted.frozen
    window.actions_["actionStart"].trigger()
    yield lambda: state().run.step > 100
    window.actions_["actionToEnd"].trigger()
    yield lambda: state().status.phase == "finished"
    assert state().snapshot.train_loss < 0.1
    window.session.edit({"network.hidden": (4,), "training.learning_rate": 0.5})
    window.session.undo()
    window.actions_["actionStep"].trigger()
    yield lambda: state().snapshot is not None and state().snapshot.step == 10_001
    window.views.experiments.run_wanted.emit("swarm", 16)
    yield lambda: window.findChild(QComboBox, "experimentRunList").count() >= 16
    window.actions_["actionMicroscope"].trigger()
    window.session.dissect()
    yield lambda: window.views.microscope.dissection is not None
    window.session.edit({"training.learning_rate": 10.0})
    window.session.reset()
    window.actions_["actionToEnd"].trigger()
    yield lambda: state().status.phase == "diverged"
    window.findChild(QToolButton, "whyButton").click()
    yield lambda: window.features["why"].banner.is_explained
    assert "the loss curves by λ" in label(window, "whyText")
"""

A_USER_WITHOUT_NUMBA = """
    yield lambda: state().status.compiled == "failed" and state().status.pytorch == "ready"
    assert "no fast engine" in label(window, "phaseLabel")
    assert "numba may fix it" in window.frame.status.findChild(QLabel, "phaseLabel").toolTip()
    assert "numba may fix it" in window.views.experiments.answer()
    window.actions_["actionStart"].trigger()
    yield lambda: state().run.step > 100
    assert state().status.engine == "PyTorch"
    window.session.edit({"training.stop_step": 300})
    window.session.reset()
    window.actions_["actionToEnd"].trigger()
    yield lambda: state().status.phase == "finished"
    assert state().snapshot.step == 300
"""

A_USER_WITHOUT_ENGINES = """
    yield lambda: state().status.phase == "unusable" and state().snapshot is not None
    assert "nothing can train" in label(window, "phaseLabel")
    window.actions_["actionStart"].trigger()
    assert window.actions_["actionStart"].text() == "Start"
    window.actions_["actionStep"].trigger()
    window.actions_["actionToEnd"].trigger()
    window.session.edit({"network.hidden": (4,), "training.learning_rate": 0.5})
    window.session.undo()
    window.session.reset()
    assert state().status.phase == "unusable"
    assert state().config.network.hidden == (10,)
"""


def _play(code: str, *arguments: str, **environment: str) -> None:
    result = run_python(WITHOUT + code, *arguments, env={**os.environ, **environment})
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr


def test_the_other_engine_draws_the_picture_if_it_can(
    tmp_path: Path,
) -> None:
    drawn, made_up, settings = (tmp_path / name for name in ("drawn.png", "made_up.png", "settings.json"))
    settings.write_text('{"network": {"initialization": "normal"}}')
    wanted = (["--screenshot", str(drawn), "--steps", "20"], ["--screenshot", str(made_up), "--config", str(settings)])
    result = run_python(SCREENSHOTS, "torch", "broken", json.dumps(wanted))
    assert result.stdout == "[0, 1]\n", result.stderr
    assert "PyTorch cannot be loaded" in result.stderr
    assert "Traceback" not in result.stderr
    assert drawn.is_file()
    assert not made_up.exists()


def test_it_trains_without_torch_and_without_a_writable_place(tmp_path: Path) -> None:
    """A part is compiled for this, as fast as may be, the rest found, and nothing of it is left."""
    file, temporary = tmp_path / "file", tmp_path / "temporary"
    file.write_text("not a directory")
    temporary.mkdir()
    _play(MOST_IS_COMPILED + PLAYED % A_USER, "torch", "missing", str(file), TMPDIR=str(temporary), NUMBA_OPT="1")
    assert list(temporary.glob("tinynet-kernel-*")) == []


def test_without_numba_it_trains() -> None:
    _play(PLAYED % A_USER_WITHOUT_NUMBA, "numba", "broken")


def test_without_both_the_settings_can_be_changed_all_the_same() -> None:
    _play(WITHOUT.replace("sys.argv[1]", '"numba"') + PLAYED % A_USER_WITHOUT_ENGINES, "torch", "missing")
