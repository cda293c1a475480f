"""A session in a file that the user saves: a zip of JSON and arrays.

``arrays/…`` and ``runs/…`` are named by their content, each after those it refers to; ``session.json`` is the last. So
each run is independent, and a truncated file still has those at its beginning.
"""

import contextlib
import mmap
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from typing import BinaryIO

from tinynet_gui.core.arrays import Stop
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.storage.atomic import replacing
from tinynet_gui.core.storage.blobs import ARRAYS, MOST_BYTES, MOST_MEMBER_BYTES, RUNS, Budget, blob_bytes
from tinynet_gui.core.storage.journal import KIND, Journal
from tinynet_gui.core.storage.parts import Packer, recover, unpack_session
from tinynet_gui.core.storage.plain_values import OtherVersionError, StorageError
from tinynet_gui.core.system.background import yield_to_window
from tinynet_gui.core.text.files import file_trouble
from tinynet_gui.core.text.shortened import shortened

_END = struct.Struct("<4s8xII2s")  # the last record: its mark, the size of the directory and its place, no comment
_LOCATOR = struct.Struct("<4s4xQ4x")  # before it in a large zip: its mark, and the place of the next one
_LARGE_END = struct.Struct("<4s36xQ8x")  # its mark, and the size of the directory
_MARK, _LOCATOR_MARK, _LARGE_MARK = b"PK\5\6", b"PK\6\7", b"PK\6\6"
_LONGEST_COMMENT = 2**16


def directory_bytes(file: BinaryIO) -> int:
    """Return the size in bytes that the end record of a zip states for its directory; 0 if there is none."""
    length = file.seek(0, os.SEEK_END)
    begin = max(0, length - _LONGEST_COMMENT - _END.size)
    end = begin + _at(file, begin, _LONGEST_COMMENT + _END.size).rfind(_MARK)
    last = length - _END.size
    if last >= 0 and _at(file, last, _END.size).startswith(_MARK) and _at(file, length - 2, 2) == bytes(2):
        end = last
    if end < begin:
        return 0
    sizes = [_size(file, end, _END, _MARK)]
    locator = _at(file, end - _LOCATOR.size, _LOCATOR.size)
    if locator.startswith(_LOCATOR_MARK):  # it counts more; Pythons differ in where they look for the record
        places = end - _LOCATOR.size - _LARGE_END.size, _LOCATOR.unpack(locator)[1]
        sizes += [_size(file, place, _LARGE_END, _LARGE_MARK) for place in places]
    return max(sizes)


def _at(file: BinaryIO, place: int, count: int) -> bytes:
    if not 0 <= place < 2**63:
        return b""
    file.seek(place)
    return file.read(count)


def _size(file: BinaryIO, place: int, record: struct.Struct, mark: bytes) -> int:
    content = _at(file, place, record.size)
    if len(content) < record.size or not content.startswith(mark):
        return 0
    size: int = record.unpack(content)[1]
    return size


SUFFIX = ".tinynet"
HEAD = "session.json"
MOST_FILE_BYTES = 2 * MOST_BYTES  # for the arrays, and as much again for their descriptions
MOST_MEMBERS, MEMBER_BYTES = 150_000, 85  # of a zip: enough for 290 runs; bytes of each in its directory
PORTION = 2**22  # bytes searched together
UNREADABLE = "it cannot be read"
NOTHING_SAVED = "nothing of it could be saved"
_LOCAL = struct.Struct("<4s5H3I2H")  # the header of each member of a zip
_SIGNATURE = b"PK\x03\x04"
_KNOWN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, OverflowError, OSError)


class SessionFileError(Exception):
    """A file that cannot be opened; the message, shown after its name, says why.

    `recoverable` is a session of the complete runs in it, or None.
    """

    def __init__(self, message: str, recoverable: Session | None = None) -> None:
        super().__init__(message)
        self.recoverable = recoverable


def write_session(path: Path, session: Session, report: Callable[[float], None] | None = None) -> None:
    """Write a session to a file; on any failure an existing file is unchanged.

    `OSError` if it cannot be written, or could not be read back. `report` is called with the share written.
    """
    parts = Packer().pack(session)
    if len(parts.blobs) >= MOST_MEMBERS:
        raise OSError(f"it has {len(parts.blobs):,} parts, and {MOST_MEMBERS:,} are read: delete some runs")
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        for place, (name, blob) in enumerate(parts.blobs.items()):
            yield_to_window()
            method = zipfile.ZIP_STORED if name.startswith(ARRAYS) else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), blob_bytes(blob), method)
            if report is not None:
                report(place / len(parts.blobs))
        archive.writestr(zipfile.ZipInfo(HEAD), parts.head, zipfile.ZIP_DEFLATED)


def read_session(path: Path, report: Callable[[float], None] | None = None, stop: Stop | None = None) -> Session:
    """Return the session in a file; `report` is called with the share read.

    `StoppedError` once the element of `stop` is nonzero; `SessionFileError` if there is no session, or not all of it,
    or its version is newer.
    """
    check_file(path)
    with _said(), open(path, "rb") as file:
        if file.read(len(KIND)) == KIND:
            return _read_journal(path, stop)
        return _read(file, Budget(path.stat().st_size, stop), report)


