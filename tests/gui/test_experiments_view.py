"""The experiments in the window: run, read, cancel, open."""

from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QTabWidget,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import WAIT_MS, child
from tests.gui.shared_window import SharedWindow
from tinynet_gui.core.analysis import sweep
from tinynet_gui.core.analysis.experiment_result import ExperimentResult, runs_of
from tinynet_gui.core.analysis.sweep_results import DepthResult, SwarmResult, TrainedRun, WidthsResult
from tinynet_gui.core.analysis.sweep_runs import seeds_of, train_all
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.forward import forward
from tinynet_gui.core.run.training_status import LoadPhase, TrainingStatus
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.engine import loading
from tinynet_gui.engine.backends import StepCosts, take_steps
from tinynet_gui.ui.controllers import sweep_controller
from tinynet_gui.ui.controllers.sweep_controller import CURVES, EXPERIMENT, LINE_DELAY_MS, hindrance
from tinynet_gui.ui.style.theme import DARK, LIGHT, small_font, style_sheet
from tinynet_gui.ui.views.experiments.experiment_plot import LEAST_HEIGHT
from tinynet_gui.ui.views.experiments.experiments_view import ExperimentsView
from tinynet_gui.ui.views.experiments.explain import setting_note
from tinynet_gui.ui.views.plots.function_key import FunctionKey
from tinynet_gui.ui.widgets.plot_parts import NumberAxis
from tinynet_gui.ui.widgets.scrolled_text import ScrolledText
from tinynet_gui.ui.window.main_window import MainWindow

MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def window(shared: SharedWindow) -> MainWindow:
    window = shared.get(Config().replace("training.stop_step", 300))
    _open_tab(window)
    return window


def _open_tab(window: MainWindow) -> None:
    tabs = window.findChild(QTabWidget, "resultTabs")
    assert isinstance(tabs, QTabWidget)
    tabs.setCurrentWidget(window.experiments)


def _press_run(window: MainWindow) -> None:
    button = window.findChild(QPushButton, "experimentRun")
    assert isinstance(button, QPushButton)
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def _key(window: MainWindow) -> str:
    key = window.function_plot.findChild(FunctionKey)
    assert isinstance(key, FunctionKey)
    return key.text()


def _choose(window: MainWindow, kind: str, runs: int) -> None:
    choice, count = window.findChild(QComboBox, "experimentKind"), window.findChild(QSpinBox, "experimentRuns")
    assert isinstance(choice, QComboBox)
    assert isinstance(count, QSpinBox)
    choice.setCurrentIndex(choice.findData(kind))
    count.setValue(runs)


def _best_first(result: ExperimentResult) -> list[TrainedRun]:
    return sorted(runs_of(result), key=lambda run: run.final_loss)


@pytest.mark.parametrize(
    ("kind", "runs", "result_class", "said"),
    [
        ("swarm", 50, SwarmResult, "50 seeds: median loss"),
        ("ladder", 1, WidthsResult, "fit the samples best"),
        ("depth", 7, DepthResult, "By steps"),
    ],
)
def test_each_experiment_answers_and_its_runs_can_be_opened(
    window: MainWindow, qtbot: QtBot, kind: str, runs: int, result_class: type, said: str
) -> None:
    results: list[ExperimentResult] = []
    window.experiments.result_changed.connect(results.append)
    _choose(window, kind, runs)
    _press_run(window)
    qtbot.waitUntil(lambda: not window.program.jobs.is_running(EXPERIMENT), timeout=WAIT_MS)
    assert isinstance(results[-1], result_class)
    assert said in window.experiments.answer()

    outcomes = window.findChild(QComboBox, "experimentRunList")
    assert isinstance(outcomes, QComboBox)
    assert outcomes.count() >= runs
    outcomes.setCurrentIndex(1)
    chosen = _best_first(results[-1])[1]
    opened = window.findChild(QPushButton, "experimentOpen")
    assert isinstance(opened, QPushButton)
    QTest.mouseClick(opened, Qt.MouseButton.LeftButton)
    assert window.session.config == chosen.config
    qtbot.waitUntil(
        lambda: window.session.state.snapshot is not None and window.session.state.snapshot.step == 300, timeout=WAIT_MS
    )
    assert window.session.state.snapshot is not None
    assert window.session.state.snapshot.train_loss == pytest.approx(chosen.final_loss, rel=1e-3)


def test_a_swarm_draws_its_curves(window: MainWindow, qtbot: QtBot) -> None:
    _choose(window, "swarm", 60)
    _press_run(window)
    qtbot.waitUntil(lambda: not window.program.jobs.is_running(EXPERIMENT), timeout=WAIT_MS)
    assert window.function_plot.curves.swarm() is not None
    assert "</span> 60 seeds" in _key(window)
    _choose(window, "ladder", 1)
    assert window.function_plot.curves.swarm() is None


