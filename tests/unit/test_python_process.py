"""The processes that the program starts: none runs what happens to lie in the current folder."""

import re
import subprocess
from pathlib import Path

import tinynet_gui
from tinynet_gui.core.python_process import python_command

PACKAGE = Path(tinynet_gui.__file__).parent


def test_a_student_s_own_module_does_not_take_the_place_of_python_s(tmp_path: Path) -> None:
    for name in ("random", "tinynet_gui"):
        (tmp_path / f"{name}.py").write_text("print('mine')", encoding="utf-8")
    command = python_command("import random, tinynet_gui; print(random.__file__, tinynet_gui.__file__)")
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert "mine" not in done.stdout
    assert done.stdout.split()[1] == tinynet_gui.__file__
    assert done.stdout.split()[0].endswith("random.py")


def test_every_process_is_started_like_this() -> None:
    """-P, which keeps the current folder off the path, follows wherever Python is named."""
    sources = {path: path.read_text(encoding="utf-8") for path in PACKAGE.glob("**/*.py")}
    named = {path.name: re.findall(r"sys\.executable, (\S+),", text) for path, text in sources.items()}
    found = {name: flags for name, flags in named.items() if flags}
    assert found == {"python_process.py": ['"-P"'], "verification.py": ['"-P"']}
    assert sum(text.count("sys.executable") for text in sources.values()) == 2
