"""Code and numbers that leave the program, from the window: written, verified, cancelled, refused."""

import csv
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import ChooseFile, MakeWindow, child, shown_snapshot, train_to, warning
from tinynet_gui.core.config import Config
from tinynet_gui.core.export import verification
from tinynet_gui.core.text.numbers import loss_text
from tinynet_gui.ui.window.dialogs.verification_dialogs import ReceiptDialog, VerifyingDialog
from tinynet_gui.ui.window.main_window import MainWindow

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


def test_the_menu_offers_them(window: MainWindow) -> None:
    menu = child(window, QMenu, "exportMenu")
    names = ["Script", "Notebook", "", "Model", "Numbers"]
    assert [action.objectName() for action in menu.actions()] == [name and f"actionExport{name}" for name in names]


def test_a_script_is_written_verified_and_runs(
    make_window: MakeWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window()
    window.session.set_engine("pytorch")
    train_to(window, qtbot, 120)
    window.session.edit({"training.learning_rate": 0.004})
    train_to(window, qtbot, 200)
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
    plain = os.environ | {"MPLBACKEND": "template"}  # matplotlib's, which draws nothing
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, env=plain)
    *progress, final, compared = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in progress] == [f"step {step}" for step in range(0, 200, 20)]
    assert loss_text(float(final.removeprefix("after 200 steps: loss = "))) == loss_text(
        shown_snapshot(window).train_loss
    )
    assert compared == "Compared with tinynet at 10 steps: the same to 9 digits."
    assert not any(dialog.isVisible() for dialog in window.findChildren(VerifyingDialog))


def test_a_notebook_says_which_steps_were_compiled(
    window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path
) -> None:
    window.session.set_engine("compiled")
    train_to(window, qtbot, 300)
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
    assert said.endswith("The check was cancelled before its end.")
    assert "The check was cancelled before its end." in _comments(tmp_path / "mine.py")


def test_a_script_that_is_killed_is_not_verified(
    window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_to(window, qtbot, 50)
    _run_instead(monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    choose_file(tmp_path / "mine.py")
    window.actions_["actionExportScript"].trigger()
    assert "ended after 0 losses, with signal 9" in _wait_for_receipt(window, qtbot)
    assert "NOT VERIFIED: the process that ran the script ended" in _comments(tmp_path / "mine.py")


def test_the_window_closes_while_a_script_is_verified(
    window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_to(window, qtbot, 50)
    _run_instead(monkeypatch, f"from pathlib import Path; Path({str(tmp_path / 'begun')!r}).touch(); {SLEEPS}")
    choose_file(tmp_path / "mine.py")
    window.actions_["actionExportScript"].trigger()
    qtbot.waitUntil((tmp_path / "begun").exists)
    window.close()
    assert "The check was cancelled before its end." in _comments(tmp_path / "mine.py")


EXPORTS = ("Script", "Notebook", "Model", "Numbers")


def test_what_cannot_be_written_is_said_and_without_a_name_nothing_is_done(
    window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path
) -> None:
    train_to(window, qtbot, 5)
    for path in (tmp_path / "nowhere" / "mine.txt", ""):
        choose_file(path)
        for name in EXPORTS:
            window.actions_[f"actionExport{name}"].trigger()
            assert not path or warning(window, qtbot).startswith("Nothing was saved."), name
    assert not any(window.program.jobs.is_running(key) for key in ("exported code", "exported model"))


def test_the_network_of_the_moment_is_saved_in_the_datas_units_or_as_trained(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window(Config().replace("data.standardise", "xy"))
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
            monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: (str(file), a[-1].split(";;")[place]))  # noqa: B023
            window.actions_[f"actionExport{name}"].trigger()
            qtbot.waitUntil(partial(_is_said, window, f"after 60 steps as mine{place}.{suffix}. Of it {words}"))
        read = torch.load(tmp_path / f"mine{place}.pt", weights_only=True)
        for tensor, array in zip(list(read.values())[:4], arrays, strict=True):
            np.testing.assert_array_equal(tensor.numpy(), array)
        with open(tmp_path / f"mine{place}.csv", encoding="utf-8") as table:
            assert len(list(csv.DictReader(table))) == rows


def _run_instead(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Have another script run than the one that was written."""
    verify: Any = verification.verify
    monkeypatch.setattr(
        verification, "verify", lambda run, _script, stop, report, **_: verify(run, script, stop, report)
    )
