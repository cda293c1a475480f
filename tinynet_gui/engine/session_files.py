"""Keeps sessions on the disk, in the background: saves them so that a crash loses little, and the user's files."""

import sys
from collections import deque
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from tinynet_gui.core.config.targets import FORMULA, TARGETS
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.storage.plain_values import OtherVersionError, StorageError
from tinynet_gui.core.storage.session_file import SessionFileError, read_session, write_session
from tinynet_gui.core.system.background import StoppedError
from tinynet_gui.core.text.files import file_trouble
from tinynet_gui.core.text.language import ENGLISH, N_, gettext as _, speaking
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.engine import autosave_folders
from tinynet_gui.engine.jobs.jobs import Job, Jobs
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.session.session_controller import SessionController
from tinynet_gui.qt import single_shot

AUTOSAVE = "autosave"
SAVE_DELAY_MS = 3_000  # debounce after a change; including the write, a crash loses at most 5 s
ONE_RUN, MANY_RUNS = N_("{source}, step {step}"), N_("{source}, step {step}, {count} runs")
PAUSE_DELAY_MS = 100  # after a pause the last moment of the training may still be on its way


@frozen_dataclass
class _Order:
    slot: autosave_folders.SessionSlot
    session: Session
    about: autosave_folders.About
    is_last: bool = False


def _carry_out(order: _Order, _job: Job | None = None) -> str:
    """Run a save order; return an error message, or ""."""
    if not order.slot.is_held:
        return ""  # it was the last one, and nobody waited for the result
    try:
        order.slot.save(order.session)
        order.slot.save_about(order.about)
    except OSError as error:
        words = _("{trouble}. The previous save is gone: save the session in a file before you close.")
        words = _("{trouble}. The previous save is unchanged.") if order.slot.is_there else words
        return words.format(trouble=file_trouble(error))
    finally:
        if order.is_last:
            order.slot.end()
    return ""