def test_the_key_says_how_many_curves_of_a_large_swarm_are_drawn(window: MainWindow, qtbot: QtBot) -> None:
    _choose(window, "swarm", 256)
    _press_run(window)
    qtbot.waitUntil(lambda: not window.program.jobs.is_running(EXPERIMENT), timeout=WAIT_MS)
    curves = window.function_plot.curves.swarm()
    assert curves is not None
    drawn = int((np.diff(curves[0]) < 0).sum()) + 1
    assert f"</span> {drawn} of 256 seeds" in _key(window)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_curves_of_a_swarm_reach_as_far_as_the_view(window: MainWindow, qtbot: QtBot, activation: str) -> None:
    window.session.edit({"network.activation": activation})
    _choose(window, "swarm", 120)
    _press_run(window)
    qtbot.waitUntil(lambda: not window.program.jobs.is_running(EXPERIMENT), timeout=WAIT_MS)
    usual, far = window.function_plot.curves.swarm(), (-60.0, 25.0)
    assert usual is not None
    window.function_plot.plot.setXRange(*far, padding=0)
    qtbot.waitUntil(lambda: not window.program.jobs.is_running(CURVES), timeout=WAIT_MS)
    curves = window.function_plot.curves.swarm()
    assert curves is not None
    x, rows = curves[0].reshape(60, -1)[0], curves[1].reshape(60, -1)
    assert x[0] <= far[0] < far[1] <= x[-1]
    assert x[(x >= far[0]) & (x <= far[1])].size >= 100
    for row, seed in ((0, 0), (59, 118)):  # every second one
        config = window.session.config.replace("network.seed", window.session.config.network.seed + seed)
        trainer = Trainer(config)
        take_steps(trainer, "Compiled", config.training.stop_step, np.zeros(1, dtype=np.uint8), StepCosts())
        truth = forward(trainer.snapshot(0).layers, activation, x).output
        np.testing.assert_allclose(rows[row], truth, atol=1e-3 * np.abs(truth).max())
    window.function_plot.view.show_everything()
    back = window.function_plot.curves.swarm()
    assert back is not None
    np.testing.assert_array_equal(back[1], usual[1])
    assert "</span> 60 of 120 seeds" in _key(window)


@pytest.mark.parametrize(
    "changes",
    [{"data.target": "sin"}, {"data.x_max": 5.0}, {"training.learning_rate": 0.002}, {"network.hidden": (3,)}],
)
def test_a_swarm_leaves_the_plot_and_is_marked_as_soon_as_its_setting_is_another(
    window: MainWindow, qtbot: QtBot, changes: dict[str, object]
) -> None:
    _choose(window, "swarm", 50)
    _press_run(window)
    qtbot.waitUntil(lambda: not window.program.jobs.is_running("experiment"), timeout=WAIT_MS)
    note = window.findChild(QLabel, "experimentSetting")
    assert isinstance(note, QLabel)
    window.session.edit({"network.seed": 9})  # which a swarm varies itself
    assert window.function_plot.curves.swarm() is not None
    assert not note.isVisible()
    window.session.edit(changes)
    assert window.function_plot.curves.swarm() is None
    assert "seeds" not in _key(window)
    assert note.isVisible()
    assert note.text().startswith("Not of the present setting: this was with ")
    window.session.undo()
    assert window.function_plot.curves.swarm() is not None
    assert not note.isVisible()


def test_a_ladder_is_marked_when_the_noise_has_changed(window: MainWindow, qtbot: QtBot) -> None:
    _choose(window, "ladder", 1)
    _press_run(window)
    qtbot.waitUntil(lambda: not window.program.jobs.is_running("experiment"), timeout=WAIT_MS)
    note = window.findChild(QLabel, "experimentSetting")
    assert isinstance(note, QLabel)
    window.session.edit({"network.hidden": (7,)})
    assert not note.isVisible()
    window.session.edit({"data.noise": 0.25})
    assert note.text() == "Not of the present setting: this was with Noise σ 0."
    assert window.experiments.plot.is_faint()
    window.session.edit({"training.learning_rate": 0.5, "training.stop_step": 77})
    assert note.text() == (
        "Not of the present setting: this was with Noise σ 0, Learning rate 0.001 "
        "and 1 more setting that changed since."
    )
    _choose(window, "swarm", 50)
    assert not note.isVisible()


def test_other_samples_of_the_same_kind_are_named_as_others(view: ExperimentsView) -> None:
    one, other = (Config().replace("data.points", Points([0.0, 1.0], [0.0, y])) for y in (1.0, 2.0))
    assert setting_note(one, ("data.points",), other) == "Not of the present setting: this was with other samples."
    drawn = setting_note(Config(), ("data.points",), one)
    assert drawn == "Not of the present setting: this was with 20 points, made from x²."


