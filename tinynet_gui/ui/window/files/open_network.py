"""Networks from outside: ask for a file, and pass it or a pasted text on."""

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QMainWindow

from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.dialogs.reading_dialog import ReadingDialog
from tinynet_gui.ui.window.files.file_dialogs import ask_to_open
from tinynet_gui.ui.window.files.files import warn
from tinynet_gui.ui.window.of_window import OfWindow

OPEN = "Open network"
FILTER = "Networks: state_dict, table or print (*.pt *.pth *.csv *.txt);;All files (*)"
PASTED = "a pasted text"


class OpenNetwork(OfWindow):
    """Knows nothing of reading networks: it emits requests, and is told the results.

    Signals
    -------
    wanted : str, str, str or None
        The origin in words, and the name of a file or a text; `stop_waiting` or `refuse` is the answer.
    cancelled
        The result of the reading is no longer wanted.
    """

    wanted = Signal(str, str, object)
    cancelled = Signal()

    def __init__(self, window: QMainWindow, actions: Actions) -> None:
        super().__init__(window)
        self._origin = ""
        self._reading: ReadingDialog | None = None
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

    def show_share(self, share: float) -> None:
        """Show the share read, from 0 to 1."""
        if self._reading is not None:
            self._reading.set_share(share)

    def refuse(self, trouble: str) -> None:
        """Say why there is no network to open."""
        self.stop_waiting()
        subject = "The pasted text" if self._origin == PASTED else self._origin
        warn(self._window, OPEN, f"{subject} is not used; nothing has changed.\n\n{trouble}")

    def stop_waiting(self) -> None:
        """Stop showing that a network is being read."""
        if self._reading is not None:
            self._reading.end()
            self._reading = None

    def _begin(self, origin: str, name: str, text: str | None) -> None:
        self.stop_waiting()
        self._origin = origin
        self._reading = ReadingDialog(OPEN, origin, self._window)
        self._reading.rejected.connect(self._on_rejected)
        self.wanted.emit(origin, name, text)

    @Slot()
    def _on_rejected(self) -> None:
        self.stop_waiting()
        self.cancelled.emit()
