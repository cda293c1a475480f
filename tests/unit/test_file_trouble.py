"""Why a file cannot be read or written, in plain words."""

import importlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.systems import on_windows
from tinynet_gui.core.text.files import file_trouble


def said(act: Callable[[], object]) -> str:
    """What is said of the error that an act raises."""
    try:
        act()
    except OSError as error:
        return file_trouble(error)
    return ""


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    assert said(tmp_path.read_bytes) == said(lambda: tmp_path.write_bytes(b"")) == "it is a folder, not a file"
    assert said((tmp_path / "none").read_bytes) == "there is no such file or folder"
    (tmp_path / "file").touch()
    for folder in ("file", "file/folder"):
        making = partial((tmp_path / folder).mkdir, parents=True, exist_ok=True)
        assert said(making) == "a part of its name is not a folder"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (32, "another program has it open"),
        (33, "another program has it open"),
        (5, "it is not allowed, or another program has it open"),
    ],
)
def test_windows_own_numbers_are_told_apart(number: int, words: str) -> None:
    class Denied(PermissionError):
        winerror = number

    assert file_trouble(Denied(13, "Permission denied")) == words
    assert file_trouble(PermissionError(13, "Permission denied")) == "it is not allowed"


@on_windows
def test_a_file_that_another_program_keeps_for_itself(tmp_path: Path) -> None:
    windows: Any = importlib.import_module("_winapi")
    file, other = tmp_path / "kept.csv", tmp_path / "other.csv"
    for path in (file, other):
        path.write_text("1;2")
    kept = windows.CreateFile(str(file), windows.GENERIC_READ | windows.GENERIC_WRITE, 0, 0, 3, 0, 0)
    try:
        assert {
            said(file.read_bytes),
            said(lambda: file.write_bytes(b"")),
            said(lambda: other.replace(file)),
            said(file.unlink),
        } == {"another program has it open"}
    finally:
        windows.CloseHandle(kept)
    assert file.read_text() == "1;2"
