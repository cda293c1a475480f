"""Lessons in the window: found, opened, refused, offered once, remembered, left; what they show and point at."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt, QUrl
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QTabWidget,
    QTextBrowser,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import MakeWindow, child, files, train_to, warning
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.playing.course import begin
from tinynet_gui.core.lessons.playing.memory import to_plain
from tinynet_gui.core.lessons.playing.predictions import DrawnCurve
from tinynet_gui.core.lessons.reading import reader
from tinynet_gui.core.lessons.reading.reader import bundled_lessons, read_lesson_file, translations
from tinynet_gui.ui.features.lessons import library
from tinynet_gui.ui.features.lessons.library import LessonMistakes
from tinynet_gui.ui.features.lessons.notes import TeachersNotes
from tinynet_gui.ui.widgets.pulse import Pulse
from tinynet_gui.ui.window import preferences
from tinynet_gui.ui.window.main_window import MainWindow

IS_PAINTED = False  # what is where, and what is said, is looked at
LESSON = """+++
title = "Ours"
about = "For tests."
minutes = 1
hidden = ["view.microscope"]
+++

## First

Look at the neurons.

```lesson
setting = "hidden=3"
until = "neurons == 4"
do = "Make it four."
point_at = "hiddenLayers"
```

## Draw

```lesson
ask = "Where will it go?"
curve = {from = 0, to = 4, of = "target"}
```

You were {curve_off} away.

## Reach

```lesson
goal = {text = "Reach 0.", condition = "loss < 0", seeds = 7, share = 1}
```

Never.
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ours.md"
    path.write_text(LESSON, encoding="utf-8")
    return path


def _page(window: MainWindow) -> tuple[str, str]:
    """The step and its stage, as shown."""
    page = not_none(window.views.lesson.page)
    return page.title, page.status


def _stands(window: MainWindow, qtbot: QtBot, title: str, stage: str) -> None:
    def is_so() -> bool:
        progress = window.context.lesson_player.progress
        return progress is not None and (progress.step.title, progress.status) == (title, stage)

    qtbot.waitUntil(is_so)
    assert _page(window) == (title, stage)


def _open(window: MainWindow, file: Path) -> None:
    assert window.context.incoming.takes(files(file))
    window.context.incoming.take(files(file))


def test_a_file_that_is_dropped_is_played_beside_the_settings(window: MainWindow, qtbot: QtBot, file: Path) -> None:
    wrong = file.with_name("wrong.md")
    wrong.write_text(LESSON.replace("neurons == 4", "neuron == 4"), encoding="utf-8")
    _open(window, wrong)
    dialog = child(window, LessonMistakes, "lessonMistakes")  # a mistake is told, and nothing changes
    assert dialog.windowTitle() == "wrong.md"
    assert child(dialog, QPlainTextEdit, "lessonMistakesList").toPlainText().startswith("line 14: “until”: “neuron”")
    dialog.reject()
    assert window.context.lesson_player.progress is None
    assert window.session.state.suspended_session is None
    window.features.lessons.open_file(str(file.with_name("none.md")))
    assert "none.md" in warning(window, qtbot)
    train_to(window, qtbot, 100)
    own = window.session.state.session
    side = child(window, QTabWidget, "sideTabs")
    assert not side.tabBar().isVisible()
    _open(window, file)
    _stands(window, qtbot, "First", "act")
    assert side.tabBar().isVisible()
    assert window.views.lesson.isVisible()
    tabs = child(window, QTabWidget, "resultTabs")
    assert not tabs.isTabVisible(tabs.indexOf(window.views.microscope))  # the lesson hides it
    pulse = child(window, Pulse, "pulse")
    assert pulse.target is side.tabBar()  # the field is behind it
    side.setCurrentWidget(window.views.panel)
    target = not_none(pulse.target)
    assert target.objectName() == "hiddenLayers"
    window.session.edit({"network.hidden": (4,)})
    _stands(window, qtbot, "First", "done")
    assert window.views.lesson.isVisible()  # there is something to be read
    assert pulse.target is None
    window.actions_["actionLessonLeave"].trigger()
    assert not side.tabBar().isVisible()
    assert window.views.panel.isVisible()
    assert window.session.state.session.runs == own.runs
    assert window.session.state.session.history is own.history
    assert tabs.isTabVisible(tabs.indexOf(window.views.microscope))


