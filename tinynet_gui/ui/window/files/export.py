"""Exports of code or numbers: the file dialogs, the progress of the verification, and its result."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal, SignalInstance, Slot
from PySide6.QtWidgets import QMainWindow

from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.dialogs.verification_dialogs import ReceiptDialog, VerifyingDialog
from tinynet_gui.ui.window.files.file_dialogs import ask_to_save
from tinynet_gui.ui.window.files.files import warn
from tinynet_gui.ui.window.of_window import OfWindow

TITLE = "Export"


class Export(OfWindow):
    """Knows nothing of writing or verifying: it emits requests, and is told the results.

    Signals
    -------
    script_wanted, notebook_wanted : str
        Write the run to this file as code; `begin`, and `show_result` or `refuse`, are the answer.
    model_wanted, numbers_wanted : str
        Write the network to this file; `say` or `refuse` is the answer.
    cancelled
        End the verification; the file stays.
    """

    script_wanted = Signal(str)
    notebook_wanted = Signal(str)
    model_wanted = Signal(str)
    numbers_wanted = Signal(str)
    cancelled = Signal()

    def __init__(self, window: QMainWindow, actions: Actions) -> None:
        super().__init__(window)
        self._verifying: VerifyingDialog | None = None
        actions.connect(
            actionExportScript=self._on_script,
            actionExportNotebook=self._on_notebook,
            actionExportModel=self._on_model,
            actionExportNumbers=self._on_numbers,
        )

    def begin(self, file: str, steps: int) -> None:
        """Show that code with this number of steps is being written and verified."""
        self.end()
        self._verifying = VerifyingDialog(Path(file).name, steps, self._window)
        self._verifying.rejected.connect(self.cancelled)

    def show_progress(self, share: float, step: int | None) -> None:
        """Show the share done, from 0 to 1, and the script's step."""
        if self._verifying is not None:
            self._verifying.show_progress(share, step)

    def show_result(self, file: str, lines: Sequence[str], is_well: bool) -> None:
        """Show the place of the code, and the result of running it."""
        self.end()
        ReceiptDialog(file, lines, is_well, self._window).show()

    def refuse(self, trouble: str) -> None:
        """Say why nothing was written."""
        self.end()
        warn(self._window, TITLE, f"Nothing was saved.\n\n{trouble}")

    def end(self) -> None:
        """Show that no verification is in progress any more."""
        if self._verifying is not None:
            self._verifying.end()
            self._verifying = None

    @Slot()
    def _on_script(self) -> None:
        self._ask("Export PyTorch script", "run.py", "Python (*.py)", self.script_wanted)

    @Slot()
    def _on_notebook(self) -> None:
        self._ask("Export notebook", "run.ipynb", "Jupyter notebook (*.ipynb)", self.notebook_wanted)

    @Slot()
    def _on_model(self) -> None:
        self._ask("Export network", "network.pt", "PyTorch state_dict (*.pt)", self.model_wanted)

    @Slot()
    def _on_numbers(self) -> None:
        self._ask("Export numbers", "network.csv", "Table (*.csv)", self.numbers_wanted)

    def _ask(self, title: str, suggested: str, kind: str, wanted: SignalInstance) -> None:
        name, _ = ask_to_save(self._window, title, suggested, kind)
        if name:
            wanted.emit(name if Path(name).suffix else name + Path(suggested).suffix)
