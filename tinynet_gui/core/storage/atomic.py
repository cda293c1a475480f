"""Atomic replacement of files, and quarantine of unreadable ones."""

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tinynet_gui.core.text.files import check_plain

MAX_SET_ASIDE = 3  # files of a kind that were set aside


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that replaces `path` once it is complete and on the disk; on any failure the old file stays.

    `OSError` if it cannot be written, or `path` is a pipe or a device, which the file would replace.
    """
    path = Path(os.path.realpath(path))  # the target of a link, not the link
    mode = None
    with contextlib.suppress(FileNotFoundError):
        check_plain(path)
        mode = stat.S_IMODE(path.stat().st_mode)
    remove_left_over(path.parent, path.name)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with _locked(beside):
        try:
            with open(beside, "wb") as file:
                if mode is not None:  # nobody may read it who could not before
                    with contextlib.suppress(OSError):
                        os.chmod(beside, mode)
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
    sync_folder(path.parent)


def remove_left_over(folder: Path, name: str = "*") -> None:
    """Remove temporary files of killed processes, of one file or of all in a folder; not one still being written."""
    begin = "." if name == "*" else f".{name}."
    for part in os.listdir(folder) if folder.is_dir() else ():  # a pattern would be compiled
        if part.startswith(begin) and part.endswith(".part") and part.count(".") > 2:
            with contextlib.suppress(OSError), _locked(folder / part, is_new=False):
                (folder / part).unlink()


def set_aside(path: Path, stem: str, suffix: str) -> Path:
    """Rename a file that cannot be read, to ``stem``, ``stem1``, ``stem2`` … beside it, and return its new path.

    Only the latest `MAX_SET_ASIDE` of these are kept. OSError if it cannot be renamed.
    """
    name = re.compile(rf"{re.escape(stem)}(\d{{0,9}}){re.escape(suffix)}")
    there = {int(found[1] or 0): file for file in path.parent.iterdir() if (found := name.fullmatch(file.name))}
    number = max(there, default=-1) + 1
    there[number] = path.rename(path.with_name(f"{stem}{number or ''}{suffix}"))
    for earlier in sorted(there)[:-MAX_SET_ASIDE]:
        with contextlib.suppress(OSError):
            there[earlier].unlink()
    return there[number]


@contextlib.contextmanager
def _locked(path: Path, is_new: bool = True) -> Iterator[None]:
    """Lock a file while it is written, so that it is not removed as left over; OSError if another process holds it.

    On Windows an open file cannot be removed anyway.
    """
    if os.name != "posix":
        yield
        return
    import fcntl

    descriptor = os.open(path, os.O_WRONLY | (os.O_CREAT if is_new else 0), 0o666)
    try:
        with contextlib.suppress(OSError) if is_new else contextlib.nullcontext():  # not every disk has locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make sure that files made or renamed in a folder survive a power cut, where a folder can be synced."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
