"""The runs: what a session has is shown, what the user does becomes a command of it; as they come and go."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QTabWidget, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, heard, is_at, key_text, show_result, train_to
from tests.not_none import not_none
from tests.runs import WatchedRun, run_of, walk, watched_runs
from tests.sessions import session_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.maps.valley import end_of, valley_between
from tinynet_gui.core.network.forward import as_layers, output_curve
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.run.comparison import trained_by
from tinynet_gui.core.run.events import ParameterSet
from tinynet_gui.core.run.loss_history import condense
from tinynet_gui.core.run.replay import state_at
from tinynet_gui.core.run.run import BranchPoint, LoadPhase, Run, TrainingStatus
from tinynet_gui.core.run.session import MAX_LISTED, Cursor, Session
from tinynet_gui.core.step.dissection import Dissection
from tinynet_gui.core.training.engines import run_compiled
from tinynet_gui.core.training.snapshot import make_snapshot
from tinynet_gui.core.training.start import initial_state, make_dataset
from tinynet_gui.core.wording.two_runs import valley_text
from tinynet_gui.engine.jobs.jobs import Jobs
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.features.two_runs import STOPPED, UPDATES, VALLEY, TwoRunsController
from tinynet_gui.ui.style.colors import DARK
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.loss_plot.loss_plot import LossPlot
from tinynet_gui.ui.views.runs.controller import CURVES, RESULTS, RunsController
from tinynet_gui.ui.views.runs.runs_model import RunRow
from tinynet_gui.ui.views.runs.runs_view import RunsView
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.main_window import MainWindow

RATE = Config().replace("training.learning_rate", 0.01)


class FakeSession(QObject):
    """Keeps what it is asked for."""

    changed = Signal(object, object)

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self.asked: list[tuple[object, ...]] = []

    @property
    def state(self) -> AppState:
        return self._state

    def put(self, **changes: Any) -> None:
        before, self._state = self._state, replace(self._state, **changes)
        self.changed.emit(before, self._state)

    def put_session(self, **changes: Any) -> None:
        self.put(session=replace(self._state.session, **changes))

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *values: self.asked.append((name, *values))


def _trained(run_id: int, config: Config, steps: int, **fields: Any) -> Run:
    start = initial_state(config)
    end = run_compiled("Compiled", config, make_dataset(config.data), start, steps) if steps else None
    states = [start] if end is None else [start, end.state]
    run = replace(run_of(config, states, engine="Compiled"), id=run_id, **fields)
    return run if end is None else replace(run, losses=run.losses.with_chunk(condense(0, end.losses)))


def _state_of(*runs: Run, current: int = 1, compiled: LoadPhase = "ready", **fields: Any) -> AppState:
    session = Session(runs, Cursor(current), **fields)
    run = session.run
    snapshot = make_snapshot(run.id, run.config, run.dataset, state_at(run, run.step))
    return AppState(session, TrainingStatus(compiled=compiled), snapshot)


class Stage:
    """A controller with its views, over a session that is put together."""

    def __init__(self, jobs: Jobs, state: AppState) -> None:
        self.session = cast(Any, FakeSession(state))
        self.jobs = jobs
        self.view = RunsView()
        self.plot, self.loss = FunctionPlot(Selection()), LossPlot()
        self.plot.show_config(state.config)
        self.controller = RunsController(self.session, jobs, view=self.view, plot=self.plot, loss=self.loss)
        self.questions = TwoRunsController(self.session, jobs, self.view)
        self.view.table.luck_asked.connect(self.questions.ask_luck)
        self.view.table.first_divergence_asked.connect(self.questions.ask_first_divergence)
        self.view.table.valley_asked.connect(self.questions.ask_valley)
        self.view.hill_asked.connect(self.questions.ask_hill)
        self.view.show()

    @property
    def rows(self) -> dict[int, RunRow]:
        return {row.run_id: row for row in self.view.table.runs.rows}

    def is_at_rest(self) -> bool:
        return not any(self.jobs.is_running(key) for key in (RESULTS, CURVES))


RUNS = (
    _trained(1, Config(), 40),
    _trained(2, RATE, 25, is_shown=True),
    _trained(3, Config().replace("network.hidden", (1,)), 0, is_kept=True, is_shown=True),
    _trained(4, Config().replace("network.seed", 9), 30, parent=BranchPoint(1, 10)),
)


@pytest.fixture
def stage(jobs: Jobs, qtbot: QtBot) -> Iterator[Stage]:
    stage = Stage(jobs, _state_of(*RUNS))
    for widget in (stage.view, stage.plot, stage.loss):
        qtbot.addWidget(widget)
    qtbot.waitUntil(stage.is_at_rest)
    yield stage
    jobs.shut_down()


def test_the_rows_are_what_the_session_has(stage: Stage) -> None:
    rows = stage.rows
    assert [row.name for row in rows.values()] == [
        "10 neurons, lr 0.001",
        "lr 0.01",
        "1 neuron",
        "from step 10: seed 9",
    ]
    assert [row.is_current for row in rows.values()] == [True, False, False, False]
    assert [row.color for row in rows.values()] == [None, 0, 1, None]
    assert rows[4].branched_off == "10 neurons, lr 0.001 · 10"
    assert [row.results[0] for row in rows.values()] == ["40", "25", "0", "30"]
    assert all(row.results[1] for row in rows.values())
    stage.session.put_session(baseline=2)  # differences of the numbers
    assert [row.results[0] for row in stage.rows.values()] == ["+15", "25", "−25", "+5"]
    assert stage.rows[2].is_baseline
    stage.session.put_session(baseline=77)  # it is gone
    assert stage.rows[1].results[0] == "40"


def test_shown_runs_are_drawn_at_the_step_that_is_looked_at(stage: Stage, qtbot: QtBot) -> None:
    def assert_drawn(step: int) -> None:
        x = stage.plot.scene.grid()
        for (_, y), run in zip(stage.plot.layers.runs.drawn_curves(), RUNS[1:3], strict=True):
            state = state_at(run, min(step, run.step))
            np.testing.assert_array_equal(y, output_curve(as_layers(state.parameters), "relu", x))

    assert_drawn(40)
    assert "(at" not in key_text(stage.plot)
    assert [curve.is_at_end for curve in stage.plot.layers.runs.curves] == [True, True]
    run = stage.session.state.run
    looked_at = make_snapshot(1, run.config, run.dataset, state_at(run, 12))
    stage.session.put(snapshot=looked_at)
    qtbot.waitUntil(stage.is_at_rest)
    assert_drawn(12)
    assert "lr 0.01 (at this step)" in key_text(stage.plot)
    assert [(curve.step, curve.is_at_end) for curve in stage.plot.layers.runs.curves] == [(12, False), (0, True)]
    assert [losses.name for losses in stage.loss.layers.runs.losses] == ["lr 0.01", "1 neuron"]
    stage.session.put(snapshot=make_snapshot(1, run.config, run.dataset, state_at(run, 0)))
    qtbot.waitUntil(stage.is_at_rest)
    assert "lr 0.01 (at step 0)" in key_text(stage.plot)  # a run that was trained is not lost
    stage.plot.plot.setXRange(-50, 50, padding=0)
    qtbot.waitUntil(stage.is_at_rest)
    assert stage.plot.layers.runs.drawn_curves()[0][0][0] == pytest.approx(-50)


def test_a_colour_stays_with_its_run(stage: Stage, qtbot: QtBot) -> None:
    session = stage.session.state.session.with_run_as(4, is_shown=True)
    stage.session.put(session=session)
    assert [row.color for row in stage.rows.values()] == [None, 0, 1, 2]
    stage.session.put(session=session.with_run_as(2, is_shown=False))
    assert [row.color for row in stage.rows.values()] == [None, None, 1, 2]
    stage.session.put(session=session)
    assert stage.rows[2].color == 0
    hidden = replace(session, runs=tuple(replace(run, is_shown=False) for run in session.runs))
    stage.session.put(session=hidden)
    assert stage.plot.layers.runs.drawn_curves() == stage.loss.layers.runs.lines() == []
    qtbot.waitUntil(stage.is_at_rest)
    assert stage.plot.layers.runs.drawn_curves() == []
    told = heard(stage.controller.runs_listed)  # how many there are
    for changes in ({"is_deleted": True}, {"is_deleted": False}, {"is_starred": True}):
        stage.session.put(session=session.with_run_as(4, **changes))
    assert told == [3, 4]


def test_the_run_that_is_looked_at_is_not_drawn_twice(stage: Stage, qtbot: QtBot) -> None:
    stage.session.put(**vars(_state_of(*RUNS, current=2)))
    assert [row.color for row in stage.rows.values()] == [None, None, 1, None]
    qtbot.waitUntil(stage.is_at_rest)
    assert len(stage.plot.layers.runs.drawn_curves()) == 1


def test_a_training_that_goes_on_is_followed_now_and_then(stage: Stage, qtbot: QtBot) -> None:
    longer = _trained(1, Config(), 60)
    state = _state_of(longer, *RUNS[1:])
    stage.session.put(session=state.session, snapshot=state.snapshot, status=replace(state.status, phase="running"))
    assert stage.rows[1].results[0] == "40"
    qtbot.waitUntil(lambda: stage.rows[1].results[0] == "60")
    by_hand = replace(longer, events=(ParameterSet(60, ParameterRef(1, "bias", (0,)), 90.0),))
    loss = stage.rows[1].results[1]
    stage.session.put(session=state.session.with_run(by_hand))
    qtbot.waitUntil(lambda: stage.rows[1].results[1] != loss)


def test_what_is_done_becomes_a_command(stage: Stage) -> None:
    view = stage.view
    view.keep_pressed.emit()
    view.table.opened.emit(2)
    view.table.starred.emit(2, True)
    view.table.shown.emit(3, False)
    view.table.renamed.emit(2, "mine")
    view.table.deleted.emit(2)
    view.table.baseline_chosen.emit(None)
    assert stage.session.asked == [
        ("keep",),
        ("open_kept_run", 2),
        ("star", 2, True),
        ("show_run", 3, False),
        ("rename", 2, "mine"),
        ("delete_run", 2),
        ("set_baseline", None),
    ]


def test_setting_or_luck_is_answered_or_refused(stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    from tinynet_gui.core.experiments import luck

    monkeypatch.setattr(luck, "SEEDS", 16)
    stop = [
        replace(run, wanted=replace(run.wanted, config=run.config.replace("training.stop_step", 50))) for run in RUNS
    ]
    stage.session.put_session(runs=tuple(stop))
    stage.view.table.luck_asked.emit(2, 1)
    qtbot.waitUntil(lambda: "Clopper" in stage.view.answer.text())
    text = stage.view.answer.text()
    assert text.startswith("It is the setting: “lr 0.01” ends with the lower training loss more often.")
    assert "the same 16 seeds, for 50 steps" in text
    stage.view.table.luck_asked.emit(1, 4)
    qtbot.waitUntil(lambda: "nothing to compare but luck" in stage.view.answer.text())
    stage.view.table.luck_asked.emit(2, 1)
    stage.view.answer.stopped.emit()
    answers = (STOPPED, text)  # it may have been quicker
    qtbot.waitUntil(lambda: stage.view.answer.text() in answers)
    stage.session.put(status=TrainingStatus(compiled="compiling"))
    stage.view.table.luck_asked.emit(2, 1)
    assert "being compiled" in stage.view.answer.text()
    stage.view.table.first_divergence_asked.emit(2, 1)
    assert "being compiled" in stage.view.answer.text()


def test_what_lies_between_two_runs_is_said_and_drawn_or_refused(stage: Stage, qtbot: QtBot) -> None:
    answer = stage.view.answer
    stage.session.put(status=TrainingStatus(compiled="absent"))  # no step is taken
    stage.view.table.valley_asked.emit(1, 4)
    qtbot.waitUntil(answer.valley.isVisible)
    one, other = (not_none(end_of(run)) for run in (RUNS[0], RUNS[3]))
    names = (stage.rows[1].name, stage.rows[4].name)
    assert answer.text() == valley_text(valley_between(one, other), names, "mse")
    stage.view.table.valley_asked.emit(1, 3)
    qtbot.waitUntil(lambda: "“1 neuron” has not been trained" in answer.text())
    assert not answer.valley.isVisible()
    stage.view.table.valley_asked.emit(1, 4)
    stage.view.answer.stopped.emit()
    qtbot.waitUntil(lambda: answer.text() == STOPPED or answer.valley.isVisible())  # it may have been quicker
    stage.view.table.valley_asked.emit(1, 4)
    stage.view.answer.cancelled.emit()
    assert not stage.jobs.is_running(VALLEY)


def test_an_answer_goes_with_the_runs_that_it_is_about(stage: Stage) -> None:
    answer, session = stage.view.answer, stage.session.state.session
    for unlisted in ({"session": session.with_run_as(4, is_deleted=True)}, {"session_number": 1}):
        stage.session.put(session=session)
        stage.view.table.valley_asked.emit(1, 4)
        stage.session.put(session=session.with_run_as(4, is_starred=True))
        assert answer.isVisible()
        stage.session.put(**({"session": session} | unlisted))
        assert not answer.isVisible()
        assert not stage.jobs.is_running(VALLEY)


def test_where_two_runs_part_is_found_and_can_be_looked_at(stage: Stage, qtbot: QtBot) -> None:
    shown: list[tuple[str, tuple[str, str], tuple[Dissection, Dissection]]] = []
    stage.questions.updates_shown.connect(lambda *said: shown.append(said))
    stage.session.put(status=TrainingStatus(compiled="ready", pytorch="ready"))
    stage.view.answer.updates_wanted.emit()
    assert not stage.jobs.is_running(UPDATES)
    stage.view.table.first_divergence_asked.emit(2, 1)
    qtbot.waitUntil(lambda: "Learning rate (0.01 in “lr 0.01”" in stage.view.answer.text())
    stage.view.answer.updates_wanted.emit()
    qtbot.waitUntil(lambda: bool(shown))
    text, names, (one, other) = shown[0]
    assert text == stage.view.answer.text()
    assert names == ("lr 0.01", stage.rows[1].name)
    assert (one.before.step, other.before.step) == (0, 0)
    assert (one.config, other.config) == (RATE, Config())
    stage.view.answer.cancelled.emit()
    stage.view.answer.updates_wanted.emit()
    assert not stage.jobs.is_running(UPDATES)


def test_runs_that_only_round_differently_get_one_engine(stage: Stage, qtbot: QtBot) -> None:
    by_torch = replace(RUNS[0], id=2, start=replace(RUNS[0].start, engine="PyTorch"), is_shown=True)
    by_torch = trained_by("PyTorch", by_torch)
    stage.session.put_session(runs=(RUNS[0], by_torch))
    again = child(stage.view.answer, QToolButton, "trainByOneEngine")
    stage.view.table.first_divergence_asked.emit(1, 2)
    qtbot.waitUntil(lambda: "What parts them there is rounding, not a setting" in stage.view.answer.text())
    assert again.isVisible()
    before = stage.session.state
    QTest.mouseClick(again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "the same to the last bit up to step 40." in stage.view.answer.text())
    assert stage.view.answer.text().startswith("Trained again, both by the compiled engine: ")
    assert not again.isVisible()
    assert stage.session.state is before
    assert stage.session.asked == []


def test_what_goes_wrong_is_said(stage: Stage, qtbot: QtBot) -> None:
    failed = heard(stage.jobs.failed)
    stage.session.put_session(runs=(*RUNS[:2], replace(RUNS[2], checkpoints=()), RUNS[3]))
    stage.view.table.first_divergence_asked.emit(2, 3)
    qtbot.waitUntil(lambda: "There is no answer: ValueError" in stage.view.answer.text())
    assert failed


def test_what_is_not_seen_is_not_computed(jobs: Jobs, qtbot: QtBot) -> None:
    tabs = QTabWidget()
    qtbot.addWidget(tabs)
    session = cast(Any, FakeSession(_state_of(*RUNS, compiled="absent")))
    view, plot, loss = RunsView(), FunctionPlot(Selection()), LossPlot()
    for tab in (loss, view):
        tabs.addTab(tab, "")
    qtbot.addWidget(plot)
    plot.show_config(Config())
    tabs.show()
    RunsController(session, jobs, view=view, plot=plot, loss=loss)
    assert not jobs.is_running(RESULTS)
    assert not jobs.is_running(CURVES)
    session.put(status=TrainingStatus(compiled="ready"))
    assert jobs.is_running(CURVES)
    assert not view.table.runs.rows
    tabs.setCurrentWidget(view)
    assert jobs.is_running(RESULTS)
    qtbot.waitUntil(lambda: all(row.results[1] for row in view.table.runs.rows))


@pytest.fixture
def shown(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window with two runs of 300 steps, and their table in sight."""
    train_to(window, qtbot, 300)
    window.session.edit({"network.hidden": (3,)})
    train_to(window, qtbot, 300)
    show_result(window, window.views.runs)
    assert window.views.runs.isVisible()
    return window


