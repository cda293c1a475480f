"""The command line: its options, and the files that they name."""

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from tinynet_gui import __version__
from tinynet_gui.app.display import display_trouble, library_trouble
from tinynet_gui.core.text import language
from tinynet_gui.core.text.files import file_trouble
from tinynet_gui.core.text.shortened import shortened

if TYPE_CHECKING:
    from tinynet_gui.core.data.points import Points
    from tinynet_gui.core.run.session import Session
    from tinynet_gui.core.wording.setting_line import SettingRead


LARGEST_SIZE = 10_000  # px of a picture's side: 400 MB in memory
MAX_STEPS = 10**12
READING = ("x", "y", "decimal", "thousands", "dates", "sheet", "samples", "skip")  # options that belong to --data
LESSON = ".md"


class InitialState(NamedTuple):
    """What the command line asks to begin with; None and "" where it says nothing."""

    setting: "SettingRead | None" = None
    points: "Points | None" = None
    session: "Session | None" = None
    file: str = ""
    lesson: str = ""


class StartupError(Exception):
    """The program cannot start, or not as the command line asks."""


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the arguments; SystemExit if they are invalid, or ask for help or the version."""
    parser = _parser()
    options = parser.parse_args(arguments)
    _check_together(parser, options)
    for name in ("config", "data", "file", "screenshot", "session", "setting", "take"):
        if getattr(options, name) == "":
            what = "the text" if name == "setting" else "the name of a file"
            parser.error(f"argument {'FILE' if name == 'file' else f'--{name}'}: {what} is missing")
    return options


def prepare(options: argparse.Namespace) -> None:
    """Check that a window can be shown, else raise StartupError; and choose its language."""
    trouble = display_trouble() or library_trouble()
    if trouble and options.screenshot:  # a picture needs no display
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        trouble = library_trouble()
    if trouble:
        raise StartupError(trouble)
    from tinynet_gui.ui.window.settings_file import chosen_language

    language.use(options.language or (language.ENGLISH if options.screenshot else chosen_language()))


def read_initial_state(options: argparse.Namespace) -> InitialState:
    """Read the files that the options name; StartupError says what is wrong with one."""
    file, lesson = options.take or options.session or options.file or "", ""
    if options.file and Path(file).suffix.lower() == LESSON:
        _check_lesson(file)
        file, lesson = "", os.path.abspath(file)
    session = _read_session(file, is_read=bool(options.screenshot or options.take)) if file else None
    setting = _read_setting(options)
    points = None if options.data is None else _read_points(options, setting)
    return InitialState(setting, points, session, os.path.abspath(file) if file and not options.take else "", lesson)


def _check_together(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Exit with an error on options that need another, or exclude it."""
    if options.data is None and any(getattr(options, name) is not None for name in READING):
        parser.error(f"--{', --'.join(READING[:-1])} and --{READING[-1]} are for --data")
    if options.decimal is not None and options.decimal == options.thousands:
        parser.error("--decimal and --thousands cannot be the same sign")
    if options.screenshot is None and (options.steps, options.size, options.theme) != (None, None, None):
        parser.error("--steps, --size and --theme are for --screenshot")


@contextmanager
def _startup_errors(what: str) -> Iterator[None]:
    """Convert errors within the context to a StartupError that begins with `what`."""
    try:
        yield
    except (OSError, ValueError) as error:
        trouble = file_trouble(error)
        before = "\n" if "\n" in trouble else " "  # several mistakes have a line each
        raise StartupError(f"{what}:{before}{trouble}") from None


def _read_session(file: str, *, is_read: bool) -> "Session | None":
    """Read a session now; or only validate its file, which the window reads once it is open."""
    from tinynet_gui.core.storage.session_file import SessionFileError, check_file, read_session

    try:
        if is_read:
            return read_session(Path(file))
        check_file(Path(file))
    except SessionFileError as error:
        raise StartupError(f"{shortened(file, 200)} {error.in_full}") from None
    return None


def _check_lesson(file: str) -> None:
    from tinynet_gui.core.lessons.reading.reader import read_lesson_file

    with _startup_errors(shortened(file, 200)):
        read_lesson_file(file)


