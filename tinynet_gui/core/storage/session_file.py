"""A session in a file: the one that the user saves, and the one to which autosave appends what is new.

A header line, then records: length and CRC-32 of the rest, a name, a new line, the content. Runs and arrays are named
by their content, each after those it refers to; a head has no name. The session is that of the last head before the
first damaged record, so an append cannot damage what was saved before. Nothing is packed: no file becomes larger when
it is read. Of a damaged file, every run is recovered whose own records are whole, also those after the damage.
"""

import contextlib
import mmap
import os
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import BinaryIO

from tinynet_gui.core.run.session import Session
from tinynet_gui.core.storage import atomic, blobs, plain_values
from tinynet_gui.core.storage.parts import Packer, recover, unpack_session
from tinynet_gui.core.system.background import raise_if_stopped, yield_to_window
from tinynet_gui.core.text.files import file_trouble
from tinynet_gui.core.text.language import gettext as _, with_signs
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.values import Stop

SUFFIX = ".tinynet"
KIND, NUMBER = b"tinynet session ", b"6\n"  # the format that brought this kind of file
MAGIC = KIND + NUMBER
MAX_FILE_BYTES = 2 * blobs.MAX_BYTES  # for the arrays, and as much again for their descriptions
MAX_PARTS = 150_000  # enough for 290 runs
MAX_DEAD_BYTES = 4 * 2**20  # a file may have these in addition to twice the bytes still needed
MAX_CHECKED = 4  # times the bytes of a damaged file: a record may claim to reach over many others
_RECORD = struct.Struct("<QI")
_PORTION = 2**22  # bytes searched together
_PART_NAME = re.compile(rb"((?:arrays|runs)/[0-9a-f]{32})\n")
_NAME = re.compile(_PART_NAME.pattern + rb"|\n")
_LONGEST_NAME = 40
_DEVELOPMENT = re.compile(rb"tinynet journal |PK\x03\x04.{26}(?:arrays|runs)/", re.DOTALL)

_Content = bytes | mmap.mmap
_Place = tuple[int, int, int]  # start and end of a content, and the CRC-32 of its record


class SessionFileError(Exception):
    """A file that cannot be opened; the message, said after its name, says why.

    `recoverable` is a session of the complete runs in it, or None.
    """

    def __init__(self, message: str, recoverable: Session | None = None) -> None:
        super().__init__(message)
        self.recoverable = recoverable

    @property
    def in_full(self) -> str:
        """The message for a reader outside the window, which alone can recover runs."""
        words = _("{error}; open it in the window, which recovers the intact part") if self.recoverable else "{error}"
        return words.format(error=self)


def write_session(path: Path, session: Session, report: Callable[[float], None] | None = None) -> None:
    """Write a session to a file; on any failure an existing file is unchanged.

    `OSError` if it cannot be written, or could not be read back. `report` is called with the share written.
    """
    parts = Packer().pack(session)
    with atomic.replacing(path) as file:
        _write_all(file, parts, report)


def read_session(path: Path, report: Callable[[float], None] | None = None, stop: Stop | None = None) -> Session:
    """Return the session in a file; `report` is called with the share read.

    `StoppedError` once the element of `stop` is nonzero; `SessionFileError` if there is no session, or not all of it,
    or another version of the program made it.
    """
    check_file(path)
    with _as_session_error():
        journal = Journal(path, stop)
        try:
            return journal.session(stop, report)
        except plain_values.OtherVersionError as error:
            raise SessionFileError(_("is left unchanged: {error}").format(error=error)) from None
        except plain_values.StorageError as error:
            trouble = shortened(str(error), 200)
        found = journal.recoverable(stop)  # by now the error is gone, and with it everything that had been read
    words = _("is damaged: {trouble}; nothing of it could be saved") if found is None else _("is damaged: {trouble}")
    raise SessionFileError(words.format(trouble=trouble), found)


