"""The experiments in the window: run, read, cancel, open."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton, QSpinBox, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import WAIT_MS
from tinynet_gui.core.config import Config
from tinynet_gui.core.outcomes import DepthResult, LadderResult, SwarmResult
from tinynet_gui.ui.main_window import MainWindow

MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def window(make_window: MakeWindow, qtbot: QtBot) -> MainWindow:
    window = make_window(Config().replace("training.stop_step", 300))
    window._layout.tabs.setCurrentWidget(window.experiments)
    qtbot.waitUntil(lambda: window.lab.run_state.kernel == "ready", timeout=WAIT_MS)
    return window


def _press_run(window: MainWindow) -> None:
    button = window.findChild(QPushButton, "experimentRun")
    assert isinstance(button, QPushButton)
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def _choose(window: MainWindow, kind: str, runs: int) -> None:
    choice, count = window.findChild(QComboBox, "experimentKind"), window.findChild(QSpinBox, "experimentRuns")
    assert isinstance(choice, QComboBox)
    assert isinstance(count, QSpinBox)
    choice.setCurrentIndex(choice.findData(kind))
    count.setValue(runs)


@pytest.mark.parametrize(
    ("kind", "runs", "result_class", "said"),
    [
        ("swarm", 50, SwarmResult, "50 seeds: median loss"),
        ("ladder", 1, LadderResult, "fit the samples best"),
        ("depth", 2, DepthResult, "By steps"),
    ],
)
def test_each_experiment_answers_and_its_runs_can_be_opened(
    window: MainWindow, qtbot: QtBot, kind: str, runs: int, result_class: type, said: str
) -> None:
    results: list[object] = []
    window.experiments.result_changed.connect(results.append)
    _choose(window, kind, runs)
    _press_run(window)
    qtbot.waitUntil(lambda: not window.lab.experimenter.is_running, timeout=WAIT_MS)
    assert isinstance(results[-1], result_class)
    assert said in window.experiments.answer()

    outcomes = window.findChild(QComboBox, "experimentOutcomes")
    assert isinstance(outcomes, QComboBox)
    assert outcomes.count() >= runs
    outcomes.setCurrentIndex(1)
    chosen = window.experiments._outcomes[1]
    opened = window.findChild(QPushButton, "experimentOpen")
    assert isinstance(opened, QPushButton)
    QTest.mouseClick(opened, Qt.MouseButton.LeftButton)
    assert window.lab.config == chosen.config
    qtbot.waitUntil(lambda: window.lab.snapshot is not None and window.lab.snapshot.step == 300, timeout=WAIT_MS)
    assert window.lab.snapshot is not None
    assert window.lab.snapshot.train_loss == pytest.approx(chosen.final_loss, rel=1e-3)


def test_a_swarm_draws_its_curves(window: MainWindow, qtbot: QtBot) -> None:
    _choose(window, "swarm", 60)
    _press_run(window)
    qtbot.waitUntil(lambda: not window.lab.experimenter.is_running, timeout=WAIT_MS)
    assert window.function_plot._swarm.isVisible()
    assert "60 seeds" in window.function_plot._key.text()
    _choose(window, "ladder", 1)
    assert not window.function_plot._swarm.isVisible()


def test_a_long_experiment_shows_progress_and_can_be_cancelled(window: MainWindow, qtbot: QtBot) -> None:
    window.lab.edit({"network.hidden": (200, 200), "training.stop_step": 100_000})
    _choose(window, "swarm", 1_000)
    _press_run(window)
    cancel = window.findChild(QToolButton, "experimentCancel")
    assert isinstance(cancel, QToolButton)
    qtbot.waitUntil(cancel.isVisible, timeout=WAIT_MS)
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.lab.experimenter.is_running, timeout=WAIT_MS)
    assert not cancel.isVisible()
    assert window.experiments.answer() == "Cancelled."


def test_a_click_on_a_dot_chooses_its_run(window: MainWindow, qtbot: QtBot) -> None:
    _choose(window, "swarm", 50)
    _press_run(window)
    qtbot.waitUntil(lambda: not window.lab.experimenter.is_running, timeout=WAIT_MS)
    outcome = window.experiments._outcomes[17]
    window.experiments.plot.run_clicked.emit(outcome)
    outcomes = window.findChild(QComboBox, "experimentOutcomes")
    assert isinstance(outcomes, QComboBox)
    assert outcomes.currentIndex() == 17


def test_an_exception_in_an_experiment_is_shown(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tinynet_gui.core import experiments

    def broken(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    failures: list[str] = []
    window.lab.failed.disconnect(window.show_error)
    window.lab.failed.connect(failures.append)
    monkeypatch.setitem(experiments.EXPERIMENTS, "swarm", broken)
    _press_run(window)
    qtbot.waitUntil(lambda: bool(failures), timeout=WAIT_MS)
    assert "broken on purpose" in failures[0]
    assert not window.lab.experimenter.is_running
