"""Text as rows of fields, for one separator: encoding, lines, comments, quoted fields and missing values."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from tinynet_gui.core.text.language import N_, gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.values import frozen_dataclass

MAX_BYTES = 20_000_000  # in a file, and characters in a text
MAX_LINE_LENGTH = 20_000  # characters
MAX_COLUMNS = 1_000
MAX_LINES = 1_000_000
MAX_FIELDS = 2_000_000
MAX_FIELD_LINES = 20  # for a quoted field
PORTION = 1_000  # lines or fields between two calls of `OnProgress`

SPACES = " "  # any number of spaces and tabs
SEPARATORS = ("\t", ";", ",", SPACES)  # among equally good readings the first one wins
REGULAR = 0.9  # the share of rows with equally many fields at which a tab or semicolon certainly separates

_MISSING = {
    *("", "na", "n/a", "nan", "<na>", "null", "none", "k.a.", "k. a.", "n.a."),
    *("-", "–", "—", "?", ".", ":", "..", "--", "---"),
}
_SIGNATURES = {  # first bytes of files that are no text
    b"%PDF": N_("a PDF"),
    b"\x89PNG": N_("a picture (PNG)"),
    b"\xff\xd8\xff": N_("a picture (JPEG)"),
    b"GIF8": N_("a picture (GIF)"),
    b"\x1f\x8b": N_("packed (gzip)"),
    b"7z\xbc\xaf": N_("packed (7z)"),
    b"Rar!": N_("packed (RAR)"),
    b"{\\rtf": N_("a document (RTF)"),
}
_CELL_ERROR = re.compile(r"#(?:N/A|NV\s*(?![^\s;,])|[A-Z]+(?:/0)?[!?])")  # a spreadsheet's, such as #DIV/0!


OnProgress = Callable[[float], object]  # takes the share done, from 0 to 1; may raise to stop the reading
"""Called every few milliseconds of reading, with the share done, or 0 where that is not known; may raise to stop."""


def ignore_progress(_share: float) -> None:
    """Do nothing."""


class DataFileError(ValueError):
    """The input cannot be read as data.

    `line` and `column` are counted from 1; None if the problem concerns the whole file or line.
    """

    def __init__(self, problem: str, line: int | None = None, column: int | None = None) -> None:
        if line is not None:
            words = _("line {line}: {problem}") if column is None else _("line {line}, column {column}: {problem}")
        else:
            words = "{problem}" if column is None else _("column {column}: {problem}")
        super().__init__(words.format(line=count_text(line or 0), column=count_text(column or 0), problem=problem))
        self.line, self.column = line, column


class SheetError(DataFileError):
    """A sheet cannot be read as data, but the file has others; `in_full` is the message with their names."""

    def __init__(self, problem: str, others: str) -> None:
        super().__init__(problem)
        self.in_full = _("{problem}; the other sheets are {names}").format(problem=problem, names=others)


def is_missing(text: str) -> bool:
    """Whether a field stands for a missing value, such as ``NA`` or an empty field."""
    return (
        text.lower() in _MISSING or not text.strip("*") or (text[0] == "#" and _CELL_ERROR.fullmatch(text) is not None)
    )


def decoded(content: bytes | str) -> str:
    """Return the text; bytes are UTF-8, UTF-16 with a byte order mark, or else Windows-1252."""
    if len(content) > MAX_BYTES:
        raise DataFileError(_("more than {most} bytes are not allowed").format(most=count_text(MAX_BYTES)))
    text = content if isinstance(content, str) else _decoded_bytes(content)
    text = text.removeprefix("\ufeff")
    if (place := text.find("\0")) >= 0:
        line = 1 + len(re.findall("\r\n|\n|\r", text[:place]))
        trouble = _("a NUL character is there: this is not a text; allowed are UTF-8 and, with a BOM, UTF-16")
        raise DataFileError(trouble, line)
    return text


def _decoded_bytes(content: bytes) -> str:
    if kind := next((kind for begin, kind in _SIGNATURES.items() if content.startswith(begin)), ""):
        # Translators: {kind} is such as “a PDF” or “packed (7z)”.
        words = _("this is {kind}, not a text: save the table as CSV or as a spreadsheet")
        raise DataFileError(words.format(kind=_(kind)))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            words = _("it begins as UTF-16, but is not a text in it: {reason}")
            raise DataFileError(words.format(reason=error.reason)) from None
    for encoding in ("utf-8", "cp1252"):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    return content.decode("latin-1")


def _too_many(words: str, count: int, most: int, line: int | None = None) -> DataFileError:
    return DataFileError(words.format(count=count_text(count), most=count_text(most)), line)


def split_lines(text: str) -> list[str]:
    """Return the lines of a text, with the line endings of any system."""
    count = 1 + text.count("\n") + text.count("\r") - text.count("\r\n")
    if count > MAX_LINES:
        raise _too_many(_("{count} lines are not allowed: at most {most}"), count, MAX_LINES)
    lines = re.split("\r\n|\n|\r", text)
    for place, line in enumerate(lines):
        if len(line) > MAX_LINE_LENGTH:
            words = _("{text} has {count} characters: at most {most} are allowed in a line")
            length, most = count_text(len(line)), count_text(MAX_LINE_LENGTH)
            raise DataFileError(words.format(text=written(line), count=length, most=most), place + 1)
    return lines


@frozen_dataclass
class Reading:
    """The lines split into fields by one separator.

    Attributes
    ----------
    separator
        Empty for a single column.
    rows, lines
        Rows that are not empty, and the line where each begins.
    quoted
        Whether most rows have quotation marks: a quoted field may contain the separator.
    width
        The number of fields in most rows, without the header.
    """

    separator: str
    rows: list[list[str]]
    lines: list[int]
    quoted: bool
    width: int

    @property
    def is_regular(self) -> bool:
        """Whether nearly all rows have the same number of fields."""
        return sum(1 for row in self.rows if len(row) == self.width) >= REGULAR * len(self.rows)


def read_rows(lines: list[str], first: int, separator: str, on_progress: OnProgress = ignore_progress) -> Reading:
    """Split all lines from `first` on into fields; an empty separator leaves them whole."""
    at = first  # the next line
    quoted = 0  # lines with quotation marks
    began: int | None = None  # the line where the current row began

    def feed() -> Iterator[str]:
        nonlocal at, began, quoted
        while at < len(lines):
            line = lines[at]
            at += 1
            if at % PORTION == 0:
                on_progress(at / len(lines))
            if began is None:
                if not line.strip() or _is_comment(line):
                    continue
                began = at
            elif at - began >= MAX_FIELD_LINES:
                words = _("a quotation mark begins a field of more than {most} lines: one may be missing")
                raise DataFileError(words.format(most=MAX_FIELD_LINES), began)
            if separator == SPACES:
                line = line.replace("\t", " ").partition(" #")[0].strip()
            quoted += '"' in line
            yield f"{line}\n"

    # Without a separator, use one that cannot occur: NUL is refused earlier.
    reader = csv.reader(feed(), delimiter=separator or "\0", skipinitialspace=True, strict=True)
    rows: list[list[str]] = []
    starts: list[int] = []
    count = 0
    while True:
        began = None
        try:
            row = [field.strip() for field in next(reader)]
        except StopIteration:
            break
        except csv.Error as error:
            words = _(
                "{text} has a quotation mark that does not enclose a field ({error}); within a quoted field it is "
                "written twice"
            )
            text = written(lines[(began or at) - 1])
            raise DataFileError(words.format(text=text, error=error), began or at) from None
        if len(row) > MAX_COLUMNS:
            words = _("{count} fields are not allowed: at most {most} in a line")
            raise _too_many(words, len(row), MAX_COLUMNS, began)
        count += len(row)
        if count > MAX_FIELDS:
            raise _too_many(_("more than {most} fields are not allowed in all"), count, MAX_FIELDS, began)
        if any(row):
            rows.append(row)
            starts.append(began or at)
    if not rows:
        raise DataFileError(_("there are no numbers: two columns of them are needed"))
    widths, all_widths = Counter(map(len, rows[1:] or rows)), Counter(map(len, rows))
    width = max(widths, key=lambda width: (widths[width], all_widths[width]))
    return Reading(separator, rows, starts, 2 * quoted > len(rows), width)


def _is_comment(line: str) -> bool:
    line = line.lstrip()
    return line.startswith("#") and not _CELL_ERROR.match(line)


ROWS_IN_A_QUESTION = 3
DOWN, ACROSS = "down", "across"


@frozen_dataclass
class ReadAs:
    """The user's choices for reading a file; empty where they made none.

    Attributes
    ----------
    dates
        The order in dates: one of `dates.ORDERS`.
    first_line
        Where the table begins, from 1.
    sheet
        The name of a spreadsheet's sheet.
    samples
        `DOWN` if each line is a sample, `ACROSS` if each column is.
    skip
        The lines to leave out; None for the summary rows.
    """

    decimal: str = ""
    thousands: str = ""
    dates: str = ""
    first_line: int = 0
    sheet: str = ""
    samples: str = ""
    skip: tuple[int, ...] | None = None


AS_IT_IS = ReadAs()
SAMPLES = (DOWN, ACROSS)
NO_LINE = "none"
MAX_SKIPPED = 10_000
_LINES = re.compile(r"([1-9][0-9]{0,6})(?:[-–]([1-9][0-9]{0,6}))?")


def skipped_lines(text: str) -> tuple[int, ...] | None:
    """Parse lines to skip, such as ``3, 17-19`` or ``none``; None for "". `ValueError` for anything else."""
    if not text.strip() or text.strip().lower() == NO_LINE:
        return () if text.strip() else None
    lines: set[int] = set()
    for part in text.split(","):
        match = _LINES.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not first <= last < first + MAX_SKIPPED:
            words = _("{text} is not allowed: lines such as 3, 17-19, or {none}")
            raise ValueError(words.format(text=written(text), none=NO_LINE))
        lines.update(range(first, last + 1))
    return tuple(sorted(lines))


@frozen_dataclass
class Interpretation:
    """One of the ways to read a table.

    Attributes
    ----------
    read_as, key, choice
        How to request it: in code, and on the command line and in a lesson.
    value, rows
        What it makes of the field, and of the first rows.
    """

    read_as: ReadAs
    key: str
    choice: str
    value: str
    rows: Sequence[str]


@frozen_dataclass
class Ambiguity:
    """A field that can be read in two ways."""

    text: str
    line: int
    answers: tuple[Interpretation, ...]

    def refusal(self, form: str = "") -> DataFileError:
        """Return the error for when the user cannot be asked; `form` formats the key and choice of each answer."""
        asked = f" ({form})" if form else ""
        one, other = (answer.value + asked.format(answer.key, answer.choice) for answer in self.answers)
        words = _("{text} can be read in two ways: {one} or {other}")
        return DataFileError(words.format(text=written(self.text), one=one, other=other), self.line)
