"""The pictures and data files that a lesson names, read from its own folder only."""

import io
import os
import stat
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.data.delimited import SAMPLES, DataFileError, ReadAs, SheetError, skipped_lines
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.lessons.reading.table import TomlTable
from tinynet_gui.core.text.files import file_trouble, read_at_most
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text, listed
from tinynet_gui.core.text.shortened import written

MAX_DATA = 1_000_000  # bytes, all together: they take a second
MAX_PICTURE, MAX_PICTURES = 5_000_000, 20_000_000  # bytes; the last of all together
MAX_PIXELS = 12_500_000  # of the pictures of a text; those with 16 bits a colour count twice
MAX_SCANS = 100  # of a JPEG: each is as much work as the whole picture
LONGEST_NAME = 100
PICTURES = ("PNG", "JPEG", "GIF")
_SCAN, _BITS = b"\xff\xda", 24  # a JPEG's mark; where a PNG says how many bits a colour has
_NO_NAME = set('/\\:*?"<>|\0')  # reserved on some system


class LessonFileError(ValueError):
    """A file that a lesson names cannot be used; the message says why."""


class LessonFiles:
    """Reads the files that one lesson names, each once.

    Parameters
    ----------
    folder
        The lesson's own; None if the lesson is not a file.

    Attributes
    ----------
    pictures
        The content of those read so far, by name, in one of the formats `PICTURES`.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.pictures: dict[str, bytes] = {}
        self._pixels: dict[str, int] = {}
        self._samples: dict[Hashable, Points] = {}
        self._bytes = 0  # of data that were read

    def cached(self, wanted: Hashable, read: Callable[[], Points]) -> Points:
        """Return cached samples, read on first use."""
        if wanted not in self._samples:
            self._samples[wanted] = read()
        return self._samples[wanted]

    def data(self, name: str) -> bytes:
        """Return a data file; raise `LessonFileError` if it cannot be used, or there were too many."""
        content = self._read(name, MAX_DATA)
        self._bytes += len(content)
        if self._bytes > MAX_DATA:
            words = _("with {name} more than {most_data} bytes of data are read for the lesson")
            raise LessonFileError(words.format(name=written(name), most_data=count_text(MAX_DATA)))
        return content

    def take_picture(self, name: str) -> int:
        """Read a picture and return how many pixels it counts for; raise `LessonFileError` if it cannot be shown."""
        if name in self.pictures:
            return self._pixels[name]
        content = self._read(name, MAX_PICTURE)
        from PIL import Image  # lazy: few lessons have pictures

        try:
            with Image.open(io.BytesIO(content), formats=PICTURES) as picture:
                (width, height), scans = picture.size, content.count(_SCAN) if picture.format == "JPEG" else 1
                is_deep = picture.format == "PNG" and content[_BITS] == 16
                picture.verify()
        except Exception:  # whatever a damaged one makes of Pillow
            words = _("{name} is not a picture that can be read; {kinds} is expected")
            raise LessonFileError(words.format(name=written(name), kinds=listed(PICTURES, "or"))) from None
        pixels = width * height * (2 if is_deep else 1)
        if pixels > MAX_PIXELS:
            what = _(" of 16 bits, which count twice") if is_deep else ""
            size = _("{width} × {height} pixels{what}")
            size = size.format(width=count_text(width), height=count_text(height), what=what)
            words = _("{name} has {size}; at most {most_pixels} are expected")
            raise LessonFileError(words.format(name=written(name), size=size, most_pixels=count_text(MAX_PIXELS)))
        if scans > MAX_SCANS:
            words = _("{name} is a JPEG of {scans} scans; at most {most_scans} are expected")
            raise LessonFileError(words.format(name=written(name), scans=count_text(scans), most_scans=MAX_SCANS))
        self.pictures[name], self._pixels[name] = content, pixels
        if sum(map(len, self.pictures.values())) > MAX_PICTURES:
            words = _("the pictures have more than {most_pictures} bytes together; smaller ones are expected")
            raise LessonFileError(words.format(most_pictures=count_text(MAX_PICTURES)))
        return pixels

    def _read(self, name: str, most: int) -> bytes:
        """Return the content of a regular file in the folder; symbolic links out of it are refused."""
        if not 1 <= len(name) <= LONGEST_NAME or _NO_NAME & set(name) or name.startswith(".") or not name.isprintable():
            words = _("{name} is not a plain name; one of a file beside the lesson is expected")
            raise LessonFileError(words.format(name=written(name)))
        if self._folder is None:
            words = _("{name} cannot be found, because the lesson is not a file itself")
            raise LessonFileError(words.format(name=written(name)))
        path = self._folder / name
        try:
            if not stat.S_ISREG(os.lstat(path).st_mode):
                words = _("{name} is not a plain file; one beside the lesson is expected")
                raise LessonFileError(words.format(name=written(name)))
            content = read_at_most(path, most + 1)
        except OSError as error:
            words = _("{name} beside the lesson: {file_trouble}")
            raise LessonFileError(words.format(name=written(name), file_trouble=file_trouble(error))) from None
        if len(content) > most:
            words = _("{name} is too large; at most {most} bytes are expected")
            raise LessonFileError(words.format(name=written(name), most=count_text(most)))
        return content


MAX_POINTS = 1_000  # samples; each page about them keeps a copy
CHOICES = {
    "decimal": (".", ","),
    "thousands": (".", ",", " ", "'"),
    "dates": ("day-first", "month-first"),
    "samples": SAMPLES,
}
KEYS = ("file", "x", "y", "decimal", "thousands", "dates", "sheet", "samples", "skip")


def read_data(table: TomlTable, config: Config, files: LessonFiles) -> Config:
    """Take ``data`` from a step's block, a file's name or a table with more about it; return a setting with them.

    A column of the file may say which samples are held out; else a share of them is, if the setting has one.
    """
    if isinstance(table.peek("data"), str):
        name, asked = table.text("data"), TomlTable.broken()
    else:
        asked = table.table("data")
        name = asked.text("file")
    x, y, sheet = (asked.text(key, default="") for key in ("x", "y", "sheet"))
    chosen: dict[str, Any] = {key: asked.one_of(key, options, "") for key, options in CHOICES.items()}
    if chosen["decimal"] and chosen["decimal"] == chosen["thousands"]:
        words = _("“thousands” and “decimal” are both “{decimal}”; different signs are expected")
        asked.refuse("thousands", words.format(decimal=chosen["decimal"]))
    skip = asked.parsed("skip", skipped_lines, None) if "skip" in asked else None
    asked.end(KEYS)
    if not name:
        return config
    read_as = ReadAs(sheet=sheet, skip=skip, **chosen)
    try:
        points = files.cached((name, read_as, x, y), lambda: _points(files.data(name), name, read_as, x, y))
        return config.with_points(points)
    except LessonFileError as error:
        table.refuse("data", _("“{key}”: {reason}").format(key="data", reason=error))
    except SheetError as error:
        table.refuse("data", _("“data”: in {name}, {in_full}").format(name=name, in_full=error.in_full))
    except (DataFileError, ConfigError) as error:
        table.refuse("data", _("“data”: in {name}, {error}").format(name=name, error=error))
    return config


def _points(content: bytes, name: str, read_as: ReadAs, x: str, y: str) -> Points:
    """Read the samples of a file; ambiguous data are refused."""
    from tinynet_gui.core.data.data_file import points_without_gaps, read_table
    from tinynet_gui.core.data.table import question_of, suggest_columns

    read = read_table(content, read_as=read_as)
    columns = suggest_columns(read, x, y)
    if question := question_of(read, columns):
        raise question.refusal('{} = "{}"')
    return points_without_gaps(read, columns, 'skip = "{}"', origin=name, most=MAX_POINTS)[0]
