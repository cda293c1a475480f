"""A learner who plays a lesson in the window, by its controls alone."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QRadioButton
from pytestqt.exceptions import TimeoutError as QtTimeout
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child
from tests.lesson_facts import Facts
from tinynet_gui.core.lessons.course import Progress
from tinynet_gui.core.lessons.lesson import (
    ChoiceQuestion,
    CurveQuestion,
    Do,
    Goal,
    Lesson,
    LessonStep,
    NumberQuestion,
    Question,
    RunExperiment,
    TrainTo,
)
from tinynet_gui.core.lessons.predictions import Curve
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.ui.window.main_window import MainWindow

PATIENCE_MS = 60_000
Act = Callable[["Learner"], None]


class Learner:
    """Answers, does what is asked for, presses what is to be pressed, and notes what is so at the end of each step.

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

    @property
    def progress(self) -> Progress:
        progress: Progress | None = self.window.lesson_player.progress
        assert progress is not None
        return progress

    def play(self, lesson: Lesson, seeds: tuple[int, int] | None) -> None:
        """Play a lesson from its first step to its last."""
        self.window.lesson_player.begin(lesson, seeds=seeds)
        for place, step in enumerate(lesson.steps):
            self.wait(lambda: self.progress.stage != "enter")
            assert self.progress.reached == place
            if self.progress.stage == "ask":
                assert step.question is not None
                self._answer(step.question)
            if self.progress.stage == "act":
                self._do(step)
            self.wait(lambda: self.progress.stage == "done")
            self._note(place)
            if place + 1 < len(lesson.steps):
                self._press("lessonNext")

    def label(self, name: str) -> str:
        """What a label of the page says, "" if it is not there."""
        label = child(self.window.lesson, QLabel, name)
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
                child(self.window.lesson, QRadioButton, "lessonChoice1").click()
            case NumberQuestion(low=low, high=high):
                field = child(self.window.lesson, QLineEdit, "lessonNumber")
                field.setFocus()
                field.clear()
                QTest.keyClicks(field, repr((low + high) / 2))
            case CurveQuestion(low=low, high=high):
                self._draw(np.linspace(low, high, 12), np.linspace(1, 4, 12))
        self._press("lessonAnswer")

    def _draw(self, x: np.ndarray, y: np.ndarray) -> None:
        plot = self.window.function_plot.plot
        box = plot.getViewBox()
        places = [plot.mapFromScene(box.mapViewToScene(QPointF(*each))) for each in zip(x, y, strict=True)]
        viewport, left = plot.viewport(), Qt.MouseButton.LeftButton
        QTest.mousePress(viewport, left, pos=QPoint(places[0].x(), places[0].y()))
        for at in places[1:]:
            QTest.mouseMove(viewport, QPoint(at.x(), at.y()))
        QTest.mouseRelease(viewport, left, pos=QPoint(places[-1].x(), places[-1].y()))

    def _do(self, step: LessonStep) -> None:
        match step.action:
            case Do(until=until):
                assert self.label("lessonTask")
                self._acts[until.text](self)
            case TrainTo() | RunExperiment():
                self._press("lessonAction")
            case Goal(condition=condition):
                self._press("lessonAction")
                self.wait(lambda: not self.window.lesson_player.is_busy)
                if self.progress.stage == "act":
                    assert self.label("lessonHindrance")
                    self._acts[condition.text](self)
                    self._press("lessonAction")

    def _note(self, place: int) -> None:
        state = self.window.session.state
        assert isinstance(state.snapshot, Snapshot)
        self.facts[place] = facts = Facts(state.snapshot, state.run, self.progress.known)
        question = self.progress.lesson.steps[place].question
        if isinstance(question, CurveQuestion):
            facts["curve_off"] = _off(
                self.progress.answers[place], facts["output" if question.of == "network" else "target"]
            )
        QApplication.processEvents()

    def _press(self, name: str) -> None:
        button = child(self.window.lesson, QAbstractButton, name)
        self.wait(lambda: button.isVisible() and button.isEnabled())
        button.click()

    def wait(self, condition: Callable[[], bool]) -> None:
        """Go on as soon as it is so."""
        try:
            self._qtbot.waitUntil(condition, timeout=PATIENCE_MS)
        except QtTimeout:
            progress, player = self.progress, self.window.lesson_player
            where = f"“{progress.step.title}” ({progress.stage}, busy: {player.is_busy}): {player.unmet}"
            raise AssertionError(f"{where}; {self.label('lessonHindrance')}") from None


def _off(drawn: object, truth: Callable[[float], float]) -> float:
    """How far a curve that was drawn is from the truth, over all x that were drawn; NaN if none was."""
    if not isinstance(drawn, Curve):
        return math.nan
    x = np.linspace(drawn.x[0], drawn.x[-1], 2_001)
    away = np.interp(x, drawn.x, drawn.y) - [truth(float(each)) for each in x]
    return float(np.sqrt(np.mean(away**2)))
