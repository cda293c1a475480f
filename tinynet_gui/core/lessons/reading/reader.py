"""Reads a lesson: Markdown with a front matter in TOML, steps under headings, and a block of TOML in each.

A lesson is opened completely or not at all: each mistake is reported with its line, and what is expected there.
"""

import dataclasses
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path

from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.lesson import MAX_STEPS, Lesson, LessonStep
from tinynet_gui.core.lessons.map_measurements import row_y
from tinynet_gui.core.lessons.markdown import Fence, LatexError, effort, fences, formulas, pictures_in, with_zeros
from tinynet_gui.core.lessons.measured_names import RUN
from tinynet_gui.core.lessons.reading import mistakes
from tinynet_gui.core.lessons.reading.block import ACTIONS, KEYS, QUESTIONS, read_block
from tinynet_gui.core.lessons.reading.lesson_files import MAX_PIXELS, LessonFileError, LessonFiles
from tinynet_gui.core.lessons.reading.mistakes import ANY_NAME, BLOCK, Known, LessonError, Mistakes, mistakes_in
from tinynet_gui.core.lessons.reading.table import CONTROL, TomlTable, read_toml
from tinynet_gui.core.system.machine import resource_path
from tinynet_gui.core.text.files import read_at_most
from tinynet_gui.core.text.formula import formula_svg
from tinynet_gui.core.text.language import ENGLISH, gettext as _, is_language, speaking, translated_resource
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import line_counter, unbroken, written
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.core.wording.setting_line import VIEWS, why_not_hideable

MAX_BYTES = 200_000
MAX_HIDDEN = 100
MAX_EFFORT = 3_000  # of all its different formulas, as `core.lessons.markdown` measures it: about a second
MAX_MAP_CALLS = 20  # calls in a text: each may train 256 networks, while the window waits
LONGEST_TITLE, LONGEST_STEP = 80, 12_000  # characters; Qt takes minutes for some texts that are longer
_MATTER = "+++"
_LANGUAGE = re.compile(r'^language\s*=\s*"([a-z]{2,3})"', re.MULTILINE)  # the language of the mistakes
_OPENING = re.compile(rf"(?:`{{3,}}|~{{3,}})\s*{BLOCK}\s*")
_OF_MAP = re.compile(r"\bmap_[a-z_]+\(|\(map_row:")
_HEADING = re.compile(r"##(?!#)(.*)|#(?:[ \t](.*)|$)")  # of a step; one # is a mistake, but meant as one


@frozen_dataclass
class _Section:
    """The lines below a heading, and the heading's own line in the file; unclear ones may be left out."""

    title: str
    line: int
    lines: Sequence[str]
    is_whole: bool = True


@dataclasses.dataclass
class _Reading:
    """The state of reading a lesson."""

    mistakes: Mistakes
    files: LessonFiles
    formulas: set[tuple[str, bool]] = field(default_factory=set)
    effort: int = 0  # that the formulas take
    setting: Config | None = None  # of the latest step that has one
    known: Known = field(default_factory=RUN.copy)  # names, to the next step


