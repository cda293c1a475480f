"""Session files: ask for their names, open recent or dropped ones, and show them in the title."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu, QMessageBox

from tinynet_gui.core.storage.session_file import SUFFIX
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.dialogs.reading_dialog import ReadingDialog
from tinynet_gui.ui.window.files.file_dialogs import ask_to_open, ask_to_save
from tinynet_gui.ui.window.files.files import tell, warn, warning
from tinynet_gui.ui.window.files.waiting import Waiting
from tinynet_gui.ui.window.of_window import OfWindow

FILTER = f"Sessions (*{SUFFIX})"
OPEN, SAVE = "Open session", "Save session"
NOTHING_RECENT = "no other session yet"


class SessionFiles(OfWindow):
    """Knows nothing of reading or writing sessions: it emits requests, and is told the results.

    Signals
    -------
    new_wanted
        Begin a new session.
    file_chosen, recent_chosen : str
        Open this file, or the folder of an automatically saved session.
    save_wanted : str
        Write the session to this file.
    recent_wanted
        The menu is about to be shown: `show_recent` is the answer.
    recovery_wanted
        Recover the intact part of the file that was refused.
    """

    new_wanted = Signal()
    file_chosen = Signal(str)
    recent_chosen = Signal(str)
    save_wanted = Signal(str)
    recent_wanted = Signal()
    recovery_wanted = Signal()

    def __init__(self, window: QMainWindow, actions: Actions, recent: QMenu) -> None:
        super().__init__(window)
        self._file = ""
        self._recent = recent
        self.waiting = Waiting(self)
        actions.connect(
            actionNew=self.new_wanted,
            actionOpenSession=self._on_open,
            actionSaveSession=self._on_save,
            actionSaveSessionAs=self._on_save_as,
        )
        recent.aboutToShow.connect(self.recent_wanted)
        recent.triggered.connect(self._on_recent)
        self.show_file("", False)

    def show_file(self, file: str, is_modified: bool) -> None:
        """Show the session's file in the title, and whether the session differs from it by now."""
        self._file = file
        self._window.setWindowTitle(f"{Path(file).name}[*] – tinynet" if file else "tinynet")
        self._window.setWindowModified(bool(file) and is_modified)

    def show_recent(self, entries: Sequence[tuple[str, str, bool]]) -> None:
        """Fill the menu of recent sessions: for each its text, its name, and whether it is a file of the user."""
        self._recent.clear()
        for words, name, is_file in entries:
            action = self._recent.addAction(shortened(words, 80).replace("&", "&&"))
            action.setData((name, is_file))
            action.setToolTip(name)
        if not entries:
            self._recent.addAction(NOTHING_RECENT).setEnabled(False)

    def begin_reading(self, name: str) -> None:
        """Show the progress of the reading, with a Cancel button, if it takes long."""
        self.waiting.begin(ReadingDialog(OPEN, name, self._window))

    def show_written(self, share: float) -> None:
        """Show the share written, from 0 to 1."""
        self.say(f"Saving … {round(100 * share)} %")

    @Slot(str)
    def tell(self, trouble: str) -> None:
        """Show a message to the user; the window stays usable."""
        tell(self._window, "Session", "sessionTrouble", trouble)

    def refuse(self, title: str, trouble: str, recoverable: str = "") -> None:
        """Say why nothing was done; if part of a file is intact, ask whether to recover it."""
        if not recoverable:
            warn(self._window, title, trouble)
            return
        box = warning(self._window, title, f"{trouble}\n\n{recoverable}", "recovery")
        box.addButton("Open the intact part", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.accepted.connect(self.recovery_wanted)
        box.open()

    @Slot()
    def _on_open(self) -> None:
        if name := ask_to_open(self._window, OPEN, FILTER, self._file):
            self.file_chosen.emit(name)

    @Slot()
    def _on_save(self) -> None:
        if self._file:
            self.save_wanted.emit(self._file)
        else:
            self._on_save_as()

    @Slot()
    def _on_save_as(self) -> None:
        name, _ = ask_to_save(self._window, SAVE, self._file or f"session{SUFFIX}", FILTER)
        if name:
            self.save_wanted.emit(name if Path(name).suffix else name + SUFFIX)

    @Slot(QAction)
    def _on_recent(self, action: QAction) -> None:
        name, is_file = action.data()
        (self.file_chosen if is_file else self.recent_chosen).emit(name)