def test_a_long_answer_leaves_three_runs_in_sight(shown: MainWindow, qtbot: QtBot) -> None:
    answer, table = shown.views.runs.answer, shown.views.runs.table
    answer.show_question("One valley or two?", "…")
    answer.show_answer("A long answer. " * 80)
    qtbot.waitUntil(lambda: answer.height() > answer.minimumSizeHint().height())
    assert table.height() >= table.least_height()


def _rows(window: MainWindow) -> list[tuple[int, str]]:
    """Which runs are listed, and the loss of each."""
    return [(row.run_id, row.results[1]) for row in window.views.runs.table.runs.rows]


def _run(run_id: int, rate: float) -> Run:
    run = walk(Config().replace("training.learning_rate", rate), [(300, "nothing", 0.0)], 100).run
    return replace(run, id=run_id)


def test_runs_that_were_alike_are_two_as_soon_as_they_are_not(shown: MainWindow, qtbot: QtBot) -> None:
    shown.session.keep()
    shown.session.reset()
    train_to(shown, qtbot, 300)  # the same as before: listed once
    assert [run_id for run_id, _ in _rows(shown)] == [1, 3]
    train_to(shown, qtbot, 400)
    qtbot.waitUntil(lambda: [run_id for run_id, _ in _rows(shown)] == [1, 2, 3])


