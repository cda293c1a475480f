"""The benchmarks run, each of them, and leave what the user has alone."""

import json
import os
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.benchmarks.__main__ import main
from tests.benchmarks.effort import Effort
from tests.benchmarks.goals import GOALS, goal_of
from tests.benchmarks.memory import ON_LINUX
from tests.sessions import small_session
from tinynet_gui.core.system.machine import HOME
from tinynet_gui.engine import autosave_folders

LEFT_OUT = ("export_verify_compiled", "session_size_1000_x1")  # of what benchmarks in little say


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_benchmarks_run_without_touching_the_users_files(
    qapp: QApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    slot = autosave_folders.new_slot()
    slot.save(small_session())
    slot.end()
    home = Path(os.environ[HOME])
    (home / "tinynet_gui.json").write_text("kept")
    before = _content(home)
    assert main(["--quick"]) == 0
    assert _content(home) == before
    assert not Effort.is_quick
    said = capsys.readouterr()
    records = [json.loads(line) for line in said.out.splitlines()]
    assert len(records) > 60
    assert all(list(one) == ["name", "value", "unit", "ms", "against", "ratio", "goal", "met"] for one in records)
    assert "Traceback" not in said.err
    main(["?"])
    known = capsys.readouterr().err.strip().split("known: --quick, ")[1].split(", ")
    names = {*known, *(one["name"] for one in records), *ON_LINUX, *LEFT_OUT}
    goals = {id(goal_of(name)) for name in names}  # each has one, and none is left over
    assert {pattern for pattern, goal in GOALS.items() if id(goal) not in goals} == set()


def test_a_benchmark_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--quick", "frame_gap"]) == 2
    assert "unknown: frame_gap; known: --quick, live_ratio_10," in capsys.readouterr().err