def read_lesson_file(path: str | Path, views: Collection[str] = VIEWS) -> Lesson:
    """Read a lesson from a file in UTF-8, with the pictures and data that it names in the same folder.

    Parameters
    ----------
    views
        The names of views that can be hidden, such as ``view.microscope``.

    Raises
    ------
    LessonError
        If it is no lesson, or far too long.
    OSError
        If the file cannot be read.
    """
    content = read_at_most(path, MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        words = _("the file is too long for a lesson: at most {most_bytes} bytes are expected")
        raise _error(1, words.format(most_bytes=count_text(MAX_BYTES)))
    try:
        return read_lesson(content.decode("utf-8"), views, Path(path).parent)
    except UnicodeDecodeError as error:
        line = len(_lines(content[: error.start].decode("utf-8")))
        byte = _("the byte {content}").format(content=f"{content[error.start]:#04x}")
        raise _error(line, _("{byte} is not UTF-8; save the file as a text in UTF-8").format(byte=byte)) from None


def read_lesson(text: str, views: Collection[str] = VIEWS, folder: Path | None = None) -> Lesson:
    """Read a lesson from its text; see `read_lesson_file`. `folder` holds the files that it names.

    `LessonError` if it is none.
    """
    if len(text) > MAX_BYTES:
        words = _("the text is too long for a lesson: at most {most_bytes} characters are expected")
        raise _error(1, words.format(most_bytes=count_text(MAX_BYTES)))
    language = _LANGUAGE.search(text)
    with speaking(ENGLISH if language is None else language[1]):
        return _read(text, views, folder)


def _read(text: str, views: Collection[str], folder: Path | None) -> Lesson:
    lines, mistakes, files = _lines(text.removeprefix("\ufeff")), Mistakes(), LessonFiles(folder)
    for number, line in enumerate(lines, 1):
        if odd := CONTROL.search(line):
            words = _("the character U+{code} stands here; only text is expected")
            mistakes.add(number, words.format(code=f"{ord(odd[0]):04X}"))
    mistakes.end()
    ends = [number for number, line in enumerate(lines) if line.rstrip() == _MATTER][:2]
    if ends[:1] != [0]:
        words = _("“{matter}” is expected, with title, about and minutes on the lines below it")
        raise _error(1, words.format(matter=_MATTER))
    if len(ends) < 2:
        words = _("a second “{matter}” is expected below title, about and minutes")
        raise _error(len(lines), words.format(matter=_MATTER))
    head = read_toml(lines[1 : ends[1]], 2, mistakes)
    title, about = head.text("title", LONGEST_TITLE), head.text("about", 120)
    minutes, hidden = head.whole("minutes", 1, 60), frozenset(_read_hidden(head, views))
    language = head.text("language", 20, ENGLISH)
    if not is_language(language):
        words = _("“language” is {language}; a code such as “en” or “de” is expected")
        head.refuse("language", words.format(language=written(language)))
    head.end(("title", "about", "minutes", "hidden", "language"))
    sections = _sections(lines[ends[1] + 1 :], ends[1] + 2, mistakes)
    reading = _Reading(mistakes, files)
    steps = tuple(_read_step(section, reading) for section in sections)
    mistakes.end()
    return Lesson(title, about, minutes, hidden, steps, files.pictures, language)


def _error(line: int, reason: str) -> LessonError:
    return LessonError(mistakes.Mistake(line, reason))


def _lines(text: str) -> list[str]:
    return re.split(r"\r\n?|\n", text)


def _read_hidden(head: TomlTable, views: Collection[str]) -> Iterator[str]:
    expected = _('a list of names such as ["view.microscope"]')
    for name in head.items("hidden", str, expected, 0, MAX_HIDDEN) if "hidden" in head else ():
        if trouble := why_not_hideable(name, views):
            head.refuse("hidden", trouble)
        yield name


def _sections(lines: Sequence[str], first: int, mistakes: Mistakes) -> list[_Section]:
    """Split the text below the front matter into steps; `first` is its first line in the file."""
    lines, pieces, unclear = _closed(lines, first, mistakes)
    code = {number for piece in pieces for number in piece.lines}
    matches = {n: match for n, line in enumerate(lines) if n not in code and (match := _HEADING.match(line))}
    headings = [(n, (match[1] or match[2] or "").strip()) for n, match in matches.items()]
    wrong = {n: reason for n, _title in headings for _line, reason in mistakes_in([lines[n]]) if lines[n][1:2] != "#"}
    for n, reason in wrong.items():
        mistakes.add(first + n, reason)
    start = headings[0][0] if headings else len(lines)
    if before := [number for number in range(start) if lines[number].strip()]:
        words = _("this stands before the first step; a heading such as “## One neuron” is expected")
        mistakes.add(first + before[0], words)
    if not 1 <= len(headings) <= MAX_STEPS:
        words = _("{count} steps (“## ” and a title) follow; 1 to {most_steps} are expected")
        mistakes.add(first - 1, words.format(count=len(headings), most_steps=MAX_STEPS))
    for n, title in headings:
        if n not in wrong and not 1 <= len(title) <= LONGEST_TITLE:
            words = _("the step is called {title}; 1 to {longest_title} characters are expected")
            mistakes.add(first + n, words.format(title=written(title), longest_title=LONGEST_TITLE))
    ends = [*(n for n, _ in headings[1:]), len(lines)]
    return [
        _Section(title, first + n, lines[n + 1 : end], not (wrong.keys() & {n, end} or unclear & {*range(n, end)}))
        for (n, title), end in zip(headings[:MAX_STEPS], ends, strict=False)
    ]


def _closed(lines: Sequence[str], first: int, mistakes: Mistakes) -> tuple[Sequence[str], Sequence[Fence], set[int]]:
    """Return the lines, their code, and the numbers of the lines blanked because code is not closed."""
    unclear: set[int] = set()
    while True:
        pieces = fences(lines)
        opens = {number for number, line in enumerate(lines) if _OPENING.fullmatch(line)}
        opened = next((piece for piece in pieces if not piece.is_closed or opens & {*piece.lines[1:]}), None)
        if opened is None:
            return lines, pieces, unclear
        mistakes.add(first + opened.lines[0], _("what begins here is not closed; a line with ``` is expected"))
        end = next((n for n in opened.lines[1:] if n in opens or _HEADING.match(lines[n])), len(lines))
        unclear |= {*range(opened.lines[0], end + 1)}
        lines = [*lines[: opened.lines[0]], *[""] * (end - opened.lines[0]), *lines[end:]]


def _read_step(section: _Section, reading: _Reading) -> LessonStep:
    lines, first, add = section.lines, section.line + 1, reading.mistakes.add
    if (length := len("\n".join(lines))) > LONGEST_STEP:
        words = _("at most {longest_step} are expected: divide it, or write less")
        expected = words.format(longest_step=count_text(LONGEST_STEP))
        words = _("the step {title} has {length} characters; {expected}")
        add(section.line, words.format(title=written(section.title), length=count_text(length), expected=expected))
        reading.known = {**reading.known, **ANY_NAME}
        return LessonStep(section.title, "")
    if section.is_whole and not any(line.strip() for line in lines):
        words = _("nothing stands below {title}; a text is expected")
        add(section.line, words.format(title=written(section.title)))
    blocks = [piece.lines for piece in fences(lines) if piece.info == BLOCK]
    if len(blocks) > 1:
        add(first + blocks[1][0], _("this is the second block of the step; at most one is expected"))
    block = blocks[0] if blocks else range(len(lines), len(lines))
    table = read_toml(lines[block.start + 1 : block.stop - 1], first + block.start + 1, reading.mistakes)
    known: Known = {**reading.known, **mistakes.remembered_later(table.peek("remember"))}
    text = _checked_text(lines[: block.start], first, known, reading)
    if not section.is_whole or len(blocks) > 1 or _is_unclear(table):
        known = {**known, **ANY_NAME}
    step = read_block(table, known, reading.files, reading.setting)
    reading.setting = step.setting or reading.setting
    names, reading.known = mistakes.known_when_done(step, known), mistakes.known_later(step, known)
    reveal = _checked_text(lines[block.stop :], first + block.stop, names, reading)
    return replace(step, title=section.title, text=text, reveal=reveal)


def _is_unclear(table: TomlTable) -> bool:
    """Whether mistakes in a block leave open which names it defines."""
    actions = [key for key in ACTIONS if key in table]
    tables = {key: value for key in table if isinstance(value := table.peek(key), dict)}
    return (
        table.is_broken
        or len(actions) > 1
        or ("ask" in table and not any(key in table for key in QUESTIONS))
        or ("remember" in table and "remember" not in tables)
        or any(key not in KEYS or "remember" in inner for key, inner in tables.items())
    )


def _checked_text(lines: Sequence[str], first: int, known: Known, reading: _Reading) -> str:
    """Return a text, stripped and checked; `first` is its first line in the file."""
    text, add = "\n".join(lines), reading.mistakes.add
    if (calls := len(_OF_MAP.findall(text))) > MAX_MAP_CALLS:
        words = _("the text below reads the map {calls} times; at most {most_of_map} are expected")
        add(first, words.format(calls=calls, most_of_map=MAX_MAP_CALLS))
    for error in mistakes.template_errors(text, known):
        add(first + error.line, error.reason)
    for line, reason in (*mistakes_in(lines), *_not_shown(lines, reading.files), *_not_drawn(text, reading)):
        add(first + line, reason)
    return text.strip("\n")


def _not_shown(lines: Sequence[str], files: LessonFiles) -> Iterator[tuple[int, str]]:
    """Yield why a text's pictures, which are shown together, cannot be shown, with their lines, counted from 0."""
    pixels = dict[str, int]()
    for line, name in pictures_in(lines):
        try:
            if row_y(name) is None:
                pixels[name] = files.take_picture(name)
        except LessonFileError as trouble:
            yield line, _("the picture {trouble}").format(trouble=trouble)
        except ValueError:
            words = _("{name} is no row of the map; map_row: and a number, as in (map_row:1), is expected")
            yield line, words.format(name=written(name))
        if sum(pixels.values()) > MAX_PIXELS:
            words = _("with {name} the pictures of this text have more than {most_pixels} pixels together")
            yield line, words.format(name=written(name), most_pixels=count_text(MAX_PIXELS))
            return


def _not_drawn(text: str, reading: _Reading) -> Iterator[tuple[int, str]]:
    """Yield why formulas that parse cannot be drawn, with their lines, counted from 0."""
    line_of = line_counter(text)
    for formula in formulas(text):
        if (formula.latex, formula.is_displayed) in reading.formulas or reading.effort > MAX_EFFORT:
            continue
        reading.formulas.add((formula.latex, formula.is_displayed))
        with suppress(LatexError):  # it has been reported
            reading.effort += effort(formula.latex)
            if reading.effort > MAX_EFFORT:
                fewer = _("fewer, shorter or less nested ones are expected")
                words = _("with this one the lesson's formulas take too long to draw; {fewer}")
                yield line_of(formula.start), words.format(fewer=fewer)
                return
            latex = with_zeros(formula.latex)
            try:
                formula_svg(latex, formula.is_displayed)
            except ValueError as error:
                yield line_of(formula.start), str(error)


FIRST = "lessons/01-the-tutorial.md"  # of the resources
NOTES = "teachers-notes.md"  # beside them, for teachers, with all answers


def bundled_lessons(language: str = ENGLISH) -> list[Path]:
    """Return the files of the bundled lessons, in order: in this language where translated, else in English."""
    translated = {file.name: file for file in translations().get(language, ())}
    return [translated.get(file.name, file) for file in sorted(_folder().glob("[0-9]*.md"))]


def translations() -> dict[str, list[Path]]:
    """Return the translated lessons by language, such as ``de``: the name of their folder."""
    found: dict[str, list[Path]] = {}
    for file in sorted(_folder().glob("*/[0-9]*.md")):
        found.setdefault(file.parent.name, []).append(file)
    return found


def is_bundled(file: Path) -> bool:
    """Return whether a file is a bundled lesson, in any language."""
    return file.is_relative_to(_folder()) and file.match("[0-9]*.md") and file.is_file()


def lesson_name(file: Path) -> str:
    """Return the key of a lesson's progress: of a bundled one ``01-…`` or ``de/01-…``, else its path."""
    return file.relative_to(_folder()).with_suffix("").as_posix() if is_bundled(file) else str(file)


def notes_heading(file: Path) -> str:
    """Return how the heading of the teacher's notes on a bundled lesson begins: with its number."""
    return f"{int(file.name.partition('-')[0])} "


def teachers_notes() -> str:
    """Return the teacher's notes on the bundled lessons, as Markdown."""
    return unbroken(translated_resource(f"lessons/{NOTES}").read_text(encoding="utf-8"))


def without_answers(notes: str) -> str:
    """Return the teacher's notes with the questions alone, without answers and tasks."""
    asked = re.sub(r"^(- \w+ \d+\. \*[^*]+\*)[^\n]*(?:\n {2}[^\n]*)*", r"\1", notes, flags=re.MULTILINE)
    # the last part of a section is what to ask next, in any language
    return re.sub(r"^\*\*(?:(?!\n\*\*|\n- ).)*(?=^## |\Z)", _without_brackets, asked, flags=re.MULTILINE | re.DOTALL)


def _without_brackets(found: re.Match[str]) -> str:
    return re.sub(r"\s*\((?:[^()]|\(\))+\)", "", found[0])  # but not those of a call in code


def _folder() -> Path:
    return resource_path(FIRST).parent