def test_a_lessons_settings_open_at_the_pointed_or_last_row(window: MainWindow, qtbot: QtBot, file: Path) -> None:
    side, panel = child(window, QTabWidget, "sideTabs"), window.views.panel

    def has_cursor_when_opened() -> str:
        side.setCurrentWidget(window.views.lesson)
        side.setCurrentWidget(panel)
        return not_none(QApplication.focusWidget()).objectName()

    _open(window, file)
    _stands(window, qtbot, "First", "act")
    assert [has_cursor_when_opened() for _ in range(3)] == ["hiddenLayers"] * 3
    QTest.keyClicks(not_none(QApplication.focusWidget()), "4")
    QTest.keyClick(not_none(QApplication.focusWidget()), Qt.Key.Key_Return)
    _stands(window, qtbot, "First", "done")
    side.setCurrentWidget(panel)
    child(panel, QWidget, "noise").setFocus()
    assert [has_cursor_when_opened() for _ in range(3)] == ["noise"] * 3


def test_a_curve_is_drawn_and_the_truth_laid_over_it(window: MainWindow, qtbot: QtBot, file: Path) -> None:
    window.frame.arranger.maximize(window.views.diagram)
    _open(window, file)
    _stands(window, qtbot, "First", "act")
    assert window.frame.arranger.maximized is None  # a lesson begins with everything in sight
    window.session.edit({"network.hidden": (4,)})
    _stands(window, qtbot, "First", "done")
    window.frame.arranger.maximize(window.views.lesson)
    window.actions_["actionLessonNext"].trigger()
    _stands(window, qtbot, "Draw", "ask")
    assert window.views.function_plot.isVisible()
    assert window.views.function_plot.plot.hasFocus()  # an arrow key draws, and Space skips nothing
    guess, say = window.views.function_plot.layers.guess, child(window.views.lesson, QPushButton, "lessonAnswer")
    start, last = child(window, QToolButton, "startButton"), window.actions_["actionStart"].toolTip()
    assert (start.isEnabled(), start.toolTip()) == (False, last)
    assert last.startswith("Answer the lesson’s question first")
    window.actions_["actionLessonNext"].trigger()
    assert _page(window) == ("Draw", "ask")
    assert window.frame.status.currentMessage() == "Answer the question first."
    assert guess.is_on
    assert not say.isEnabled()
    say.click()
    _stands(window, qtbot, "Draw", "ask")
    x = np.linspace(0.0, 4.0, 50)
    guess.show(x, x)  # as if it had been drawn
    guess.begin(0.0, 4.0)
    child(window.views.lesson, QPushButton, "lessonClear").click()
    assert guess.curve() is None
    child(window.views.lesson, QToolButton, "lessonSkip").click()
    _stands(window, qtbot, "Draw", "done")
    assert start.toolTip().endswith("Key: Space")
    assert not guess.is_on
    window.actions_["actionLessonBack"].trigger()
    assert _page(window) == ("First", "done")


def test_a_goal_that_is_not_reached_shows_a_run_that_does_not(window: MainWindow, qtbot: QtBot, file: Path) -> None:
    file.write_text(LESSON[: LESSON.index("## First")] + LESSON[LESSON.index("## Reach") :], encoding="utf-8")
    _open(window, file)
    _stands(window, qtbot, "Reach", "act")
    button = child(window.views.lesson, QPushButton, "lessonAction")
    assert button.text() == "Check"
    button.click()
    hindrance = child(window.views.lesson, QLabel, "lessonHindrance")
    qtbot.waitUntil(hindrance.isVisible)
    assert hindrance.text().startswith("It holds for 0 of 7 seeds; 7 are needed.")
    unmet = not_none(window.context.lesson_player.unmet)
    child(window.views.lesson, QPushButton, "lessonOpen").click()
    qtbot.waitUntil(lambda: window.session.config == unmet.counterexample)
    assert window.context.lesson_player.unmet is unmet
    assert window.session.state.suspended_session is not None  # within the lesson's own session
    _stands(window, qtbot, "Reach", "act")
    window.session.edit({"network.hidden": (5,)})
    qtbot.waitUntil(lambda: not hindrance.isVisible())  # it was said of another setting


