"""Answers to hand in: what is saved is what was shown, and a class is shown question by question."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import ChooseFile, child, drop, files, recolor, seen
from tests.handed_in import LESSON, class_of, hand_in, played
from tests.not_none import not_none
from tests.questions import CHOICES, lesson_of, measured_of
from tinynet_gui.core.lessons.answers import SUFFIX, answers_of, read_answers_file, write_answers
from tinynet_gui.core.lessons.class_answers import ClassAnswers, as_csv, by_lesson, cell_text, read_class
from tinynet_gui.core.lessons.lesson import LessonStep, SentenceQuestion
from tinynet_gui.core.lessons.playing.course import answer, begin, entered, go_next
from tinynet_gui.core.lessons.playing.memory import to_plain
from tinynet_gui.core.lessons.playing.predictions import DrawnCurve
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.qt import spreadsheet_sign
from tinynet_gui.ui.features.answers.controller import AnswersWindow, SaveAnswers
from tinynet_gui.ui.features.answers.plot import AnswersPlot
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.window.main_window import MainWindow


def _shown(window: MainWindow, qtbot: QtBot) -> AnswersWindow:
    qtbot.waitUntil(lambda: window.findChild(AnswersWindow) is not None)
    return child(window, AnswersWindow)


def _close(window: AnswersWindow) -> None:
    window.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_what_is_saved_is_what_is_shown(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress, proposed = played(1, 30.0), list[str]()

    def choose(_parent: object, _title: str, start: str, _kinds: str) -> tuple[str, str]:
        proposed.append(start)
        return str(tmp_path / "mine"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    window.context.lesson_player.begin(LESSON, to_plain(progress))
    for name in ("", "Ada <b>", ""):
        window.actions_["actionSaveAnswers"].trigger()
        dialog = child(window, SaveAnswers)
        assert child(dialog, QLineEdit, "answersName").text() == ""  # not who was here before
        child(dialog, QLineEdit, "answersName").setText(name)
        words = child(dialog, QPlainTextEdit, "answersWords").toPlainText()
        dialog.accept()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        saved = read_answers_file(tmp_path / f"mine{SUFFIX}")
        assert saved.name == name
        assert saved.questions == answers_of(progress, "", 0).questions
        assert (f"Name: {name or '(none)'}" in words, "Guess: 30 % (after 4 seconds)" in words) == (True, True)
    names = [Path(each).name for each in proposed]
    assert re.fullmatch(r"A-lesson-[0-9a-f]{6}\.answers", names[0])  # no other nameless file in the folder has it
    assert names[1] == "A-lesson-Ada-b.answers"
    assert "saved the answers" in window.frame.status.currentMessage()


def test_what_was_typed_is_there_when_a_file_cannot_be_written(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.context.lesson_player.begin(LESSON, to_plain(played(1, 30.0)))
    window.actions_["actionSaveAnswers"].trigger()
    dialog, proposed = child(window, SaveAnswers), list[str]()
    child(dialog, QLineEdit, "answersName").setText("Ada")

    def choose(_parent: object, _title: str, start: str, _kinds: str) -> tuple[str, str]:
        proposed.append(start)
        return str(tmp_path / "none" / "mine") if len(proposed) == 1 else str(tmp_path / Path(start).name), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    dialog.accept()
    child(dialog, QMessageBox, "warning").close()
    assert dialog.isVisible()
    assert child(dialog, QLineEdit, "answersName").text() == "Ada"
    dialog.accept()
    assert not dialog.isVisible()
    assert read_answers_file(tmp_path / f"mine{SUFFIX}").name == "Ada"


def test_a_class_is_shown_question_by_question(qtbot: QtBot, tmp_path: Path) -> None:
    hand_in(tmp_path, *class_of(30))
    found = read_class([tmp_path])
    window = seen(qtbot, AnswersWindow(found), 880, 600, LIGHT)
    [lesson] = found.lessons
    model, plot = not_none(window.table.model()), window.plot.plot
    assert (model.rowCount(), model.columnCount()) == (31, 4)
    for row, (name, answers) in enumerate(lesson.learners, 1):
        assert model.headerData(row, pg.QtCore.Qt.Orientation.Vertical) == name
        first = answers.questions[0]
        assert model.index(row, 0).data() == plain(lesson.points[row - 1])
        assert model.index(row, 1).data().endswith(first.guess_text)
        assert model.index(row, 1).data()[0] in {"right": "✓", "wrong": "✗", "skipped": "–"}[first.mark]
    assert window.table.horizontalHeader().length() <= window.table.viewport().width()
    for theme in (LIGHT, DARK):
        recolor(window, theme)
        for column, question in enumerate(lesson.questions, 1):
            window.table.setCurrentIndex(model.index(0, column))
            option, delegate = QStyleOptionViewItem(), window.table.itemDelegate()
            assert isinstance(delegate, QStyledItemDelegate)
            delegate.initStyleOption(option, model.index(1, column))
            assert option.palette.color(QPalette.ColorRole.HighlightedText) == model.index(1, column).data(
                Qt.ItemDataRole.ForegroundRole
            )
            assert model.index(0, column).data() == lesson.summary(question)  # above all learners
            guesses, items = lesson.guesses(question), plot.getPlotItem().items
            if question.kind == "choice":
                right, wrong = (item.opts["height"].tolist() for item in items if isinstance(item, pg.BarGraphItem))
                assert [a + b for a, b in zip(right, wrong, strict=True)] == lesson.counts(question)
                assert sum(right) == sum(each.mark == "right" for each in guesses)
            elif question.kind == "number":
                came, guessed = (item for item in items if isinstance(item, pg.ScatterPlotItem))
                pairs = sorted((each.number, each.came) for each in guesses)
                assert guessed.getData()[0].tolist() == [number for number, _ in pairs]
                assert sorted(came.getData()[0].tolist()) == sorted(value for _, value in pairs if value is not None)
            else:
                curves = [item.getData() for item in items if isinstance(item, pg.PlotCurveItem)]
                drawn = [each.guess for each in guesses if isinstance(each.guess, DrawnCurve)]
                assert len(curves) == len(drawn) + 1  # and the true one
                assert {tuple(y) for _, y in curves[1:]} == {tuple(curve.y) for curve in drawn}
    child(window, QPushButton, "answersCopy").click()
    assert QGuiApplication.clipboard().text().count("\n") == 32
    with qtbot.waitSignal(window.csv_wanted) as heard:
        child(window, QPushButton, "answersSave").click()
    assert heard.args == [as_csv(lesson, spreadsheet_sign())]
    window.table.setCurrentIndex(model.index(0, 0))
    [bars] = [item for item in plot.getPlotItem().items if isinstance(item, pg.BarGraphItem)]
    assert dict(zip(bars.opts["x"], bars.opts["height"], strict=True)) == Counter(lesson.points)


def _rows(window: AnswersWindow, column: int) -> list[str]:
    model = not_none(window.table.model())
    return [model.index(row, column).data() for row in range(1, model.rowCount())]


def _names(window: AnswersWindow) -> list[str]:
    model = not_none(window.table.model())
    return [model.headerData(row, Qt.Orientation.Vertical) for row in range(1, model.rowCount())]


def test_the_table_sorts_on_click_and_names_can_be_hidden(qtbot: QtBot, tmp_path: Path) -> None:
    first = answers_of(played(0), "=cmd|A0", 5)
    hand_in(tmp_path, first, *class_of(30), replace(first, saved=6))
    (tmp_path / f"Ada-1{SUFFIX}").write_text("{}", encoding="utf-8")
    window = seen(qtbot, AnswersWindow(read_class([tmp_path])), 880, 600, LIGHT)
    names, across = _names(window), window.table.horizontalHeader()

    def click(column: int) -> None:
        place = QPoint(across.sectionViewportPosition(column) + 5, across.height() // 2)
        QTest.mouseClick(across.viewport(), Qt.MouseButton.LeftButton, pos=place)

    for best_is_first in (True, False):
        click(0)
        points = list(map(float, _rows(window, 0)))
        assert points == sorted(points, reverse=best_is_first)
        assert len(set(points)) > 2
    click(0)
    assert _names(window) == names
    click(3)
    away = [float(text.split()[0]) for text in _rows(window, 3) if text.endswith("away")]
    assert away == sorted(away)
    assert _rows(window, 3)[len(away)] == "– skipped"
    assert _rows(window, 3)[-1] == ""
    assert "\n'=cmd|A0\t" in window.table.text()
    hide, notes = child(window, QCheckBox, "answersHideNames"), child(window, QPlainTextEdit, "answersNotes")
    assert "Ada" in notes.toPlainText()
    assert "=cmd" in notes.toPlainText()
    hide.click()
    click(3)
    click(3)
    assert _names(window) == [f"learner {number}" for number in range(1, 32)]  # not in the order of the names
    shown = window.table.text() + notes.toPlainText()
    assert not any(name in shown for name in (*names, "Ada"))
    assert notes.toPlainText().count("1 ") == 2
    hide.click()
    assert _names(window) == names


def test_who_is_pointed_at_in_the_table_is_marked_in_the_picture(qtbot: QtBot, tmp_path: Path) -> None:
    hand_in(tmp_path, *class_of(30))
    found = read_class([tmp_path])
    [lesson] = found.lessons
    window = seen(qtbot, AnswersWindow(found), 880, 700, LIGHT)
    table, model, said = window.table, not_none(window.table.model()), child(window, QLabel, "answersPointed")
    table.sortByColumn(3, Qt.SortOrder.AscendingOrder)
    assert said.text().startswith("Point at a learner")

    def point_at(row: int) -> list[pg.GraphicsObject]:
        bare = {*window.plot.plot.getPlotItem().items}
        QTest.mouseMove(table.viewport(), QPoint(9, table.rowViewportPosition(row) + 5))
        return [item for item in window.plot.plot.getPlotItem().items if item not in bare]

    for column, question in enumerate(lesson.questions, 1):
        table.setCurrentIndex(model.index(0, column))
        [learner] = [k for k, (name, _) in enumerate(lesson.learners) if name == _names(window)[0]]
        given = not_none(lesson.given(question)[learner])
        marked = point_at(1)
        assert said.text() == f"{_names(window)[0]}: {cell_text(given)}"
        if question.kind == "curve":
            assert [tuple(item.getData()[1]) for item in marked] == [
                tuple(not_none(given.true_curve).y),
                tuple(curve.y) if isinstance(curve := given.guess, DrawnCurve) else (),
            ]
        else:
            [dot] = marked
            assert dot.getData()[0].tolist() == [given.number]
        place = window.plot.plot.geometry()
        assert point_at(0) == []
        assert window.plot.plot.geometry() == place  # nothing jumps
    table.setCurrentIndex(model.index(1, 3))  # by the keys
    assert said.text().startswith(_names(window)[0])


def test_one_odd_guess_does_not_squash_the_others(qtbot: QtBot) -> None:
    [lesson] = by_lesson([answers_of(played(1, guess), f"L{guess}", 5) for guess in (44.0, 46, 48, 49, 51, 52, 99)])
    shown = AnswersPlot()
    qtbot.addWidget(shown)
    shown.show_question(lesson, lesson.questions[1])
    low, high = shown.plot.getViewBox().viewRange()[0]
    assert 40 < low < 44
    assert 52 < high < 56
    assert shown.key.text().endswith("beyond the picture: 99</span>")
    assert shown.plot.getAxis("bottom").name == "guess and result [%]"
    shown.show_question(lesson, lesson.questions[0])
    assert "beyond" not in shown.key.text()
    axis = shown.plot.getAxis("left")
    assert {value for _, values in axis.tickValues(0, 2.2, 200) for value in values} <= {0, 1, 2}


def test_sentences_are_read_and_not_drawn(qtbot: QtBot) -> None:
    lesson = lesson_of(
        LessonStep("One", "", question=CHOICES), LessonStep("Two", "", question=SentenceQuestion("Why?"))
    )
    progress = answer(entered(begin(lesson), measured_of()), 1, measured_of())
    progress = answer(entered(go_next(progress), measured_of()), "It <b>bends</b>.", measured_of())
    [found] = by_lesson([answers_of(progress, "Ada", 5)])
    window = seen(qtbot, AnswersWindow(ClassAnswers((found,), (), 1)), 880, 600, LIGHT)
    for column, is_drawn in ((1, True), (2, False), (0, True)):
        window.table.setCurrentIndex(not_none(window.table.model()).index(1, column))
        assert window.plot.plot.isVisible() == is_drawn
        assert column != 2 or child(window, QLabel, "answersPointed").text() == "Ada: It <b>bends</b>."


def test_files_are_opened_or_dropped_and_skipped_ones_named(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, choose_file: ChooseFile
) -> None:
    other = answers_of(played(1), "Eve", 5)
    names = "Ada", "Bob", "ada"
    some = hand_in(tmp_path, *(answers_of(played(k % 2, *range(1, k)), name, k) for k, name in enumerate(names)))
    bad = tmp_path / f"bad{SUFFIX}"
    bad.write_text("<b>", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(path) for path in (*some, bad)], ""))
    window.actions_["actionOpenAnswers"].trigger()
    shown = _shown(window, qtbot)
    notes = child(shown, QPlainTextEdit, "answersNotes").toPlainText()
    assert notes.startswith("1 of 4 could not be read:\nbad.answers: it is damaged or incomplete")
    assert notes.endswith("Handed in more than once; the latest counts: ada.")
    choose_file(tmp_path / "table.csv")
    child(shown, QPushButton, "answersSave").click()
    assert (tmp_path / "table.csv").read_bytes().startswith("\ufeffname,".encode())  # as a spreadsheet expects it
    _close(shown)
    other_ada = hand_in(tmp_path / "share" / "7b", answers_of(played(1), "Ada", 9))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    window.actions_["actionOpenAnswersFolder"].trigger()
    shown = _shown(window, qtbot)
    notes = child(shown, QPlainTextEdit, "answersNotes").toPlainText()
    assert notes.endswith("Same name, different answers, so each has a row: Ada.")
    assert _names(shown) == ["ada (002)", "Ada (share/7b)", "Bob"]
    child(shown, QCheckBox, "answersHideNames").click()
    assert "Ada" not in child(shown, QPlainTextEdit, "answersNotes").toPlainText()
    _close(shown)
    QGuiApplication.clipboard().setText(
        "\n".join(write_answers(each).decode() for each in (other, replace(other, name="Al")))
    )
    for paste in ("actionPasteData", "actionPasteAnswers"):
        window.actions_[paste].trigger()
        shown = _shown(window, qtbot)
        assert _names(shown) == ["Al", "Eve"]
        _close(shown)
    other_ada[0].unlink()
    bad.unlink()
    (tmp_path / f"eve{SUFFIX}").write_text("{}", encoding="utf-8")
    drop(window, window.views.diagram, files(tmp_path))
    shown = _shown(window, qtbot)
    assert "1 of 4 could" in child(shown, QPlainTextEdit, "answersNotes").toPlainText()
    assert child(shown, QComboBox, "answersLesson").currentText() == "A lesson (2)"
    _close(shown)
    drop(window, window.views.diagram, files(*hand_in(tmp_path, other, answers_of(played(0), "Fay", 5))))
    shown = _shown(window, qtbot)
    assert not child(shown, QPlainTextEdit, "answersNotes").isVisible()
    window.set_scheme("dark")  # it follows
    _close(shown)
