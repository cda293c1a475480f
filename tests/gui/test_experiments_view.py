"""The experiments in the window: run, read, cancel, open."""

from dataclasses import replace
from functools import partial
from typing import get_args
from unittest.mock import Mock

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QScrollArea, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import (
    MakeWindow,
    apply_theme,
    child,
    choose,
    heard,
    is_at,
    key_text,
    show_result,
    shown_snapshot,
)
from tests.gui.shared_window import SharedWindow
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.experiments import table
from tinynet_gui.core.experiments.base import ExperimentResult, TrainedRun, seeds_of, train_all
from tinynet_gui.core.experiments.depth import DepthResult
from tinynet_gui.core.experiments.ladder import WidthsResult
from tinynet_gui.core.experiments.swarm import SwarmResult
from tinynet_gui.core.network.forward import forward
from tinynet_gui.core.run.run import LoadPhase, TrainingStatus
from tinynet_gui.core.training.trainer import Trainer, advance
from tinynet_gui.engine import loading
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.style.theme import small_font
from tinynet_gui.ui.views.experiments import controller as experiments_controller
from tinynet_gui.ui.views.experiments.controller import CURVES, EXPERIMENT, hindrance
from tinynet_gui.ui.views.experiments.experiment_plot import MIN_HEIGHT
from tinynet_gui.ui.views.experiments.experiments_view import ExperimentsView
from tinynet_gui.ui.views.experiments.results import run_label, setting_note
from tinynet_gui.ui.views.experiments.table import SHOWN
from tinynet_gui.ui.widgets.fields.number_fields import NumberField
from tinynet_gui.ui.widgets.plots.plot_parts import NumberAxis
from tinynet_gui.ui.widgets.text import ScrolledText
from tinynet_gui.ui.window.main_window import MainWindow

CONFIG = Config().replace("training.stop_step", 300)


@pytest.fixture
def window(shared: SharedWindow) -> MainWindow:
    window = shared.get(CONFIG)
    show_result(window, window.views.experiments)
    return window


def _press_run(window: MainWindow) -> None:
    button = child(window, QPushButton, "experimentRun")
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def _choose(window: MainWindow, kind: str, runs: int) -> None:
    choose(window, "experimentKind", kind)
    child(window, NumberField, "experimentRuns").setValue(runs)


def _run(window: MainWindow, qtbot: QtBot, kind: str, runs: int) -> ExperimentResult:
    _choose(window, kind, runs)
    _press_run(window)
    qtbot.waitUntil(lambda: not window.program.jobs.is_running(EXPERIMENT))
    result: ExperimentResult | None = window.views.experiments.result
    assert result is not None
    return result


def _best_first(result: ExperimentResult) -> list[TrainedRun]:
    return sorted(result.runs, key=lambda run: run.final_loss)


def test_each_experiment_answers_and_its_runs_can_be_opened(window: MainWindow, qtbot: QtBot) -> None:
    tried = {
        "swarm": (50, SwarmResult, " of 50 seeds failed"),
        "ladder": (1, WidthsResult, "fit the samples best"),
        "depth": (7, DepthResult, "By steps"),
    }
    assert {*tried, "claim", "influence"} == set(table.EXPERIMENTS)  # these in test_claim.py and test_influence.py
    for kind, (runs, result_class, said) in tried.items():
        window.session.set_config(CONFIG)
        result = _run(window, qtbot, kind, runs)
        assert isinstance(result, result_class)
        assert said in window.views.experiments.answer()

        outcomes = child(window, QComboBox, "experimentRunList")
        assert outcomes.count() >= runs
        outcomes.setCurrentIndex(1)
        chosen = _best_first(result)[1]
        QTest.mouseClick(child(window, QPushButton, "experimentOpen"), Qt.MouseButton.LeftButton)
        assert window.session.config == chosen.config, kind
        qtbot.waitUntil(partial(is_at, window, 300))
        assert shown_snapshot(window).train_loss == pytest.approx(chosen.final_loss, rel=1e-3), kind


def _is_of(item: object) -> bool:
    """Whether it is the dots of runs that have not failed."""
    return isinstance(item, pg.ScatterPlotItem) and len(item.points()) > 1


