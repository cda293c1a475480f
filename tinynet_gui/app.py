"""The command line, the application, and its handling of errors."""

import argparse
import ctypes
import faulthandler
import os
import sys
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from tinynet_gui import __version__
from tinynet_gui.core.text.file_trouble import file_trouble
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.display import display_trouble, library_trouble
from tinynet_gui.interruption import Interruption
from tinynet_gui.no_console import NoConsole

if TYPE_CHECKING:
    from tinynet_gui.core.data.points import Points
    from tinynet_gui.core.run.session import Session
    from tinynet_gui.core.wording.settings_file import SettingRead
    from tinynet_gui.ui.window.main_window import MainWindow

USAGE_ERROR = 2
WINDOW_SIZE = (1280, 800)
LARGEST_SIZE = 10_000  # of a picture's side: 400 MB
MOST_STEPS = 10**12
APP_ID = "tinynet.tinynet_gui"  # for Windows' taskbar
READING = ("x", "y", "decimal", "thousands", "dates", "sheet", "samples", "skip")  # options that belong to --data
LESSON = ".md"  # how the name of its file ends


@dataclass(frozen=True)
class Begun:
    """The start state given on the command line: None and "" where it says nothing."""

    setting: "SettingRead | None" = None
    points: "Points | None" = None
    session: "Session | None" = None
    file: str = ""
    lesson: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status. A crash of a library says where it was, if there is a console."""
    # Windows reports errors of COM in the same way, which its libraries raise and handle every day.
    if sys.platform != "win32" and sys.__stderr__ is not None and not faulthandler.is_enabled():
        faulthandler.enable(sys.__stderr__)
    interruption = Interruption()
    with interruption.caught():
        with NoConsole() as no_console:
            options = _options(arguments)
            begun = _begun(options)
            if isinstance(begun, Begun):
                no_console.forget()
        return _run(begun, options, interruption) if isinstance(begun, Begun) else begun


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the arguments; SystemExit if they are not allowed, or were a question."""
    parser = _parser()
    options = parser.parse_args(arguments)
    _check_together(parser, options)
    for name in ("config", "data", "file", "screenshot", "session", "setting"):
        if getattr(options, name) == "":
            what = "the text" if name == "setting" else "the name of a file"
            parser.error(f"argument {'FILE' if name == 'file' else f'--{name}'}: {what} is missing")
    return options


def _begun(options: argparse.Namespace) -> Begun | int:
    """Read what the options name; an exit status if something is wrong with it, which is said."""
    lesson = os.path.abspath(options.file) if options.file and Path(options.file).suffix.lower() == LESSON else ""
    if trouble := _trouble_in_lesson(lesson):
        before = "\n" if "\n" in trouble else " "  # of many mistakes each has its line
        return _refuse(f"{shortened(options.file, 200)}:{before}{trouble}")
    session, file = None, "" if lesson else options.session or options.file
    if file:
        from tinynet_gui.core.run.storage.session_file import SessionFileError

        try:
            session = _look_at_session(Path(file), is_read=bool(options.screenshot))
        except SessionFileError as error:
            hint = "; open it in the window, which recovers the intact part" if error.recoverable else ""
            return _refuse(f"{shortened(file, 200)} {error}{hint}")
    try:
        setting = _read_setting(options)
    except (OSError, ValueError) as error:
        given = "--setting" if options.config is None else f"--config {shortened(options.config, 200)}"
        return _refuse(f"{given}: {file_trouble(error)}")
    points = None
    if options.data is not None:
        from tinynet_gui.core.data.delimited import DataFileError
        from tinynet_gui.given_data import read_points

        try:
            points = read_points(options)
            if options.setting is not None and setting is not None and not points.held_out.any():
                data = setting.config.data
                points = points.with_share_held_out(data.held_out, data.seed)
        except (OSError, DataFileError) as error:
            return _refuse(f"--data {shortened(options.data, 200)}: {file_trouble(error)}")
    trouble = display_trouble() or library_trouble()
    if trouble and options.screenshot:  # a picture needs no display
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        trouble = library_trouble()
    if trouble:
        return _refuse(trouble)
    return Begun(setting, points, session, os.path.abspath(file) if file else "", lesson)


