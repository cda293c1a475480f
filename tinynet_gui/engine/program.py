"""Everything below the window: the session's controller, the threads, and their shutdown."""

import atexit
import contextlib
import platform
import shutil
import sys
import weakref
from collections.abc import Callable
from pathlib import Path

import PySide6
import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot, qVersion

from tinynet_gui import __version__
from tinynet_gui.core.config import Config
from tinynet_gui.core.run.run import here, versions_of
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.storage.atomic import replacing
from tinynet_gui.core.storage.session_file import write_session
from tinynet_gui.core.system.processes import is_folder
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.wording.setting_line import line_in_short
from tinynet_gui.engine import autosave_folders, loading, session_files
from tinynet_gui.engine.jobs.garbage_collection import GuiCollector
from tinynet_gui.engine.jobs.jobs import Jobs, shut_down_all
from tinynet_gui.engine.session import app_state, past, session_controller
from tinynet_gui.engine.training.training_thread import TrainingThread


class Program(QObject):
    """Makes the training thread, the session's controller and the jobs, and ends them.

    `dissected` has the run's current moment, or a requested one, and the dissected step after it. `failed` has
    the traceback of an unexpected exception; the program goes on, and a reset makes a new run.
    """

    dissected = Signal(object, object)
    failed = Signal(str)

    def __init__(
        self, config: Config | None = None, parent: QObject | None = None, session: Session | None = None
    ) -> None:
        super().__init__(parent)
        self._collector = GuiCollector(self)
        self._training = TrainingThread(self)
        self.session = session_controller.SessionController(self._training, config, self, session)
        self.jobs = Jobs(self)
        self.autosave = session_files.Autosave(self.session, self.jobs, self)
        self._loading = loading.Loading(self.jobs, self)
        self._past = past.Past(self.session, self.jobs, self)
        self._player = past.Player(self.session, self)
        self._plateau_watch = past.PlateauWatch(self.session, self)

        self._training.frame_ready.connect(self.jobs.yield_to_window)  # before the frame is drawn
        self._training.frame_ready.connect(self.session.accept_frame)
        self.session.drawn.connect(self._begin_loading)  # the first network is on screen
        self._training.failed.connect(self.session.training_failed)
        self._training.failed.connect(lambda _command, text: self.report(text))
        self._training.dissected.connect(self.dissected)
        self._loading.compiled_changed.connect(self.session.compiled_changed)
        self._loading.pytorch_changed.connect(self.session.pytorch_changed)
        self._loading.ended.connect(self._collector.resume_and_freeze)
        self.jobs.failed.connect(self.report)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shut_down)

    def keep_in(self, slot: autosave_folders.SessionSlot | None) -> None:
        """Autosave the session to a slot from now on, and at exit; `slot` is None if the disk has no room."""
        self.autosave.is_on = True
        self.autosave.move_to(slot)

    def open(self) -> None:
        """Start the training thread, make the first run, and load the engines."""
        atexit.register(_shut_down_if_alive, weakref.ref(self))
        self._training.open()
        self.session.open()
        self._collector.pause()
        if app_state.needs_pytorch(self.session.state):
            self._begin_loading()  # the first network needs it

    @Slot()
    def _begin_loading(self) -> None:
        self._loading.begin(pytorch_first=app_state.needs_pytorch(self.session.state))

    @Slot(str)
    def report(self, text: str) -> None:
        """Report an unexpected exception: on stderr, and by `failed`."""
        print(text, end="", file=sys.stderr)
        self.failed.emit(text)

    @Slot()
    def shut_down(self) -> None:
        """End all threads and drop their last messages; idempotent. RuntimeError names a thread that does not end."""
        self.session.shut_down()
        for part in (self._loading, self._past, self._player):
            part.stop()
        try:
            shut_down_all((self.jobs, self._training))
        finally:
            self.autosave.close()
            self._collector.stop()


def _shut_down_if_alive(program: weakref.ref[Program]) -> None:
    """Shut down a program that exits without closing: Qt aborts if it destroys a running thread."""
    alive = program()
    if alive is not None and shiboken6.isValid(alive):
        alive.shut_down()


LONGEST_LINE = 1_000


def circumstances(program: Program) -> str:
    """Return the versions, the system, the engine and the setting, one per line; never raises."""
    lines: dict[str, Callable[[], str]] = {
        "tinynet": lambda: f"{__version__}{', the folder' if is_folder() else ''}",
        "System": lambda: f"{platform.platform()}; {here().machine}",
        "Python": lambda: f"{platform.python_version()}, Qt {qVersion()}, PySide6 {PySide6.__version__}",
        "Libraries": lambda: versions_of("torch", "numba", "numpy", "pyqtgraph"),
        "Engine": lambda: _engine(program),
        "Setting": lambda: line_in_short(program.session.state.config),
    }
    return "\n".join(f"{name}: {shortened(_said(say), LONGEST_LINE)}" for name, say in lines.items())


def save_for_report(path: Path, program: Program) -> str:
    """Write the session to a file, or else copy its last autosave; return a sentence about which."""
    try:
        write_session(path, program.session.state.session)
        return _("the session is in {name}").format(name=path.name)
    except Exception as error:
        trouble = f"{type(error).__name__}: {error}"
    with contextlib.suppress(Exception):
        if (slot := program.autosave.slot) is not None:
            with (slot.folder / "journal").open("rb") as journal, replacing(path) as file:
                shutil.copyfileobj(journal, file)
            words = _("the session could not be saved ({trouble}); what was saved of it before is in {name}")
            return words.format(trouble=trouble, name=path.name)
    return _("the session could not be saved ({trouble})").format(trouble=trouble)


def _engine(program: Program) -> str:
    state = program.session.state
    status = state.status
    return (
        f"{state.session.engine}, now {status.engine}; compiled loop {status.compiled}, PyTorch {status.pytorch}; "
        f"{status.phase} at step {count_text(state.run.step)}"
    )


def _said(say: Callable[[], str]) -> str:
    try:
        return say()
    except Exception as error:
        return f"not known ({type(error).__name__}: {error})"