def test_a_swarm_draws_curves_and_a_dot_chooses_its_run(window: MainWindow, qtbot: QtBot) -> None:
    result, view = _run(window, qtbot, "swarm", 60), window.views.experiments
    assert window.views.function_plot.layers.swarm.drawn() is not None
    assert "</span> swarm: 60 seeds" in key_text(window)
    view.plot.run_clicked.emit(_best_first(result)[17])
    assert child(window, QComboBox, "experimentRunList").currentIndex() == 17
    pointed, run = window.views.function_plot.layers.pointed, result.runs[3]
    (dots,) = [item for item in child(view.plot, pg.PlotWidget).plotItem.items if _is_of(item)]
    dots.sigHovered.emit(dots, [spot for spot in dots.points() if spot.data() is run], Mock(pos=QPointF))
    np.testing.assert_array_equal(not_none(pointed.drawn())[1], run.output)
    assert run_label(run) in key_text(window)
    dots.sigHovered.emit(dots, [], Mock(pos=QPointF))
    chosen = _best_first(result)[17]  # which is drawn and marked as long as no other one is pointed at
    np.testing.assert_array_equal(not_none(pointed.drawn())[1], chosen.output)
    rings = [each for each in child(view.plot, pg.PlotWidget).plotItem.items if isinstance(each, pg.ScatterPlotItem)]
    assert [float(10 ** rings[-1].points()[0].pos().x())] == pytest.approx([chosen.final_loss], rel=0.2)  # its column
    window.frame.layout.show(window.views.loss_plot)
    assert pointed.drawn() is None
    window.frame.layout.show(view)
    assert pointed.drawn() is not None
    _choose(window, "ladder", 1)
    assert pointed.drawn() is None
    assert window.views.function_plot.layers.swarm.drawn() is None


def test_the_curves_of_a_swarm_reach_as_far_as_the_view(window: MainWindow, qtbot: QtBot) -> None:
    far = (-60.0, 25.0)
    for activation in ("relu", "tanh"):
        window.session.edit({"network.activation": activation})
        _run(window, qtbot, "swarm", 120)
        usual = not_none(window.views.function_plot.layers.swarm.drawn())
        window.views.function_plot.plot.setXRange(*far, padding=0)
        qtbot.waitUntil(lambda: not window.program.jobs.is_running(CURVES))
        curves = not_none(window.views.function_plot.layers.swarm.drawn())
        x, rows = curves[0].reshape(60, -1)[0], curves[1].reshape(60, -1)
        assert x[0] <= far[0] < far[1] <= x[-1]
        assert x[(x >= far[0]) & (x <= far[1])].size >= 100
        for row, seed in ((0, 0), (59, 118)):  # every second one
            config = window.session.config.replace("network.seed", window.session.config.network.seed + seed)
            trainer = Trainer(config)
            advance(trainer, "Compiled", config.training.stop_step)
            truth = forward(trainer.snapshot(0).layers, config.network.activation, x).output
            np.testing.assert_allclose(rows[row], truth, atol=1e-3 * np.abs(truth).max(), err_msg=activation)
        window.views.function_plot.view.show_everything()
        back = not_none(window.views.function_plot.layers.swarm.drawn())
        np.testing.assert_array_equal(back[1], usual[1])
        assert "</span> swarm: 60 of 120 seeds" in key_text(window)


def test_a_swarm_of_another_setting_is_marked_and_not_drawn(window: MainWindow, qtbot: QtBot) -> None:
    _run(window, qtbot, "swarm", 50)
    note = child(window, QLabel, "experimentSetting")
    window.session.edit({"network.seed": 9})  # which a swarm varies itself
    assert window.views.function_plot.layers.swarm.drawn() is not None
    assert not note.isVisible()
    for path, value in (
        ("data.target", "sin"),
        ("data.x_max", 5.0),
        ("training.learning_rate", 0.002),
        ("network.hidden", (3,)),
    ):
        window.session.edit({path: value})
        assert window.views.function_plot.layers.swarm.drawn() is None, path
        assert "seeds" not in key_text(window), path
        assert note.isVisible(), path
        assert note.text().startswith("These results are for a different setting: "), path
        window.session.undo()
        assert window.views.function_plot.layers.swarm.drawn() is not None, path
        assert not note.isVisible(), path