def _check_together(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """End with a word on options that need another, or exclude it."""
    if options.data is None and any(getattr(options, name) is not None for name in READING):
        parser.error(f"--{', --'.join(READING[:-1])} and --{READING[-1]} are for --data")
    if options.decimal is not None and options.decimal == options.thousands:
        parser.error("--decimal and --thousands cannot be the same sign")
    if options.screenshot is None and (options.steps, options.size, options.theme) != (None, None, None):
        parser.error("--steps, --size and --theme are for --screenshot")


def _look_at_session(path: Path, *, is_read: bool) -> "Session | None":
    """Read a session now, or only check its file: it is then read once there is a window."""
    from tinynet_gui.core.run.storage.session_file import check_file, read_session

    if is_read:
        return read_session(path)
    check_file(path)
    return None


def _trouble_in_lesson(file: str) -> str:
    """Return why a lesson cannot be played; "" if it can, or there is none."""
    from tinynet_gui.core.lessons.reading.mistakes import LessonError
    from tinynet_gui.core.lessons.reading.reader import read_lesson_file

    if not file:
        return ""
    try:
        read_lesson_file(file)
    except (OSError, LessonError) as error:
        return file_trouble(error)
    return ""


def _read_setting(options: argparse.Namespace) -> "SettingRead | None":
    """Read settings from a file or a text; ValueError if a part of it is unknown or not allowed."""
    from tinynet_gui.core.wording.setting_line import read_any_setting, unknown_words
    from tinynet_gui.core.wording.settings_file import read_settings_file

    if options.setting is None:
        return None if options.config is None else read_settings_file(options.config)
    read = read_any_setting(options.setting)
    if read.left_out:
        raise ValueError(unknown_words(read))
    if read.map:
        from tinynet_gui.core.wording.map_line import read_map

        read_map(read.map)
    return read


class _Parser(argparse.ArgumentParser):
    """Prints errors in one line of a readable length."""

    def error(self, message: str) -> NoReturn:
        super().error(shortened(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="tinynet-gui", description="A desktop laboratory for the smallest useful neural network.")
    parser.add_argument("--version", action="version", version=f"tinynet-gui {__version__}")
    beginning = parser.add_mutually_exclusive_group()
    what = f"go on with the session in a file, as --session; or play the lesson in it, if it ends in {LESSON}"
    beginning.add_argument("file", metavar="FILE", nargs="?", help=what)
    beginning.add_argument("--session", metavar="FILE", help="go on with the session in a file")
    beginning.add_argument("--config", metavar="FILE", help="begin with the run described in a JSON file")
    beginning.add_argument(
        "--setting", metavar="TEXT", help="begin with a setting as Copy setting writes it: 'target=sin&lr=0.01'"
    )
    parser.add_argument(
        "--data", metavar="FILE", help="begin with samples from a file: its first two columns of numbers are x and y"
    )
    for axis in "xy":
        parser.add_argument(f"--{axis}", metavar="NAME", help=f"the column of --data that is {axis}")
    parser.add_argument("--decimal", choices=(".", ","), help="the decimal sign in --data, where two are possible")
    parser.add_argument(
        "--thousands", choices=(".", ",", " ", "'"), help="the sign between thousands in --data, likewise"
    )
    parser.add_argument("--dates", choices=("day-first", "month-first"), help="the order of dates in --data, likewise")
    parser.add_argument(
        "--sheet", metavar="NAME", help="the sheet of a spreadsheet in --data; by default the first of two columns"
    )
    parser.add_argument(
        "--samples", choices=("down", "across"), help="whether each line of --data is a sample, or each column"
    )
    skipped = "lines of --data to leave out, such as 3,17-19; by default those that sum up the others: none keeps them"
    parser.add_argument("--skip", metavar="LINES", type=_lines, help=skipped)
    parser.add_argument("--screenshot", metavar="PNG", help="train, save the window as a picture, and exit")
    parser.add_argument(
        "--steps", metavar="N", type=_count, help="how many steps to train before the screenshot; by default none"
    )
    parser.add_argument("--size", metavar="WxH", type=_size, help="size of the screenshot; by default 1280x800")
    parser.add_argument("--theme", choices=("system", "light", "dark"), help="colours of the screenshot")
    return parser


def _count(text: str) -> int:
    if not _is_number(text, 0, MOST_STEPS):
        raise argparse.ArgumentTypeError(
            f"{shortened(text, 40)} is not allowed: a whole number from 0 to {MOST_STEPS:,}"
        )
    return int(text)


def _lines(text: str) -> tuple[int, ...] | None:
    from tinynet_gui.core.data.read_as import skipped_lines

    try:
        return skipped_lines(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (_is_number(width, 1, LARGEST_SIZE) and _is_number(height, 1, LARGEST_SIZE)):
        raise argparse.ArgumentTypeError(
            f"{shortened(text, 40)} is not allowed: a size such as 1280x800, at most {LARGEST_SIZE}x{LARGEST_SIZE}"
        )
    return int(width), int(height)


def _is_number(text: str, least: int, most: int) -> bool:
    return text.isdecimal() and len(text) < 20 and least <= int(text) <= most


def _refuse(message: str) -> int:
    lines = [shortened(line, 1_000) for line in f"tinynet-gui: {message}".split("\n")]
    print("\n".join(lines), file=sys.stderr)
    return USAGE_ERROR


def _run(begun: Begun, options: argparse.Namespace, interruption: Interruption) -> int:
    from tinynet_gui.engine.jobs.garbage_collection import no_collection

    with no_collection():  # including the destruction of the window
        return _run_window(begun, options, interruption)


def _run_window(begun: Begun, options: argparse.Namespace, interruption: Interruption) -> int:
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from PySide6.QtWidgets import QApplication

    from tinynet_gui.ui.window.main_window import MainWindow

    if interruption.has_come:
        return 0
    application = QApplication.instance() or QApplication([sys.argv[0]])
    application.setApplicationName("tinynet_gui")
    if sys.platform == "win32":  # else the taskbar shows Python's icon, and its other windows under the same one
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(APP_ID)
    remember = not options.screenshot
    config = None if begun.setting is None else begun.setting.config
    window = MainWindow(config, remember, begun.points, begun.session, begun.file)
    if begun.setting is not None and begun.setting.hidden:
        window.session.set_view(hidden=begun.setting.hidden)
    if begun.setting is not None and begun.setting.map:
        window.session.set_view(map=begun.setting.map)
        window.frame.layout.show(window.views["map"])
    if begun.lesson:
        QTimer.singleShot(0, partial(window.frame.lesson_menu.file_chosen.emit, begun.lesson))  # once it is open
    previous_hooks = sys.excepthook, threading.excepthook
    _report_exceptions(window)
    try:
        if options.screenshot:
            from tinynet_gui.screenshot import take_screenshot

            interruption.call(QApplication.exit)
            size = options.size or WINDOW_SIZE
            return take_screenshot(window, options.screenshot, options.steps or 0, size, options.theme)
        interruption.call(lambda: _end(window))
        window.show()
        application.processEvents()  # the window appears before PyTorch is loaded
        return int(application.exec()) if window.isVisible() else 0  # it may have been closed meanwhile
    finally:
        sys.excepthook, threading.excepthook = previous_hooks
        window.deleteLater()
        QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)  # now, whatever still refers to it


def _end(window: "MainWindow") -> None:
    """Close the window and any open dialog."""
    from PySide6.QtWidgets import QApplication

    window.close()
    QApplication.exit()


def _report_exceptions(window: "MainWindow") -> None:
    """Show every unhandled exception in a dialog, and on stderr too."""
    from PySide6.QtCore import Q_ARG, QMetaObject, Qt

    program = window.program

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        print(text, end="", file=sys.stderr)  # which a program without a console does not have
        # Later: this may be another thread, or in the midst of a paint, where no dialog can be made.
        QMetaObject.invokeMethod(program, "failed", Qt.ConnectionType.QueuedConnection, Q_ARG(str, text))

    def thread_hook(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            hook(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = hook
    threading.excepthook = thread_hook
