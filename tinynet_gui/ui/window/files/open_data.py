"""Data from outside: ask for them, show a preview, and pass them on once the user has accepted it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from tinynet_gui.ui.style.theme import ThemeSource
from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.dialogs.reading_dialog import ReadingDialog
from tinynet_gui.ui.window.files.file_dialogs import ask_to_open
from tinynet_gui.ui.window.files.files import OPEN_FILTER, warn
from tinynet_gui.ui.window.files.waiting import Waiting
from tinynet_gui.ui.window.of_window import OfWindow

if TYPE_CHECKING:
    from tinynet_gui.core.data.columns import Columns
    from tinynet_gui.core.data.read_as import ReadAs
    from tinynet_gui.core.data.table import Table
    from tinynet_gui.ui.window.dialogs.data_dialog import DataDialog

PASTED = "pasted"
OPEN, PASTE = "Open data", "Paste data"
WHAT_TO_COPY = "Copy two columns of numbers, x and y, for instance in a spreadsheet, and paste again."


class OpenData(OfWindow):
    """Knows nothing of reading data: it emits requests, and is told the results.

    Signals
    -------
    wanted : str, str or None, ReadAs or None
        The name of a file, or a text, and how to read it; `show_table` or `refuse` is the answer.
    cancelled
        The result of the reading is no longer wanted.
    points_chosen : Points, bool
        The user has accepted them as samples, standardised or not.
    """

    wanted = Signal(str, object, object)
    cancelled = Signal()
    points_chosen = Signal(object, bool)

    def __init__(self, window: QMainWindow, themes: ThemeSource, actions: Actions) -> None:
        super().__init__(window)
        actions.connect(actionOpenData=self.ask_for_file)
        self._themes = themes
        self._title, self._origin = OPEN, ""
        self._source: tuple[str, str | None] = ("", None)
        self.waiting = Waiting(self)
        self.waiting.cancelled.connect(self.cancelled)
        self._dialog: DataDialog | None = None

    @Slot()
    def ask_for_file(self) -> None:
        """Ask for a file to read."""
        if name := ask_to_open(self._window, OPEN, OPEN_FILTER):
            self.open_file(name)

    def open_file(self, name: str) -> None:
        """Have a file read."""
        self._begin(OPEN, Path(name).name, name, None)

    @Slot()
    def paste(self) -> None:
        """Have the content of the clipboard read: a text, or a copied file."""
        content = QGuiApplication.clipboard().mimeData()
        name = local_file(content)
        text = content.text() if content is not None and content.hasText() else ""
        if name:
            self.open_file(name)
        elif text.strip():
            self._begin(PASTE, PASTED, "", text)
        else:
            warn(self._window, PASTE, f"There is no text in the clipboard. {WHAT_TO_COPY}")

    def show_table(self, table: "Table", columns: "Columns", *, is_standardised: bool) -> None:
        """Show the parsed table, and the columns most likely meant; the current samples may be standardised."""
        from tinynet_gui.ui.window.dialogs.data_dialog import DataDialog  # loaded late, for a quick start

        self.waiting.end()
        if self._dialog is not None:
            self._dialog.show_table(table, columns)
            return
        self._dialog = dialog = DataDialog(
            table, columns, self._origin, self._themes.theme, self._window, is_standardised=is_standardised
        )
        self._themes.theme_changed.connect(dialog.show_theme)
        dialog.chosen.connect(self.points_chosen)
        dialog.read_again.connect(self._on_read_again)
        dialog.finished.connect(self._on_finished)
        dialog.open()

    def refuse(self, trouble: str) -> None:
        """Say why the data cannot be used."""
        self.waiting.end()
        if self._dialog is not None:
            self._dialog.show_trouble(trouble)
            return
        subject = "The pasted text is" if self._title == PASTE else f"{self._origin} is"
        warn(self._window, self._title, f"{subject} not used; nothing has changed.\n\n{trouble}")

    def _begin(self, title: str, origin: str, name: str, text: str | None) -> None:
        if self._dialog is not None:
            self._dialog.reject()  # of other data
        self._title, self._origin, self._source = title, origin, (name, text)
        self.waiting.begin(ReadingDialog(title, origin, self._window))
        self.wanted.emit(*self._source, None)

    @Slot(object)
    def _on_read_again(self, read_as: "ReadAs") -> None:
        self.wanted.emit(*self._source, read_as)

    @Slot()
    def _on_finished(self) -> None:
        self._dialog = None
        self.cancelled.emit()  # if it is being read again


def local_file(content: QMimeData | None) -> str:
    """Return the name of the only local file that was dragged or copied; else ""."""
    urls = content.urls() if content is not None and content.hasUrls() else []
    name = urls[0].toLocalFile() if len(urls) == 1 else ""
    return name if name and Path(name).is_file() else ""
