"""A separate process for what may do harm, such as a file from anywhere: its memory and processor time are limited.

The system limits them, so a machine that is slow or busy ends nothing: by ``resource``, on Windows by a job object.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from math import ceil
from time import process_time
from typing import IO, Any

from tinynet_gui.core.system.python_process import python_command
from tinynet_gui.core.system.windows_job import enter_job, memory_in_use

POLL_SECONDS = 0.05


def answer_of(statement: str, asked: bytes, on_progress: Callable[[float], object]) -> dict[str, Any] | None:
    """Return the JSON that a statement writes when given these bytes; None if it ends without.

    Its process ends with this call, also when `on_progress` raises.
    """
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # on Windows, where a console would appear
    with (
        tempfile.TemporaryFile() as file,  # Python 3.11 forgets the rest of a pipe after a pause
        subprocess.Popen(
            python_command(statement),
            stdin=_filled(file, asked),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=flags,
        ) as process,
    ):
        try:
            while True:
                try:
                    answer, _ = process.communicate(timeout=POLL_SECONDS)
                    said: dict[str, Any] = json.loads(answer)
                    return said
                except subprocess.TimeoutExpired:
                    on_progress(0.0)
        except ValueError:
            pass  # it ended without an answer
        finally:
            process.kill()
    return None


def taken() -> int:
    """Return how many bytes this process has of the memory that `bound` limits; 0 where it cannot limit any."""
    if sys.platform == "win32":
        return memory_in_use()
    with suppress(ImportError, OSError):
        import resource

        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    return 0


def bound(most_bytes: int, most_seconds: int) -> None:
    """Bound this process's memory, and the processor time from now on, where the system can."""
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


def _filled(file: IO[bytes], content: bytes) -> IO[bytes]:
    file.write(content)
    file.seek(0)
    return file
