"""A file takes the place of another whole, or not at all."""

import contextlib
import glob
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write that becomes `path` once it is whole and on the disk; whatever fails, the old one stays.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path = Path(os.path.realpath(path))  # what a link points at, not the link
    remove_left_over(path.parent, path.name)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with _held(beside):
        try:
            with open(beside, "wb") as file:
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
    """Remove what processes that were killed have left of a file in a folder, or of any; not what one is writing."""
    for part in folder.glob(f".{name if name == '*' else glob.escape(name)}.*.part"):
        with contextlib.suppress(OSError), _held(part, is_new=False):
            part.unlink()


@contextlib.contextmanager
def _held(path: Path, is_new: bool = True) -> Iterator[None]:
    """Lock a file for as long as it is written, or raise OSError if another does: it may not be taken for left over.

    Windows lets nobody remove what is open.
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
    """Let what has been made or renamed in a folder outlast a power cut, where a folder can be synced."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
