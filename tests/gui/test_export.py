"""Code, numbers and films that leave the program, from the window: written, verified, cancelled, refused."""

import csv
import json
import re
import runpy
import sys
import threading
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from PIL import Image
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.exported import by_pytorch
from tests.gui.conftest import (
    OFFSCREEN,
    ChooseFile,
    child,
    choose,
    drop,
    files,
    heard,
    shown_snapshot,
    train_to,
    trained_snapshot,
    warning,
)
from tests.not_none import not_none
from tests.unit.test_film import ENCODINGS
from tinynet_gui.core.export import verification
from tinynet_gui.core.export.film import FORMATS, FilmChoice
from tinynet_gui.core.export.receipt import Receipt
from tinynet_gui.core.run.replay import Moment, Replay
from tinynet_gui.core.system.background import StoppedError
from tinynet_gui.core.text.numbers import loss_text
from tinynet_gui.engine.jobs import exporting
from tinynet_gui.ui.features.answers.controller import AnswersWindow
from tinynet_gui.ui.features.export import PageDialog, ReceiptDialog, VerifyingDialog
from tinynet_gui.ui.features.film import FilmDialog, FilmStage
from tinynet_gui.ui.style.colors import DARK, LIGHT, Theme
from tinynet_gui.ui.style.theme import set_theme
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.widgets.fields.number_fields import NumberField
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.preferences import RECENT_LESSONS

ASK = "PySide6.QtWidgets.QFileDialog.getSaveFileName"
SLEEPS = "import threading; threading.Event().wait()"


def _receipt(window: MainWindow) -> str:
    """What the dialog says, once it is there; "" before."""
    dialog = window.findChild(ReceiptDialog)
    if dialog is None:
        return ""
    labels = [dialog.findChild(QLabel, f"receipt{name}") for name in ("Verdict", "Details")]
    return "\n\n".join(label.text() for label in labels if isinstance(label, QLabel))


def _wait_for_receipt(window: MainWindow, qtbot: QtBot) -> str:
    qtbot.waitUntil(lambda: bool(_receipt(window)))
    text = _receipt(window)
    child(child(window, ReceiptDialog), QDialogButtonBox).button(QDialogButtonBox.StandardButton.Close).click()
    return text


def _is_said(window: MainWindow, words: str) -> bool:
    return words in window.statusBar().currentMessage()


def _comments(file: Path) -> str:
    """The words at a script's end, in one line; none of them stands in the lesson before."""
    lesson, _, end = file.read_text(encoding="utf-8").partition("\n# Compared with tinynet\n")
    assert "VERIFIED" not in lesson.upper()
    return " ".join(line.removeprefix("#").strip() for line in end.splitlines() if line.startswith("#"))


