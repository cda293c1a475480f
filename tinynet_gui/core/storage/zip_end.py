"""How large the directory at the end of a zip is: `zipfile` reads all of it, at ten times its size in memory."""

import os
import struct
from typing import BinaryIO

_END = struct.Struct("<4s8xII2s")  # the last record: its mark, the size of the directory and its place, no comment
_LOCATOR = struct.Struct("<4s4xQ4x")  # before it in a large zip: its mark, and the place of the next one
_LARGE_END = struct.Struct("<4s36xQ8x")  # its mark, and the size of the directory
_MARK, _LOCATOR_MARK, _LARGE_MARK = b"PK\5\6", b"PK\6\7", b"PK\6\6"
_LONGEST_COMMENT = 2**16


def directory_bytes(file: BinaryIO) -> int:
    """Return the size in bytes that the end of a zip states for its directory; 0 if there is no end."""
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
