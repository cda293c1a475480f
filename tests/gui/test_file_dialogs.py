"""Every dialog that asks for a file opens in the folder that was used last, also after a new start."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog

import tinynet_gui
from tests.gui.conftest import MakeWindow
from tinynet_gui.core.config import Config


def test_a_dialog_opens_in_the_folder_used_last(
    make_window: MakeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answers = list[str](), ["", str(tmp_path / "mine.json"), "", "", "", "", "", ""]
    documents = tmp_path / "documents"
    documents.mkdir()
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _: str(documents))

    def dialog(_parent: object, _title: str, start: str, _kinds: str) -> tuple[str, str]:
        asked.append(start)
        return answers[len(asked) - 1], ""

    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, dialog)
    window = make_window(Config(), remember=True)
    names = ("actionOpen", "actionSave", "actionOpen", "actionOpenData", "actionSaveData", "actionSaveSessionAs")
    for name in names:
        window.actions_[name].trigger()
    beside = ["", "", "data.csv", "session.tinynet"]
    last = [str(tmp_path / name) if name else str(tmp_path) for name in beside]
    assert asked == [str(documents), str(documents / "run.json"), *last]
    window.close()
    make_window(Config(), remember=True).actions_["actionOpenLesson"].trigger()
    assert asked[-1] == str(tmp_path)
    monkeypatch.setattr(os, "access", lambda path, _: path != str(tmp_path))  # a share that may only be read
    window = make_window(Config(), remember=True)
    window.actions_["actionSave"].trigger()
    assert asked[-1] == str(documents / "run.json")


def test_no_other_file_asks_for_a_file() -> None:
    found = Path(tinynet_gui.__file__).parent.rglob("*.py")
    assert {file.name for file in found if "QFileDialog." in file.read_text(encoding="utf-8")} == {"dialogs.py"}
