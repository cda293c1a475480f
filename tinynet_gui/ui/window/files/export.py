"""Exports of code or numbers: the file dialogs, the progress of the verification, and its result."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal, SignalInstance, Slot
from PySide6.QtWidgets import QMainWindow

from tinynet_gui.ui.style.style_sheets import css_variables
from tinynet_gui.ui.style.theme import DARK, LIGHT
from tinynet_gui.ui.widgets.dialog import ProgressDialog
from tinynet_gui.ui.widgets.naming import caption, named
from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.dialogs.verification_dialogs import ReceiptDialog, VerifyingDialog
from tinynet_gui.ui.window.files.file_dialogs import ask_to_save
from tinynet_gui.ui.window.files.files import warn
from tinynet_gui.ui.window.files.waiting import Waiting
from tinynet_gui.ui.window.of_window import OfWindow

TITLE = "Export"
MODEL = ("Export network", "network.pt", "PyTorch state_dict (*.pt)")
NUMBERS = ("Export numbers", "network.csv", "Table (*.csv)")
PAGE = ("Export web page", "run.html", "Web page (*.html)")
UNITS = ("In the data's own units:", "As trained, with μ and σ:")  # of a network that saw standardised samples


class Export(OfWindow):
    """Knows nothing of writing or verifying: it emits requests, and is told the results.

    Attributes
    ----------
    verifying, writing
        The wait for exported code, whose file stays when it is cancelled; and for a web page.

    Signals
    -------
    script_wanted, notebook_wanted : str
        Write the run to this file as code: `begin`, and at its end `show_result` or `refuse`, are the answer.
    """

    script_wanted = Signal(str)
    notebook_wanted = Signal(str)

    def __init__(self, window: QMainWindow, actions: Actions) -> None:
        super().__init__(window)
        self.verifying, self.writing = Waiting(self), Waiting(self)
        actions.connect(actionExportScript=self._on_script, actionExportNotebook=self._on_notebook)

    def begin(self, file: str, steps: int) -> None:
        """Show that code with this number of steps is being written and verified."""
        self.verifying.begin(VerifyingDialog(Path(file).name, steps, self._window))

    def show_result(self, file: str, lines: Sequence[str], is_well: bool) -> None:
        """Show the place of the code, and the result of running it."""
        ReceiptDialog(file, lines, is_well, self._window).show()

    def refuse(self, trouble: str) -> None:
        """Say why nothing was written."""
        warn(self._window, TITLE, f"Nothing was saved.\n\n{trouble}")

    def page_colors(self) -> tuple[str, str]:
        """Return the colours of a web page, in light and in dark: the window's."""
        return css_variables(LIGHT), css_variables(DARK)

    def begin_page(self) -> None:
        """Show, if it takes a while, that the moments of a web page are being recomputed."""
        words = named(caption("The moments that the page shows are being computed."), "webPageWords", "What is done")
        self.writing.begin(ProgressDialog("webPage", PAGE[0], [words], self._window))

    @Slot()
    def _on_script(self) -> None:
        self._ask("Export PyTorch script", "run.py", "Python (*.py)", self.script_wanted)

    @Slot()
    def _on_notebook(self) -> None:
        self._ask("Export notebook", "run.ipynb", "Jupyter notebook (*.ipynb)", self.notebook_wanted)

    def _ask(self, title: str, suggested: str, kind: str, wanted: SignalInstance) -> None:
        if name := self._ask_for_name(title, suggested, kind)[0]:
            wanted.emit(name)

    def ask_for_network(self, *, is_table: bool, is_standardised: bool) -> tuple[str, bool]:
        """Ask for a network's file, and in which units it is to be.

        Returns
        -------
        str, bool
            The name, or ""; and whether the network is to be as trained, on standardised samples.
        """
        title, suggested, kind = NUMBERS if is_table else MODEL
        kinds = [f"{units} {kind}" for units in UNITS] if is_standardised else [kind]
        name, chosen = self._ask_for_name(title, suggested, ";;".join(kinds))
        return name, chosen == kinds[-1] and is_standardised

    def ask_for_page(self) -> str:
        """Ask for a web page's file; return its name, or ""."""
        return self._ask_for_name(*PAGE)[0]

    def _ask_for_name(self, title: str, suggested: str, kinds: str) -> tuple[str, str]:
        name, kind = ask_to_save(self._window, title, suggested, kinds)
        return name if not name or Path(name).suffix else name + Path(suggested).suffix, kind
