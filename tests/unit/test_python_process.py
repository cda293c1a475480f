"""The processes that the program starts: none runs what happens to lie in the current folder."""

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tinynet_gui
from tinynet_gui.core.system.processes import SCRIPT_PYTHON, python_command, script_command

PACKAGE = Path(tinynet_gui.__file__).parent


def test_a_students_module_does_not_shadow_pythons(tmp_path: Path) -> None:
    for name in ("random", "tinynet_gui"):
        (tmp_path / f"{name}.py").write_text("print('mine')", encoding="utf-8")
    command = python_command("import random, tinynet_gui; print(random.__file__, tinynet_gui.__file__, sep='\\n')")
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == [random.__file__, tinynet_gui.__file__]


def test_every_process_is_started_like_this() -> None:
    """-P, which keeps the current folder off the path, follows; and Python is named in one file alone."""
    assert python_command("")[1] == script_command()[1] == "-P"
    sources = {path: path.read_text(encoding="utf-8") for path in PACKAGE.glob("**/*.py")}
    python = re.compile(r"sys\.executable(?!\)\.parent)")  # not the folder that it is in
    assert [path.name for path, text in sources.items() if python.search(text)] == ["processes.py"]


def test_the_packaged_folder_runs_scripts_with_a_named_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert script_command("a.py") == []
    monkeypatch.setenv(SCRIPT_PYTHON, sys.executable)
    assert script_command("a.py") == [sys.executable, "-P", "a.py"]
