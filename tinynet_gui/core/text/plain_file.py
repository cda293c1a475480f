"""The beginning of a file from outside, if it is a plain one: a pipe may never answer, a device may never end."""

import os
import stat
from pathlib import Path


def read_at_most(name: str | Path, count: int) -> bytes:
    """Return the first bytes of a file, at most `count`; `OSError` if it cannot be read, or is a pipe or a device."""
    kind = os.stat(name).st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):  # of a folder the system says it better
        raise OSError("it is not a plain file, but a pipe or a device")
    with open(name, "rb") as file:
        return file.read(count)
