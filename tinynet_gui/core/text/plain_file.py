"""Plain files, and no others: a pipe may never answer, a device may never end."""

import os
import stat
from pathlib import Path


def read_at_most(name: str | Path, count: int) -> bytes:
    """Return the first bytes of a file, at most `count`; `OSError` if it cannot be read, or is a pipe or a device."""
    check_plain(name)
    with open(name, "rb") as file:
        return file.read(count)


def check_plain(name: str | Path) -> None:
    """Raise `OSError` if a file is a pipe or a device, or there is none."""
    kind = os.stat(name).st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):  # of a folder the system says it better
        raise OSError("it is not a plain file, but a pipe or a device")
