"""The header of the function plot: what it can draw besides the curve, and the loss."""

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtWidgets import QToolButton

from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.text.numbers import loss_text
from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.views.function_plot.probe_line import TOOLTIP
from tinynet_gui.ui.widgets.buttons.stage_button import StageButton
from tinynet_gui.ui.widgets.card import Card
from tinynet_gui.ui.widgets.naming import named

WIDEST_LOSS = "loss = 9.999·10⁻⁴"


class FunctionSwitches(QObject):
    """The switches *edit*, *parts*, *stacked* and *probe*; and *seeds*, which stands elsewhere."""

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        self._card = card
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
        self._stage = StageButton(card, card.title)
        card.title.setMinimumWidth(1)  # it does not keep the window wide
        for place, switch in enumerate(self.all()):
            card.header.insertWidget(place + 1, switch)
        card.header.addWidget(self._stage)
        self.parts.toggled.connect(self.stacked.setEnabled)
        for switch in (self.parts, self.stacked):
            switch.toggled.connect(self.fit)
        card.installEventFilter(self)

    def all(self) -> tuple[QToolButton, ...]:
        """Return those in the header, from left to right."""
        return self.edit, self.parts, self.stacked, self.probe

    def show_loss(self, snapshot: Snapshot) -> None:
        """Write a moment's loss."""
        self._card.value.setText(f"loss = {loss_text(snapshot.train_loss)}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the width of the card."""
        if event.type() == QEvent.Type.Resize:
            self.fit()
        return False

    @Slot()
    def fit(self) -> None:
        """Leave the loss out of the header where there is no room for it, and then the title."""
        card, header, switches = self._card, self._card.header, self.all()
        card.title.setContentsMargins(0, 0, whole_px(8), 0)  # room before the switches
        margins, gaps = header.contentsMargins(), (len(switches) + 3) * header.spacing()
        needed = sum(w.sizeHint().width() for w in (*switches, self._stage)) + margins.left() + margins.right() + gaps
        needed += card.title.sizeHint().width()
        card.title.setVisible(needed <= card.width())
        loss = card.value.fontMetrics().horizontalAdvance(WIDEST_LOSS)
        card.value.setVisible(needed + loss <= card.width())


def _switch(text: str, name: str, tooltip: str) -> QToolButton:
    switch = named(QToolButton(), name, text, tooltip)
    switch.setText(text)
    switch.setCheckable(True)
    switch.setProperty("compact", True)
    return switch
