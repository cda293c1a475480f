"""Session files: opened, saved and listed; read and written in the background."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from PySide6.QtCore import QDateTime, QLocale
from PySide6.QtGui import QAction, QKeySequence

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.run.session import Session, ViewState, new_session
from tinynet_gui.core.storage.session_file import SUFFIX
from tinynet_gui.core.text.language import gettext as _, ngettext, process_language, translate_stored
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.engine import autosave_folders, session_files
from tinynet_gui.engine.jobs.jobs import Job
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.widgets import dialogs
from tinynet_gui.ui.window import actions, context, incoming, preferences

OPENING, SAVING = "opening a session", "saving a session"
OPEN, SAVE = _("Open session"), _("Save session")
FILTER = _("Sessions (*{suffix})").format(suffix=SUFFIX)
# Translators: a day and a time as Qt writes them, such as "01 Dec, 14:05".
WHEN = _("dd MMM, HH:mm")
RECENT, NOTHING_RECENT = "recentSessions", _("no other session yet")
UNCHANGED = _("Not saved; the existing file is unchanged.\n\n{trouble}")
LONG_S = 0.5  # a shorter operation shows nothing
MAX_RECENT = 10


class SessionsController(context.Controller):
    """The window stays responsive while a session is read or written, and the previous session stays in its slot."""

    def __init__(self, context: context.Context) -> None:
        super().__init__(context)
        self._autosave, self._store = context.program.autosave, context.store
        self._job = dialogs.JobDialog(self, OPENING, context.jobs.submit, context.jobs.cancel)
        self._saved_content = _content(context.session.state.session)
        self._points: Points | None = None
        self._begun = 0.0
        self._autosave.failed.connect(self.show_trouble)
        self.show_file(self._autosave.file, self._autosave.is_modified)
        self._session.changed.connect(self._follow)
        recent = context.frame.menus[RECENT]
        recent.aboutToShow.connect(lambda: actions.list_recent(recent, self._recent_files(), NOTHING_RECENT))
        recent.triggered.connect(self._on_recent_chosen)
        context.incoming.add_file(incoming.of_kind(SUFFIX), self.open_file)
        context.actions.connect(
            actionNew=self._on_new,
            actionOpenSession=self._on_open,
            actionSaveSession=self._on_save,
            actionSaveSessionAs=self._on_save_as,
        )

    def show_trouble(self, trouble: str) -> None:
        dialogs.show_message(self._window, _("Session"), "sessionTrouble", trouble)

    def _on_new(self) -> None:
        was = self._session.state.own_session
        view = replace(was.view, pinned=None, switched_off=ViewState.switched_off, hidden=ViewState.hidden)
        self._take_over(replace(new_session(Config()), pace=was.pace, engine=was.engine, view=view))

    # Opening

    def _on_open(self) -> None:
        if name := dialogs.ask_to_open(self._window, OPEN, FILTER, self._autosave.file):
            self.open_file(name)

    def open_file(self, name: str, points: Points | None = None) -> None:
        """Open a file, then use these samples, if given; nothing changes until it has been read."""
        self._points = points
        self._open(dialogs.READING, session_files.open_session_file, name)

    def _on_recent_chosen(self, action: QAction) -> None:
        name, is_file = action.data()
        (self.open_file if is_file else self.open_kept)(name)

    def open_kept(self, folder: str) -> None:
        self._points = None
        self._open(_("Reading a recent session …"), session_files.open_kept_session, folder)

    def _open(self, words: str, read: Callable[[str, Job], session_files.SessionOpened], place: str) -> None:
        self._job.begin(dialogs.ReadingDialog(OPEN, Path(place).name, self._window, words))
        self._job.submit(read, place, on_result=self._on_opened)

    def _on_opened(self, opened: session_files.SessionOpened) -> None:
        if opened.session is not None:
            self._take_over(opened.session, opened.file, opened.slot)
            if self._points is not None:
                self._session.edit({"data.points": self._points})
            return
        trouble = _("{trouble}\n\nNothing has changed.").format(trouble=opened.trouble)
        if (recoverable := opened.recoverable) is None:
            dialogs.warn(self._window, OPEN, trouble)
            return
        step, count = count_text(recoverable.run.step), len(recoverable.runs)
        words = ngettext(
            "{count} run of it can be opened, the last one up to step {step}.",
            "{count} runs of it can be opened, the last one up to step {step}.",
            count,
        ).format(count=count_text(count), step=step)
        box = dialogs.ask("recovery", OPEN, f"{trouble}\n\n{words}", _("Open the intact part"), self._window)
        box.accepted.connect(partial(self._take_over, recoverable))

    def _take_over(self, session: Session, file: str = "", slot: autosave_folders.SessionSlot | None = None) -> None:
        if self._autosave.is_on:
            kept = autosave_folders.Restored(slot) if slot is not None else autosave_folders.begin()
            self._notify(kept.words)
            self._autosave.move_to(kept.slot)
        elif slot is not None:
            slot.end()
        self._saved_content = _content(session)
        self.show_file(file, slot is not None and slot.about.is_modified)
        self._session.take_over(session)

    # Saving

    def _on_save(self) -> None:
        if self._autosave.file:
            self._save(self._autosave.file)
        else:
            self._on_save_as()

    def _on_save_as(self) -> None:
        if name := dialogs.ask_to_save(self._window, SAVE, self._autosave.file or f"session{SUFFIX}", FILTER):
            self._save(name if Path(name).suffix else name + SUFFIX)

    def _save(self, file: str) -> None:
        self._begun = perf_counter()
        given = file, self._session.state.own_session
        on_result, on_progress = partial(self._on_saved, *given), self._on_written
        self._jobs.submit(SAVING, session_files.save_session, *given, on_result=on_result, on_progress=on_progress)

    def _on_saved(self, file: str, session: Session, trouble: str) -> None:
        if trouble:
            dialogs.warn(self._window, SAVE, UNCHANGED.format(trouble=trouble))
            return
        self._saved_content = _content(session)
        self.show_file(file, self._saved_content != _content(self._session.state.own_session))
        self._notify(_("Saved as {file}.").format(file=Path(file).name))

    def _on_written(self, share: float, _partial: object) -> None:
        if perf_counter() - self._begun > LONG_S:
            self._notify(_("Saving … {percent} %").format(percent=round(100 * share)))

    # Names

    def _recent_files(self) -> Iterator[tuple[str, tuple[str, bool], str]]:
        for name in self._store.recent(preferences.RECENT_FILES):
            if Path(name) != Path(self._autosave.file):
                yield Path(name).name, (name, True), name
        for place, about, saved in autosave_folders.recent()[:MAX_RECENT] if self._autosave.is_on else []:
            kept = translate_stored(about.words, session_files.MANY_RUNS, session_files.ONE_RUN, context="target")
            words = Path(about.file).name if about.file else kept or _("not saved")
            is_set_aside = place.suffix == autosave_folders.SET_ASIDE
            when = QLocale(process_language()).toString(QDateTime.fromSecsSinceEpoch(int(saved)), WHEN)
            yield f"{words} ({when})", (str(place), is_set_aside), str(place)

    def _follow(self, old: AppState, new: AppState) -> None:
        was, now = old.own_session, new.own_session
        is_another = now.runs is not was.runs or now.history is not was.history
        if is_another and not self._autosave.is_modified and _content(now) != self._saved_content:
            self.show_file(self._autosave.file, True)

    def show_file(self, file: str, is_modified: bool = False) -> None:
        """Show the session's file in the title, and whether the session is modified."""
        self._autosave.file, self._autosave.is_modified = file, is_modified
        self._window.setWindowTitle(f"{Path(file).name}[*] – tinynet" if file else "tinynet")
        self._window.setWindowModified(bool(file) and is_modified)
        if file:
            self._store.remember_recent(preferences.RECENT_FILES, file)


def _content(session: Session) -> tuple[Any, ...]:
    """Return the part of a session that counts as modified since saving: neither the view nor the loaded engine."""
    return (
        session.history.done,
        *((run.id, run.name, run.step, run.wanted.config, run.is_starred, run.is_kept) for run in session.runs),
    )


FEATURE = context.Feature(
    "sessions",
    SessionsController,
    actions.Action(
        "actionNew",
        _("&New session"),
        _("Begin afresh; this session stays among the recent ones."),
        "sessions",
        QKeySequence.StandardKey.New,
    ),
    actions.Action(
        "actionOpenSession",
        _("&Open session …"),
        _("Open a session from a file."),
        "sessions",
        QKeySequence.StandardKey.Open,
    ),
    actions.Menu(RECENT, _("&Recent sessions"), section="sessions"),
    actions.Action(
        "actionSaveSession",
        _("&Save session"),
        _("Write all runs, with their whole history, to a file."),
        "sessions",
        QKeySequence.StandardKey.Save,
    ),
    actions.Action(
        "actionSaveSessionAs",
        _("Save session &as …"),
        _("Write the session to another file."),
        "sessions",
        "Ctrl+Shift+S",
    ),
)
