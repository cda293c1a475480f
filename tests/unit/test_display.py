"""What is said where Qt lacks one of the system's libraries."""

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tinynet_gui.app import display
from tinynet_gui.app.display import library_trouble

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere Qt's plugins are other files")
WITHOUT_EGL = "Qt needs libEGL.so.1, which is missing; on Debian and Ubuntu: apt install libegl1"


def lack(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let the loader not find these libraries, which every plugin needs."""

    def load_trouble(library: str) -> str:
        name = names[0] if library.endswith(".so") else library
        return f"{name}: cannot open shared object file: No such file or directory" if name in names else ""

    monkeypatch.setattr(display, "_load_trouble", load_trouble)
    monkeypatch.setattr(display, "_x_answers", lambda address: True)
    monkeypatch.setattr(display, "_wayland_answers", lambda: False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("QT_QPA_PLATFORM", "")


@on_linux
def test_a_plugin_that_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    lack(monkeypatch, "libxcb-cursor.so.0")
    said = "Qt needs libxcb-cursor.so.0, which is missing; on Debian and Ubuntu: apt install libxcb-cursor0"
    assert library_trouble() == said


@on_linux
def test_all_that_is_missing_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lack(monkeypatch, "libxkbcommon-x11.so.0", "libxcb-cursor.so.0", "libEGL.so.1")
    said = library_trouble()
    assert "are missing" in said
    assert said.endswith("apt install libegl1 libxcb-cursor0 libxkbcommon-x11-0")


def test_where_another_platform_answers_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    lack(monkeypatch, "libxcb-cursor.so.0")
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb;nobodys")
    assert library_trouble() == ""


def test_qt_itself_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    lack(monkeypatch, "libEGL.so.1")

    def refuse(name: str) -> None:
        raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(importlib, "import_module", refuse)
    assert library_trouble() == WITHOUT_EGL


HIDE = """
set -e
mount -t tmpfs none "$2"; mkdir "$2/upper" "$2/work"
mount -t overlay none -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$1"
rm -f "$1"/libEGL.so.1*
exec "$3" -m tinynet_gui --screenshot picture.png
"""


@on_linux
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare")
def test_with_the_library_hidden_from_the_loader(tmp_path: Path) -> None:
    importlib.import_module("PySide6.QtGui")
    maps = Path("/proc/self/maps").read_text(encoding="utf-8").split()
    found = [Path(name).parent for name in maps if "/libEGL.so.1" in name]
    command = ["unshare", "--mount", "sh", "-c", HIDE, "sh", str(found[0]), str(tmp_path), sys.executable]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=dict(os.environ))
    if "Permission denied" in result.stderr or "Operation not permitted" in result.stderr:
        pytest.skip("this user may not mount")
    assert result.returncode == 2
    assert result.stderr == f"tinynet-gui: {WITHOUT_EGL}\n"