class Autosave(QObject):
    """Saves the session to a slot, if it `is_on`: soon after each change, at each pause, and at the end.

    `failed` has a message for the user that nothing can be saved, once per failure, until saving works again. `saved`:
    everything known when the save began is on the disk. `file` is the user's file that holds the session, `is_modified`
    whether the session has changed since.
    """

    failed = Signal(str)
    saved = Signal()

    def __init__(self, session: SessionController, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self.slot: autosave_folders.SessionSlot | None = None
        self.is_on, self.file, self.is_modified = False, "", False
        self._latest: Session | None = None  # the last one saved
        self._orders: deque[_Order] = deque()  # the first is in progress
        self._has_reported = False
        self._delay = single_shot(self, 0, self._save, "autosaveDelay")
        session.changed.connect(self._follow)

    @property
    def is_busy(self) -> bool:
        """Whether a save is in progress or due soon."""
        return bool(self._orders) or self._delay.isActive()

    def move_to(self, slot: autosave_folders.SessionSlot | None) -> None:
        """Save to the current slot one last time, then switch to another one."""
        if self.slot is not None:
            self._order(self._last_order(self.slot))
        self.slot, self._latest = slot, None
        self.file, self.is_modified = ("", False) if slot is None else (slot.about.file, slot.about.is_modified)

    def close(self) -> None:
        """Save what has not been saved yet, and release the slot; the jobs must have ended."""
        self._delay.stop()
        if self.slot is not None:
            self._orders.append(self._last_order(self.slot))
            self.slot = None
        while self._orders:
            self._report(_carry_out(self._orders.popleft()))

    def _last_order(self, slot: autosave_folders.SessionSlot) -> _Order:
        session = self._session.state.own_session
        about = autosave_folders.About(self.file, self.is_modified, described(session))
        return _Order(slot, session, about, is_last=True)

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        if self.slot is None or new.own_session is old.own_session:
            return
        if old.is_running and not new.is_running:
            self._delay.start(PAUSE_DELAY_MS)
        elif not self._delay.isActive():
            self._delay.start(SAVE_DELAY_MS)

    @Slot()
    def _save(self) -> None:
        session = self._session.state.own_session
        if self.slot is None or session is self._latest:
            return
        if self._orders:  # the disk is slow: do it afterwards
            self._delay.start(PAUSE_DELAY_MS)
        else:
            about = replace(self.slot.about, file=self.file, is_modified=self.is_modified)
            self._order(_Order(self.slot, session, about))

    def _order(self, order: _Order) -> None:
        self._orders.append(order)
        if len(self._orders) == 1:
            self._begin_next()

    def _begin_next(self) -> None:
        if self._orders:
            self._jobs.submit(AUTOSAVE, _carry_out, self._orders[0], on_result=self._on_saved, on_error=self._on_error)

    def _on_saved(self, trouble: str) -> None:
        order = self._orders.popleft()
        self._report(trouble)
        if not trouble and order.slot is self.slot:
            self._latest = order.session
        if trouble and order.slot is self.slot and not self._delay.isActive():
            self._delay.start(SAVE_DELAY_MS)  # there may be space by then
        self._begin_next()
        if not trouble:
            self.saved.emit()

    def _on_error(self, _traceback: str) -> None:
        self._orders.popleft()
        self._begin_next()

    def _report(self, trouble: str) -> None:
        if trouble and not self._has_reported:
            text = _("The session is not being saved: {trouble}").format(trouble=trouble)
            print(f"tinynet_gui: {text}", file=sys.stderr)
            self.failed.emit(text)
        self._has_reported = bool(trouble)


@speaking(ENGLISH)
def described(session: Session) -> str:
    """Describe a session in a few English words; "" if nothing has been done in it."""
    runs = [run for run in session.runs if not run.is_deleted]
    is_begun = session.history.done or session.experiments or session.own_losses
    if not is_begun and not any(run.step or run.events for run in runs):
        return ""
    data = session.config.data
    source = data.formula if data.target == FORMULA else TARGETS[data.target].label
    if data.points is not None:
        source = _(data.points.origin) if data.points.origin else _("points")
    words = ONE_RUN if len(runs) < 2 else MANY_RUNS
    return words.format(source=source, step=count_text(session.run.step), count=len(runs))


@frozen_dataclass
class SessionOpened:
    """The session, and the slot in which it was stored, if any; or an error message."""

    file: str = ""
    session: Session | None = None
    slot: autosave_folders.SessionSlot | None = None
    trouble: str = ""
    recoverable: Session | None = None


def open_session_file(name: str, job: Job) -> SessionOpened:
    try:
        session = read_session(Path(name), lambda share: job.report(share, None), job.stop)
        is_set_aside = Path(name).suffix == autosave_folders.SET_ASIDE  # it cannot be saved to that file
        return SessionOpened("" if is_set_aside else name, session)
    except SessionFileError as error:
        return SessionOpened(name, trouble=f"{Path(name).name} {error}.", recoverable=error.recoverable)


def open_kept_session(folder: str, job: Job) -> SessionOpened:
    """Take the slot of an autosaved session and read it."""
    slot = autosave_folders.take(Path(folder))
    if slot is None:
        return SessionOpened(trouble=_("It is open in another window."))
    try:
        session = slot.load(job.stop)
        if job.stop[0]:  # the result is no longer wanted
            slot.release()
        return SessionOpened(slot.about.file, session, slot)
    except OtherVersionError as error:
        slot.release()
        return SessionOpened(trouble=_("It is left unchanged: {error}.").format(error=error))
    except (StorageError, OSError) as error:
        recoverable = slot.recoverable(job.stop)
        slot.release()
        words = _("It is damaged: {error}.")
        words = _("It is damaged: {error}; nothing of it could be saved.") if recoverable is None else words
        return SessionOpened(trouble=words.format(error=error), recoverable=recoverable)
    except StoppedError:
        slot.release()
        raise


def save_session(file: str, session: Session, job: Job) -> str:
    """Write a session to a file; return why that failed, or ""."""
    try:
        write_session(Path(file), session, report=lambda share: job.report(share, None))
    except OSError as error:
        return str(error)
    return ""
