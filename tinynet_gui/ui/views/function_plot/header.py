"""The header of the function plot: what it can draw besides the curve, and the loss."""

from collections.abc import Collection

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton

from tinynet_gui.core.text.numbers import loss_text
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.views.function_plot.probe_line import TOOLTIP
from tinynet_gui.ui.widgets.buttons import StageButton, compact_button
from tinynet_gui.ui.widgets.card import Card
from tinynet_gui.ui.widgets.naming import keep_place

WIDEST_LOSS = "loss = 9.999·10⁻⁴"
SWITCHES = "edit", "parts", "probe", "seeds"  # that may be missing


class FunctionSwitches(QObject):
    """The switches *edit*, *parts*, *probe* and, with parts, *stacked*; and *seeds*, which stands elsewhere."""

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
        self.stacked.hide()
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
        self._hidden, self._come = set[str](), frozenset(SWITCHES)
        for name in SWITCHES:
            keep_place(getattr(self, name))
        self._stage = StageButton("function plot", card, card.title)
        card.header.addWidget(self._stage)
        self._beside, self._below = QHBoxLayout(), QHBoxLayout()  # the title: one of them has the switches
        self._is_below = False
        card.header.insertLayout(1, self._beside)
        card.body.insertLayout(1, self._below)
        card.body.setAlignment(self._below, Qt.AlignmentFlag.AlignLeft)
        for switch in self.all():
            self._beside.addWidget(switch)
        self.parts.toggled.connect(self.stacked.setVisible)
        card.installEventFilter(self)

    def all(self) -> tuple[QToolButton, ...]:
        """Return those in the header, from left to right."""
        return self.edit, self.parts, self.probe, self.stacked

    def offer(self, name: str, is_offered: bool) -> None:
        """Offer a switch, or turn it off and hide it; it keeps its place."""
        if not is_offered:
            getattr(self, name).setChecked(False)
        self._hidden = self._hidden - {name} if is_offered else self._hidden | {name}
        self._show()

    def show_come(self, names: Collection[str]) -> None:
        """Show only the switches of these names, as far as they are offered; the others keep their place."""
        self._come = frozenset(names)
        self._show()

    def _show(self) -> None:
        for name in SWITCHES:
            getattr(self, name).setVisible(name in self._come - self._hidden)

    def show_loss(self, snapshot: Snapshot | None) -> None:
        """Write a moment's loss; None while it is held back."""
        self._card.value.setText("" if snapshot is None else f"loss = {loss_text(snapshot.train_loss)}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the width of the card."""
        if event.type() == QEvent.Type.Resize:
            self.fit()
        return False

    def fit(self) -> None:
        """Put the switches below the title where there is no room beside it; the loss is there if it fits."""
        card, header = self._card, self._card.header
        card.title.setContentsMargins(0, 0, whole_px(8), 0)  # room before the switches
        margins, gap = header.contentsMargins(), header.spacing()
        needed = margins.left() + margins.right() + sum(w.sizeHint().width() + gap for w in (card.title, self._stage))
        switches = sum(switch.sizeHint().width() + gap for switch in self.all())
        self._put(is_below=needed + switches > card.width())
        needed += 0 if self._is_below else switches
        loss = card.value.fontMetrics().horizontalAdvance(WIDEST_LOSS)
        card.value.setVisible(needed + loss <= card.width())

    def _put(self, *, is_below: bool) -> None:
        if is_below != self._is_below:
            self._is_below = is_below
            for switch in self.all():
                (self._below if is_below else self._beside).addWidget(switch)
        self._below.setContentsMargins(self._card.header.contentsMargins().left() if is_below else 0, 0, 0, 0)


def _switch(text: str, name: str, tooltip: str) -> QToolButton:
    return compact_button(text, name, text, tooltip, checkable=True)