def test_while_an_experiment_runs_its_kind_stays_and_no_second_one_begins(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"network.hidden": (200, 200), "training.stop_step": 100_000})
    _choose(window, "swarm", 1_000)
    _press_run(window)
    names = ("experimentKind", "experimentRuns", "experimentRun")
    controls = [window.findChild(QWidget, name) for name in names]
    assert not any(control.isEnabled() for control in controls if control is not None)
    window.session.take_step()  # the run's state changes meanwhile
    step = window.session.state.snapshot.step if window.session.state.snapshot is not None else 0
    qtbot.waitUntil(
        lambda: window.session.state.snapshot is not None and window.session.state.snapshot.step > step, timeout=WAIT_MS
    )
    assert not any(control.isEnabled() for control in controls if control is not None)
    assert window.experiments.answer() == "…"
    window.program.jobs.stop(EXPERIMENT)
    qtbot.waitUntil(lambda: not window.program.jobs.is_running(EXPERIMENT), timeout=WAIT_MS)
    assert all(control.isEnabled() for control in controls if control is not None)
    window.session.take_step()
    assert window.experiments.answer() == "Cancelled."


@pytest.fixture
def view(qtbot: QtBot) -> ExperimentsView:
    view = ExperimentsView(LIGHT)
    qtbot.addWidget(view)
    return view


def test_a_long_answer_leaves_the_plot_its_room_and_can_be_scrolled(view: ExperimentsView, qtbot: QtBot) -> None:
    view.resize(300, 280)
    view.show()
    view.show_hindrance("Up to 1 neuron have too few kinks. " * 20)
    answer = view.findChild(ScrolledText, "experimentAnswer")
    assert isinstance(answer, ScrolledText)
    area = view.findChild(QScrollArea, "experimentResult")
    assert isinstance(area, QScrollArea)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    assert view.plot.height() >= LEAST_HEIGHT
    assert answer.verticalScrollBar().maximum() == 0  # all of it is there, and below the picture
    assert answer.geometry().top() >= view.plot.geometry().bottom()
    view.resize(300, 1_200)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() == 0)
    assert view.plot.height() > 2 * LEAST_HEIGHT


def test_an_answer_keeps_its_font_when_the_colours_change(view: ExperimentsView) -> None:
    view.setStyleSheet(style_sheet(LIGHT))
    view.resize(300, 600)
    view.show()
    (label,) = child(view, ScrolledText, "experimentAnswer").findChildren(QLabel)
    for theme in (DARK, LIGHT):
        view.setStyleSheet(style_sheet(theme))
        view.show_theme(theme)
        assert label.font().pointSizeF() == small_font(0.92).pointSizeF() < view.font().pointSizeF()


def test_another_text_can_be_shown_in_the_room_of_one(view: ExperimentsView, qtbot: QtBot) -> None:
    answer = view.findChild(ScrolledText, "experimentAnswer")
    assert isinstance(answer, ScrolledText)
    view.resize(300, 600)
    view.show()
    long = "Without the sample at x = 1957 the curve moves. " * 6
    answer.setText(long)
    QApplication.processEvents()
    height = answer.height()
    answer.setText("One line.", room_for=long)
    QApplication.processEvents()
    assert answer.height() == height
    answer.setText("One line.")
    qtbot.waitUntil(lambda: answer.height() < height)


@pytest.mark.parametrize("size", [40, 60, 100, 200, 400])
@pytest.mark.parametrize(("low", "high"), [(-1.8, 0.4), (-0.3, 0.2), (-12.0, 3.0)])
def test_numbers_at_a_logarithmic_axis_do_not_touch(qapp: QApplication, low: float, high: float, size: int) -> None:
    axis = NumberAxis("left")
    axis.setLogMode(False, True)
    ((_, ticks),) = axis.tickValues(low, high, size)
    assert ticks
    assert (np.diff(ticks) * size / (high - low) >= 12).all()


def test_what_hinders_an_experiment_is_said_in_place_of_the_question(view: ExperimentsView) -> None:
    question = view.answer()
    run = view.findChild(QPushButton, "experimentRun")
    assert isinstance(run, QPushButton)
    for phase in get_args(LoadPhase):
        reason = hindrance(TrainingStatus(compiled=phase, trouble="numba is not installed."))
        view.show_hindrance(reason)
        assert view.answer() == (reason or question)
        assert run.isEnabled() == (phase == "ready")
    assert "numba is not installed" in view.answer()
    choice = view.findChild(QComboBox, "experimentKind")
    assert isinstance(choice, QComboBox)
    choice.setCurrentIndex(1)
    assert view.answer() == reason
    choice.setCurrentIndex(0)
    view.show_hindrance("")
    assert view.answer() == question
    assert run.isEnabled()


