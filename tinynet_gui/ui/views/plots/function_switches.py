"""What the function plot can draw besides the curve, as switches in its header."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QToolButton

from tinynet_gui.ui.views.plots.probe_line import TOOLTIP
from tinynet_gui.ui.widgets.naming import named


class FunctionSwitches(QObject):
    """The switches *edit*, *parts*, *stacked* and *probe*; and *seeds*, which stands elsewhere."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.edit = _switch(
            "edit",
            "editData",
            "Change the samples with the mouse: drag one, click to add one, drag a box to select, Delete, scatter with "
            "Shift held. Training continues with them. Key: D",
        )
        self.parts = _switch(
            "parts",
            "curveParts",
            "Draw each neuron's contribution w′·h(x) to the curve, in the colour that it has in the diagram: "
            "with the output's bias b′ they add up to the network's output.",
        )
        self.stacked = _switch(
            "stacked", "curveStacked", "Draw the parts on top of each other: the last one is the output."
        )
        self.stacked.setEnabled(False)  # there, so that the switch beside it stays where it is
        self.probe = _switch(
            "probe",
            "probe",
            f"Look into the network at one x, the line's, and read the values in the diagram.\n{TOOLTIP}",
        )
        self.seeds = _switch(
            "seeds",
            "seedBand",
            "Train other seeds, too, while data or settings change: at each x the band holds the middle eight in ten "
            "of their final curves, and the line is their median. Is it the seed, or the data?",
        )
        self.parts.toggled.connect(self.stacked.setEnabled)

    def all(self) -> tuple[QToolButton, ...]:
        """Return those in the header, from left to right."""
        return self.edit, self.parts, self.stacked, self.probe


def _switch(text: str, name: str, tooltip: str) -> QToolButton:
    switch = named(QToolButton(), name, text, tooltip)
    switch.setText(text)
    switch.setCheckable(True)
    switch.setProperty("compact", True)
    return switch