def check_file(path: Path) -> None:
    """Raise `SessionFileError` if a quick check shows that a file is unreadable or not a session."""
    with _as_session_error():
        if not path.is_file() and path.exists():  # its content may be endless
            raise SessionFileError(_("is not a file"))
        if path.stat().st_size > MAX_FILE_BYTES:
            words = _("is not a session of tinynet: none is larger than {most} GB")
            raise SessionFileError(words.format(most=with_signs(f"{MAX_FILE_BYTES / 1e9:.1f}")))
        with open(path, "rb") as file:
            begin = file.read(100)
        if _DEVELOPMENT.match(begin):
            error = plain_values.DevelopmentVersionError(_("its kind of file"))
            raise SessionFileError(_("is left unchanged: {error}").format(error=error))
        if not begin.startswith(KIND):
            raise SessionFileError(_("is not a session of tinynet"))


@contextlib.contextmanager
def _as_session_error() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SessionFileError(_("cannot be read: {trouble}").format(trouble=shortened(file_trouble(error)))) from None


class Journal:
    """A session's file, which may not exist yet; for one process at a time, and one thread.

    `is_torn` is whether something follows the last complete record: then part of what was saved is lost.
    """

    def __init__(self, path: Path, stop: Stop | None = None) -> None:
        self._path = path
        self._places: dict[str, _Place] = {}
        self._head: bytes | None = None
        self._end = 0  # of the last complete record
        self._trouble = plain_values.StorageError("session", _("there is none in it"))  # if there is no head
        self.is_torn = False
        with contextlib.suppress(FileNotFoundError), _content(path) as content:
            self._scan(content, stop)

    @property
    def size(self) -> int:
        return self._end

    def session(self, stop: Stop | None = None, report: Callable[[float], None] | None = None) -> Session:
        """Return the session saved last; `report` is called with the share read.

        `StorageError` if there is none, or it is incomplete or of another version; `StoppedError` soon after `stop`
        became nonzero.
        """
        if self._head is None:
            raise self._trouble
        with open(self._path, "rb") as file:
            return unpack_session(self._head, _fetching(file, self._places, report), blobs.Budget(self._end, stop))

    def recoverable(self, stop: Stop | None = None) -> Session | None:
        """Return a session of the complete runs, each as last saved; None if there are none."""
        with contextlib.suppress(FileNotFoundError), _content(self._path) as content:
            places = self._places | _found_after(content, self._end, MAX_PARTS - len(self._places), stop)
            names = [name for name in places if name.startswith(blobs.RUNS)]
            with open(self._path, "rb") as file:
                return recover(names, _fetching(file, places), blobs.Budget(len(content), stop))
        return None

    def append(self, parts: blobs.SessionParts) -> None:
        """Save a session: it is on the disk when this returns.

        `OSError` if it cannot be written; the previous save is unchanged.
        """
        new = {name: blob for name, blob in parts.blobs.items() if name not in self._places}
        needed = len(parts.head) + sum(map(blobs.blob_size, parts.blobs.values()))
        more = len(parts.head) + sum(map(blobs.blob_size, new.values()))
        is_too_large = self._end + more > 2 * needed + MAX_DEAD_BYTES or len(self._places) + len(new) > MAX_PARTS
        if is_too_large or not self._can_append():
            with atomic.replacing(self._path) as file:
                self._places = _write_all(file, parts)
                self._end = file.tell()
        else:
            with open(self._path, "r+b") as file:
                file.seek(self._end)
                try:
                    places = _write(file, parts, new)
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

    def _scan(self, content: _Content, stop: Stop | None) -> None:
        """Find the parts and the last head, up to the first record that is not whole."""
        begin = content[: len(MAGIC)]
        if begin != MAGIC:
            if begin.startswith(KIND) and begin[len(KIND) :][:1].isdigit():
                self._trouble = plain_values.NewerVersionError(_("its kind of file"))
            elif _DEVELOPMENT.match(content[:100]):
                self._trouble = plain_values.DevelopmentVersionError(_("its kind of file"))
            return
        self._end = len(MAGIC)
        while (record := _record_at(content, self._end)) is not None and len(self._places) < MAX_PARTS:
            raise_if_stopped(stop)
            yield_to_window()
            name, place = record
            if name:
                self._places[name] = place
            else:
                self._head = content[place[0] : place[1]]
            self._end = place[1]
        self.is_torn = len(content) > self._end
        if not self.is_torn:
            self._trouble = plain_values.StorageError(_part(""), _("it is missing"))
        elif record is not None:
            words = _("none has more than {most} parts").format(most=count_text(MAX_PARTS))
            self._trouble = plain_values.StorageError("session", words)
        else:
            start = self._end + _RECORD.size
            name_there = _NAME.match(content[start : start + _LONGEST_NAME])
            what = _("a part of it") if name_there is None else _part((name_there[1] or b"").decode())
            self._trouble = plain_values.StorageError(what, _("it cannot be read"))


