"""A process's job on Windows: its limits are the system's to keep, and what it started ends with it."""

import ctypes
import subprocess
import sys

import pytest

from tests.systems import on_windows
from tinynet_gui.core.system.processes import python_command

pytestmark = on_windows
IS_WINE = sys.platform == "win32" and hasattr(ctypes.windll.ntdll, "wine_get_version")
JOB = "from tinynet_gui.core.system.processes import enter_job, memory_in_use; import os, signal, subprocess, sys\n"


def said(statement: str) -> str:
    """What a process says until it and all that hold its output have ended."""
    command = python_command(JOB + statement)
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False).stdout


def test_what_a_process_has_started_ends_with_it() -> None:
    starts_another = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(900)'], stdout=sys.stdout)"
    assert said(f"enter_job(); {starts_another}; print(1, flush=True); os.kill(os.getpid(), signal.SIGTERM)") == "1\n"


@pytest.mark.skipif(IS_WINE, reason="Wine takes a job's limits and does not keep them")
def test_memory_and_processor_time_are_limited() -> None:
    enters = "enter_job(memory_in_use() + 100_000_000, 5); print(1, flush=True); "
    assert said(f"{enters} bytearray(200_000_000); print(2)") == "1\n"
    assert said(f"{enters} all(iter(int, 1)); print(2)") == "1\n"


def test_the_memory_in_use_is_counted() -> None:
    before, after = map(int, said("print(memory_in_use()); b = bytearray(50_000_000); print(memory_in_use())").split())
    assert 50e6 <= after - before <= 60e6