def test_one_experiment_runs_at_a_time_and_can_be_cancelled(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"network.hidden": (300, 300), "training.stop_step": 20_000, "data.sample_count": 200})
    _choose(window, "influence", 1)
    _press_run(window)
    controls = [child(window, QWidget, f"experiment{name}") for name in ("Kind", "Runs", "Run")]
    assert not any(control.isEnabled() for control in controls)
    step = shown_snapshot(window).step
    window.session.take_step()  # the run's state changes meanwhile
    qtbot.waitUntil(lambda: shown_snapshot(window).step > step)
    assert not any(control.isEnabled() for control in controls)
    assert window.views.experiments.answer().endswith(" …")
    cancel, left = child(window, QToolButton, "experimentCancel"), child(window, QLabel, "experimentTimeLeft")
    qtbot.waitUntil(cancel.isVisible)
    qtbot.waitUntil(lambda: left.isVisible() and left.text() != "")
    assert left.text().startswith("about ")
    assert left.text().endswith(" left")
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.program.jobs.is_running(EXPERIMENT))
    assert not cancel.isVisible()
    assert not left.isVisible()
    assert all(control.isEnabled() for control in controls)
    window.session.take_step()
    assert window.views.experiments.answer() == "Cancelled."


def test_an_exception_in_an_experiment_is_shown(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = replace(table.EXPERIMENTS["swarm"], run=Mock(side_effect=RuntimeError("broken on purpose")))
    monkeypatch.setitem(table.EXPERIMENTS, "swarm", broken)
    window.program.failed.disconnect()
    failures = heard(window.program.failed)
    _press_run(window)
    qtbot.waitUntil(lambda: bool(failures))
    assert "broken on purpose" in failures[0]
    assert not window.program.jobs.is_running(EXPERIMENT)
    assert "ended with an error" in window.views.experiments.answer()


@pytest.mark.bits
def test_a_run_that_is_opened_is_the_run_in_the_list(window: MainWindow, qtbot: QtBot) -> None:
    """To the last bit, also where the last bits grow: the engine that made it takes its steps again."""
    for rate in (0.001, 0.08):
        base = Config().replace("training.learning_rate", rate).replace("network.seed", 0)
        (runs,) = train_all(seeds_of(base, 16), np.zeros(1, dtype=np.uint8))
        listed = runs[7]
        window.views.experiments.open_wanted.emit(listed.config)
        qtbot.waitUntil(lambda: window.session.state.status.phase in ("finished", "diverged"))
        opened = shown_snapshot(window)
        assert opened.config == listed.config
        assert window.session.state.status.engine == "Compiled ×16"
        assert listed.diverged_at is None
        assert opened.train_loss == listed.final_loss, rate
        np.testing.assert_array_equal(opened.output, listed.output, str(rate))


def test_the_headline_shows_first_and_the_rest_on_demand(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1_024, 620)
    view = window.views.experiments
    view.run("swarm")
    qtbot.waitUntil(lambda: "seeds" in view.answer() and not window.program.jobs.is_running(EXPERIMENT))
    headline, answer = (child(view, ScrolledText, f"experiment{name}") for name in ("Headline", "Answer"))
    assert view.answer() == f"{headline.text()} {answer.text()}"
    assert " of 256 seeds failed" in headline.text()
    assert headline.text().endswith(".")
    assert ". " not in headline.text()
    assert not answer.isVisible()
    QApplication.processEvents()
    size = view.plot.size()
    view.begin()
    QApplication.processEvents()
    assert view.plot.size() == size
    view.finish(view.result)
    child(view, QToolButton, "experimentDetails").click()
    assert answer.isVisible()
    assert headline.isVisible()
    room = child(view, QScrollArea, "experimentResult").viewport()  # into which it comes
    qtbot.waitUntil(lambda: answer.visibleRegion().boundingRect().height() == min(answer.height(), room.height()))
    curves = not_none(window.views.function_plot.layers.swarm.drawn())
    drawn = int((np.diff(curves[0]) < 0).sum()) + 1
    assert f"</span> swarm: {drawn} of 256 seeds" in key_text(window)


@pytest.fixture
def view(qtbot: QtBot) -> ExperimentsView:
    view = ExperimentsView()
    qtbot.addWidget(view)
    return view


def test_a_long_answer_scrolls_and_leaves_the_plot_its_room(view: ExperimentsView, qtbot: QtBot) -> None:
    view.resize(300, 280)
    view.show()
    view.show_hindrance("Up to 1 neuron have too few kinks. " * 20)
    answer = child(view, ScrolledText, "experimentAnswer")
    area = child(view, QScrollArea, "experimentResult")
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    assert view.plot.height() >= MIN_HEIGHT
    qtbot.waitUntil(lambda: answer.verticalScrollBar().maximum() == 0)  # all of it is there, and below the picture
    assert view.plot.height() >= MIN_HEIGHT
    assert answer.geometry().top() >= view.plot.geometry().bottom()
    view.resize(300, 1_200)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() == 0)
    assert view.plot.height() > 2 * MIN_HEIGHT