def test_another_session_has_its_own_results_and_tells_no_news(shown: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: all(loss for _, loss in _rows(shown)))
    before = _rows(shown)
    shown.frame.status.clearMessage()
    shown.session.take_over(session_of(_run(1, 0.02), _run(2, 0.03)))
    qtbot.waitUntil(lambda: is_at(shown, 300))
    qtbot.waitUntil(lambda: all(loss for _, loss in _rows(shown)))
    after = _rows(shown)
    assert [run_id for run_id, _ in after] == [run_id for run_id, _ in before] == [1, 2]
    assert all(now != then for (_, now), (_, then) in zip(after, before, strict=True))
    assert shown.frame.status.currentMessage() == ""


def test_training_visits_no_run_kept_only_for_undo(window: MainWindow, qtbot: QtBot) -> None:
    """However many there are, a frame and what is shown of the runs meanwhile cost the same."""
    config = window.session.config.replace("training.stop_step", 1_000_000)
    window.session.take_over(session_of(*watched_runs(config, 60)))
    train_to(window, qtbot, 100)
    window.session.fast_forward(100_000_000)
    refreshed = QSignalSpy(child(window, QTimer, "runsRefresh").timeout)
    qtbot.waitUntil(lambda: window.session.state.run.step > 200)
    WatchedRun.looks.clear()
    frames = QSignalSpy(window.session.changed)
    before = refreshed.count()
    qtbot.waitUntil(lambda: refreshed.count() > before and frames.count() > 3)
    assert len(WatchedRun.looks) <= MAX_LISTED + 2  # those that are listed, or would be if one of them were not
    window.session.pause()


def test_late_parts_have_the_theme_and_zoom_chosen_meanwhile(window: MainWindow, qtbot: QtBot) -> None:
    assert window.frame.layout.without_tab == [window.views.lesson, window.views.runs]
    window.set_scheme("dark")
    window.frame.presentation.set_percent(125)
    window.session.take_over(session_of(_run(1, 0.02), _run(2, 0.03)))
    qtbot.waitUntil(lambda: is_at(window, 300))
    show_result(window, window.views.runs)
    assert window.frame.layout.without_tab == [window.views.lesson]
    keep = child(window.views.runs, QToolButton, "runsKeep")
    assert keep.palette().color(QPalette.ColorRole.ButtonText) == DARK.color("ink")
    qtbot.waitUntil(lambda: all(loss for _, loss in _rows(window)))
    widths: list[int] = []
    while widths[-5:] != 5 * [window.views.runs.width()]:  # it is laid out
        widths.append(window.views.runs.width())
        QTest.qWait(1)
    before = window.views.runs.grab().toImage()
    for scheme, percent in (("light", 100), ("dark", 125)):
        window.set_scheme(scheme)
        window.frame.presentation.set_percent(percent)
    qtbot.waitUntil(lambda: window.views.runs.grab().toImage() == before)
