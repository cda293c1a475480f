"""The append-only file of autosave: each save adds only what is new, so it is cheap and cannot damage earlier saves.

A header line, then records: length and CRC-32 of the rest, a name, a new line, the content. A head has no name; the
session is the last complete head, if everything it names is there. Anything after a torn or damaged record is ignored.
"""

import contextlib
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tinynet_gui.core.arrays import Stop
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.storage.atomic import replacing
from tinynet_gui.core.storage.blobs import (
    MOST_BYTES,
    MOST_MEMBER_BYTES,
    RUNS,
    Blob,
    Budget,
    Parts,
    blob_bytes,
    blob_size,
)
from tinynet_gui.core.storage.parts import recover, unpack_session
from tinynet_gui.core.storage.plain_values import NewerVersionError, StorageError
from tinynet_gui.core.system.background import yield_to_window

KIND, NUMBER = b"tinynet journal ", b"1\n"
MAGIC = KIND + NUMBER
MOST_DEAD_BYTES = 4 * 2**20  # that a journal may have in addition to twice the bytes still needed
_RECORD = struct.Struct("<QI")
_LONGEST_NAME = 100


class Journal:
    """A journal in a file, which may not exist yet; for one process at a time, and one thread.

    `is_torn` is whether something follows the last complete record: then part of what was saved is lost.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[str, tuple[int, int]] = {}  # of each content: its start and its length
        self._head: bytes | None = None
        self._end = 0  # of the last complete record
        self.is_torn = False
        self._is_newer = False
        with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
            self._look_through(file)

    @property
    def size(self) -> int:
        return self._end

    def session(self, stop: Stop | None = None) -> Session:
        """Return the session saved last.

        `StorageError` if there is none, or it is incomplete or of a newer version; `StoppedError` soon after `stop`
        became nonzero.
        """
        if self._is_newer:
            raise NewerVersionError("its kind of journal")
        if self._head is None:
            raise StorageError("journal", "no session in it is whole")
        return unpack_session(self._head, self._fetch, Budget(self._end, stop))

    def recoverable(self, stop: Stop | None = None) -> Session | None:
        """Return a session of the complete runs, each as last saved; None if there are none."""
        names = [name for name in self._places if name.startswith(RUNS)]
        return recover(names, self._fetch, Budget(self._end, stop))

    def append(self, parts: Parts) -> None:
        """Save a session: it is on the disk when this returns.

        `OSError` if it cannot be written; the previous save is unchanged.
        """
        new = {name: blob for name, blob in parts.blobs.items() if name not in self._places}
        needed = len(parts.head) + sum(map(blob_size, parts.blobs.values()))
        more = len(parts.head) + sum(map(blob_size, new.values()))
        if not self._can_append() or self._end + more > 2 * needed + MOST_DEAD_BYTES:
            with replacing(self._path) as file:
                file.write(MAGIC)
                places = self._write(file, parts, parts.blobs)
                end = file.tell()
            self._places, self._end = places, end
        else:
            with open(self._path, "r+b") as file:
                file.seek(self._end)
                try:
                    places = self._write(file, parts, new)
                    file.truncate()
                    file.flush()
                    os.fsync(file.fileno())
                    end = file.tell()
                except OSError:
                    with contextlib.suppress(OSError):
                        file.truncate(self._end)
                    raise
            self._places.update(places)
            self._end = end
        self._head = parts.head

    def _can_append(self) -> bool:
        """Whether the file can be appended to: another program may have removed or truncated it."""
        with contextlib.suppress(FileNotFoundError):
            return 0 < self._end <= self._path.stat().st_size
        return False

    @staticmethod
    def _write(file: BinaryIO, parts: Parts, blobs: dict[str, Blob]) -> dict[str, tuple[int, int]]:
        places = {}
        for name, blob in (*blobs.items(), ("", parts.head)):
            yield_to_window()
            content = blob_bytes(blob)
            named = name.encode() + b"\n"
            file.write(_RECORD.pack(len(named) + len(content), zlib.crc32(content, zlib.crc32(named))))
            file.write(named)
            places[name] = file.tell(), len(content)
            file.write(content)
        del places[""]
        return places

    def _fetch(self, name: str) -> bytes:
        if name not in self._places:
            raise StorageError(name, "it is missing")
        begin, length = self._places[name]
        with open(self._path, "rb") as file:
            file.seek(begin)
            return file.read(length)

    def _look_through(self, file: BinaryIO) -> None:
        kind, number = file.read(len(KIND)), file.read(len(NUMBER))
        self._is_newer = kind == KIND and number[:1].isdigit() and number != NUMBER
        if kind + number != MAGIC:
            return
        self._end = file.tell()
        for name, begin, content in _records(file):
            if name:
                self._places[name] = begin, len(content)
            else:
                self._head = content
            self._end = file.tell()
        self.is_torn = file.seek(0, os.SEEK_END) > self._end


def _records(file: BinaryIO) -> Iterator[tuple[str, int, bytes]]:
    """Yield name, offset and content of each complete record, up to the first incomplete one."""
    while len(start := file.read(_RECORD.size)) == _RECORD.size:
        length, crc = _RECORD.unpack(start)
        if not 0 < length <= MOST_MEMBER_BYTES + _LONGEST_NAME or file.tell() > 4 * MOST_BYTES:
            return
        begin, record = file.tell(), file.read(length)
        name, line, content = record.partition(b"\n")
        if len(record) < length or zlib.crc32(record) != crc or not line or not name.isascii():
            return
        yield name.decode(), begin + len(name) + 1, content
