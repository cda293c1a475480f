"""The application, from the command line to its end, and its handling of errors."""

import argparse
import ctypes
import faulthandler
import sys
import threading
import traceback
from collections.abc import Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING

from tinynet_gui.command_line import Begun, NotBegunError, begun_with, read_options
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.interruption import Interruption
from tinynet_gui.no_console import NoConsole

if TYPE_CHECKING:
    from tinynet_gui.ui.window.main_window import MainWindow

USAGE_ERROR = 2
WINDOW_SIZE = (1280, 800)
APP_ID = "tinynet.tinynet_gui"  # for Windows' taskbar
DESKTOP_ID = "org.tinynet.gui"  # for Linux's desktops; macOS knows the bundle by it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status. A crash of a library says where it was, if there is a console."""
    # Windows reports errors of COM in the same way, which its libraries raise and handle every day.
    if sys.platform != "win32" and sys.__stderr__ is not None and not faulthandler.is_enabled():
        faulthandler.enable(sys.__stderr__)
    interruption = Interruption()
    with interruption.caught():
        with NoConsole() as no_console:
            options = read_options(arguments)
            try:
                begun = begun_with(options)
            except NotBegunError as error:
                lines = [shortened(line, 1_000) for line in f"tinynet-gui: {error}".split("\n")]
                print("\n".join(lines), file=sys.stderr)
                return USAGE_ERROR
            no_console.forget()
        from tinynet_gui.engine.jobs.garbage_collection import no_collection

        with no_collection():  # including the destruction of the window
            return _run(begun, options, interruption)


def _run(begun: Begun, options: argparse.Namespace, interruption: Interruption) -> int:
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QApplication

    from tinynet_gui.ui.window.incoming import Application
    from tinynet_gui.ui.window.main_window import MainWindow

    if interruption.has_come:
        return 0
    application = QApplication.instance() or Application([sys.argv[0]])
    application.setApplicationName("tinynet_gui")
    QGuiApplication.setDesktopFileName(DESKTOP_ID)
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
        QTimer.singleShot(0, partial(window.features["lessons"].open_file, begun.lesson))  # once it is open
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
