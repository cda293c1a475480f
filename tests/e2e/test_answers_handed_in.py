"""A teacher's lesson, from the command line to the table of what came: as a learner plays it, and hands in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from tests.e2e.play import Condition, click_in_lesson, is_loaded, label, run_main
from tests.not_none import not_none
from tinynet_gui.app.application import main
from tinynet_gui.core.lessons.answers import SUFFIX, read_answers_file
from tinynet_gui.ui.features.answers.controller import AnswersWindow, SaveAnswers
from tinynet_gui.ui.window.main_window import MainWindow

LESSON = """+++
title = "Ours"
about = "One page."
minutes = 1
+++

## How far

```lesson
setting = "hidden=1"
ask = "What is the loss after 20 steps?"
number = {answer = "loss", low = 0, high = 100, near = 1}
train_to = 20
```

It is {loss}.
"""


def test_a_lesson_is_played_and_handed_in(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lesson, handed_in = tmp_path / "ours.md", tmp_path / f"ada{SUFFIX}"
    lesson.write_text(LESSON, encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(handed_in), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(handed_in)], ""))

    def user(window: MainWindow) -> Iterator[Condition]:
        yield lambda: is_loaded(window) and window.views.lesson.isVisible()
        QTest.keyClicks(not_none(window.views.lesson.findChild(QLineEdit, "lessonNumber")), "42")
        for name in ("lessonAnswer", "lessonAction", "lessonNext", "lessonSaveAnswers"):
            yield from click_in_lesson(window, name)
        assert label(window, "lessonFound1").startswith("You said 42; it is ")
        dialog = not_none(window.findChild(SaveAnswers))
        QTest.keyClicks(not_none(dialog.findChild(QLineEdit, "answersName")), "Ada")
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        yield handed_in.exists
        window.actions_["actionOpenAnswers"].trigger()
        yield lambda: window.findChild(AnswersWindow) is not None
        shown = not_none(window.findChild(AnswersWindow))
        assert shown.table.text().split("\n")[2].split("\t") == ["Ada", "0", "✗ 42"]
        shown.close()

    assert run_main(user, (str(lesson),)) == 0
    [given] = read_answers_file(handed_in).questions
    assert given.guess == 42
    assert f"it is {given.came:.3g}" in given.verdict


def test_a_faulty_lesson_is_refused_before_the_window_opens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lesson = tmp_path / "ours.md"
    lesson.write_text(LESSON.replace('"loss"', '"los"') + 40 * "{los}\n", encoding="utf-8")
    assert main([str(lesson)]) == 2
    head, *told = capsys.readouterr().err.splitlines()  # all of them, a line for each
    assert head == f"tinynet-gui: {lesson}:"
    begin = LESSON.count("\n") + 1
    assert [line.partition(":")[0] for line in told] == [f"line {n}" for n in (12, *range(begin, begin + 40))]
    assert told[-1].endswith("“los” is not known here; is “loss” meant?")
    lesson.write_text(LESSON.replace("minutes = 1", 'minutes = 1\nhidden = ["view.microskope"]'), encoding="utf-8")
    assert main([str(lesson), "--screenshot", str(tmp_path / "picture.png")]) == 2
    assert "line 5: “view.microskope” cannot be hidden; is view.microscope meant?" in capsys.readouterr().err
    assert main([str(tmp_path / "none.md")]) == 2
    assert "there is no such file" in capsys.readouterr().err
