"""The samples of a lesson's step from a file beside it: a table, as *Open data* reads it."""

from typing import TYPE_CHECKING

from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.lessons.reading.beside import Beside, BesideError
from tinynet_gui.core.lessons.reading.table import TomlTable
from tinynet_gui.core.text.language import gettext as _

if TYPE_CHECKING:
    from tinynet_gui.core.data.read_as import ReadAs

MOST_POINTS = 1_000  # they are kept with each page that is about them
DECIMALS, THOUSANDS, DATES = (".", ","), (".", ",", " ", "'"), ("day-first", "month-first")
KEYS = ("file", "x", "y", "decimal", "thousands", "dates", "sheet", "samples", "skip")


def read_data(table: TomlTable, config: Config, beside: Beside) -> Config:
    """Take ``data`` from a step's block: a file's name, or a table with more about it; return a setting with them.

    Which samples are held out is said by a column of the file; else a share of them is, if the setting has one.
    """
    from tinynet_gui.core.data.delimited import DataFileError, SheetError  # imported late, with what reads tables:
    from tinynet_gui.core.data.read_as import SAMPLES, ReadAs, skipped_lines  # most lessons have none

    if isinstance(table.peek("data"), str):
        name, asked = table.text("data"), TomlTable.broken()
    else:
        asked = table.table("data")
        name = asked.text("file")
    x, y, sheet = (asked.text(key, default="") for key in ("x", "y", "sheet"))
    decimal = asked.one_of("decimal", DECIMALS, "")
    thousands = asked.one_of("thousands", THOUSANDS, "")
    dates = asked.one_of("dates", DATES, "")
    if decimal and decimal == thousands:
        words = _("“thousands” and “decimal” are both “{decimal}”; different signs are expected")
        asked.refuse("thousands", words.format(decimal=decimal))
    samples, skip = asked.one_of("samples", SAMPLES, ""), None
    try:
        skip = skipped_lines(asked.text("skip", default=""))
    except ValueError as error:
        asked.refuse("skip", f"“skip”: {error}")
    asked.end(KEYS)
    if not name:
        return config
    read_as = ReadAs(decimal, thousands, dates, sheet=sheet, samples=samples, skip=skip)
    try:
        points = beside.once((name, read_as, x, y), lambda: _points(beside.data(name), name, read_as, x, y))
        if not points.held_out.any():
            points = points.with_share_held_out(config.data.held_out, config.data.seed)
        return config.replace("data.points", points)
    except BesideError as error:
        table.refuse("data", f"“data”: {error}")
    except SheetError as error:
        table.refuse("data", _("“data”: in {name}, {in_full}").format(name=name, in_full=error.in_full))
    except (DataFileError, ConfigError) as error:
        table.refuse("data", _("“data”: in {name}, {error}").format(name=name, error=error))
    return config


def _points(content: bytes, name: str, read_as: "ReadAs", x: str, y: str) -> Points:
    """Read the samples of a file; what can be read in two ways is refused."""
    from tinynet_gui.core.data.columns import question_of, suggest_columns
    from tinynet_gui.core.data.data_file import points_without_gaps
    from tinynet_gui.core.data.read_table import read_table

    read = read_table(content, read_as=read_as)
    columns = suggest_columns(read, x, y)
    if question := question_of(read, columns):
        raise question.refusal('{} = "{}"')
    return points_without_gaps(read, columns, 'skip = "{}"', origin=name, most=MOST_POINTS)[0]
