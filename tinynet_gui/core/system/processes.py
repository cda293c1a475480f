"""Subprocesses: how they are started, and how their memory and time are limited."""

import ctypes
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from math import ceil
from pathlib import Path
from time import process_time
from typing import Any

import tinynet_gui

PROGRAM = "from tinynet_gui.app.application import main; sys.exit(main())"  # the statement that runs it
SCRIPT_PYTHON = "TINYNET_PYTHON"  # an environment variable: the Python that runs scripts, which need PyTorch


def is_folder() -> bool:
    """Whether this is a bundled build, without a Python: its executable takes -P and -c, but has no PyTorch."""
    return bool(getattr(sys, "frozen", False))


def python_command(statement: str) -> list[str]:
    """Return the command that runs a statement with this package, ignoring the current folder.

    A student's ``random.py`` there would shadow Python's (hence -P); this package, if not installed, is found last.
    """
    root = str(Path(tinynet_gui.__file__).parents[1])
    return [sys.executable, "-P", "-c", f"import sys; sys.path.append({root!r}); {statement}"]


def named_python() -> str:
    return os.environ.get(SCRIPT_PYTHON, "")


def script_command(*arguments: str) -> list[str]:
    """Return the command that runs a script, isolated from its folder; [] if no Python is known.

    It uses the Python that TINYNET_PYTHON names, else this one.
    """
    python = named_python() or ("" if is_folder() else sys.executable)
    return [python, "-P", *arguments] if python else []


EXTENDED_LIMITS = 9  # the number of this information, JOBOBJECT_EXTENDED_LIMIT_INFORMATION
TIME_FLAG, MEMORY_FLAG, END_TOGETHER_FLAG = 0x2, 0x100, 0x2000  # JOB_OBJECT_LIMIT_...
TICKS_PER_SECOND = 10**7


class _Limits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION; the unused fields are for the whole job, or count what was used."""

    _fields_ = (
        ("process_user_time", ctypes.c_int64),
        ("job_user_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("working_set", ctypes.c_size_t * 2),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priorities", ctypes.c_uint32 * 2),
        ("counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("others", ctypes.c_size_t * 3),
    )


def enter_job(most_bytes: int = 0, most_seconds: int = 0) -> None:
    """Put this process into its own Windows job, so that its child processes end with it, however it ends.

    `OSError` if Windows refuses.

    `most_bytes` of memory and `most_seconds` of processor time are limits for each process; 0 is no limit.
    """
    if sys.platform != "win32":
        return
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.SetInformationJobObject.argtypes = ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32
    kernel.AssignProcessToJobObject.argtypes = ctypes.c_void_p, ctypes.c_void_p
    limits = _Limits(flags=END_TOGETHER_FLAG)
    if most_bytes:
        limits.flags, limits.process_memory = limits.flags | MEMORY_FLAG, most_bytes
    if most_seconds:
        limits.flags, limits.process_user_time = limits.flags | TIME_FLAG, most_seconds * TICKS_PER_SECOND
    job = kernel.CreateJobObjectW(None, None)  # never closed: the end of the last process in it ends the job
    size = ctypes.sizeof(limits)
    is_made = job and kernel.SetInformationJobObject(job, EXTENDED_LIMITS, ctypes.byref(limits), size)
    if not (is_made and kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())):
        raise ctypes.WinError(ctypes.get_last_error())


def memory_in_use() -> int:
    """Return the bytes that count against the limit of `enter_job`: committed memory."""
    if sys.platform != "win32":
        return 0
    counters = (ctypes.c_size_t * 9)()  # PROCESS_MEMORY_COUNTERS, which begins with two halves
    counters[0] = ctypes.sizeof(counters)
    kernel = ctypes.windll.kernel32
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.K32GetProcessMemoryInfo.argtypes = ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32
    kernel.K32GetProcessMemoryInfo(kernel.GetCurrentProcess(), counters, ctypes.sizeof(counters))
    return int(counters[7])


POLL_SECONDS = 0.05


def answer_of(statement: str, request: bytes, on_progress: Callable[[float], object]) -> dict[str, Any] | None:
    """Run a statement in a process with these bytes as input; return its JSON output, or None if it ends without.

    The process ends with this call, also when `on_progress` raises.
    """
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # on Windows, where a console would appear
    with tempfile.TemporaryFile() as file:  # Python 3.11 forgets the rest of a pipe after a pause
        file.write(request)
        file.seek(0)
        streams: dict[str, Any] = {"stdin": file, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(python_command(statement), creationflags=flags, **streams) as process:
            try:
                while True:
                    try:
                        answer, _ = process.communicate(timeout=POLL_SECONDS)
                        reply: dict[str, Any] = json.loads(answer)
                        return reply
                    except subprocess.TimeoutExpired:
                        on_progress(0.0)
            except ValueError:
                return None  # it ended without an answer
            finally:
                process.kill()


def taken() -> int:
    """Return the bytes that count against the limit of `bound`; 0 where memory cannot be limited."""
    if sys.platform == "win32":
        return memory_in_use()
    with suppress(ImportError, OSError):
        import resource

        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    return 0


def bound(most_bytes: int, most_seconds: int) -> None:
    """Limit this process's memory, and its processor time from now on, where the system can."""
    most_seconds += ceil(process_time())
    if sys.platform == "win32":
        enter_job(most_bytes, most_seconds)
    with suppress(ImportError):
        import resource

        limits = {
            resource.RLIMIT_CPU: (most_seconds, most_seconds + 1),
            resource.RLIMIT_CORE: (0, 0),
            resource.RLIMIT_AS: (most_bytes, most_bytes),
        }
        for kind, limit in limits.items():
            with suppress(ValueError, OSError):  # it is lower already, or not to be set here
                resource.setrlimit(kind, limit)
