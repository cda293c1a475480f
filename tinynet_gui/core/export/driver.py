"""Runs an exported script in a separate process, and writes its numbers to a file as they are computed.

The script is plain code with a list ``losses``, or ``numbers``, and knows nothing of this. This file is run by its
path, and imports nothing of the program.
"""

import os
import platform
import sys
import threading
from array import array
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO

POLL_S = 0.05


def _copy(numbers: list[float], place: int, limit: int, file: BinaryIO) -> int:
    """Append the numbers from `place` on to the file; return how many it has now."""
    new = numbers[place:limit]
    file.write(array("f", new).tobytes())
    file.flush()
    return place + len(new)


def _follow(names: dict[str, Any], is_over: threading.Event, limit: int, file: BinaryIO) -> None:
    """Write the numbers as they are computed, until the script ends or `limit` is reached."""
    place = 0
    while not is_over.wait(POLL_S):
        place = _copy(_list(names), place, limit, file)
        if place >= limit:
            os._exit(0)  # the rest of the script is not needed
    _copy(_list(names), place, limit, file)


def _list(names: dict[str, Any]) -> list[float]:
    found: list[float] = names.get("losses") or names.get("numbers", [])
    return found


def _versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for name in ("torch", "numpy"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} none")
    return ", ".join(found)


def main(script: str, target: str, limit: str) -> None:
    """Run a script and write at most `limit` of its numbers to the file `target`, as consecutive float32.

    First, the versions it is run with are written to the file ``versions`` beside it.
    """
    Path(target).with_name("versions").write_text(_versions(), encoding="utf-8")
    if hasattr(os, "nice"):
        os.nice(5)  # the window goes first
    names: dict[str, Any] = {"__name__": "__main__", "__file__": script}
    is_over = threading.Event()
    with open(target, "wb") as file:
        follower = threading.Thread(target=_follow, args=(names, is_over, int(limit), file))
        follower.start()
        try:
            exec(compile(Path(script).read_text(encoding="utf-8"), script, "exec"), names)
        finally:
            is_over.set()
            follower.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
