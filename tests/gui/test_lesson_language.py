"""A lesson in another language: nothing of it is left in English, by a language in which all is marked."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, seen
from tests.pseudo import COMMA, LANGUAGE, POINT, left_in_english, speak_it, texts_of
from tinynet_gui.core.lessons.answers import Answers, answers_of, in_words
from tinynet_gui.core.lessons.class_answers import ClassAnswers, as_csv, by_lesson
from tinynet_gui.core.lessons.expression import parse_condition, parse_expression, unmet_text
from tinynet_gui.core.lessons.lesson import (
    Choice,
    ChoiceQuestion,
    CurveQuestion,
    Do,
    DoInOrder,
    Goal,
    Lesson,
    LessonStep,
    NumberQuestion,
    Question,
    RunExperiment,
    SentenceQuestion,
    TrainTo,
)
from tinynet_gui.core.lessons.measured_names import RUN
from tinynet_gui.core.lessons.playing import course
from tinynet_gui.core.lessons.playing.course import LessonProgress, Unmet, begin
from tinynet_gui.core.lessons.playing.predictions import Answer, DrawnCurve, Skipped, judge
from tinynet_gui.core.text.language import gettext, speaking
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.ui.features.answers.controller import AnswersWindow, SaveAnswers
from tinynet_gui.ui.style.colors import LIGHT
from tinynet_gui.ui.views.lesson.lesson_view import LessonView
from tinynet_gui.ui.views.lesson.page import LessonPage, page_of

OF_THE_PROGRAM = "lessonViewMaximize"  # stands at each view
LOSS = parse_expression("loss")
CHOICE = ChoiceQuestion("⟦?⟧", (Choice("⟦yes⟧", parse_condition("loss < 0.2")), Choice("⟦no⟧", None)))
NUMBER = NumberQuestion("⟦How much?⟧", LOSS, "⟦kg⟧", 0.0, 12.5, 0.1)
NETWORK, TARGET = (CurveQuestion("⟦Draw it.⟧", 0.0, 4.5, of) for of in ("network", "target"))
SCOPE: dict[str, Any] = {"loss": 0.25, "output": lambda x: x**2, "target": lambda x: x**2}
DO = Do("⟦Press it.⟧", parse_condition("loss < 1"))
GOAL = Goal("⟦Reach it.⟧", parse_condition("loss < 0.125"), hint="⟦Think.⟧")
STEPS: list[tuple[LessonStep, Answer | None]] = [
    (LessonStep("⟦One⟧", "⟦A text with⟧ {1.5}, {0 / 0}.", question=CHOICE, action=DoInOrder((DO, DO))), 0),
    (LessonStep("⟦Two⟧", "⟦Text⟧", question=NUMBER, action=TrainTo(12_345), reveal="{loss}"), 1.5),
    (LessonStep("⟦Three⟧", "⟦Text⟧", question=TARGET), DrawnCurve([0, 4.5], [0, 3])),
    (LessonStep("⟦Four⟧", "⟦Text⟧", question=NETWORK, action=RunExperiment("swarm", 8, "swarm")), None),
    (LessonStep("⟦Five⟧", "⟦Text⟧", action=GOAL), None),
    (LessonStep("⟦Six⟧", "⟦Text⟧", question=SentenceQuestion("⟦Why?⟧")), "⟦So⟧"),
]
LESSON = Lesson("⟦A lesson⟧", "", 5, frozenset(), tuple(step for step, _ in STEPS), language=LANGUAGE)


@pytest.fixture(autouse=True)
def _spoken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        speak_it(patch, tmp_path_factory.mktemp("words"))
        yield


def _page(progress: LessonProgress, *, unmet: Unmet | None = None, again: bool = False) -> LessonPage:
    with speaking(progress.lesson.language):
        return page_of(
            progress,
            is_busy=unmet is None and progress.status == "act" and not progress.step.acts,
            unmet=unmet,
            has_failed=unmet is not None,
            is_reopened=again,
            hindrance="",
            is_drawn=False,
            following=("⟦More⟧", "⟦About it⟧") if again else None,
        )


def _pages(view: LessonView) -> Iterator[None]:
    """Play the lesson in the view, and stop at all that it shows."""

    def show(progress: LessonProgress, *, unmet: Unmet | None = None, again: bool = False) -> None:
        view.show_page(_page(progress, unmet=unmet, again=again))
        QApplication.processEvents()

    progress = begin(LESSON)
    for place, (step, given) in enumerate(STEPS):
        progress = course.entered(progress, SCOPE)
        show(progress)
        yield
        if step.question is not None:
            if step.question is NUMBER:  # what is refused is told
                child(view, QLineEdit, "lessonNumber").setText("⟦so much⟧")
                child(view, QPushButton, "lessonAnswer").setEnabled(True)
                child(view, QPushButton, "lessonAnswer").click()
                yield
            progress = course.answer(progress, Skipped() if given is None else given, SCOPE)
            show(progress)
            yield
        if step.action is GOAL:
            with speaking(LANGUAGE):
                text = gettext("Not yet. {why}").format(why=unmet_text(GOAL.condition, SCOPE))
            show(progress, unmet=Unmet(text))
            yield
        progress = course.noticed(progress, SCOPE) if step.acts else course.acted(progress, SCOPE)
        show(progress)
        yield
        progress = course.go_next(progress)
        assert progress.is_at_end == (place == len(STEPS) - 1)
    show(progress)
    yield
    show(progress, again=True)
    yield


class Beside(QObject):
    """Writes a number whenever something is shown, moved or focused, as views beside the lesson may."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = set[str]()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Resize, QEvent.Type.FocusIn, QEvent.Type.FocusOut
        if event.type() in kinds:
            self.numbers.add(count_text(1_000))
        return False


