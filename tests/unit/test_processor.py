"""Cores are counted in one place: those that this process may use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tinynet_gui
from tinynet_gui.core.system.machine import core_count


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no process is bound to some of the cores here")
def test_only_the_cores_that_a_process_may_use_count() -> None:
    code = "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\n"
    code += "from tinynet_gui.core.system.machine import core_count; print(core_count())"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(answer.stdout) == 1


def test_elsewhere_all_cores_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    for told, counted in ((6, 6), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda told=told: told)
        assert core_count() == counted


def test_cores_are_counted_in_one_place() -> None:
    sources = Path(tinynet_gui.__file__).parent.rglob("*.py")
    assert [path.name for path in sources if "cpu_count()" in path.read_text(encoding="utf-8")] == ["machine.py"]
