"""The network as a function: numbers in, numbers out, as ``network(torch.tensor([...]))`` in the tutorial."""

from contextlib import suppress

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from tinynet_gui.core.network.forward import evaluate
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.text.number_list import InputError, parse_inputs
from tinynet_gui.core.text.numbers import MINUS
from tinynet_gui.ui.style.theme import fixed_font, small_font
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.text.elided_label import ElidedLabel

DIGITS = 4


PADDING = 12  # px, within the field


class FunctionField(QWidget):
    """A field for one x or several, and the network's output for them, live.

    Signals
    -------
    number_typed : float
        There is one x in the field now, and no more.
    """

    number_typed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._snapshot: Snapshot | None = None
        self._input = named(
            QLineEdit(),
            "functionInput",
            "Inputs of the network",
            "Use the network as a function: type a number such as 2.3, or several: [2.3, 1.7, 3.6].\n"
            "The probe goes to a single number.",
        )
        self._input.setPlaceholderText("network( 2.3 ) =")
        self._input.setFont(fixed_font())
        words = self._input.fontMetrics().horizontalAdvance(self._input.placeholderText())
        self._input.setMinimumWidth(words + 2 * PADDING)
        self._output = named(ElidedLabel(), "functionOutput", "What the network gives for them")
        self._output.setFont(fixed_font())
        self._error = named(ElidedLabel(), "functionInputError", "Error in the inputs")
        self._error.setFont(small_font())
        self._error.setProperty("role", "error")
        self._error.setVisible(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 0, 14, 0)
        layout.addWidget(self._input, 2)
        layout.addWidget(self._output, 3)
        layout.addWidget(self._error, 3)
        self._input.textChanged.connect(self._on_text_changed)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Use another moment's network."""
        self._snapshot = snapshot
        if self._input.text():
            self._write()

    @Slot(str)
    def _on_text_changed(self, text: str) -> None:
        self._write()
        with suppress(InputError):
            if len(values := parse_inputs(text)) == 1:
                self.number_typed.emit(values[0])

    def _write(self) -> None:
        text = self._input.text().strip()
        output, error = "", ""
        if text and self._snapshot is not None:
            try:
                values = parse_inputs(text)
            except InputError as refusal:
                error = str(refusal)
            else:
                activation = self._snapshot.config.network.activation
                outputs = evaluate(self._snapshot.curve_layers, activation, values)
                output = ", ".join(f"{value:.{DIGITS}f}".replace("-", MINUS) for value in outputs.ravel().tolist())
        self._output.show_text(output)
        self._output.setVisible(not error)
        self._error.show_text(error)
        self._error.setVisible(bool(error))