def _read_setting(options: argparse.Namespace) -> "SettingRead | None":
    """Read settings from a file or a text, without unknown parts."""
    if options.setting is None and options.config is None:
        return None
    from tinynet_gui.core.wording.maps import read_map
    from tinynet_gui.core.wording.setting_line import read_any_setting, read_settings_file, unknown_words

    if options.setting is None:
        with _startup_errors(f"--config {shortened(options.config, 200)}"):
            return read_settings_file(options.config)
    with _startup_errors("--setting"):
        read = read_any_setting(options.setting)
        if read.left_out:
            raise ValueError(unknown_words(read))
        if read.map:
            read_map(read.map)
    return read


def _read_points(options: argparse.Namespace, setting: "SettingRead | None") -> "Points":
    from tinynet_gui.app.given_data import read_points

    with _startup_errors(f"--data {shortened(options.data, 200)}"):
        points = read_points(options)
        if options.setting is not None and setting is not None:
            return setting.config.with_points(points).data.points or points
    return points


class _Parser(argparse.ArgumentParser):
    """Prints errors in one line of a readable length."""

    def error(self, message: str) -> NoReturn:
        super().error(shortened(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="tinynet-gui", description="A desktop laboratory for the smallest useful neural network.")
    add = parser.add_argument
    add("--version", action="version", version=f"tinynet-gui {__version__}")
    beginning = parser.add_mutually_exclusive_group()
    what = f"continue the session in a file, as --session; or play the lesson in it, if it ends in {LESSON}"
    beginning.add_argument("file", metavar="FILE", nargs="?", help=what)
    beginning.add_argument("--session", metavar="FILE", help="continue the session in a file")
    taken = "continue the session in a file, and remove the file once the window is open"
    beginning.add_argument("--take", metavar="FILE", help=taken)
    beginning.add_argument("--config", metavar="FILE", help="begin with the run described in a JSON file")
    written = "begin with a setting as Copy setting writes it: 'target=sin&lr=0.01'"
    beginning.add_argument("--setting", metavar="TEXT", help=written)
    spoken = "the window's language; by default the one chosen in View, Language"
    add("--language", choices=language.languages(), help=spoken)
    add("--data", metavar="FILE", help="begin with samples from a file: its first two columns of numbers are x and y")
    for axis in "xy":
        add(f"--{axis}", metavar="NAME", help=f"the column of --data that is {axis}")
    add("--decimal", choices=(".", ","), help="the decimal sign in --data, where two are possible")
    add("--thousands", choices=(".", ",", " ", "'"), help="the sign between thousands in --data, likewise")
    add("--dates", choices=("day-first", "month-first"), help="the order of dates in --data, likewise")
    add("--sheet", metavar="NAME", help="the sheet of a spreadsheet in --data; by default the first of two columns")
    add("--samples", choices=("down", "across"), help="whether each line of --data is a sample, or each column")
    skipped = "lines of --data to leave out, such as 3,17-19; by default those that sum up the others: none keeps them"
    add("--skip", metavar="LINES", type=_lines, help=skipped)
    add("--screenshot", metavar="PNG", help="train, save the window as a picture, and exit")
    add("--steps", metavar="N", type=_count, help="how many steps to train before the screenshot; by default none")
    add("--size", metavar="WxH", type=_size, help="size of the screenshot; by default 1280x800")
    add("--theme", choices=("system", "light", "dark"), help="colours of the screenshot")
    return parser


def _count(text: str) -> int:
    if not _is_number(text, 0, MAX_STEPS):
        allowed = f"a whole number from 0 to {MAX_STEPS:,}"
        raise argparse.ArgumentTypeError(f"{shortened(text, 40)} is not allowed: {allowed}")
    return int(text)


def _lines(text: str) -> tuple[int, ...] | None:
    from tinynet_gui.core.data.delimited import skipped_lines

    try:
        return skipped_lines(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (_is_number(width, 1, LARGEST_SIZE) and _is_number(height, 1, LARGEST_SIZE)):
        allowed = f"a size such as 1280x800, at most {LARGEST_SIZE}x{LARGEST_SIZE}"
        raise argparse.ArgumentTypeError(f"{shortened(text, 40)} is not allowed: {allowed}")
    return int(width), int(height)


def _is_number(text: str, least: int, most: int) -> bool:
    return text.isdecimal() and len(text) < 20 and least <= int(text) <= most
