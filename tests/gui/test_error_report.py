"""The dialog of an unexpected error: what it tells, and the session that is saved with it."""

import platform
import re
from importlib.metadata import version
from pathlib import Path
from unittest.mock import PropertyMock

import numpy as np
import pytest
from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton

from tests.gui.conftest import ChooseFile, MakeWindow, child
from tests.not_none import not_none
from tests.sessions import assert_same, small_session
from tinynet_gui import __version__
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.storage.session_file import read_session
from tinynet_gui.ui.window.main_window import MainWindow


def test_an_error_report_has_its_context_and_session(
    window: MainWindow, choose_file: ChooseFile, tmp_path: Path
) -> None:
    points = Points(np.linspace(0, 1, 60), np.linspace(0, 1, 60), origin="mine.csv")
    window.session.edit({"network.hidden": (3,), "data.points": points})
    window.program.failed.emit("the traceback")
    text = child(window, QPlainTextEdit, "errorText")
    lines = dict(line.split(": ", 1) for line in text.toPlainText().partition("\n\n")[0].split("\n"))
    assert list(lines) == ["tinynet", "System", "Python", "Libraries", "Engine", "Setting"]
    assert (lines["tinynet"], lines["Setting"]) == (__version__, "hidden=3 without its 60 points")
    assert (platform.platform() in lines["System"], qVersion() in lines["Python"]) == (True, True)
    assert all(f"{name} {version(name)}" in lines["Libraries"] for name in ("torch", "numba", "numpy"))
    assert re.fullmatch(
        r"auto, now (PyTorch|Compiled); compiled loop \w+, PyTorch \w+; \w+ at step \d+", lines["Engine"]
    )
    assert any("Nothing is sent" in words.text() for words in text.window().findChildren(QLabel))
    choose_file(str(tmp_path / "mine"))
    child(window, QPushButton, "errorSaveSession").click()
    assert_same(window.session.state.session, read_session(tmp_path / "mine.tinynet"))
    assert text.toPlainText().endswith("For the report: the session is in mine.tinynet.")
    choose_file("/nowhere/a.tinynet")
    child(window, QPushButton, "errorSaveSession").click()
    assert "the session could not be saved (FileNotFoundError: " in text.toPlainText()
    text.window().close()


def test_an_error_report_copies_the_save_of_a_broken_session(
    make_window: MakeWindow, choose_file: ChooseFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window(remember=True)
    not_none(not_none(window.program.autosave).slot).save(small_session())
    with monkeypatch.context() as patch:
        broken = PropertyMock(side_effect=KeyError("broken"))
        patch.setattr(type(window.session), "state", broken)
        window.program.failed.emit("the traceback")
        text = child(window, QPlainTextEdit, "errorText")
        assert "Setting: not known (KeyError: 'broken')\n\nthe traceback" in text.toPlainText()
        choose_file(str(tmp_path / "mine.tinynet"))
        child(window, QPushButton, "errorSaveSession").click()
    assert "could not be saved (KeyError: 'broken'); what was saved of it before is in mine.tinynet." in (
        text.toPlainText()
    )
    assert_same(small_session(), read_session(tmp_path / "mine.tinynet"))
    text.window().close()
