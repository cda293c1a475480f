"""Reads a table from a file or the clipboard, with any common separator.

Lines that begin with ``#`` are comments, and in a table separated by spaces so is the rest of a line from `` #`` on.
Blank lines are skipped. Where the table begins and ends is found by `table_in`.
"""

import re

from tinynet_gui.core.data.best_reading import best_reading
from tinynet_gui.core.data.columns_of_rows import table_of
from tinynet_gui.core.data.delimited import MOST_BYTES, OnProgress, decoded, ignore_progress, split_lines
from tinynet_gui.core.data.questions import with_question
from tinynet_gui.core.data.read_as import AS_IT_IS, ReadAs
from tinynet_gui.core.data.table import Table
from tinynet_gui.core.text.plain_file import read_at_most

PACKED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # how a spreadsheet begins: in a zip, or in OLE

_DECLARED = re.compile(r"\"?sep=([\t;,])\"?", re.IGNORECASE)  # a first line meant for Excel


def read_file(name: str, on_progress: OnProgress = ignore_progress, read_as: ReadAs = AS_IT_IS) -> Table:
    """Read a table from a file.

    Raises
    ------
    DataFileError
        If it contains none; a file that is far too long is not read to its end.
    OSError
        If the file cannot be read.
    """
    return read_table(read_at_most(name, MOST_BYTES + 1), on_progress, read_as)


def read_table(content: bytes | str, on_progress: OnProgress = ignore_progress, read_as: ReadAs = AS_IT_IS) -> Table:
    """Read a table from the content of a file or the clipboard.

    Bytes are a spreadsheet (xlsx, xls, ods), or text: UTF-8, UTF-16 if they begin with its byte order mark, and else
    Windows-1252.

    `DataFileError` if it is neither, too long, or its lines make no table.
    """
    if isinstance(content, bytes) and len(content) <= MOST_BYTES and content.startswith(PACKED):
        from tinynet_gui.core.data.workbook import read_workbook  # with what it needs, when one is opened

        return read_workbook(content, read_as, on_progress)
    lines = split_lines(decoded(content))
    first, declared = 0, ""
    if lines and (match := _DECLARED.fullmatch(lines[0].strip(" "))):
        first, declared = 1, match[1]
    extent, signs, others = best_reading(lines, first, declared, read_as, on_progress)
    return with_question(table_of(extent, signs, read_as, on_progress), others)
