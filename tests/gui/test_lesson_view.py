"""A lesson's page, both ways: what it shows, and what it tells of what the learner does."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings, strategies as st
from PySide6.QtCore import QBuffer, QByteArray, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QImage, QImageWriter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.e2e.play import press
from tests.gui.conftest import Paints, apply_theme, child, heard, recolor, seen
from tests.gui.pixels import colors_in
from tests.lessons import LESSON_FILES, TRANSLATIONS
from tests.not_none import not_none
from tinynet_gui.core.lessons.reading.reader import read_lesson_file
from tinynet_gui.ui.style.colors import DARK, LIGHT, Theme
from tinynet_gui.ui.style.theme import Zoom, zoom_application
from tinynet_gui.ui.views.lesson import lesson_view
from tinynet_gui.ui.views.lesson.lesson_html import html_of
from tinynet_gui.ui.views.lesson.lesson_text import LessonText
from tinynet_gui.ui.views.lesson.lesson_view import LessonView
from tinynet_gui.ui.views.lesson.page import AskedQuestion, Ending, LessonPage
from tinynet_gui.ui.widgets.progress import Progress
from tinynet_gui.ui.widgets.text import ElidedLabel
from tinynet_gui.ui.widgets.touch import ZoomFollower

LONG = "Each neuron has one kink, and a network bends only there. " * 12
CHOICE = AskedQuestion(
    "What will it draw?", "choice", ("a parabola, nearly", "a line with one kink " * 4, "a straight line")
)
NUMBER = AskedQuestion("How many of 100 fail?", "number", unit="%", low=0, high=100)
SENTENCE = AskedQuestion("Why?", "sentence")
CURVE = AskedQuestion("Where will it go?", "curve", low=3, high=6)
ASK = LessonPage("How many neurons?", "One neuron", 3, 9, "Think of *one* neuron.", CHOICE, status="ask", can_back=True)
ACT = replace(ASK, status="act", answer=1, action="Train to step 10,000")
DONE = replace(ASK, status="done", answer=1, verdict="Right, it is.", reveal=f"The loss is 2.31. {LONG}", can_next=True)
END = LessonPage(
    "How many neurons?",
    "What you found",
    9,
    9,
    can_back=True,
    ending=Ending(
        (("What will it draw?", "Right: <b>it is</b>."), ("How many?", LONG)), "1 of 2 guesses right", "Noise", "σ."
    ),
)
SIGNALS = (
    *("save_wanted", "answered", "skipped", "action_wanted", "cancel_wanted", "curve_cleared", "open_wanted"),
    *("back_wanted", "next_wanted", "restart_wanted", "leave_wanted", "term_wanted"),
)


@dataclass
class Learner:
    """Looks at a lesson, and uses it; what the lesson tells of that is heard."""

    view: LessonView
    heard: list[tuple[object, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in SIGNALS:
            getattr(self.view, name).connect(self._hears(name))

    def _hears(self, name: str) -> Callable[..., None]:
        def hear(*values: object) -> None:
            self.heard.append((name, *(() if name not in ("answered", "term_wanted") else values)))

        return hear

    def show(self, page: LessonPage) -> None:
        self.view.show_page(page)
        QApplication.processEvents()

    def part(self, name: str) -> QWidget:
        return child(self.view, QWidget, name)

    def text(self, name: str) -> str:
        part = self.part(name)
        if isinstance(part, LessonText):
            return part.toPlainText()
        assert isinstance(part, QLabel | QAbstractButton)
        return part.text()

    def sees(self, name: str) -> bool:
        return self.part(name).isVisible()

    def sees_all_of(self, name: str) -> bool:
        """Whether something is within what can be seen of the page."""
        part, area = self.part(name), child(self.view, QScrollArea, "lessonArea").viewport()
        top = part.mapTo(area, QPoint()).y()
        return part.isVisible() and top >= 0 and top + part.height() <= area.height()

    def click(self, name: str) -> None:
        QTest.mouseClick(self.part(name), Qt.MouseButton.LeftButton)

    @property
    def chosen(self) -> list[int]:
        radios = self.view.findChildren(QRadioButton)
        return [place for place, radio in enumerate(radios) if radio.isVisible() and radio.isChecked()]

    @property
    def focus(self) -> str:
        focus = QApplication.focusWidget()
        return "" if focus is None else focus.objectName()

    @property
    def scrolled(self) -> int:
        return child(self.view, QScrollArea, "lessonArea").verticalScrollBar().value()


@pytest.fixture
def learner(qtbot: QtBot) -> Learner:
    view = seen(qtbot, LessonView(), 250, 620, LIGHT)
    qtbot.waitActive(view)
    return Learner(view)


def test_a_page_is_painted_once_it_is_whole(learner: Learner) -> None:
    learner.show(ASK)
    paints = Paints(learner.part("lessonWay"))
    learner.view.show_page(replace(DONE, number=5))
    assert paints.sizes == []
    QApplication.processEvents()
    assert len(paints.sizes) == 1


def test_the_head_says_where_it_is(learner: Learner) -> None:
    learner.show(ASK)
    assert learner.text("lessonTitle") == "How many neurons?"
    assert learner.text("lessonStepTitle") == "One neuron"
    assert learner.text("lessonStepCount") == "page 3 of 9"
    learner.show(replace(ASK, can_back=False))
    for name in ("lessonBack", "lessonNext"):  # only where there is a page
        assert not learner.part(name).isEnabled()
        learner.click(name)
    assert learner.heard == []
    way = learner.part("lessonWay")
    assert (way.property("value"), way.property("maximum")) == (2, 9)
    learner.show(DONE)
    assert way.property("value") == 3


def test_each_stage_shows_its_own(learner: Learner) -> None:
    parts = {"Action", "Answer", "Hindrance", "Open", "Question", "Reveal", "Skip", "Task", "Verdict"}
    for page, shown, said in (
        (replace(ASK, number=2, question=None, status="done"), set(), {}),
        (replace(ASK, action="Train to step 10,000", task="Press Start."), {"Question", "Answer", "Skip"}, {}),
        (ACT, {"Question", "Action"}, {"Action": "Train to step 10,000"}),
        (replace(ACT, action="", task="Press Start."), {"Question", "Task"}, {"Task": "Press Start."}),
        (DONE, {"Question", "Verdict", "Reveal"}, {"Verdict": "Right, it is."}),
    ):
        learner.show(page)
        assert {name for name in parts if learner.sees(f"lesson{name}")} == shown
        assert {name: learner.text(f"lesson{name}") for name in said} == said
        assert learner.chosen == ([] if page.answer is None else [1])
    assert "2.31" in learner.text("lessonReveal")


def test_the_end_says_what_came_and_what_follows(learner: Learner) -> None:
    learner.show(replace(DONE, number=9))
    learner.show(END)
    names = ("StepTitle", "StepCount", "Score", "Asked1", "Found1", "Following", "FollowingAbout")
    said = ["What you found", "the end", "1 of 2 guesses right", "What will it draw?", "Right: <b>it is</b>."]
    assert [learner.text(f"lesson{name}") for name in names] == [*said, "Next: Noise", "σ."]
    assert not any(learner.sees(f"lesson{name}") for name in ("Text", "Question", "Verdict", "Reveal", "Action"))
    learner.click("lessonSaveAnswers")
    assert learner.heard == [("save_wanted",)]
    learner.show(replace(END, ending=Ending((), "")))
    assert learner.text("lessonScore") == "This lesson asked no questions."
    assert not learner.sees("lessonSaveAnswers")
    learner.show(replace(DONE, number=9))  # back
    assert not learner.sees("lessonScore")
    assert learner.sees("lessonReveal")


def test_the_words_of_a_choice_are_clicked_as_its_button_is(learner: Learner) -> None:
    learner.show(ASK)
    assert not learner.part("lessonAnswer").isEnabled()
    assert learner.part("lessonAnswer").toolTip() == "Choose an answer first."
    radio = learner.part("lessonChoice2")
    words = next(label for label in learner.view.findChildren(QLabel) if label.text() == CHOICE.choices[1])
    assert words.height() > 2 * words.fontMetrics().height()  # it is broken into lines
    assert radio.accessibleName() == words.text()
    QTest.mouseClick(words, Qt.MouseButton.LeftButton)
    assert learner.chosen == [1]
    learner.click("lessonAnswer")
    assert learner.heard == [("answered", 1)]
    learner.show(ACT)
    other = next(label for label in learner.view.findChildren(QLabel) if label.text() == CHOICE.choices[0])
    QTest.mouseClick(other, Qt.MouseButton.LeftButton)
    learner.click("lessonChoice1")
    assert learner.chosen == [1]  # it has been answered


@pytest.mark.parametrize(("typed", "number"), [("37", 37.0), ("0,5", 0.5), (" 100 % ", 100.0), ("0", 0.0)])
def test_a_number_is_answered(learner: Learner, typed: str, number: float) -> None:
    learner.show(replace(ASK, question=NUMBER))
    assert not learner.part("lessonAnswer").isEnabled()
    assert learner.part("lessonAnswer").toolTip() == "Type a number first."
    assert learner.text("lessonLimits") == "from 0 to 100"
    QTest.keyClicks(learner.part("lessonNumber"), typed)
    learner.click("lessonAnswer")
    assert learner.heard == [("answered", number)]
    assert isinstance(learner.heard[0][1], float)


@pytest.mark.parametrize("typed", ["101", "-1", "many", "nan", "1e999", "-inf"])
def test_what_is_no_answer_is_said_and_told_to_nobody(learner: Learner, typed: str) -> None:
    learner.show(replace(ASK, question=NUMBER))
    QTest.keyClicks(learner.part("lessonNumber"), typed)
    learner.click("lessonAnswer")
    assert learner.heard == []
    assert learner.text("lessonLimits") == "Write a number from 0 to 100"
    assert learner.part("lessonLimits").property("role") == "error"
    QTest.keyClicks(learner.part("lessonNumber"), "1")
    assert learner.part("lessonLimits").property("role") == "caption"


def test_a_sentence_is_answered_with_enter(learner: Learner) -> None:
    learner.show(replace(ASK, question=SENTENCE))
    assert (learner.focus, learner.text("lessonLimits")) == ("lessonSentence", "A sentence is not graded.")
    assert learner.part("lessonAnswer").toolTip() == "Write a sentence first."
    field = child(learner.view, QPlainTextEdit, "lessonSentence")
    field.setPlainText("x" * 1_001)
    press(Qt.Key.Key_Return)
    assert (learner.heard, learner.text("lessonLimits")) == ([], "Write 1 to 1,000 characters")
    field.setPlainText(" It bends,\nonce. ")
    press(Qt.Key.Key_Return)
    assert learner.heard == [("answered", "It bends, once.")]
    learner.show(replace(DONE, question=SENTENCE, answer="It bends, once."))
    assert (field.toPlainText(), field.isReadOnly()) == ("It bends, once.", True)


def test_a_curve_is_answered_once_it_is_drawn(learner: Learner) -> None:
    learner.show(replace(ASK, question=CURVE))
    assert "from x = 3 to 6" in learner.text("lessonLimits")
    assert not learner.part("lessonAnswer").isEnabled()
    for name in ("lessonAnswer", "lessonClear"):
        assert learner.part(name).toolTip() == "Draw the curve first, at least half of it."
    assert not learner.part("lessonClear").isEnabled()
    learner.show(replace(ASK, question=replace(CURVE, is_drawn=True)))
    learner.click("lessonClear")
    learner.click("lessonAnswer")
    assert learner.heard == [("curve_cleared",), ("answered", None)]


@pytest.mark.parametrize(
    ("page", "name", "told"),
    [
        (ASK, "lessonSkip", "skipped"),
        (ACT, "lessonAction", "action_wanted"),
        (replace(ACT, hindrance="Not on seed 7.", can_open=True), "lessonOpen", "open_wanted"),
        (ASK, "lessonBack", "back_wanted"),
        (DONE, "lessonNext", "next_wanted"),
        (ASK, "lessonRestart", "restart_wanted"),
        (ASK, "lessonLeave", "leave_wanted"),
    ],
)
def test_each_button_tells_what_is_wanted(learner: Learner, page: LessonPage, name: str, told: str) -> None:
    learner.show(page)
    assert learner.part(name).accessibleName()
    assert learner.part(name).toolTip()
    learner.click(name)
    assert learner.heard == [(told,)]


def test_what_is_under_way_can_be_cancelled(learner: Learner, qtbot: QtBot) -> None:
    learner.show(ACT)
    learner.show(replace(ACT, is_running=True))
    learner.view.show_progress(0.25)
    assert not learner.part("lessonAction").isEnabled()
    progress = child(learner.view, Progress, "lessonProgress")
    qtbot.waitUntil(progress.isVisible)
    assert learner.part("lessonProgressBar").property("value") == 250
    learner.show(replace(ACT, is_running=True))
    assert progress.isVisible()
    learner.click("lessonCancel")
    assert learner.heard == [("cancel_wanted",)]
    learner.show(ACT)
    assert not progress.isVisible()
    assert learner.part("lessonAction").isEnabled()


def test_what_is_half_answered_stays_with_its_step(learner: Learner) -> None:
    learner.show(ASK)
    learner.click("lessonChoice1")
    learner.show(replace(ASK, text="The numbers have come: 5."))
    assert learner.chosen == [0]
    learner.show(replace(ASK, number=4))
    assert learner.chosen == []
    number = child(learner.view, QLineEdit, "lessonNumber")
    learner.show(replace(ASK, question=NUMBER))
    QTest.keyClicks(number, "4")
    learner.show(replace(ASK, question=NUMBER, can_back=False))
    assert number.text() == "4"
    learner.show(replace(ASK, question=NUMBER, status="done", answer=40.0))
    assert number.text() == "40"
    assert number.isReadOnly()
    learner.part("lessonRestart").setFocus()
    learner.show(replace(ASK, question=NUMBER))  # the lesson has begun anew
    assert number.hasFocus()
    assert number.text() == ""
    assert not number.isReadOnly()
    QTest.keyClicks(number, "4")
    learner.show(replace(ACT, question=NUMBER, answer=None))  # it was skipped
    assert number.text() == ""
    learner.show(ASK)
    learner.click("lessonChoice1")
    learner.show(replace(ACT, answer=None))
    assert learner.chosen == []


def test_a_double_click_is_one_click(learner: Learner) -> None:
    learner.show(ACT)
    learner.click("lessonAction")
    QTest.mouseDClick(learner.part("lessonAction"), Qt.MouseButton.LeftButton)
    assert learner.heard == [("action_wanted",)]


def test_a_lesson_is_played_with_the_keyboard(learner: Learner) -> None:
    learner.show(ASK)
    learner.part("lessonChoice1").setFocus()
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_Down)
    assert learner.chosen == [1]
    press(Qt.Key.Key_Return)
    assert learner.heard == [("answered", 1)]
    learner.show(ACT)
    assert learner.focus == "lessonAction"
    press(Qt.Key.Key_Return)
    assert learner.heard[1:] == [("action_wanted",)]
    learner.show(replace(ACT, is_running=True))
    learner.show(DONE)
    assert learner.focus == "lessonNext"
    press(Qt.Key.Key_Return)
    assert learner.heard[2:] == [("next_wanted",)]
    learner.show(replace(ASK, number=4, question=NUMBER))
    assert learner.focus == "lessonNumber"
    for key in (Qt.Key.Key_4, Qt.Key.Key_2, Qt.Key.Key_Return):
        press(key)
    assert learner.heard[3:] == [("answered", 42.0)]
    for name, told in (("lessonSkip", "skipped"), ("lessonLeave", "leave_wanted")):
        learner.part(name).setFocus()
        press(Qt.Key.Key_Return)  # is a click on it
        assert learner.heard.pop() == (told,)
    assert len(learner.heard) == 4
    for ending, focus in ((END.ending, "lessonSaveAnswers"), (Ending((), ""), "lessonBack")):  # and not on *Restart*
        learner.show(DONE)
        learner.part("lessonNext").setFocus()
        learner.show(replace(END, ending=ending, can_next=False))
        assert learner.focus == focus


def test_space_is_inert_before_tasks_and_fields_take_focus(learner: Learner) -> None:
    task = replace(ACT, action="", task="Press Start (the space bar).")
    learner.show(ASK)
    learner.click("lessonChoice2")
    learner.click("lessonAnswer")
    learner.show(task)
    assert learner.focus == "lessonText"
    learner.part("lessonBack").setFocus()
    learner.show(replace(task, task="✓ Press Start."))  # the learner went there
    assert learner.focus == "lessonBack"
    learner.show(ACT)
    learner.click("lessonAction")
    learner.show(replace(ACT, is_running=True))  # the button is off meanwhile
    assert learner.focus == "lessonText"
    for number, question, focus in ((4, CHOICE, "lessonChoice1"), (5, NUMBER, "lessonNumber")):
        not_none(QApplication.focusWidget()).clearFocus()
        learner.show(replace(ASK, number=number, question=question))
        assert learner.focus == focus


def test_tab_reaches_everything_in_order(learner: Learner) -> None:
    learner.show(replace(ASK, text="Plain words.", question=replace(CURVE, is_drawn=True)))
    learner.part("lessonText").setFocus()
    seen = []
    while learner.focus not in seen:
        seen.append(learner.focus)
        press(Qt.Key.Key_Tab)
    order = ["lessonText", "lessonClear", "lessonAnswer", "lessonSkip", "lessonBack", "lessonRestart", "lessonLeave"]
    assert [name for name in seen if name in order] == order


def test_the_keyboard_is_not_taken_from_elsewhere(qtbot: QtBot) -> None:
    window, view = QWidget(), LessonView()
    view.setParent(window)
    elsewhere = QLineEdit(window)
    seen(qtbot, window, 250, 620).activateWindow()
    elsewhere.setFocus()
    qtbot.waitUntil(elsewhere.hasFocus)
    for page in (ASK, ACT, DONE, replace(ASK, number=4)):
        view.show_page(page)
        assert elsewhere.hasFocus()


def test_another_page_scrolls_to_its_top_the_same_one_stays(learner: Learner) -> None:
    bar = child(learner.view, QScrollArea, "lessonArea").verticalScrollBar()
    long = replace(ASK, text=4 * f"{LONG}\n\n")
    learner.show(long)
    assert learner.scrolled == 0
    bar.setValue(200)
    learner.show(replace(long, can_back=False))
    assert learner.scrolled == 200
    learner.show(replace(long, number=4))
    assert learner.scrolled == 0


def test_a_verdict_scrolls_into_view_with_the_findings(learner: Learner, qtbot: QtBot) -> None:
    text = 2 * f"{LONG}\n\n"
    learner.show(replace(ACT, text=text))
    learner.show(replace(DONE, text=text))
    qtbot.waitUntil(lambda: learner.sees_all_of("lessonVerdict"))
    there = learner.scrolled
    assert there > 0
    learner.show(replace(DONE, text=text, can_back=False))
    assert learner.scrolled == there
    learner.show(ACT)
    learner.show(replace(DONE, reveal="The loss is 2.31."))  # which is in sight already
    assert learner.scrolled == 0
    assert learner.sees_all_of("lessonReveal")


def test_what_the_next_page_waits_for_is_said_and_gone_to(learner: Learner) -> None:
    """Whatever is grey says why, to the eye and to a screen reader; what is below the fold is said to be there."""
    text = 2 * f"{LONG}\n\n"
    for page, reason, below, part in (
        (ASK, "Answer the question first.", "The question is below.", "lessonQuestion"),
        (ACT, "First do what is asked for.", "What to do is below.", "lessonAction"),
    ):
        learner.show(page)
        assert learner.text("lessonWaits") == learner.part("lessonNext").toolTip() == reason
        learner.show(replace(page, text=text, number=4))
        QApplication.processEvents()
        assert learner.text("lessonWaits") == below
        assert not learner.sees_all_of(part)
        learner.click("lessonWaits")
        assert learner.sees_all_of(part)
        assert learner.text("lessonWaits") == reason
    learner.show(DONE)
    assert not learner.sees("lessonWaits")
    assert "next page" in learner.part("lessonNext").toolTip()
    interface = QAccessible.queryAccessibleInterface(learner.part("lessonBack"))
    assert "previous page" in interface.text(QAccessible.Text.Description)
    learner.show(replace(DONE, can_back=False))
    assert interface.text(QAccessible.Text.Description) == "This is the first page."


def test_why_a_goal_was_not_reached_comes_into_sight(learner: Learner, qtbot: QtBot) -> None:
    page = replace(ACT, text=2 * f"{LONG}\n\n", question=None, answer=None, task="Reach it.")
    learner.show(page)
    learner.show(replace(page, hindrance="On seed 7 it stayed at 2.31.", can_open=True))
    qtbot.waitUntil(lambda: learner.sees_all_of("lessonOpen"))
    assert learner.sees_all_of("lessonHindrance")
    assert learner.text("lessonHindrance") == "On seed 7 it stayed at 2.31."


@pytest.mark.parametrize("scale", [0.8, 1.0, 3.0])
@pytest.mark.parametrize(
    "page",
    [ASK, replace(ASK, question=NUMBER), replace(ASK, question=CURVE), replace(ASK, language="de"), ACT, DONE, END],
)
def test_everything_fits_into_the_pane(qtbot: QtBot, scale: float, page: LessonPage) -> None:
    zoom_application(Zoom(scale))
    width = 230 if page.language == "de" else 250  # there its two buttons have no room side by side
    view = seen(qtbot, LessonView(), round(width * scale), round(620 * scale), LIGHT)
    ZoomFollower(view).follow()
    view.show_page(page)
    QApplication.processEvents()
    assert view.width() == round(width * scale)
    viewport = child(view, QScrollArea, "lessonArea").viewport()
    for part in view.findChildren(QWidget):
        if part.isVisible() and viewport.isAncestorOf(part):
            left = part.mapTo(viewport, QPoint()).x()
            assert left >= 0
            assert left + part.width() <= viewport.width() + 1, part.objectName()


def test_the_titles_of_the_programs_lessons_are_whole(learner: Learner) -> None:
    title = child(learner.view, ElidedLabel, "lessonTitle")
    learner.view.resize(276, 620)  # as it is in the window
    for file in (*LESSON_FILES, *TRANSLATIONS):
        learner.show(replace(ASK, lesson=read_lesson_file(file).title))
        assert title.drawn_text() == title.text()


def test_on_the_stage_lines_are_no_longer_than_can_be_read(learner: Learner) -> None:
    learner.view.resize(1600, 800)
    learner.show(replace(ASK, text=LONG))
    text = child(learner.view, LessonText, "lessonText")
    lines = [text.document().begin().layout().lineAt(place) for place in range(3)]
    assert max(line.textLength() for line in lines) <= 90
    assert min(line.textLength() for line in lines) >= 50
    middle = text.mapTo(learner.view, text.rect().center()).x()
    assert abs(middle - learner.view.width() / 2) < 20


# The text


def _text(qtbot: QtBot, markdown: str) -> LessonText:
    text = seen(qtbot, LessonText(), 400, 300)
    text.show_text(markdown)
    return text


def _links(text: LessonText) -> list[str]:
    """What the words that are links are links to, and they themselves where that is something else."""
    found = re.findall(r'<a href="([^"]*)"><span[^>]*>([^<]*)</span></a>', text.document().toHtml())
    assert len(found) == text.document().toHtml().count("<a ")
    return [word if word == term else f"{word}: {term}" for term, word in found]


def test_words_of_the_glossary_are_links_where_they_come_first(qtbot: QtBot) -> None:
    text = _text(qtbot, "# A neuron\n\n😀 `loss` and the **learning rate**, each bias; the loss and the *bias*.")
    assert _links(text) == ["learning rate", "bias", "loss"]


def test_a_click_on_a_word_asks_for_it_and_goes_nowhere(qtbot: QtBot) -> None:
    text = _text(qtbot, "the activations of it")
    asked = heard(text.term_wanted)
    cursor = text.cursorForPosition(QPoint(0, 0))
    cursor.setPosition(8)
    QTest.mouseClick(text.viewport(), Qt.MouseButton.LeftButton, pos=text.cursorRect(cursor).center())
    assert asked == ["activation function"]
    assert text.toPlainText() == "the activations of it"
    text.setFocus()
    QTest.keyClick(text, Qt.Key.Key_Tab)
    QTest.keyClick(text, Qt.Key.Key_Return)
    assert asked == 2 * ["activation function"]


def test_foreign_pictures_links_and_markup_are_only_text(
    qtbot: QtBot, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("pictures") / "red.png"
    picture = QImage(200, 200, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    picture.save(str(path))
    name = path.as_posix()
    markdown = (
        f"![a red square]({name}) [here](https://example.org/a) <https://example.org/b> https://example.org/c\n\n"
        f'<img src="{name}"><a href="{name}">raw</a>\n\n![]({path.as_uri()}) end'
    )
    text = _text(qtbot, markdown)
    addresses = [f"https://example.org/{name}" for name in "abc"]
    assert _links(text) == [f"here: {addresses[0]}", *addresses[1:]]
    plain = text.toPlainText()
    for words in ("a red square", "here", "https://example.org/b", "raw</a>", "end"):
        assert words in plain
    assert "\N{OBJECT REPLACEMENT CHARACTER}" not in plain
    assert "#ff0000" not in colors_in(text.grab().toImage())


def test_the_text_takes_the_room_that_it_needs(qtbot: QtBot) -> None:
    text = _text(qtbot, LONG)
    assert text.heightForWidth(200) > 1.8 * text.heightForWidth(400)
    text.resize(300, text.heightForWidth(300))
    assert text.verticalScrollBar().maximum() == 0
    assert text.document().size().height() <= text.height()


def test_links_have_the_colour_of_the_theme(qtbot: QtBot) -> None:
    text = _text(qtbot, "a neuron")
    for theme in (DARK, LIGHT):
        recolor(text, theme)
        fragment = text.document().begin().begin()
        fragment += 1
        assert fragment.fragment().charFormat().foreground().color() == theme.color("accent")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_what_comes_next_stands_out(learner: Learner, theme: Theme) -> None:
    apply_theme(learner.view, theme)
    learner.show(DONE)
    button = learner.part("lessonNext")
    beside = QPointF(8, button.height() / 2).toPoint()
    assert button.grab().toImage().pixelColor(beside) == theme.color("accent")
    learner.show(ACT)
    assert button.grab().toImage().pixelColor(beside) == theme.color("field")
    assert learner.part("lessonAction").grab().toImage().pixelColor(beside) == theme.color("accent")


@pytest.mark.parametrize("page", [ACT, DONE])
def test_readers_hear_only_what_follows_an_answer(
    qapp: QApplication, learner: Learner, page: LessonPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, said = list[str](), list[str]()
    monkeypatch.setattr(lesson_view, "announce", lambda _, words: said.append(words))
    learner.show(ASK)
    learner.view.findChildren(QRadioButton)[1].click()
    learner.part("lessonAnswer").setFocus()

    def hear(_: QWidget | None, now: QWidget | None) -> None:
        found.append("" if now is None else f"{now.objectName()}: {now.toolTip()}")

    qapp.focusChanged.connect(hear)
    learner.show(page)
    qapp.focusChanged.disconnect(hear)
    if page is ACT:
        assert found == ["lessonAction: Do this now, and see. Key: Enter"]
    else:
        assert found == ["lessonNext: Go on to the next page. Key: Alt+Right or Enter"]
        assert said[-1] == f"{DONE.verdict}\n{DONE.reveal.strip()}"


def test_its_text_is_html_for_a_page() -> None:
    text = "a *b* **c** `d` $x^2$\n\n1. one\n   - in\n2. two\n\n> said\n\n```\nx < 3\n```\n\n"
    text += "| p | q |\n|---|---|\n| 1 | 2 |"
    found = re.sub("<svg.*?</svg>", "SVG", html_of(text, {}).replace("\n", ""))
    assert found == (
        "<p>a <em>b</em> <strong>c</strong> <code>d</code> SVG</p><ol><li>one<ul><li>in</li></ul></li><li>two</li></ol>"
        "<blockquote><p>said</p></blockquote><pre>x &lt; 3</pre>"
        "<table><tr><td>p</td><td><strong>q</strong></td></tr><tr><td>1</td><td>2</td></tr></table>"
    )
    assert html_of("![dots](a.png) [j](javascript:f) [w](https://a.b/?q=1)", {}) == (
        '<p>dots j <a href="https://a.b/?q=1" target="_blank" rel="noreferrer">w</a></p>'
    )
    image, data = QImage(2, 2, QImage.Format.Format_RGB32), QBuffer()
    data.open(QBuffer.OpenModeFlag.WriteOnly)
    QImageWriter(data, QByteArray(b"png")).write(image)
    assert 'alt="&quot;a" src="data:image/png;base64,' in html_of('!["a](b.png)', {"b.png": bytes(data.data().data())})


EVIL = re.split(
    "%",
    r"""<script>alert(1)</script>%<img src=x onerror=alert(1)>%" onclick="f%$x_1$%![x" onerror="f](b.png)
%[a](https://b/"onclick="f)%```</pre><script>%| <b> |%|---|%# %> %1. %- %**%`%&lt;%<!--%[a](data:text/html,b)
%<svg onload=f>%    %\$%[a](javascript:f)""",
)
EVIL += ["\n", "\n\n", "\ue0000\ue001"]
TAGS = set(
    re.findall(r"\w+", "p em strong code pre ol ul li blockquote table tr td br hr a img h2 h3 h4 h5 svg path rect")
)
ATTRIBUTES = {"href", "target", "rel", "src", "alt", "viewbox", "width", "height", "role", "aria-label", "d", "fill"}


class _Tags(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        named = dict(attrs)
        assert set(named) <= ATTRIBUTES | {"x", "y"}
        assert str(named.get("href", "http://")).startswith(("http://", "https://"))
        assert str(named.get("src", "data:image/png")).startswith("data:image/png")


@settings(max_examples=150, deadline=None)
@example(["$\x08", "$"])
@given(st.lists(st.sampled_from(EVIL) | st.text(max_size=4), max_size=8))
def test_nothing_in_its_html_runs(parts: list[str]) -> None:
    _Tags().feed(html_of("".join(parts), {"b.png": b"no picture"}))