def test_an_answer_keeps_its_font_when_the_colours_change(view: ExperimentsView) -> None:
    apply_theme(view, LIGHT)
    view.resize(300, 600)
    view.show()
    (label,) = child(view, ScrolledText, "experimentAnswer").findChildren(QLabel)
    for theme in (DARK, LIGHT):
        apply_theme(view, theme)
        assert label.font().pointSizeF() == small_font(0.92).pointSizeF() < view.font().pointSizeF()


def test_another_text_can_be_shown_in_the_room_of_one(view: ExperimentsView, qtbot: QtBot) -> None:
    answer = child(view, ScrolledText, "experimentAnswer")
    view.resize(300, 600)
    view.show()
    view.show_hindrance("One line.")
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


def test_each_experiment_says_what_it_asks_before_it_is_run(view: ExperimentsView) -> None:
    headline, choice = child(view, ScrolledText, "experimentHeadline"), child(view, QComboBox, "experimentKind")
    view.show()
    for index, shown in enumerate(SHOWN.values()):
        choice.setCurrentIndex(index)
        for reason in ("", "Experiments need something."):
            view.show_hindrance(reason)
            assert headline.isVisible()
            assert headline.text() == shown.question
            assert view.answer() == (reason or shown.question)
        assert not child(view, QToolButton, "experimentDetails").isVisible()
        view.show_hindrance("")
        view.begin()
        view.show_hindrance("Experiments need something.")
        assert headline.text() == view.answer() == f"{shown.question} …"
        view.show_hindrance("")
        view.finish(None)
        assert (headline.text(), view.answer()) == (shown.question, "Cancelled.")


def test_what_hinders_an_experiment_is_said_below_the_question(view: ExperimentsView) -> None:
    question = view.answer()
    run = child(view, QPushButton, "experimentRun")
    for phase in get_args(LoadPhase):
        reason = hindrance(TrainingStatus(compiled=phase, trouble="numba is not installed."))
        view.show_hindrance(reason)
        assert view.answer() == (reason or question)
        assert run.isEnabled() == (phase == "ready")
    assert "numba is not installed" in view.answer()
    choice = child(view, QComboBox, "experimentKind")
    choice.setCurrentIndex(1)
    assert view.answer() == reason
    choice.setCurrentIndex(0)
    view.show_hindrance("")
    assert view.answer() == question
    assert run.isEnabled()


def test_of_many_changes_the_first_few_are_named() -> None:
    one, other = (Config().replace("data.points", Points([0.0, 1.0], [0.0, y])) for y in (1.0, 2.0))
    assert setting_note(one, ("data.points",), other) == "These results are for a different setting: other samples."
    drawn = setting_note(Config(), ("data.points",), one)
    assert drawn == "These results are for a different setting: 20 points, made from x²."
    changed = {"data.noise": 0.25, "training.learning_rate": 0.5, "training.stop_step": 77}
    assert setting_note(Config(), tuple(changed), Config().with_changes(changed)) == (
        "These results are for a different setting: Noise σ 0, Learning rate 0.001 "
        "and 1 more setting that changed since."
    )


def test_no_line_is_searched_before_experiments_can_run(
    make_window: MakeWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had the compiled loop compiled in the window's process; without numba it ended in an error."""
    sought: list[Config] = []
    monkeypatch.setattr(experiments_controller, "line_within_reach", lambda config, job: sought.append(config))
    monkeypatch.setattr(experiments_controller, "LINE_DELAY_MS", 0)
    monkeypatch.setattr(loading, "load_compiled_loop", lambda job: "it is broken")
    window = make_window()
    show_result(window, window.views.experiments)
    window.session.edit({"data.sample_count": 20})
    qtbot.wait(20)
    assert sought == []
    window.session.compiled_changed("ready", "")
    qtbot.waitUntil(lambda: sought == [window.session.config])
