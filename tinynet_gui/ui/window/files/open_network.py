"""Networks from outside: ask for a file, and pass it or a pasted text on."""

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QMainWindow

from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.dialogs.reading_dialog import ReadingDialog
from tinynet_gui.ui.window.files.file_dialogs import ask_to_open
from tinynet_gui.ui.window.files.files import warn
from tinynet_gui.ui.window.files.waiting import Waiting
from tinynet_gui.ui.window.of_window import OfWindow

OPEN = "Open network"
FILTER = "Networks: state_dict, table or print (*.pt *.pth *.csv *.txt);;All files (*)"
PASTED = "a pasted text"


class OpenNetwork(OfWindow):
    """Knows nothing of reading networks: it emits requests, and is told the results.

    Signals
    -------
    wanted : str, str, str or None
        The origin in words, and the name of a file or a text; at the end `waiting.end` or `refuse` is called.
    """

    wanted = Signal(str, str, object)

    def __init__(self, window: QMainWindow, actions: Actions) -> None:
        super().__init__(window)
        self._origin = ""
        self.waiting = Waiting(self)
        actions.connect(actionOpenNetwork=self.ask_for_file)

    @Slot()
    def ask_for_file(self) -> None:
        """Ask for a file to read."""
        if name := ask_to_open(self._window, OPEN, FILTER):
            self.open_file(name)

    def open_file(self, name: str) -> None:
        """Have a file read."""
        self._begin(Path(name).name, name, None)

    def open_text(self, text: str) -> None:
        """Have a text read."""
        self._begin(PASTED, "", text)

    def refuse(self, trouble: str) -> None:
        """Say why no network is opened."""
        self.waiting.end()
        subject = "The pasted text" if self._origin == PASTED else self._origin
        warn(self._window, OPEN, f"{subject} was not opened; nothing has changed.\n\n{trouble}")

    def _begin(self, origin: str, name: str, text: str | None) -> None:
        self._origin = origin
        self.waiting.begin(ReadingDialog(OPEN, origin, self._window))
        self.wanted.emit(origin, name, text)