def check_file(path: Path) -> None:
    """Raise `SessionFileError` if a quick check shows that a file is unreadable or not a session."""
    with _said():
        if not path.is_file() and path.exists():  # its content may be endless
            raise SessionFileError("is not a file")
        if path.stat().st_size > MOST_FILE_BYTES:
            raise SessionFileError(f"is not a session of tinynet: none is larger than {MOST_FILE_BYTES / 1e9:.1f} GB")
        with open(path, "rb") as file:
            if not file.read(len(KIND)).startswith((KIND, _SIGNATURE)) and not zipfile.is_zipfile(file):
                raise SessionFileError("is not a session of tinynet")


@contextlib.contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SessionFileError(f"cannot be read: {shortened(file_trouble(error))}") from None


def _read_journal(path: Path, stop: Stop | None) -> Session:
    """Return the session in a journal of autosave, most likely one that was set aside."""
    journal = Journal(path)
    try:
        return journal.session(stop)
    except OtherVersionError as error:
        raise SessionFileError(f"is left unchanged: {error}") from None
    except StorageError as error:
        trouble = f"is damaged: {error}"
    found = journal.recoverable(stop)
    raise SessionFileError(trouble if found is not None else f"{trouble}; {NOTHING_SAVED}", found)


def _read(file: BinaryIO, budget: Budget, report: Callable[[float], None] | None) -> Session:
    if directory_bytes(file) > MOST_MEMBERS * MEMBER_BYTES:
        raise SessionFileError(f"is not a session of tinynet: none has more than {MOST_MEMBERS:,} parts")
    try:
        with zipfile.ZipFile(file) as archive:
            left = count(1)

            def fetch(name: str) -> bytes:
                if report is not None:
                    report(min(next(left) / len(archive.filelist), 1.0))
                return _member(archive, name, budget)

            return unpack_session(_member(archive, HEAD, budget), fetch, budget)
    except OtherVersionError as error:
        raise SessionFileError(f"is left unchanged: {error}") from None
    except _BROKEN as error:
        part = shortened(str(error), 200) if isinstance(error, StorageError) else f"its end: {UNREADABLE}"
    found = _recovered(file, budget)  # by now the error is gone, and with it everything that had been read
    if found is None and not _looks_like_one(file):
        raise SessionFileError("is not a session of tinynet")
    saved = "" if found is not None else f"; {NOTHING_SAVED}"
    raise SessionFileError(f"is damaged: {part}{saved}", found)


def _member(archive: zipfile.ZipFile, name: str, budget: Budget) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise StorageError(_part(name), "it is missing") from None
    if info.compress_type not in _KNOWN_METHODS:
        raise StorageError(_part(name), f"it is packed by method {info.compress_type}, as no session is")
    if info.file_size > MOST_MEMBER_BYTES:
        raise StorageError(_part(name), f"{info.file_size:,} bytes are more than any part of a session has")
    budget.charge(info.file_size - info.compress_size, _part(name))
    try:
        with archive.open(info) as member:
            content = member.read(info.file_size + 1)
    except _BROKEN:
        raise StorageError(_part(name), UNREADABLE) from None
    if len(content) != info.file_size:
        raise StorageError(_part(name), "it is not whole")
    return content


def _part(name: str) -> str:
    """Describe a zip member to a reader who does not know the file format."""
    if name == HEAD:
        return "the list of its runs"
    return "a run" if name.startswith(RUNS) else "the numbers of a run"


def _looks_like_one(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(_LOCAL.size + len(ARRAYS)).startswith(_SIGNATURE)


def _recovered(file: BinaryIO, budget: Budget) -> Session | None:
    """Recover the intact part of a zip, even without the directory at its end."""
    try:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            places = dict(islice(_members(content, budget), MOST_MEMBERS))

            def fetch(name: str) -> bytes:
                if name not in places:
                    raise StorageError(_part(name), "it is missing")
                return _content(content, *places[name], budget)

            return recover([name for name in places if name.startswith(RUNS)], fetch, budget)
    except _BROKEN:
        return None


def _members(content: mmap.mmap, budget: Budget) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    """Yield possible members: name, and the offset of the content, its length there, its method and CRC-32."""
    place = _find(content, 0)
    while 0 <= place <= len(content) - _LOCAL.size:
        budget.go_on()
        _, _, _, method, _, _, crc, length, _, of_name, of_extra = _LOCAL.unpack_from(content, place)
        begin = place + _LOCAL.size + of_name + of_extra
        is_whole = begin + length <= len(content)
        if is_whole and method in _KNOWN_METHODS:
            name = content[place + _LOCAL.size : place + _LOCAL.size + of_name]
            yield name.decode("latin-1"), (begin, length, method, crc)
        place = _find(content, begin + length if is_whole else place + 1)


def _find(content: mmap.mmap, begin: int) -> int:
    """Return the offset of the next possible member, or -1; yields to other threads meanwhile."""
    for first in range(begin, len(content), PORTION):
        yield_to_window()
        place = content.find(_SIGNATURE, first, first + PORTION + len(_SIGNATURE) - 1)
        if place >= 0:
            return place
    return -1


def _content(content: mmap.mmap, begin: int, length: int, method: int, crc: int, budget: Budget) -> bytes:
    member = content[begin : begin + length]
    if method == zipfile.ZIP_DEFLATED:
        most = max(1, min(MOST_MEMBER_BYTES, length + budget.left))  # 0 would mean no limit
        try:
            member = zlib.decompressobj(-zlib.MAX_WBITS).decompress(member, most)
        except zlib.error as error:
            raise StorageError("zip", str(error)) from None
        budget.charge(len(member) - length, "zip")
    if zlib.crc32(member) != crc:
        raise StorageError("zip", "a part of it is damaged")
    return member