def test_an_experiment_of_the_learners_own_gives_way(window: MainWindow, qtbot: QtBot, file: Path) -> None:
    block = 'experiment = {kind = "swarm", runs = 60, name = "few"}'
    head = LESSON[: LESSON.index("## First")]
    file.write_text(f"{head}## Try\n\n```lesson\n{block}\n```\n\n{{few.seeds:count}} seeds.\n", encoding="utf-8")
    _open(window, file)
    _stands(window, qtbot, "Try", "act")
    window.views.experiments.run("swarm", 1_000)
    assert window.views.experiments.is_running
    child(window.views.lesson, QPushButton, "lessonAction").click()
    _stands(window, qtbot, "Try", "done")
    assert not_none(window.views.lesson.page).reveal == "60 seeds."


def test_the_menu_lists_ours_and_what_has_been_played(window: MainWindow, qtbot: QtBot) -> None:
    menus = [action.menu() for action in window.menuBar().actions() if action.text() == "&Lessons"]
    menu = menus[0]
    assert isinstance(menu, QMenu)
    for _ in range(2):
        menu.aboutToShow.emit()
        texts = [action.text() for action in menu.actions()]
        assert sum(text[:1].isdigit() for text in texts) == len(bundled_lessons()) == 20
    menu.actions()[1].trigger()
    qtbot.waitUntil(
        lambda: window.views.lesson.page is not None and window.views.lesson.page.lesson == "How many neurons?"
    )
    child(window.views.lesson, QToolButton, "lessonSkip").click()
    qtbot.waitUntil(lambda: not_none(window.views.lesson.page).status != "ask")
    menu.aboutToShow.emit()
    pages = not_none(window.views.lesson.page).count
    assert menu.actions()[1].text() == f"2 How many neurons? (page 1 of {pages})"
    assert all("(" not in action.text() for action in menu.actions() if action is not menu.actions()[1])


def test_the_menu_ticks_all_that_are_finished(window: MainWindow) -> None:
    for file in bundled_lessons()[1:3]:
        lesson = read_lesson_file(file)
        steps = range(len(lesson.steps))
        asking = {place: "" for place in steps if lesson.steps[place].question is not None}
        window.context.store.remember_lesson(
            file.stem,
            {
                **to_plain(begin(lesson)),
                **dict.fromkeys(("at", "reached"), len(steps) - 1),
                "status": "done",
                "answers": dict.fromkeys(asking),  # all skipped
                "verdicts": asking,
                **{name: dict.fromkeys(steps, "") for name in ("texts", "revealed")},
            },
        )
    assert [action.isChecked() for action in _listed(window)[:4]] == [False, True, True, False]


