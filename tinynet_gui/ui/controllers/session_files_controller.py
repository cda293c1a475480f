"""Reads and writes session files in the background, and switches to a session that was read."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from PySide6.QtCore import QObject, Slot

from tinynet_gui.core.config import tutorial
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.run.session import Session, ViewState, new_session
from tinynet_gui.core.storage.plain_values import NewerVersionError, StorageError
from tinynet_gui.core.storage.session_file import NOTHING_SAVED, SessionFileError, read_session, write_session
from tinynet_gui.core.system.stopping import StoppedError
from tinynet_gui.core.text.numbers import count_text, counted
from tinynet_gui.engine import autosave_folders
from tinynet_gui.engine.jobs.jobs import Job
from tinynet_gui.engine.program import Program
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.window.files.session_files import OPEN, SAVE, SessionFiles
from tinynet_gui.ui.window.preferences import RECENT_FILES, SettingsStore

OPENING, SAVING = "opening a session", "saving a session"
LONG_S = 0.5  # a shorter operation shows nothing
MOST_RECENT = 10


@dataclass(frozen=True)
class _Opened:
    """The result of opening: a session, in a slot of its own if it was stored in one; or the reason for failure."""

    file: str = ""
    session: Session | None = None
    slot: autosave_folders.SessionSlot | None = None
    trouble: str = ""
    recoverable: Session | None = None


@dataclass(frozen=True)
class _Saved:
    file: str
    session: Session
    trouble: str = ""


def _open_file(name: str, job: Job) -> _Opened:
    try:
        session = read_session(Path(name), lambda share: job.report(share, None), job.stop)
        is_set_aside = Path(name).suffix == autosave_folders.SET_ASIDE  # it cannot be saved to that file
        return _Opened("" if is_set_aside else name, session)
    except SessionFileError as error:
        return _Opened(name, trouble=f"{Path(name).name} {error}.", recoverable=error.recoverable)
    except StoppedError:
        return _Opened()


def _open_slot(folder: str, job: Job) -> _Opened:
    slot = autosave_folders.take(Path(folder))
    if slot is None:
        return _Opened(trouble="It is open in another window.")
    try:
        session = slot.load(job.stop)
        if job.stop[0]:  # the result is no longer wanted
            slot.release()
        return _Opened(slot.about.file, session, slot)
    except NewerVersionError as error:
        slot.release()
        return _Opened(trouble=f"It is left unchanged: {error}.")
    except (StorageError, OSError) as error:
        recoverable = slot.recoverable(job.stop)
        slot.release()
        saved = "" if recoverable is not None else f"; {NOTHING_SAVED}"
        return _Opened(trouble=f"It is damaged: {error}{saved}.", recoverable=recoverable)
    except StoppedError:
        slot.release()
        return _Opened()


def _save(file: str, session: Session, job: Job) -> _Saved:
    try:
        write_session(Path(file), session, report=lambda share: job.report(share, None))
    except OSError as error:
        return _Saved(file, session, str(error))
    return _Saved(file, session)


class SessionFilesController(QObject):
    """The window stays responsive while a session is read or written, and the previous session stays in its slot.

    Parameters
    ----------
    file
        The file that the current session was read from; "" if none.
    """

    def __init__(
        self, program: Program, files: SessionFiles, store: SettingsStore | None = None, file: str = ""
    ) -> None:
        super().__init__(program)
        self._session, self._jobs, self._autosave = program.session, program.jobs, program.autosave
        self._files, self._store = files, store
        self._file, self._saved_content = "", _content(program.session.state.session)
        self._is_modified = False
        self._recoverable: Session | None = None
        self._points: Points | None = None
        self._begun = 0.0
        if self._autosave is not None:
            self._autosave.told.connect(files.tell)
        if self._autosave is not None and not file:
            self._show_file(self._autosave.file, self._autosave.is_modified)
        else:
            self._show_file(file, False)
        self._session.changed.connect(self._follow)
        files.new_wanted.connect(self._on_new)
        files.file_chosen.connect(self.open_file)
        files.recent_chosen.connect(self._on_recent_chosen)
        files.save_wanted.connect(self._on_save)
        files.recent_wanted.connect(self._on_recent_wanted)
        files.recovery_wanted.connect(self._on_recovery)
        files.waiting.cancelled.connect(self._on_cancelled)

    @Slot(str)
    def open_file(self, name: str, points: Points | None = None) -> None:
        """Open a file; until it has been read nothing changes. Then use these samples, if given."""
        self._points = points
        self._open(Path(name).name, _open_file, name)

    @Slot(str)
    def _on_recent_chosen(self, folder: str) -> None:
        self._points = None
        self._open("a recent session", _open_slot, folder)

    def _open(self, words: str, read: Callable[[str, Job], _Opened], place: str) -> None:
        self._files.begin_reading(words)
        waiting = self._files.waiting
        self._jobs.submit(
            OPENING,
            read,
            place,
            on_result=self._on_opened,
            on_progress=waiting.show_progress,
            on_error=waiting.end,
        )

    @Slot()
    def _on_cancelled(self) -> None:
        self._jobs.cancel(OPENING)

    @Slot()
    def _on_new(self) -> None:
        was = self._session.state.own_session
        view = replace(was.view, pinned=None, switched_off=ViewState.switched_off, hidden=ViewState.hidden)
        self._take_over(replace(new_session(tutorial()), pace=was.pace, engine=was.engine, view=view))

    def _on_opened(self, opened: _Opened) -> None:
        self._files.waiting.end()
        if opened.session is not None:
            self._take_over(opened.session, opened.file, opened.slot)
            if self._points is not None:
                self._session.edit({"data.points": self._points})
            return
        self._recoverable, words = opened.recoverable, ""
        if opened.recoverable is not None:
            runs = counted(len(opened.recoverable.runs), "run")
            words = f"{runs} of it can be opened, the last one up to step {count_text(opened.recoverable.run.step)}."
        self._files.refuse(OPEN, f"{opened.trouble}\n\nNothing has changed.", words)

    @Slot()
    def _on_recovery(self) -> None:
        if self._recoverable is not None:
            self._take_over(self._recoverable)

    def _take_over(self, session: Session, file: str = "", slot: autosave_folders.SessionSlot | None = None) -> None:
        if self._autosave is not None:
            kept = autosave_folders.Restored(slot) if slot is not None else autosave_folders.begin()
            if kept.words:
                self._files.say(kept.words)
            self._autosave.move_to(kept.slot)
        elif slot is not None:
            slot.end()
        self._saved_content = _content(session)
        self._show_file(file, slot is not None and slot.about.is_modified)
        self._session.take_over(session)

    @Slot(str)
    def _on_save(self, file: str) -> None:
        self._begun = perf_counter()
        session = self._session.state.own_session
        self._jobs.submit(SAVING, _save, file, session, on_result=self._on_saved, on_progress=self._on_written)

    def _on_saved(self, saved: _Saved) -> None:
        if saved.trouble:
            self._files.refuse(SAVE, f"Not saved; the existing file is unchanged.\n\n{saved.trouble}")
            return
        self._saved_content = _content(saved.session)
        self._show_file(saved.file, self._saved_content != _content(self._session.state.own_session))
        self._files.say(f"Saved as {Path(saved.file).name}.")

    def _on_written(self, share: float, _partial: object) -> None:
        if perf_counter() - self._begun > LONG_S:
            self._files.show_written(share)

    @Slot()
    def _on_recent_wanted(self) -> None:
        files = [] if self._store is None else self._store.recent(RECENT_FILES)
        entries = [(Path(name).name, name, True) for name in files if name != self._file]
        if self._autosave is not None:
            for place, about, saved in autosave_folders.recent()[:MOST_RECENT]:
                when = datetime.fromtimestamp(saved)
                name = Path(about.file).name if about.file else about.words or "not saved"
                is_set_aside = place.suffix == autosave_folders.SET_ASIDE
                entries.append((f"{name} ({when:%d %b, %H:%M})", str(place), is_set_aside))
        self._files.show_recent(entries)

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        was, now = old.own_session, new.own_session
        is_another = now.runs is not was.runs or now.history is not was.history
        if is_another and not self._is_modified and _content(now) != self._saved_content:
            self._show_file(self._file, True)

    def _show_file(self, file: str, is_modified: bool) -> None:
        self._file, self._is_modified = file, is_modified
        self._files.show_file(file, is_modified)
        if self._autosave is not None:
            self._autosave.set_file(file, is_modified)
        if file and self._store is not None:
            self._store.remember_recent(RECENT_FILES, file)


def _content(session: Session) -> tuple[Any, ...]:
    """Return the part of a session that counts as modified since saving: neither the view nor the loaded engine."""
    return (
        session.history.done,
        *((run.id, run.name, run.step, run.wanted.config, run.is_starred, run.is_kept) for run in session.runs),
    )
