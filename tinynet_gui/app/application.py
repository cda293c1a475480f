"""The application's life cycle, from the command line to its exit, and its handling of errors."""

import argparse
import contextlib
import ctypes
import faulthandler
import io
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from tinynet_gui.app.command_line import InitialState, StartupError, prepare, read_initial_state, read_options
from tinynet_gui.core.system.processes import PROGRAM, python_command
from tinynet_gui.core.text import language
from tinynet_gui.core.text.shortened import shortened

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication

    from tinynet_gui.ui.window.main_window import MainWindow


NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # the last is unknown to Windows


class Interruption:
    """Handles these signals; one that is ignored from the start (nohup) stays ignored.

    Python's own way is an exception at an arbitrary place, such as within a paint, and only once Python code runs: in
    Qt's event loop that may be never.
    """

    def __init__(self) -> None:
        self.has_arrived = False
        self._bytes: socket.socket | None = None  # Python writes one byte per signal
        self._notifier: Any = None

    @contextlib.contextmanager
    def caught(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
        before = {number: signal.getsignal(number) for number in numbers}
        self._bytes, writing = socket.socketpair()
        for end in (self._bytes, writing):
            end.setblocking(False)
        wakeup = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        for number in numbers:
            if before[number] != signal.SIG_IGN or number == signal.SIGINT:  # a shell starts `… &` with SIGINT ignored
                signal.signal(number, self._on_signal)
        try:
            yield
        finally:
            self._notifier = None
            for number in numbers:
                signal.signal(number, before[number])
            signal.set_wakeup_fd(wakeup)
            self._bytes.close()
            writing.close()

    def call(self, slot: Callable[[], object]) -> None:
        """Call a slot in Qt's event loop on a signal, or at once if one has already arrived."""
        from PySide6.QtCore import QSocketNotifier, QTimer

        if self._bytes is None:
            return
        reading = self._bytes

        def on_readable() -> None:
            with contextlib.suppress(BlockingIOError):
                reading.recv(4096)  # by now Python has run the signal's own handler
            if self.has_arrived:
                slot()

        self._notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(on_readable)
        if self.has_arrived:
            QTimer.singleShot(0, slot)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.has_arrived = True


class NoConsole:
    """Captures output and shows it in a message box; a no-op if there is a console.

    The box is the system's own: it needs neither Qt nor anything else that may be missing.
    """

    def __init__(self) -> None:
        self._captured: io.StringIO | None = None

    def __enter__(self) -> "NoConsole":
        if sys.stdout is None and sys.stderr is None:
            sys.stdout = sys.stderr = self._captured = io.StringIO()
            os.environ["COLUMNS"] = "10000"  # the box itself breaks lines
        return self

    def forget(self) -> None:
        """Discard the captured output, because there will be a window."""
        if self._captured is not None:
            self._captured.truncate(self._captured.seek(0))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._captured is None:
            return
        sys.stdout = sys.stderr = None
        del os.environ["COLUMNS"]
        if text := self._captured.getvalue().strip():
            show_box(re.sub(r"(?<=\S)(?: {2,}|\n {20,})(?=\S)", ": ", text))  # its font aligns no columns


def show_box(text: str) -> None:
    """Show a text in a modal box of the system; only Windows has one."""
    if sys.platform == "win32":
        ctypes.windll.user32.MessageBoxW(None, text, "tinynet", 0)


USAGE_ERROR = 2
WINDOW_SIZE = (1280, 800)
APP_ID = "tinynet.tinynet_gui"  # for Windows' taskbar
DESKTOP_ID = "org.tinynet.gui"  # for Linux's desktops; macOS knows the bundle by it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; return its exit status. A library's crash prints its traceback, if there is a console."""
    # Windows would also report COM errors, which its libraries raise and handle routinely.
    if sys.platform != "win32" and sys.__stderr__ is not None and not faulthandler.is_enabled():
        faulthandler.enable(sys.__stderr__)
    interruption = Interruption()
    with interruption.caught():
        with NoConsole() as no_console:
            options = read_options(arguments)
            try:
                prepare(options)
                initial = read_initial_state(options)
            except StartupError as error:
                lines = [shortened(line, 1_000) for line in f"tinynet-gui: {error}".split("\n")]
                print("\n".join(lines), file=sys.stderr)
                return USAGE_ERROR
            no_console.forget()
        from tinynet_gui.engine.jobs.garbage_collection import no_collection

        with no_collection():  # including the destruction of the window
            return _run(initial, options, interruption)


def _run(initial: InitialState, options: argparse.Namespace, interruption: Interruption) -> int:
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QApplication

    from tinynet_gui.ui.window.incoming import Application
    from tinynet_gui.ui.window.main_window import MainWindow

    if interruption.has_arrived:
        return 0
    application = QApplication.instance() or Application([sys.argv[0]])
    application.setApplicationName("tinynet_gui")
    _localise_qt(application, language.process_language())
    QGuiApplication.setDesktopFileName(DESKTOP_ID)
    if sys.platform == "win32":  # else the taskbar shows Python's icon, and its other windows under the same one
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(APP_ID)
    remember = not options.screenshot
    config = None if initial.setting is None else initial.setting.config
    window = MainWindow(config, remember, initial.points, initial.session, initial.file)
    if initial.setting is not None and initial.setting.hidden:
        window.session.set_view(hidden=initial.setting.hidden)
    if initial.setting is not None and initial.setting.map:
        window.session.set_view(map=initial.setting.map)
        window.frame.layout.show(window.views.map)
    if initial.lesson:
        QTimer.singleShot(0, partial(window.features.lessons.open_file, initial.lesson))  # once it is open

    def end() -> None:
        window.close()
        QApplication.exit()

    previous_hooks = sys.excepthook, threading.excepthook
    _report_exceptions(window)
    try:
        if options.screenshot:
            from tinynet_gui.app.screenshot import take_screenshot

            interruption.call(QApplication.exit)
            size = options.size or WINDOW_SIZE
            return take_screenshot(window, options.screenshot, options.steps or 0, size, options.theme)
        interruption.call(end)
        window.show()
        application.processEvents()  # the window appears before PyTorch is loaded
        if options.take:
            Path(options.take).unlink(missing_ok=True)  # what `core.storage.results.show` waits for
        return int(application.exec()) if window.isVisible() else 0  # it may have been closed meanwhile
    finally:
        sys.excepthook, threading.excepthook = previous_hooks
        restarts = window.features.preferences.restarts
        window.deleteLater()
        QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)  # now, whatever still refers to it
        if restarts:  # a new process, which continues the session that this one has saved
            subprocess.Popen(python_command(PROGRAM))


def _localise_qt(application: "QCoreApplication", code: str) -> None:
    """Use a language for Qt's own texts, and as the widgets' locale, from which a screen reader takes its voice."""
    from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator

    QLocale.setDefault(QLocale(QLocale(code).language(), QLocale.system().territory()))
    translator = QTranslator(application)
    if translator.load(f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(translator)


def _report_exceptions(window: "MainWindow") -> None:
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