def test_the_notes_open_at_the_lesson_and_close_before_a_class(window: MainWindow, file: Path) -> None:
    entry = window.actions_["actionTeachersNotes"]
    assert "answers" in entry.text()

    def top() -> str:
        page = child(window, QTextBrowser, "teachersNotesText")
        assert page.isVisible()
        return page.cursorForPosition(QPoint(page.width() // 2, 12)).block().text()

    def at_top() -> str:
        entry.trigger()
        return top()

    assert at_top() == "Teacher's notes"
    child(window, QTextBrowser, "teachersNotesText").anchorClicked.emit(QUrl("#16-two-runs-one-valley"))
    assert top() == "16 Two runs, one valley?"
    for own in (bundled_lessons()[1], bundled_lessons("de")[1]):
        window.features.lessons.open_file(str(own))
        assert at_top() == "2 How many neurons?"
    window.session.set_view(hidden=frozenset({"action.teachers_notes"}))
    assert not child(window, QTextBrowser, "teachersNotesText").isVisible()
    assert not entry.isVisible()
    window.session.set_view(hidden=frozenset())
    assert at_top() == "2 How many neurons?"
    for _ in range(2):  # when a presentation begins, and when it ends
        window.actions_["actionPresentation"].trigger()
        assert not child(window, QTextBrowser, "teachersNotesText").isVisible()
    _open(window, file)
    assert not entry.isEnabled()  # there are none on a teacher's own
    window.actions_["actionLessonLeave"].trigger()
    assert at_top() == "Teacher's notes"


def test_notes_follow_the_page_show_answers_and_are_saved(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window.features.lessons.open_file(str(bundled_lessons()[0]))
    window.actions_["actionTeachersNotes"].trigger()
    page, player = child(window, QTextBrowser, "teachersNotesText"), window.context.lesson_player
    answers = child(window, QPushButton, "notesAnswers")

    def top() -> str:
        return page.cursorForPosition(QPoint(page.width() // 2, 12)).block().text()

    assert top() == "1 The tutorial, cell by cell"
    _stands(window, qtbot, "A network is a function", "ask")
    assert "“One for each neuron” takes ReLU" not in page.toPlainText()
    child(window.views.lesson, QToolButton, "lessonSkip").click()
    _stands(window, qtbot, "A network is a function", "done")
    player.go_next()
    _stands(window, qtbot, "Look inside", "ask")
    asked = "Page 2. Between the two Linear layers stands the ReLU. How many parameters of its own does it have?"
    assert top() == asked
    answers.click()
    assert top().startswith(f"{asked} none. “One for each neuron” takes ReLU")
    sizes = []
    for is_shown in (True, False):
        assert answers.isChecked() is is_shown
        file = tmp_path / f"{is_shown}.pdf"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, file=file: (str(file), ""))
        child(window, QPushButton, "notesSave").click()
        assert file.read_bytes().startswith(b"%PDF-")
        sizes.append(file.stat().st_size)
        child(window, QDialog, "teachersNotesSheet").reject()
        window.actions_["actionTeachersNotes"].trigger()
    assert sizes[0] > sizes[1] > 10_000
    assert "takes ReLU" not in page.toPlainText()


def test_german_notes_open_at_the_page(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "translated_resource", lambda name: bundled_lessons("de")[0].with_name(Path(name).name))
    sheet = TeachersNotes(window)
    sheet.show_section("3 ", 4)
    top = sheet.page.cursorForPosition(QPoint(sheet.page.width() // 2, 12)).block().text()
    assert top == "Seite 4. Bei wie vielen von 100 Netzen ist mindestens eines der beiden vor dem ersten Schritt tot?"


def test_a_question_hides_the_data_that_a_lesson_showed(window: MainWindow, qtbot: QtBot) -> None:
    """What the network gives for each sample stands in Data."""
    tabs = child(window, QTabWidget, "inspectorTabs")
    tabs.setCurrentIndex(3)
    assert tabs.tabText(3) == "Data"
    window.features.lessons.open_file(str(bundled_lessons()[11]))
    _stands(window, qtbot, "Forward", "ask")
    assert tabs.tabText(tabs.currentIndex()) == "Numbers"
    window.actions_["actionLessonLeave"].trigger()
    assert tabs.currentIndex() == 3


def test_hidden_controls_stay_hidden_unless_a_page_needs_them(window: MainWindow, qtbot: QtBot, file: Path) -> None:
    """One of the program's own, where a page is about the data; and a teacher's, also when it is reloaded."""
    teachers = frozenset({"training.learning_rate", "view.data", "view.runs", "action.teachers_notes"})
    window.session.set_view(hidden=teachers)
    window.features.lessons.open_file(str(bundled_lessons()[17]))
    assert window.session.state.session.view.hidden == teachers - {"view.data"}
    _open(window, file)
    for change in ("microscope", "experiments"):
        assert window.session.state.session.view.hidden == teachers | {"view.microscope"}
        file.write_text(LESSON.replace("microscope", change), encoding="utf-8")
    window.actions_["actionReloadLesson"].trigger()
    assert window.session.state.session.view.hidden == teachers | {"view.experiments"}
    window.actions_["actionLessonLeave"].trigger()
    assert window.session.state.session.view.hidden == teachers


def test_the_menu_of_lessons_fits_a_low_screen(window: MainWindow) -> None:
    """The notes are not beside what pupils choose."""
    listed = _listed(window)
    (menu,) = (menu for menu in listed[0].associatedObjects() if isinstance(menu, QMenu))
    assert len(listed) == len(bundled_lessons())
    assert menu.sizeHint().height() + window.menuBar().height() <= 700
    assert window.actions_["actionTeachersNotes"] not in menu.actions()


def _listed(window: MainWindow) -> list[QAction]:
    """The lessons in the menu."""
    [menu] = [action.menu() for action in window.menuBar().actions() if action.text() == "&Lessons"]
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    return [action for action in menu.actions() if action.text()[:1].isdigit()]


def test_the_runs_of_a_lesson_are_gone_with_it(window: MainWindow, qtbot: QtBot, file: Path) -> None:
    _open(window, file)
    for seed in (3, 4):
        window.session.edit({"network.seed": seed})
        train_to(window, qtbot, 20)
    tabs, runs = child(window, QTabWidget, "resultTabs"), window.views.runs
    qtbot.waitUntil(lambda: tabs.indexOf(runs) >= 0)
    window.actions_["actionLessonLeave"].trigger()
    qtbot.waitUntil(lambda: tabs.indexOf(runs) < 0)
    assert not runs.isVisible()
    assert window.views.function_plot.layers.ghost.preview is None


def test_pages_that_need_pytorch_are_skipped_without_it(
    window: MainWindow, qtbot: QtBot, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "is_folder", lambda: True)
    file.write_text(LESSON.replace("hidden=3", "hidden=3&weights=kaiming"), encoding="utf-8")
    _open(window, file)
    assert "“First” has weights=kaiming, which only PyTorch can draw" in warning(window, qtbot)
    assert window.context.lesson_player.progress is None


def test_a_lesson_is_reloaded_where_it_stands(window: MainWindow, qtbot: QtBot, file: Path) -> None:
    reload_, player = window.actions_["actionReloadLesson"], window.context.lesson_player
    assert not reload_.isEnabled()
    assert reload_.shortcut().toString() == "Ctrl+R"
    _open(window, file)
    _stands(window, qtbot, "First", "act")
    window.session.edit({"network.hidden": (4,)})
    _stands(window, qtbot, "First", "done")
    window.actions_["actionLessonNext"].trigger()
    _stands(window, qtbot, "Draw", "ask")
    run = window.session.state.run.id

    def rewrite(before: str, after: str) -> None:
        file.write_text(file.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
        reload_.trigger()

    rewrite("## Draw", "## Draw it now\n\nThere are {neurons} neurons.")
    _stands(window, qtbot, "Draw it now", "ask")
    assert not_none(window.views.lesson.page).text == "There are 4 neurons."
    assert (window.session.state.run.id, "Reloaded ours.md" in window.frame.status.currentMessage()) == (run, True)
    rewrite("neurons == 4", "neurons ==")
    dialog = child(window, LessonMistakes, "lessonMistakes")
    assert child(dialog, QPlainTextEdit, "lessonMistakesList").toPlainText().startswith("line 14")
    dialog.reject()
    assert player.progress is not None
    _stands(window, qtbot, "Draw it now", "ask")
    rewrite("neurons ==", "neurons == 5")  # the page before it is another one now
    _stands(window, qtbot, "First", "act")
    assert window.session.config.network.hidden == (3,)
    window.session.edit({"network.hidden": (5,)})
    _stands(window, qtbot, "First", "done")
    assert not player.progress.answers


def test_a_finished_lesson_shows_its_end_again(window: MainWindow, qtbot: QtBot, file: Path) -> None:
    """Once it is said that they are to be seen: then answers can be saved later, too."""
    asks = 'ask = "How many?"\nnumber = {answer = "neurons", low = 0, high = 20, near = 0}'
    curve = 'ask = "Where?"\ncurve = {from = 0, to = 4, of = "target"}'
    pages = "".join(f"## {title}\n\n```lesson\n{text}\n```\n" for title, text in (("Ask", asks), ("Draw", curve)))
    file.write_text(LESSON[: LESSON.index("## First")] + pages, encoding="utf-8")
    save = window.actions_["actionSaveAnswers"]
    _open(window, file)
    _stands(window, qtbot, "Ask", "ask")
    assert not save.isEnabled()
    window.context.lesson_player.answer(3.0)
    _stands(window, qtbot, "Ask", "done")
    child(window.views.lesson, QPushButton, "lessonNext").click()
    _stands(window, qtbot, "Draw", "ask")
    window.context.lesson_player.answer(DrawnCurve([0, 4], [0, 1]))
    _stands(window, qtbot, "Draw", "done")
    child(window.views.lesson, QPushButton, "lessonNext").click()
    window.actions_["actionLessonLeave"].trigger()
    assert not save.isEnabled()
    _open(window, file)
    again = child(window.views.lesson, QPushButton, "lessonAgain")
    qtbot.waitUntil(again.isVisible)
    assert not save.isEnabled()  # somebody else may sit here now
    assert not child(window.views.lesson, QLabel, "lessonScore").isVisible()
    assert child(window.views.lesson, QPushButton, "lessonNext").text() == "Go on"
    child(window.views.lesson, QPushButton, "lessonNext").click()
    assert child(window.views.lesson, QLabel, "lessonScore").isVisible()
    assert not again.isVisible()
    assert (
        child(window.views.lesson, QLabel, "lessonScore").text() == "0 of 1 guess right, the drawn curve is not counted"
    )
    assert child(window.views.lesson, QLabel, "lessonFound1").text() == "You said 3; it is 10."
    assert save.isEnabled()
    window.actions_["actionLessonBack"].trigger()
    _stands(window, qtbot, "Draw", "done")
    for button, *place in (("Cancel", "Draw", "done"), ("Start again", "Ask", "ask")):
        window.actions_["actionLessonRestart"].trigger()
        box = child(window, QMessageBox, "restartLesson")
        assert "Your 2 guesses are forgotten." in box.text()
        assert not_none(box.defaultButton()).text() == "Cancel"
        next(each for each in box.buttons() if each.text() == button).click()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        _stands(window, qtbot, *place)
    window.actions_["actionLessonRestart"].trigger()
    assert window.findChild(QMessageBox, "restartLesson") is None  # there is nothing to lose


def test_after_a_guess_by_mouse_space_starts_the_training(window: MainWindow, qtbot: QtBot, file: Path) -> None:
    """And presses no button of the page."""
    asks = 'ask = "How many?"\nchoices = [{text = "a", when = "step > 1"}, {text = "b", when = "otherwise"}]'
    page = f'## Start\n\n```lesson\n{asks}\nuntil = "step >= 5"\ndo = "Press Start."\npoint_at = "actionNone"\n```\n'
    head = LESSON[: LESSON.index("## First")]
    file.write_text(f"{head}## Read\n\nA page to go back to.\n\n{page}", encoding="utf-8")
    _open(window, file)
    _stands(window, qtbot, "Read", "done")
    child(window.views.lesson, QPushButton, "lessonNext").click()
    _stands(window, qtbot, "Start", "ask")
    QTest.mouseClick(child(window.views.lesson, QRadioButton, "lessonChoice2"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(child(window.views.lesson, QPushButton, "lessonAnswer"), Qt.MouseButton.LeftButton)
    _stands(window, qtbot, "Start", "act")
    assert child(window, Pulse, "pulse").target is None  # no action is called that
    focus = not_none(QApplication.focusWidget())
    assert not isinstance(focus, QAbstractButton)
    QTest.keyClick(focus, Qt.Key.Key_Space)
    _stands(window, qtbot, "Start", "done")


def _play_first(window: MainWindow, qtbot: QtBot, page: str) -> None:
    _listed(window)[0].trigger()
    qtbot.waitUntil(lambda: window.views.lesson.page is not None and window.views.lesson.page.title == page)


def test_the_first_window_says_which_lessons_are_english(
    make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = "tinynet_gui.ui.features.lessons.library"
    monkeypatch.setattr(f"{folder}.process_language", lambda: "de")
    files = bundled_lessons()
    monkeypatch.setattr(f"{folder}.reader.translations", lambda: {"de": files[:-2]})
    numbers = " and ".join(str(int(file.name[:2])) for file in files[-2:])
    for message in (f"These lessons are still in English: {numbers}.", ""):
        window = make_window(remember=True)
        said = window.frame.status.currentMessage()
        assert said == message if message else "English" not in said
        window.close()


def test_the_menu_chooses_a_language_with_its_own_progress(make_window: MakeWindow, qtbot: QtBot) -> None:
    english, german = "1 The tutorial, cell by cell", "1 Das Tutorial, Zelle für Zelle"
    window = make_window(remember=True)
    assert _listed(window)[0].text() == english
    languages = child(window, QMenu, "lessonLanguageMenu").actions
    assert [action.text() for action in languages() if action.isChecked()] == ["English"]
    _play_first(window, qtbot, "A network is a function")
    child(window, QAction, "language:de").trigger()
    assert _page(window)[0] == "A network is a function"  # what is played stays
    assert [action.text() for action in _listed(window)[:2]] == [german, "2 Wie viele Neuronen?"]
    count, most = len(translations()["de"]), len(bundled_lessons())
    some = "Deutsch" if count == most else f"Deutsch ({count} of {most})"
    assert [(a.text(), a.isChecked()) for a in languages()] == [("English", False), (some, True)]
    _play_first(window, qtbot, "Ein Netz ist eine Funktion")
    child(window.views.lesson, QToolButton, "lessonSkip").click()
    _stands(window, qtbot, "Ein Netz ist eine Funktion", "done")
    window.actions_["actionLessonNext"].trigger()
    _stands(window, qtbot, "Sieh hinein", "ask")
    window.close()

    window = make_window(remember=True)
    assert "„Das Tutorial, Zelle für Zelle“ wartet auf Seite 2 von 10" in window.frame.status.currentMessage()
    assert _listed(window)[0].text() == f"{german} (Seite 2 von 10)"
    _play_first(window, qtbot, "Sieh hinein")


def test_the_next_lesson_keeps_the_language(window: MainWindow) -> None:
    lessons = child(window, library.LessonsController)
    for file, title in ((bundled_lessons("de")[0], "Wie viele Neuronen?"), (bundled_lessons()[0], "How many neurons?")):
        for language in ("en", "de"):
            _listed(window)
            child(window, QAction, f"language:{language}").trigger()
            lessons.open_file(str(file))
            assert not_none(lessons.sequel).title == title


def test_it_is_remembered_and_offered_once(
    make_window: MakeWindow, qtbot: QtBot, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window(remember=True)
    offer = child(window, QToolButton, "tour")
    assert offer.isVisible()
    window.close()
    window = make_window(remember=True)
    offer = child(window, QToolButton, "tour")
    assert offer.isVisible()  # it waits until it is taken
    beside = child(window, QLabel, "speedLabel")
    before = beside.mapTo(window, QPoint())
    assert before.x() < offer.mapTo(window, QPoint()).x()
    offer.click()
    QApplication.processEvents()
    assert beside.mapTo(window, QPoint()) == before  # the offer was the last in its row
    assert not_none(window.context.lesson_player.progress).lesson.title == "The tutorial, cell by cell"
    assert not offer.isVisible()
    qtbot.waitUntil(lambda: window.views.lesson.page is not None)
    child(window.views.lesson, QToolButton, "lessonSkip").click()
    window.close()
    window = make_window(remember=True)
    assert "“The tutorial, cell by cell” waits on page 1 of 10" in window.frame.status.currentMessage()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    window.actions_["actionOpenLesson"].trigger()
    _stands(window, qtbot, "First", "act")
    window.session.edit({"network.hidden": (4,)})
    _stands(window, qtbot, "First", "done")
    window.close()

    window = make_window(remember=True)
    assert "waits" not in window.frame.status.currentMessage()  # it is a file of the user's, in no menu
    assert not child(window, QToolButton, "tour").isVisible()
    assert window.session.config == Config()  # not the lesson's
    assert window.session.state.suspended_session is None
    window.actions_["actionTour"].trigger()  # it stays in the menu Help
    assert not_none(window.context.lesson_player.progress).lesson.title == "The tutorial, cell by cell"
    _open(window, file)
    assert window.context.lesson_player.progress is not None
    _stands(window, qtbot, "First", "done")
    window.actions_["actionLessonRestart"].trigger()
    _stands(window, qtbot, "First", "act")


def test_lessons_from_files_are_listed_and_remember_their_page(
    make_window: MakeWindow, qtbot: QtBot, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(preferences.RECENT, preferences.RECENT_LESSONS, 2)
    window = make_window(remember=True)
    alike = file.parent / "other" / file.name  # of the same name, in another folder
    alike.parent.mkdir()
    third = file.with_name("third.md")
    for path in (alike, third):
        path.write_text(LESSON, encoding="utf-8")
    _open(window, file)
    _stands(window, qtbot, "First", "act")
    window.session.edit({"network.hidden": (4,)})
    _stands(window, qtbot, "First", "done")
    _open(window, alike)
    _stands(window, qtbot, "First", "act")
    window.close()
    window = make_window(remember=True)
    recent = child(window, QMenu, "recentLessonsMenu")

    def listed() -> list[str]:
        window.frame.menus["lessonsMenu"].aboutToShow.emit()
        return [action.data() for action in recent.actions()]

    assert listed() == [str(alike), str(file)]
    recent.actions()[1].trigger()
    _stands(window, qtbot, "First", "done")
    _open(window, third)
    assert listed() == [str(third), str(file)]
    third.unlink()
    assert listed() == [str(file)]
    _open(window, alike)
    _open(window, file)  # no longer listed, but its page is remembered in a file of its own
    _stands(window, qtbot, "First", "done")