def test_a_long_experiment_shows_progress_and_can_be_cancelled(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"network.hidden": (200, 200), "training.stop_step": 100_000})
    _choose(window, "swarm", 1_000)
    _press_run(window)
    cancel = window.findChild(QToolButton, "experimentCancel")
    assert isinstance(cancel, QToolButton)
    qtbot.waitUntil(cancel.isVisible, timeout=WAIT_MS)
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.program.jobs.is_running(EXPERIMENT), timeout=WAIT_MS)
    assert not cancel.isVisible()
    assert window.experiments.answer() == "Cancelled."


def test_a_click_on_a_dot_chooses_its_run(window: MainWindow, qtbot: QtBot) -> None:
    results: list[ExperimentResult] = []
    window.experiments.result_changed.connect(results.append)
    _choose(window, "swarm", 50)
    _press_run(window)
    qtbot.waitUntil(lambda: not window.program.jobs.is_running("experiment"), timeout=WAIT_MS)
    outcome = _best_first(results[-1])[17]
    window.experiments.plot.run_clicked.emit(outcome)
    outcomes = window.findChild(QComboBox, "experimentRunList")
    assert isinstance(outcomes, QComboBox)
    assert outcomes.currentIndex() == 17


def test_an_exception_in_an_experiment_is_shown(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:

    def broken(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    failures: list[str] = []
    window.program.failed.disconnect(window.show_error)
    window.program.failed.connect(failures.append)
    monkeypatch.setitem(sweep.EXPERIMENTS, "swarm", broken)
    _press_run(window)
    qtbot.waitUntil(lambda: bool(failures), timeout=WAIT_MS)
    assert "broken on purpose" in failures[0]
    assert not window.program.jobs.is_running(EXPERIMENT)
    assert "ended with an error" in window.experiments.answer()


@pytest.mark.bits
@pytest.mark.parametrize("rate", [0.001, 0.08])
def test_a_run_that_is_opened_is_the_run_in_the_list(window: MainWindow, qtbot: QtBot, rate: float) -> None:
    """To the last bit, also where the last bits grow: the engine that made it takes its steps again."""
    qtbot.waitUntil(lambda: window.session.state.status.compiled == "ready", timeout=WAIT_MS)
    base = Config().replace("training.learning_rate", rate).replace("network.seed", 0)
    (runs,) = train_all(seeds_of(base, 16), np.zeros(1, dtype=np.uint8))
    listed = runs[7]
    window.experiments.open_wanted.emit(listed.config)
    qtbot.waitUntil(lambda: window.session.state.status.phase in ("finished", "diverged"), timeout=WAIT_MS)
    opened = window.session.state.snapshot
    assert opened is not None
    assert opened.config == listed.config
    assert window.session.state.status.engine == "Compiled ×16"
    assert listed.diverged_at is None
    assert opened.train_loss == listed.final_loss
    np.testing.assert_array_equal(opened.output, listed.output)


def test_nothing_is_sought_for_experiments_before_there_can_be_one(
    make_window: MakeWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had the compiled loop compiled in the window's process; without numba it ended in an error."""
    sought: list[Config] = []
    monkeypatch.setattr(sweep_controller, "line_within_reach", lambda config, job: sought.append(config))
    monkeypatch.setattr(loading, "load_compiled_loop", lambda _, job: "it is broken")
    window = make_window()
    _open_tab(window)
    window.session.edit({"data.sample_count": 20})
    qtbot.wait(2 * LINE_DELAY_MS)
    assert sought == []
    window.session.compiled_changed("ready", "")
    qtbot.waitUntil(lambda: sought == [window.session.config], timeout=WAIT_MS)


def test_the_first_sentence_is_the_headline_and_the_others_come_on_demand(window: MainWindow, qtbot: QtBot) -> None:
    _open_tab(window)
    view = window.experiments
    window.session.edit({"training.stop_step": 50})
    view.run("swarm")
    qtbot.waitUntil(
        lambda: "seeds" in view.answer() and not window.program.jobs.is_running(EXPERIMENT), timeout=WAIT_MS
    )
    headline, details, answer = (view.findChild(QWidget, f"experiment{n}") for n in ("Headline", "Details", "Answer"))
    assert isinstance(headline, ScrolledText)
    assert isinstance(answer, ScrolledText)
    assert isinstance(details, QToolButton)
    assert view.answer() == f"{headline.text()} {answer.text()}"
    assert headline.text().startswith("256 seeds: median loss")
    assert headline.text().endswith(".")
    assert ". " not in headline.text()
    assert not answer.isVisible()
    details.click()
    assert answer.isVisible()
    assert headline.isVisible()
