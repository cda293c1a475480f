"""A session in a file of the user's own: a zip of JSON and arrays.

``arrays/…`` and ``runs/…`` are named by what is in them, each behind what it names itself; ``session.json`` is the
last. So each run stands for itself, and a file that was cut off still has those that came before.
"""

import mmap
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from tinynet_gui.core.right_of_way import give_way
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.run.storage.atomic import replacing
from tinynet_gui.core.run.storage.blobs import ARRAYS, MOST_MEMBER_BYTES, RUNS, blob_bytes
from tinynet_gui.core.run.storage.parts import NewerVersionError, Packer, recover, unpack
from tinynet_gui.core.run.storage.plain import StorageError
from tinynet_gui.core.text.shortened import shortened

SUFFIX = ".tinynet"
HEAD = "session.json"
_LOCAL = struct.Struct("<4s5H3I2H")  # what stands before each member of a zip
_SIGNATURE = b"PK\x03\x04"
_KNOWN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, OverflowError, OSError)


class SessionFileError(Exception):
    """A file that cannot be opened; the message says why.

    `recoverable` is a session of the runs in it that are whole, or None.
    """

    def __init__(self, message: str, recoverable: Session | None = None) -> None:
        super().__init__(message)
        self.recoverable = recoverable


def write_session(
    path: Path, session: Session, packer: Packer | None = None, report: Callable[[float], None] | None = None
) -> None:
    """Write a session to a file; whatever fails, one that is there already stays as it is.

    Parameters
    ----------
    packer
        One that knows the session already.
    report
        Called with the share that is written.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    parts = (packer or Packer()).pack(session)
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        for place, (name, blob) in enumerate(parts.blobs.items()):
            give_way()
            method = zipfile.ZIP_STORED if name.startswith(ARRAYS) else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), blob_bytes(blob), method)
            if report is not None:
                report(place / len(parts.blobs))
        archive.writestr(zipfile.ZipInfo(HEAD), parts.head, zipfile.ZIP_DEFLATED)


def read_session(path: Path) -> Session:
    """Return the session in a file.

    Raises
    ------
    SessionFileError
        If there is none, or not all of it, or it is of a newer version.
    """
    try:
        if not path.is_file() and path.exists():  # it may be endless
            raise SessionFileError(f"{shortened(str(path))} is no file")
        with open(path, "rb") as file:
            return _read(file, path.name)
    except OSError as error:
        raise SessionFileError(shortened(str(error))) from None


def _read(file: BinaryIO, name: str) -> Session:
    try:
        with zipfile.ZipFile(file) as archive:
            return unpack(_member(archive, HEAD), lambda member: _member(archive, member))
    except NewerVersionError as error:
        raise SessionFileError(f"{name}: {error}; it is left as it is") from None
    except _BROKEN as error:
        found = _recovered(file)
        if found is None and not _looks_like_one(file):
            raise SessionFileError(f"{name} is no session of tinynet") from None
        trouble = shortened(str(error), 200) if isinstance(error, StorageError) else "a part of it cannot be read"
        raise SessionFileError(f"{name} is damaged: {trouble}", found) from None


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise StorageError(name, "it is missing") from None
    if info.compress_type not in _KNOWN_METHODS or info.file_size > MOST_MEMBER_BYTES:
        raise StorageError(name, f"{info.file_size:,} bytes are more than any part of a session has")
    with archive.open(info) as member:
        content = member.read(info.file_size + 1)
    if len(content) != info.file_size:
        raise StorageError(name, "it is not whole")
    return content


def _looks_like_one(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(_LOCAL.size + len(ARRAYS)).startswith(_SIGNATURE)


def _recovered(file: BinaryIO) -> Session | None:
    """Return what is whole of a zip, whatever has become of its directory, which stands at its end."""
    try:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            places = dict(_members(content))

            def fetch(name: str) -> bytes:
                if name not in places:
                    raise StorageError(name, "it is missing")
                return _content(content, *places[name])

            return recover([name for name in places if name.startswith(RUNS)], fetch)
    except _BROKEN:
        return None


def _members(content: mmap.mmap) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    """Yield what seem to be members: name, and where the content is, its length there, its method and CRC-32."""
    place = content.find(_SIGNATURE)
    while 0 <= place <= len(content) - _LOCAL.size:
        _, _, _, method, _, _, crc, length, _, of_name, of_extra = _LOCAL.unpack_from(content, place)
        begin = place + _LOCAL.size + of_name + of_extra
        is_whole = begin + length <= len(content)
        if is_whole and method in _KNOWN_METHODS:
            name = content[place + _LOCAL.size : place + _LOCAL.size + of_name]
            yield name.decode("latin-1"), (begin, length, method, crc)
        place = content.find(_SIGNATURE, begin + length if is_whole else place + 1)


def _content(content: mmap.mmap, begin: int, length: int, method: int, crc: int) -> bytes:
    member = content[begin : begin + length]
    if method == zipfile.ZIP_DEFLATED:
        try:
            member = zlib.decompressobj(-zlib.MAX_WBITS).decompress(member, MOST_MEMBER_BYTES)
        except zlib.error as error:
            raise StorageError("zip", str(error)) from None
    if zlib.crc32(member) != crc:
        raise StorageError("zip", "a part of it is damaged")
    return member
