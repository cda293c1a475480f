"""The command line, the application, and what happens when something goes wrong."""

import argparse
import importlib
import os
import socket
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from tinynet_gui import __version__
from tinynet_gui.core.config import Config, ConfigError

if TYPE_CHECKING:
    from tinynet_gui.ui.window.main_window import MainWindow

USAGE_ERROR = 2
WINDOW_SIZE = (1280, 800)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not options.screenshot and (options.steps, options.size, options.theme) != (None, None, None):
        parser.error("--steps, --size and --theme are for --screenshot")
    try:
        config = _read_config(options.config) if options.config else None
    except (OSError, UnicodeDecodeError, ConfigError) as error:
        return _refuse(f"--config {options.config}: {error}")
    trouble = display_trouble()
    if trouble and not options.screenshot:
        return _refuse(trouble)
    if trouble:  # a picture can be drawn without a display
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if sys.platform == "win32":
        importlib.import_module("torch")  # its libraries clash with Qt's there if they come second
    return _run(config, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tinynet-gui", description="A desktop laboratory for the smallest useful neural network."
    )
    parser.add_argument("--version", action="version", version=f"tinynet-gui {__version__}")
    parser.add_argument("--config", metavar="FILE", help="begin with the run described in a JSON file")
    parser.add_argument("--screenshot", metavar="PNG", help="train, save the window as a picture, and exit")
    parser.add_argument(
        "--steps", metavar="N", type=_count, help="how many steps to train before the screenshot; by default none"
    )
    parser.add_argument("--size", metavar="WxH", type=_size, help="size of the screenshot; by default 1280x800")
    parser.add_argument("--theme", choices=("system", "light", "dark"), help="colours of the screenshot")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is not allowed: a whole number from 0")
    return int(text)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"{text} is not allowed: a size such as 1280x800")
    return int(width), int(height)


def _read_config(name: str) -> Config:
    return Config.from_json(Path(name).read_text(encoding="utf-8"))


def _refuse(message: str) -> int:
    print(f"tinynet-gui: {message}", file=sys.stderr)
    return USAGE_ERROR


def display_trouble() -> str:
    """Say why no window can be shown, or return an empty text.

    Qt ends the process with a core dump in this case, so it is asked here first.
    """
    wanted = os.environ.get("QT_QPA_PLATFORM", "") or "xcb;wayland"
    platforms = [platform.split(":")[0] for platform in wanted.split(";")]
    if not sys.platform.startswith("linux") or not set(platforms) <= {"xcb", "wayland", "wayland-egl"}:
        return ""
    if any(platform.startswith("wayland") for platform in platforms) and _wayland_answers():
        return ""
    if "xcb" in platforms and _x_answers(os.environ.get("DISPLAY", "")):
        return ""
    return "there is no display for the window; run it in a desktop session or set DISPLAY (--screenshot needs none)"


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY", "")
    return bool(name) and _connects(str(Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / name))


def _x_answers(display: str) -> bool:
    """Whether an X server takes a connection at a DISPLAY such as :0 or host:0.0."""
    host, colon, screen = display.rpartition(":")
    number = screen.split(".")[0]
    if not colon or not number.isdigit():
        return False
    if host and host != "unix":
        try:
            with socket.create_connection((host, 6000 + int(number)), timeout=2):
                return True
        except OSError:
            return False
    path = f"/tmp/.X11-unix/X{number}"
    return any(_connects(address) for address in (path, f"\0{path}"))


def _connects(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(address)
        except OSError:
            return False
        return True


def _run(config: Config | None, options: argparse.Namespace) -> int:
    from PySide6.QtWidgets import QApplication

    from tinynet_gui.ui.window.main_window import MainWindow

    application = QApplication.instance() or QApplication([sys.argv[0]])
    application.setApplicationName("tinynet_gui")
    window = MainWindow(config, remember=not options.screenshot)
    previous_hooks = sys.excepthook, threading.excepthook
    _report_exceptions(window)
    try:
        if options.screenshot:
            from tinynet_gui.screenshot import take_screenshot

            size = options.size or WINDOW_SIZE
            return take_screenshot(window, options.screenshot, options.steps or 0, size, options.theme)
        window.show()
        application.processEvents()  # the window is on screen before PyTorch is loaded
        return int(application.exec())
    finally:
        sys.excepthook, threading.excepthook = previous_hooks


def _report_exceptions(window: "MainWindow") -> None:
    """Show every unhandled exception in a dialog, and on stderr too."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close()
            return
        window.program.report("".join(traceback.format_exception(kind, error, trace)))

    def thread_hook(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            hook(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = hook
    threading.excepthook = thread_hook