def test_a_script_is_written_verified_and_runs(
    window: MainWindow,
    qtbot: QtBot,
    choose_file: ChooseFile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A process verifies one by PyTorch in `test_network_opened`, and a notebook with a plot in `test_exporting`."""
    window.session.set_engine("pytorch")
    train_to(window, qtbot, 120)
    window.session.edit({"training.learning_rate": 0.004})
    train_to(window, qtbot, 200)
    losses = Replay(window.session.state.run).losses(0, 200)
    _run_instead(monkeypatch, f"losses = {losses.tolist()}")  # what follows below, sooner
    choose_file(tmp_path / "mine")
    window.actions_["actionExportScript"].trigger()
    shown: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", shown.append)
    qtbot.waitUntil(lambda: bool(_receipt(window)))
    child(window, QPushButton, "receiptFolder").click()
    assert shown == [QUrl.fromLocalFile(str(tmp_path.resolve()))]
    text = _wait_for_receipt(window, qtbot)
    assert "the losses of all 200 steps are equal bit for bit" in text
    script = tmp_path / "mine.py"
    assert " ".join(text.split()) in _comments(script)
    assert "    if step == 120:\n" in script.read_text(encoding="utf-8")
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # a script does without it
    capsys.readouterr()
    np.testing.assert_array_equal(np.float32(runpy.run_path(str(script))["losses"]), losses)
    *progress, final, _, compared = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in progress] == [f"step {step}" for step in range(0, 200, 20)]
    assert loss_text(float(final.removeprefix("after 200 steps: loss = "))) == loss_text(
        shown_snapshot(window).train_loss
    )
    assert compared == "Compared with tinynet at 10 steps: the same to 9 digits."
    assert not any(dialog.isVisible() for dialog in window.findChildren(VerifyingDialog))


def test_a_notebook_says_which_steps_were_compiled(
    window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.session.set_engine("compiled")
    train_to(window, qtbot, 300)
    _run_instead(monkeypatch, f"losses = {Replay(by_pytorch(window.session.state.run)).losses(0, 300).tolist()}")
    choose_file(tmp_path / "mine.ipynb")
    window.actions_["actionExportNotebook"].trigger()
    text = _wait_for_receipt(window, qtbot)
    assert "All 300 steps were taken by the compiled loop" in text
    assert "The largest difference is" in text
    notebook = nbformat.read(tmp_path / "mine.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert text in notebook.cells[-2].source


def test_cancelled_it_stays_and_says_that_it_was(
    window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_to(window, qtbot, 50)
    _run_instead(monkeypatch, SLEEPS)
    choose_file(tmp_path / "mine.py")
    window.actions_["actionExportScript"].trigger()
    dialog = child(window, VerifyingDialog)
    qtbot.waitUntil(dialog.isVisible)
    assert not dialog.isModal()
    qtbot.waitUntil((tmp_path / "mine.py").exists)
    assert "NOT VERIFIED: the verification had not ended" in _comments(tmp_path / "mine.py")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    QTest.keyClick(child(dialog, QPushButton, "verifyingCancel"), Qt.Key.Key_Return)
    assert dialog.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: bool(_receipt(window)))
    assert child(child(window, ReceiptDialog), QLabel, "receiptVerdict").property("role") != "error"
    said = _wait_for_receipt(window, qtbot)
    assert said.startswith("The file is written.")
    assert said.endswith("The check was cancelled before it finished.")
    assert "The check was cancelled before it finished." in _comments(tmp_path / "mine.py")


def test_the_window_closes_while_a_script_is_verified(
    window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_to(window, qtbot, 50)
    _run_instead(monkeypatch, f"from pathlib import Path; Path({str(tmp_path / 'begun')!r}).touch(); {SLEEPS}")
    choose_file(tmp_path / "mine.py")
    window.actions_["actionExportScript"].trigger()
    qtbot.waitUntil((tmp_path / "begun").exists)
    window.close()
    assert "The check was cancelled before it finished." in _comments(tmp_path / "mine.py")


EXPORTS = ("Script", "Notebook", "Step", "Page", "Model", "Numbers")


def test_unwritable_files_are_reported_and_no_name_does_nothing(
    window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path
) -> None:
    names = [action.objectName() for action in child(window, QWidget, "exportMenu").actions()]
    assert [name.removeprefix("actionExport") for name in names if name] == list(EXPORTS)
    train_to(window, qtbot, 5)
    for path in (tmp_path / "nowhere" / "mine.txt", ""):
        choose_file(path)
        for name in EXPORTS:
            if name == "Page":
                _choose_page(window)
            else:
                window.actions_[f"actionExport{name}"].trigger()
            assert not path or warning(window, qtbot).startswith("Nothing was saved."), name
    assert not any(window.program.jobs.is_running(key) for key in ("exported code", "exported model", "exported page"))


def test_the_network_is_saved_in_data_units_or_as_trained(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.session.edit({"data.standardise": "xy"})
    train_to(window, qtbot, 200)
    window.session.look_at(60)
    qtbot.waitUntil(lambda: window.session.state.past is not None)
    snapshot = shown_snapshot(window)
    trained, own = snapshot.state.parameters, [a for layer in snapshot.curve_layers for a in (layer.weight, layer.bias)]
    for place, (arrays, words, rows) in enumerate(
        [(own, "x and y are in the data's own units.", 31), (trained, "x̃ = (x", 35)]
    ):
        for name, suffix in (("Model", "pt"), ("Numbers", "csv")):
            file = tmp_path / f"mine{place}"
            monkeypatch.setattr(ASK, lambda *a, answer=(str(file), place): (answer[0], a[-1].split(";;")[answer[1]]))
            window.actions_[f"actionExport{name}"].trigger()
            qtbot.waitUntil(partial(_is_said, window, f"after 60 steps as mine{place}.{suffix}. Of it {words}"))
        read = torch.load(tmp_path / f"mine{place}.pt", weights_only=True)
        for tensor, array in zip(list(read.values())[:4], arrays, strict=True):
            np.testing.assert_array_equal(tensor.numpy(), array)
        with open(tmp_path / f"mine{place}.csv", encoding="utf-8") as table:
            assert len(list(csv.DictReader(table))) == rows


def _shows_step(window: MainWindow, step: int) -> bool:
    dissection = window.views.microscope.dissection
    return dissection is not None and dissection.before.step + 1 == step


def test_the_step_of_the_microscope_is_written_as_code(
    window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or, with it out of sight, the next one; what the code does is in `test_step_code`."""
    verified: list[str] = []

    def verify(expected: np.ndarray, script: str, **_: Any) -> Receipt:
        verified.append(script)
        return Receipt(1, compared=len(expected), is_of_step=True, date="2026-05-31", versions="Python")

    monkeypatch.setattr(verification, "verify_step", verify)
    train_to(window, qtbot, 30)
    for name, step in (("mine.py", 31), ("mine.ipynb", 8)):
        choose_file(tmp_path / name)
        window.actions_["actionExportStep"].trigger()
        assert _wait_for_receipt(window, qtbot).startswith(
            "Verified on 2026-05-31: this code was run: each line by hand"
        )
        assert f"Step {step} of a training." in (tmp_path / name).read_text(encoding="utf-8")
        window.actions_["actionMicroscope"].trigger()
        assert window.actions_["actionExportStep"] in window.views.microscope.actions()
        moment = Moment(Replay(window.session.state.run).state_at(7), window.session.state.session.rule)
        window.context.controllers.microscope.look_at(moment)
        qtbot.waitUntil(partial(_shows_step, window, 8))
    assert len(verified) == 2


def test_a_web_page_is_written_and_can_be_cancelled_or_refused(
    window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what the run has come to, the engine that is there, and the colours of both schemes."""
    train_to(window, qtbot, 120)
    choose_file(tmp_path / "mine")
    words = _choose_page(window)
    assert "It plays the run from step 0 to step 120." in words
    assert "Readers can train on" in words
    qtbot.waitUntil(lambda: window.statusBar().currentMessage().startswith("Saved the run as mine.html: "))
    page = (tmp_path / "mine.html").read_text(encoding="utf-8")
    found = re.search(r'"steps":\[0,([\d,]*),120\]', page)
    assert found is not None
    assert _is_said(window, f"{found[1].count(',') + 3} moments, 0.1 MB.")
    assert LIGHT.ghost in page
    assert DARK.ghost in page
    monkeypatch.setattr(exporting, "make_moments", _waits_to_be_stopped)
    choose_file(tmp_path / "other.html")
    _choose_page(window)
    dialog = window.findChildren(QDialog, "webPageDialog")[-1]  # that of the page before may not be gone yet
    qtbot.waitUntil(dialog.isVisible)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.program.jobs.is_running("exported page"))
    window.session.edit({"network.hidden": (1000, 1000)})
    window.actions_["actionExportPage"].trigger()
    assert "may have at most about 150,000 weights and biases" in warning(window, qtbot)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.html"]


def test_a_page_is_looked_at_before_it_is_saved(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = list[str]()
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    train_to(window, qtbot, 5)
    window.actions_["actionExportPage"].trigger()
    dialog = window.findChildren(PageDialog)[-1]
    child(dialog, QPushButton, "pagePreview").click()
    qtbot.waitUntil(lambda: bool(opened))
    assert '"steps":[0,' in Path(opened[0]).read_text(encoding="utf-8")
    assert dialog.isVisible()
    dialog.reject()
    assert "Saved" not in window.statusBar().currentMessage()


def _choose_page(window: MainWindow, lesson: str = "") -> str:
    """Accept what is offered, with a lesson; return what it said that the page will be."""
    window.actions_["actionExportPage"].trigger()
    dialog = window.findChildren(PageDialog)[-1]
    lessons = child(dialog, QComboBox, "pageLesson")
    lessons.setCurrentIndex(lessons.findData(lesson))
    words = child(dialog, QLabel, "pageWords").text()
    dialog.accept()
    return words


def test_a_lesson_is_homework_in_a_page_and_is_graded(
    window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path
) -> None:
    task = tmp_path / "task.md"
    task.write_text(TASK, encoding="utf-8")
    window.context.store.remember_recent(RECENT_LESSONS, str(task))
    choose_file(tmp_path / "page.html")
    _choose_page(window, str(task))
    qtbot.waitUntil(lambda: window.statusBar().currentMessage().startswith("Saved the run as page.html: "))
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert all(words in page for words in ("<em>Look</em>: a &lt; b &amp; c, <svg viewBox=", "What is the loss?"))
    assert "secret" not in page
    plain = json.loads(not_none(re.search(r'<script type="application/json" id="run">(.*?)</script>', page))[1])
    answers = plain["homework"]["answers"] | {"name": "Ada"}
    answers["questions"][0] |= {"guess": 13.3, "mark": "open", "setting": "target=square", "step": 0}
    answers["questions"][1] |= {"guess": "= up", "mark": "open"}
    (tmp_path / "ada.answers").write_text(json.dumps(answers), encoding="utf-8")
    drop(window, window.views.diagram, files(tmp_path / "ada.answers"))
    qtbot.waitUntil(lambda: bool(window.findChildren(AnswersWindow)))
    found = window.findChildren(AnswersWindow)[-1]
    shown = [found.table.model().index(1, column).data() for column in range(3)]
    assert shown == ["1", "✓ 13.3", "= up"]
    found.table.selectColumn(2)
    assert not child(found, QPlainTextEdit, "answersNotes").isVisible()
    task.unlink()
    drop(window, window.views.diagram, files(tmp_path / "ada.answers"))
    qtbot.waitUntil(lambda: window.findChildren(AnswersWindow)[-1] is not found)
    found = window.findChildren(AnswersWindow)[-1]
    assert found.table.model().index(1, 1).data() == "13.3"
    assert "their lesson is not here" in child(found, QPlainTextEdit, "answersNotes").toPlainText()
    found.close()


def test_a_task_to_train_needs_a_page_that_trains(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    task = tmp_path / "task.md"
    task.write_text(TASK.replace("ask = ", "train_to = 100\nask = ", 1), encoding="utf-8")
    window.context.store.remember_recent(RECENT_LESSONS, str(task))
    window.session.edit({"training.schedule": "cosine"})
    _choose_page(window, str(task))
    said = warning(window, qtbot)
    assert said.startswith("Nothing was saved.\n\ntask.md: this task asks to train.")
    assert "at a constant learning rate only" in said


TASK = """+++
title = "A task"
about = "b"
minutes = 5
+++

## One
*Look*: a < b & c, $x^2$ {loss}

[if loss > 1] secret

```lesson
ask = "What is the loss?"
number = {answer = "loss", low = 0, high = 50, near = 0.1}
```
A secret.

## Two
```lesson
ask = "How does it go on?"
curve = {from = 3, to = 6, of = "target"}
```
"""


def _waits_to_be_stopped(*arguments: Any) -> None:
    while not arguments[-1].stop[0]:
        threading.Event().wait(0.01)
    raise StoppedError


def _run_instead(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Have another script run than the one that was written."""
    verify: Any = verification.verify
    monkeypatch.setattr(
        verification, "verify", lambda run, _script, stop, report, **_: verify(run, script, stop, report)
    )


pytestmark = OFFSCREEN


@pytest.fixture
def trained(window: MainWindow, qtbot: QtBot) -> MainWindow:
    train_to(window, qtbot, 400)
    return window


def opened(window: MainWindow, kind: str = "gif") -> FilmDialog:
    """The dialog, with a short and narrow film chosen."""
    window.actions_["actionExportFilm"].trigger()
    dialog = window.findChildren(FilmDialog)[-1]
    for name, value in (("filmFormat", kind), ("filmWidth", 480), ("filmRate", 10)):
        choose(dialog, name, value)
    child(dialog, NumberField, "filmLength").setValue(1)
    return dialog


def is_told(window: MainWindow, words: str) -> bool:
    return bool(window.frame.status.currentMessage() == words)


def frames_of(dialog: QWidget, qtbot: QtBot) -> int:
    """How many it says that there will be, once it does."""
    said = child(dialog, QLabel, "filmSize")
    qtbot.waitUntil(lambda: "frames, about" in said.text())
    return int(said.text().split()[0])


def test_a_film_is_made(trained: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path) -> None:
    with closing(FilmStage(480, FunctionPlot(Selection()), None)) as stage:
        shown = shown_snapshot(trained)
        stage.frame(trained_snapshot(shown.config, 0, shown.run_id))  # what is in view of a run, its first curve says
        last = stage.frame(shown)
    for kind in FORMATS:
        file = tmp_path / f"film.{kind}"
        choose_file(file)
        dialog = opened(trained)  # GIF is chosen there; the name decides
        count = frames_of(dialog, qtbot)
        assert 10 <= count <= 12
        ended = heard(dialog.finished)
        dialog.accept()
        qtbot.waitUntil(file.exists)
        qtbot.waitUntil(partial(is_told, trained, f"saved the film to film.{kind}"))
        assert ended == [FilmDialog.DialogCode.Accepted.value]  # it is not made once more
        with Image.open(file) as film:
            assert (film.format, getattr(film, "n_frames", 1), film.size[0]) == (ENCODINGS[kind], count, 480)
            film.seek(count - 1)
            found = np.asarray(film.convert("RGB")).astype(int)
        assert np.abs(found - last).mean() < 3, kind
    assert trained.session.state.run.step == 400


def test_a_choice_is_told_and_a_film_can_be_cancelled(
    trained: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path
) -> None:
    choose_file(tmp_path / "film.gif")
    dialog = opened(trained)
    told = heard(dialog.changed)
    box = child(dialog, QCheckBox, "filmDiagram")
    box.setChecked(False)
    told.clear()
    box.setChecked(True)
    assert told == [FilmChoice("gif", 480, 1, 10, True)]
    dialog.wanted.emit(FilmChoice("gif", 960, 20, 25, True))
    qtbot.waitUntil(child(dialog, QWidget, "filmProgress").isVisible)
    dialog.reject()
    assert not trained.program.jobs.is_running("film encoding")
    assert list(tmp_path.iterdir()) == []
    trained.session.take_step()  # the window goes on
    qtbot.waitUntil(lambda: trained.session.state.run.step == 401)


def test_without_a_step_there_is_nothing_to_show(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_["actionExportFilm"].trigger()
    assert "the run has taken no step" in warning(window, qtbot)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_diagram_is_below_if_it_is_wanted(qapp: QApplication, theme: Theme) -> None:
    set_theme(theme)
    snapshot, shapes = trained_snapshot((10,)), []
    for has_diagram in (False, True):
        selection = Selection()
        diagram = NetworkDiagram(selection) if has_diagram else None
        with closing(FilmStage(480, FunctionPlot(selection), diagram)) as stage:
            shapes.append(stage.frame(snapshot).shape)
    assert shapes[0][1:] == shapes[1][1:] == (480, 3)
    assert shapes[1][0] > shapes[0][0]