@contextlib.contextmanager
def _content(path: Path) -> Iterator[_Content]:
    with open(path, "rb") as file:
        if not os.fstat(file.fileno()).st_size:
            yield b""  # an empty file cannot be mapped
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            yield content


def _record_at(content: _Content, begin: int) -> tuple[str, _Place] | None:
    """Return the name of the whole record at an offset, and its place; None if there is none."""
    start = begin + _RECORD.size
    if start > len(content):
        return None
    length, crc = _RECORD.unpack_from(content, begin)
    name = _NAME.match(content[start : start + _LONGEST_NAME])
    if name is None or not name.end() <= length <= min(blobs.MAX_PART_BYTES + _LONGEST_NAME, len(content) - start):
        return None
    if zlib.crc32(content[start : start + length]) != crc:
        return None
    return (name[1] or b"").decode(), (start + name.end(), start + length, crc)


def _found_after(content: _Content, begin: int, most: int, stop: Stop | None) -> dict[str, _Place]:
    """Return the parts in the whole records after a damaged one, at most `most`."""
    places: dict[str, _Place] = {}
    left, portion = MAX_CHECKED * len(content), begin
    while portion < len(content) and left > 0 and len(places) < most:
        raise_if_stopped(stop)
        yield_to_window()
        found = _PART_NAME.search(content, portion, portion + _PORTION)
        if found is None:
            portion += _PORTION - _LONGEST_NAME
            continue
        start = found.start() - _RECORD.size
        record = _record_at(content, start) if start >= begin else None
        if record is not None:
            name, place = record
            places[name], portion = place, place[1]
        else:
            portion = found.end()
            claimed = _RECORD.unpack_from(content, start)[0] if start >= begin else 0
            left -= claimed if claimed <= len(content) else 0
    return places


def _fetching(file: BinaryIO, places: dict[str, _Place], report: Callable[[float], None] | None = None) -> blobs.Fetch:
    """Return how to read a part; `StorageError` if it is missing, or the file has been replaced meanwhile."""
    numbers = count(1)

    def fetch(name: str) -> bytes:
        if name not in places:
            raise plain_values.StorageError(_part(name), _("it is missing"))
        begin, end, crc = places[name]
        file.seek(begin)
        content = file.read(end - begin)
        if zlib.crc32(content, zlib.crc32(name.encode() + b"\n")) != crc:
            raise plain_values.StorageError(_part(name), _("it cannot be read"))
        if report is not None:
            report(min(next(numbers) / len(places), 1.0))
        return content

    return fetch


def _part(name: str) -> str:
    """Describe a part to a reader who does not know the file format."""
    if not name:
        return _("the list of its runs")
    return _("a run") if name.startswith(blobs.RUNS) else _("the numbers of a run")


def _write_all(
    file: BinaryIO, parts: blobs.SessionParts, report: Callable[[float], None] | None = None
) -> dict[str, _Place]:
    if len(parts.blobs) >= MAX_PARTS:
        words = _("it has {count} parts, and {most} are read: delete some runs")
        raise OSError(words.format(count=count_text(len(parts.blobs)), most=count_text(MAX_PARTS)))
    file.write(MAGIC)
    return _write(file, parts, parts.blobs, report)


def _write(
    file: BinaryIO,
    parts: blobs.SessionParts,
    added: dict[str, blobs.Blob],
    report: Callable[[float], None] | None = None,
) -> dict[str, _Place]:
    """Write blobs and then the head, and return where the blobs are."""
    places = {}
    for number, (name, blob) in enumerate((*added.items(), ("", parts.head))):
        yield_to_window()
        content, named = blobs.blob_bytes(blob), name.encode() + b"\n"
        crc = zlib.crc32(content, zlib.crc32(named))
        file.write(_RECORD.pack(len(named) + len(content), crc))
        file.write(named)
        begin = file.tell()
        file.write(content)
        places[name] = begin, begin + len(content), crc
        if report is not None:
            report(number / (len(added) + 1))
    del places[""]
    return places
