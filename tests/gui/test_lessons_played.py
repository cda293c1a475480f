"""Every lesson is played to its end in the window; what it reveals is what is so."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QToolButton,
    QWidget,
)
from pytestqt.exceptions import TimeoutError as QtTimeout
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, drag, place_in
from tests.lesson_facts import Facts, assert_says, python
from tests.lessons import notes_on
from tests.not_none import not_none
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.experiments.base import Report
from tinynet_gui.core.experiments.table import EXPERIMENTS, ExperimentRequest, run_experiment
from tinynet_gui.core.lessons.lesson import (
    ChoiceQuestion,
    CurveQuestion,
    Goal,
    Lesson,
    LessonStep,
    NumberQuestion,
    Question,
    RunExperiment,
    TrainTo,
)
from tinynet_gui.core.lessons.map_measurements import ROW, edge_on_map
from tinynet_gui.core.lessons.playing.course import LessonProgress
from tinynet_gui.core.lessons.playing.predictions import DrawnCurve, judge
from tinynet_gui.core.lessons.reading.reader import bundled_lessons, read_lesson_file
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import Stop
from tinynet_gui.core.wording.maps import map_text, read_map
from tinynet_gui.ui.views.experiments import controller as experiments_controller
from tinynet_gui.ui.widgets.pulse import Pulse
from tinynet_gui.ui.window.main_window import MainWindow

LESSONS = {file: read_lesson_file(file) for file in bundled_lessons()}
FILES = list(LESSONS)
PATIENCE_MS = 60_000
Act = Callable[["Learner"], None]


class Learner:
    """Plays a lesson in the window, by its controls alone.

    Answers, does what is asked for, presses what is to be pressed, and notes what is so at the end of each step.

    Parameters
    ----------
    acts
        How what is to be done by hand is done, by the condition that it is to bring about.
    skips
        Whether nothing is answered; else the first choice, the middle of what a number may be, and a straight line.
    """

    def __init__(self, window: MainWindow, qtbot: QtBot, acts: dict[str, Act], skips: bool = False) -> None:
        self.window, self._qtbot, self._acts, self._skips = window, qtbot, acts, skips
        self.facts: dict[int, Facts] = {}
        window.context.lesson_player.changed.connect(self._keeps_to_the_page)

    def _keeps_to_the_page(self) -> None:
        """On the intended way nothing is changed that a page is about."""
        assert self.window.context.lesson_player.strayed is None

    @property
    def progress(self) -> LessonProgress:
        progress: LessonProgress | None = self.window.context.lesson_player.progress
        assert progress is not None
        return progress

    def play(self, lesson: Lesson, seeds: tuple[int, int] | None) -> None:
        """Play a lesson from its first step to its last, and look at the end of each."""
        self.window.setUpdatesEnabled(False)
        self.window.context.lesson_player.begin(lesson, seeds=seeds)
        for place, step in enumerate(lesson.steps):
            self.wait(lambda: self.progress.status != "enter")
            assert self.progress.reached == place
            if self.progress.status == "ask":
                assert step.question is not None
                self._answer(step.question)
            if self.progress.status == "act":
                self._do(step)
            self.wait(lambda: self.progress.status == "done")
            self._note(place)
            if place + 1 < len(lesson.steps):
                self._press("lessonNext")

    def label(self, name: str) -> str:
        """What a label of the page says, "" if it is not there."""
        label = child(self.window.views.lesson, QLabel, name)
        return label.text() if label.isVisible() else ""

    def trigger(self, action: str) -> None:
        """Use an action of the window."""
        self.window.actions_[action].trigger()

    def edit(self, **changes: Any) -> None:
        """Change settings, by section__name."""
        self.window.session.edit({name.replace("__", "."): value for name, value in changes.items()})

    def set(self, ref: ParameterRef, value: float) -> None:
        """Set a weight or a bias by hand, and wait until it is so."""
        session = self.window.session
        session.set_parameter(ref, value)

        def is_so() -> bool:
            snapshot = session.state.snapshot
            return snapshot is not None and float(getattr(snapshot.layers[ref.layer], ref.kind)[ref.index]) == value

        self.wait(is_so)

    def train_to(self, step: int) -> None:
        """Train to a step at once, and wait until it is there or the run has diverged."""
        session = self.window.session
        session.fast_forward(step)
        self.wait(
            lambda: (
                not session.state.is_running
                and session.state.snapshot is not None
                and session.state.snapshot.run_id == session.state.run.id
                and (session.state.run.step >= step or session.state.run.diverged_at is not None)
            )
        )

    def _answer(self, question: Question) -> None:
        assert self.label("lessonQuestion")
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the answers of the page before
        if self._skips:
            self._press("lessonSkip")
            return
        match question:
            case ChoiceQuestion():
                child(self.window.views.lesson, QRadioButton, "lessonChoice1").click()
            case NumberQuestion(low=low, high=high):
                field = child(self.window.views.lesson, QLineEdit, "lessonNumber")
                field.setFocus()
                field.clear()
                QTest.keyClicks(field, repr((low + high) / 2))
            case CurveQuestion(low=low, high=high):
                self._draw(np.linspace(low, high, 12), np.linspace(1, 4, 12))
        self._press("lessonAnswer")

    def _draw(self, x: np.ndarray, y: np.ndarray) -> None:
        plot = self.window.views.function_plot.plot
        drag(plot.viewport(), *(place_in(plot, *each) for each in zip(x, y, strict=True)))

    def _do(self, step: LessonStep) -> None:
        assert bool(self.label("lessonVerdict")) == (step.question is not None and not self._skips)  # when it comes
        if step.acts:
            assert self.label("lessonTask")
            self._acts[", ".join(act.until.text for act in step.acts)](self)
        match step.action:
            case TrainTo() | RunExperiment():
                self._press("lessonAction")
            case Goal(condition=condition):
                self._press("lessonAction")
                self.wait(lambda: not self.window.context.lesson_player.is_busy)
                if self.progress.status == "act":
                    assert self.label("lessonHindrance")
                    self._acts[condition.text](self)
                    self._press("lessonAction")

    def _note(self, place: int) -> None:
        state = self.window.session.state
        assert isinstance(state.snapshot, Snapshot)
        shown_map, runs = state.session.view.map, state.session.runs
        self.facts[place] = facts = Facts(state.snapshot, state.run, self.progress.known, shown_map, runs)
        question = self.progress.lesson.steps[place].question
        if isinstance(question, CurveQuestion):
            truth = facts["output" if question.of == "network" else "target"]
            facts["curve_off"] = _off(self.progress.answers[place], truth)
            low, middle, high = (truth(x) for x in np.linspace(question.low, question.high, 3))
            hangs = (low + high) / 2 - middle  # below the straight line that is drawn here
            facts["curve_bent"] = (hangs < -0.025 * abs(high - low)) - (hangs > 0.025 * abs(high - low))
        self.look()

    def look(self) -> None:
        """Let what is seen now be painted: nothing else is, while a lesson is played."""
        self.window.setUpdatesEnabled(True)
        QApplication.processEvents()
        self.window.setUpdatesEnabled(False)

    def _press(self, name: str) -> None:
        button = child(self.window.views.lesson, QAbstractButton, name)
        self.wait(lambda: button.isVisible() and button.isEnabled())
        button.click()

    def wait(self, condition: Callable[[], bool]) -> None:
        """Go on as soon as it is so."""
        try:
            self._qtbot.waitUntil(condition, timeout=PATIENCE_MS)
        except QtTimeout:
            progress, player = self.progress, self.window.context.lesson_player
            where = f"“{progress.step.title}” ({progress.status}, busy: {player.is_busy}): {player.unmet}"
            raise AssertionError(f"{where}; {self.label('lessonHindrance')}") from None


def _off(drawn: object, truth: Callable[[float], float]) -> float:
    """How far a curve that was drawn is from the truth, over all x that were drawn; NaN if none was."""
    if not isinstance(drawn, DrawnCurve):
        return math.nan
    x = np.linspace(drawn.x[0], drawn.x[-1], 2_001)
    away = np.interp(x, drawn.x, drawn.y) - [truth(float(each)) for each in x]
    return float(np.sqrt(np.mean(away**2)))


def _find_a_bad_seed(learner: Learner) -> None:
    for seed in range(200):
        learner.edit(network__seed=seed)
        learner.train_to(10_000)
        if learner.progress.status == "done":
            return


def _reach(step: int, **changes: Any) -> Act:
    def act(learner: Learner) -> None:
        if changes:
            learner.edit(**changes)
        if step:
            learner.train_to(step)

    return act


def _by_hand(arms: int, kink: float = 0.5, slope: float = 2.5) -> Act:
    """Set the weights of two neurons, one for each side."""

    def act(learner: Learner) -> None:
        for neuron, side in list(enumerate((1.0, -1.0)))[:arms]:
            for ref, value in (
                (ParameterRef(0, "weight", (neuron, 0)), side),
                (ParameterRef(0, "bias", (neuron,)), -kink),
                (ParameterRef(1, "weight", (0, neuron)), slope),
            ):
                learner.set(ref, value)

    return act


def _one_step(learner: Learner) -> None:
    learner.edit(training__learning_rate=0.24)
    learner.trigger("actionReset")
    learner.train_to(1)


def _open_on_map(learner: Learner, rate: float, scale: float) -> None:
    session, was = learner.window.session, learner.window.session.state.run.id

    def is_open() -> bool:
        learner.window.views.map.point_chosen.emit(rate, scale)  # of no effect before there is a picture
        return session.state.run.id != was

    learner.wait(is_open)


def _zoom_until(ratio: float, y: float = 0.3) -> Act:
    """Follow the first training that diverges, in a row of the map, until the ends differ by less than a ratio."""

    def act(learner: Learner) -> None:
        session = learner.window.session
        choice = read_map(session.state.session.view.map)
        while choice.x.high >= ratio * choice.x.low:
            edge = edge_on_map(choice, not_none(session.state.snapshot), y)
            nearer = (choice.x.high / choice.x.low) ** (1 / ROW)  # the edge is at most so far above one that works
            x, y_axis = (
                replace(axis, low=at / nearer**1.1, high=at * nearer**1.1)
                for axis, at in ((choice.x, edge), (choice.y, y))
            )
            choice = replace(choice, x=x, y=y_axis)
        session.set_view(map=map_text(choice))

    return act


def _find_an_island(learner: Learner) -> None:
    facts = learner.facts[0]
    rates = np.geomspace(1.1 * facts["border"], 3, 200)
    _open_on_map(learner, next(rate for rate in rates if facts["map_at"](rate, 0.2) < math.inf), 0.2)
    learner.wait(lambda: learner.window.session.state.run.step >= 1_000)


def _in_the_wrong_order(learner: Learner) -> None:
    """Train first, and set what should have been set before: nothing has come of it yet."""
    learner.train_to(20_000)
    learner.edit(training__learning_rate=0.1)
    pulse, to_end = child(learner.window, Pulse, "pulse"), learner.window.actions_["actionToEnd"]
    learner.wait(lambda: isinstance(pulse.target, QToolButton) and pulse.target.defaultAction() is to_end)
    assert [line[0] for line in learner.label("lessonTask").splitlines()] == ["✓", "○"]
    learner.train_to(30_000)


def _keep_and_train_another(learner: Learner) -> None:
    pulse = child(learner.window, Pulse, "pulse")
    learner.train_to(10_000)
    keep = child(learner.window, QToolButton, "runsKeep")
    learner.wait(lambda: pulse.target is keep and keep.isVisible())  # what is to be pressed is in sight
    learner.trigger("actionKeep")
    learner.trigger("actionNewSeed")
    learner.train_to(10_000)


def _same_beginning(learner: Learner) -> None:
    learner.train_to(10_000)
    learner.trigger("actionKeep")
    learner.trigger("actionReset")
    learner.edit(training__learning_rate=0.005)
    learner.train_to(10_000)


def _remind(learner: Learner) -> None:
    """Train on with two dots of those that were held out."""
    session = learner.window.session
    points = not_none(session.config.data.points)
    held_out = points.held_out & (points.x != -3) & (points.x != -1.5)
    session.edit({"data.points": Points(points.x, points.y, held_out)})
    learner.train_to(session.state.run.step + 10_000)


# How what is to be done by hand is done, by the condition that it is to bring about.
ACTS: dict[str, Act] = {
    "seed != 2": lambda learner: learner.trigger("actionNewSeed"),
    "neurons == 1000": _reach(0, network__hidden=(1000,)),
    "step >= 10000": _reach(10_000),
    "step >= 10000, loss > 1": _find_a_bad_seed,
    "loss < 0.05 and neurons <= 5": _reach(
        0, network__hidden=(5,), training__learning_rate=0.01, training__stop_step=20_000
    ),
    "loss < 1 and neurons <= 5": _reach(0, network__hidden=(5,), network__activation="leaky_relu"),
    "noise == 1 and within < 0.3 and step >= 1000": _reach(10_000, data__noise=1.0, data__sample_count=1_000),
    "loss < 0.05 and parameters <= 100": _reach(0, network__hidden=(30,), training__learning_rate=0.01),
    "abs(output(5) - 25) < 2": _reach(10_000, network__hidden=(100,), data__x_max=6.0),
    "within < 0.3 and step >= 1000": _reach(10_000, training__loss="l1"),
    "layers >= 2 and neurons <= 12 and loss < 0.03": _reach(
        0, network__hidden=(6, 6), training__learning_rate=0.03, training__stop_step=3_000
    ),
    "loss < 0.01 and parameters <= 320 and samples >= 20": _reach(
        0, network__hidden=(11, 11, 11), training__learning_rate=0.1, training__stop_step=3_000
    ),
    "loss < 0.15 and step <= 300 and neurons <= 10 and samples >= 20": _reach(300, training__learning_rate=0.03),
    "output(3) - output(0) > 3 or diverged": _by_hand(arms=1),
    "loss < 1.5 and step == 0 and neurons == 2": _by_hand(arms=2),
    "loss < 0.0000001 and step == 0 and neurons == 2": _by_hand(arms=2, kink=0.0, slope=1.0),
    "step >= 1, step <= 1": lambda learner: learner.trigger("actionStep"),
    "loss < 0.1 and step == 1 and samples == 1": _one_step,
    "diverged == 1": lambda learner: _open_on_map(learner, 2.5, 2.0),
    "map_high < 1.01 * map_low, map_turns(sqrt(map_bottom * map_top)) > 0": _zoom_until(1.01),
    "learning_rate == 0.1, unchanged_steps >= 10000 or diverged == 1": _in_the_wrong_order,
    "abs(sharpness - 16.5) < 0.8 and step >= 5000 and neurons == 10 and samples >= 20": _reach(
        10_000, training__learning_rate=0.12
    ),
    "ticked + others >= 1, other_step >= 10000, step >= 10000": _keep_and_train_another,
    "step >= 10000, ticked + others >= 1, other_step >= 10000": _keep_and_train_another,
    "barrier < 0.001 and loss < 0.1 and other_loss < 0.1 and step >= 1000": _same_beginning,
    "step == 1000": lambda learner: learner.window.session.look_at(1_000),
    "loss < 0.005 and directions <= 3 and neurons >= 100 and samples >= 20": _reach(10_000, data__target="abs"),
    "not diverged and step >= 1000 and learning_rate > 1.05 * border": _find_an_island,
    "kernel_moved < 20 and loss < 0.3 and neurons == 10 and step >= 10000 and samples >= 20": _reach(
        10_000, network__weight_scale=5.0
    ),
    "held_out_loss < 0.1 and loss < 0.1 and neurons >= 100 and samples >= 11 and samples <= 12": _remind,
    "loss < 1 and step >= 1000 and first_loss > 100": _reach(1_000, training__learning_rate=0.0015),
    "learning_rate == 0.003, unchanged_steps >= 2500": _reach(5_000, training__learning_rate=0.003),
    "loss < 0.011 and batch == 1 and neurons <= 10 and samples >= 20": _reach(
        0, training__learning_rate=0.03, training__schedule="cosine", training__schedule_steps=5_000
    ),
}


def _make_few(wanted: ExperimentRequest, stop: Stop, report: Report) -> object:
    """Train several layers from as few seeds as may be, which are over soon; all else is as a learner sees it."""
    is_long = wanted.kind == "depth" or len(wanted.config.network.hidden) > 1
    return run_experiment(replace(wanted, runs=EXPERIMENTS[wanted.kind].fewest) if is_long else wanted, stop, report)


def _assert_true(learner: Learner, lesson: Lesson, notes: dict[str, str]) -> None:
    """What was revealed is so, and each verdict is just: of what was answered, of what is right, and of the notes."""
    for place, step in enumerate(lesson.steps):
        facts, progress = learner.facts[place], learner.progress
        assert_says(progress.revealed[place], step.reveal, facts)
        right: float | None = None
        match step.question:
            case ChoiceQuestion(choices=choices):
                holds = [choice.when is None or python(choice.when.text, facts) == 1.0 for choice in choices]
                right = holds.index(True)
                if progress.answers[place] != right:
                    assert choices[right].text in progress.verdicts[place]
                assert notes.get(step.question.text, choices[right].text) == choices[right].text
            case NumberQuestion(answer=answer):
                right = python(answer.text, facts)
                noted = notes.get(step.question.text, str(right)).removesuffix(step.question.unit).replace("−", "-")
                assert judge(step.question, float(noted), facts.scope).startswith("Right"), step.question.text
        if step.question is not None and right is not None:
            assert judge(step.question, right, facts.scope).startswith("Right")


PLAYS = [(file, None, False) for file in FILES] + [(FILES[0], (7, 7), True)]


@pytest.mark.parametrize(("file", "seeds", "skips"), PLAYS, ids=lambda value: getattr(value, "stem", ""))
def test_it_is_played_to_its_end(
    window: MainWindow,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    file: Path,
    seeds: tuple[int, int] | None,
    skips: bool,
) -> None:
    """On its own seeds of the network and of the data, and once on others with nothing answered."""
    lesson = LESSONS[file]
    monkeypatch.setattr(experiments_controller, "run_experiment", _make_few)
    learner = Learner(window, qtbot, ACTS, skips)
    window.features.lessons.open_file(str(file))
    learner.play(lesson, seeds)
    assert learner.progress.is_finished
    notes = {} if skips else notes_on(lesson.title)
    notes.pop("How many of 256 will fail?", None)  # fewer are trained here, see `_make_few`
    _assert_true(learner, lesson, notes)
    for name in (act.point_at for step in lesson.steps for act in step.acts):
        if name.startswith("action"):
            assert window.actions_[name] is not None
        elif name:
            child(window, QWidget, name)  # it is there
    following = child(window.views.lesson, QPushButton, "lessonNext")
    following.click()
    asked = [step for step in lesson.steps if step.question is not None]
    assert learner.label("lessonStepCount") == "the end"
    verdict = learner.progress.verdicts[max(learner.progress.answers)]
    learner.wait(lambda: learner.label(f"lessonFound{len(asked)}").endswith(verdict))
    learner.look()
    assert following.isEnabled() is (file is not FILES[-1])
    if file is FILES[-1]:
        assert learner.label("lessonFollowingAbout").startswith("You have finished ")
    if file is not FILES[-1]:
        assert learner.label("lessonFollowing") == f"Next: {LESSONS[FILES[FILES.index(file) + 1]].title}"
        assert following.text() == "Next lesson"
        if skips:
            following.click()
            learner.wait(lambda: learner.progress.lesson == LESSONS[FILES[1]])
    window.actions_["actionLessonLeave"].trigger()
    assert window.context.lesson_player.progress is None