def test_a_lesson_is_wholly_translated_and_the_rest_is_not(qtbot: QtBot, qapp: QApplication) -> None:
    view, beside = seen(qtbot, LessonView(), 400, 900, LIGHT), Beside()
    qapp.installEventFilter(beside)
    seen_texts = set[str]()
    for _ in _pages(view):
        found = {text for text in texts_of(view) if text}
        stage = child(view, QToolButton, OF_THE_PROGRAM)
        left = {text: left_in_english(text) for text in found - {stage.toolTip(), stage.accessibleName()}}
        assert {text: words for text, words in left.items() if words} == {}
        used = [
            part
            for part in view.findChildren(QWidget)
            if part.isVisible() and part.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        heard = [QAccessible.queryAccessibleInterface(part).text(QAccessible.Text.Name) for part in used]
        assert set(heard) <= {*found, stage.accessibleName()}
        assert all(heard)
        seen_texts |= found
    said = "\n".join(seen_texts)
    numbers = f"⟦Train to step ⟧12{COMMA}345", f"⟦ to ⟧12{POINT}5", f"0{POINT}25"
    for part in (*numbers, "⟦You said ⟧", "⟦Hint: ⟧", "⟦Go on⟧"):
        assert part in said
    assert beside.numbers == {"1,000"}
    qapp.removeEventFilter(beside)


def _judged(question: Question, answer: Answer | Skipped, **known: Any) -> str:
    return judge(question, answer, {**SCOPE, **known})


def test_no_verdict_and_no_reason_is_left_in_english() -> None:
    x = [0.0, 1.0, 2.0, 3.0, 4.5]
    drawn: list[list[float]] = [
        [0, 1, 4, 9, 20.25],
        [1, 2, 5, 10, 21.25],
        [9, 10, 13, 18, 29],
        [0, 3, 12, 27, 60],
        [0, 1, 2, 3, 4.5],
    ]
    drawn += [[0, -1, 0, 3, 0], [20, 9, 4, 1, 0], [-9, -8, -5, 0, 11], [0, 0.2, 0.8, 1.8, 4], [0, 0, 0, 0, 9]]
    nothing: dict[str, Any] = {"loss": float("nan"), "output": None, "target": None}
    with speaking(LANGUAGE):
        said = [_judged(CHOICE, each) for each in (0, 1, Skipped())]
        said += [_judged(replace(NUMBER, near=near), 0.3) for near in (0.001, 0.04, 0.5)]
        said += [_judged(NUMBER, Skipped()), _judged(NUMBER, 0.25)]
        said += [_judged(question, DrawnCurve(x, y)) for question in (NETWORK, TARGET) for y in drawn]
        said += [_judged(question, DrawnCurve(x, drawn[0]), **nothing) for question in (NETWORK, TARGET)]
        said += [_judged(NUMBER, 1.5, **nothing)]
        for name, about in RUN.items():
            code = f"{name}({', '.join('1' * len(about.parameters))})" if about.parameters else name
            for so in (0.25, float("nan")):
                known = {name: (lambda *_, so=so: so) if about.parameters else so}
                said += [unmet_text(parse_condition(f"{code} {op} 2"), known) for op in (">", ">=", "==")]
                said += [unmet_text(parse_condition(f"abs({code} - 9) < 2"), known)]
        said += [unmet_text(parse_condition(code), {"loss": 3.0}) for code in ("loss < 2", "loss <= 2", "loss != 3")]
    left = {text: left_in_english(text) for text in said}
    assert {text: words for text, words in left.items() if words} == {}
    assert len(set(said)) > 150


def _handed_in(name: str, guesses: Iterable[Answer | None]) -> Answers:
    progress = begin(LESSON)
    for (step, _), given in zip(STEPS, guesses, strict=False):
        progress = course.entered(progress, SCOPE)
        if step.question is not None:
            progress = course.answer(progress, Skipped() if given is None else given, SCOPE)
        progress = course.at_time(progress, 30.0 * progress.reached, 1)
        progress = course.noticed(progress, SCOPE) if step.acts else course.acted(progress, SCOPE)
        progress = course.go_next(progress)
    return answers_of(progress, name, 1)


def test_class_answers_are_wholly_translated(qtbot: QtBot) -> None:
    curves = DrawnCurve([0, 4.5], [0, 3]), DrawnCurve([0, 4.5], [0, 9])
    taken = (0, 1.5, *curves, None, "⟦So⟧"), (1, 0.3, *curves), (1, 0.25, None, None), (None, None), (1, 9.0)
    handed_in = [_handed_in("" if k == 1 else f"⟦{k // 3}⟧", each) for k, each in enumerate(taken)]
    [lesson] = by_lesson(replace(each, saved=k) for k, each in enumerate(handed_in))
    assert lesson.language == LANGUAGE
    window = AnswersWindow(ClassAnswers((lesson,), (("⟦a⟧", "it is damaged or incomplete"),), 2))
    qtbot.addWidget(window)
    window.show()
    model, said = window.table.model(), set[str]()
    roles = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole
    rows, columns = range(model.rowCount()), range(model.columnCount())
    for column in columns:
        window.table.setCurrentIndex(model.index(1, column))
        said |= {*texts_of(window), *(window.plot.plot.getAxis(side).labelText for side in ("left", "bottom"))}
        axes = [window.plot.plot.getAxis(side) for side in ("left", "bottom")]
        said |= {text for axis in axes for text in axis.tickStrings([0.5, 1.0], 1.0, 0.5)}
    for hidden in (False, True):
        child(window, QCheckBox, "answersHideNames").setChecked(hidden)
        said |= {*texts_of(window)}
        for role in roles:
            said |= {str(model.index(row, column).data(role) or "") for row in rows for column in columns}
            said |= {model.headerData(row, Qt.Orientation.Vertical, role) for row in rows}
            said |= {model.headerData(column, Qt.Orientation.Horizontal, role) for column in columns}
    with speaking(LANGUAGE):
        dialog = SaveAnswers(lambda name: in_words(handed_in[0]), window)
        said |= {as_csv(lesson, POINT)}
    dialog.show()
    said |= {*texts_of(dialog), dialog.windowTitle(), window.windowTitle()}
    dialog.reject()
    kept = re.compile(r"<[^>]*>|⟧\d+\.\d+\.\S*⟦|[0-9a-f]{64}|UTC|&\w+;|,")
    left = {text: left_in_english(kept.sub(" ", text)) for text in said}
    assert {text: words for text, words in left.items() if words} == {}


def test_the_words_of_a_view_change_with_the_lessons_language(qtbot: QtBot) -> None:
    view = seen(qtbot, LessonView(), 400, 900, LIGHT)
    said = []
    for language in ("en", "de", "en"):
        progress = course.entered(begin(replace(LESSON, language=language)), SCOPE)
        view.show_page(_page(progress))
        said.append([child(view, QPushButton, "lessonNext").text(), child(view, QLabel, "lessonStepCount").text()])
    assert said == [["Next", "page 1 of 6"], ["Weiter", "Seite 1 von 6"], ["Next", "page 1 of 6"]]
