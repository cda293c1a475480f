"""A claim as a sentence to fill in: so many neurons always, mostly or never get below so small a loss."""

import math

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QSpinBox, QVBoxLayout, QWidget

from tinynet_gui.core.config import MAX_WIDTH, Config
from tinynet_gui.core.experiments.claim_result import Claim
from tinynet_gui.core.text.numbers import exact, real_number
from tinynet_gui.core.text.shortened import written
from tinynet_gui.ui.style.theme import small_font
from tinynet_gui.ui.views.experiments.explain_claim import QUANTIFIERS, neurons_text
from tinynet_gui.ui.widgets.fields.fields import ChoiceBox
from tinynet_gui.ui.widgets.guard import guarded
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.style_property import mark_invalid

USUAL_LIMIT = 0.01
LIMIT_CHARACTERS = 7  # that can be seen at least


@guarded
class ClaimRow(QWidget):
    """The sentence, and below it what is meant where the settings have other layers, or why a limit is none.

    Signals
    -------
    changed
        Another claim stands there, or none.
    entered
        Enter was pressed in the last field.
    """

    changed = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hidden: tuple[int, ...] | None = None
        self._neurons = named(
            QSpinBox(),
            "claimNeurons",
            "Neurons of the claim",
            "How many neurons the hidden layer has; it begins with those of the settings.",
        )
        self._neurons.setRange(1, MAX_WIDTH)
        self._neurons.lineEdit().setTextMargins(4, 0, 0, 0)
        self._neurons.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # narrower than its largest
        self._quantifier = named(
            ChoiceBox(QUANTIFIERS),
            "claimQuantifier",
            "How often",
            "Always: from every seed. Mostly: from more than half of all seeds. Never: from none.",
        )
        self._verb = QLabel()
        self._limit = named(
            QLineEdit(exact(USUAL_LIMIT)),
            "claimLimit",
            "Limit of the loss",
            "The loss on the training samples after the last step is to be below this. Enter runs the experiment.",
        )
        metrics = self._limit.fontMetrics()
        self._limit.setMinimumWidth((LIMIT_CHARACTERS + 2) * metrics.horizontalAdvance("0"))
        self._meaning = named(QLabel(), "claimMeaning", "Which network is meant")
        self._meaning.setProperty("role", "caption")
        self._refusal = named(QLabel(), "claimRefusal", "What is wrong with the limit")
        self._refusal.setProperty("role", "error")
        row = QHBoxLayout()
        row.addWidget(self._neurons)
        row.addWidget(self._quantifier)
        row.addWidget(self._verb)
        row.addWidget(self._limit)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        for label in (self._meaning, self._refusal):
            label.setFont(small_font(0.92))
            label.setWordWrap(True)
            column.addWidget(label)
        self._neurons.valueChanged.connect(self._on_changed)
        self._quantifier.value_edited.connect(self._on_changed)
        self._limit.textChanged.connect(self._on_changed)
        self._limit.returnPressed.connect(self.entered)
        self._write()

    @property
    def claim(self) -> Claim | None:
        """The claim that stands there; None if its limit is none."""
        try:
            limit = _read_limit(self._limit.text())
        except ValueError:
            return None
        return Claim(self._neurons.value(), self._quantifier.currentData(), limit)

    def show_config(self, config: Config) -> None:
        """Begin with the neurons of other settings' first hidden layer, and say so if theirs are not what is meant."""
        hidden = config.network.hidden
        if hidden == self._hidden:
            return
        self._hidden = hidden
        if hidden:
            self._neurons.setValue(hidden[0])
        self._write()

    @Slot()
    def _on_changed(self) -> None:
        self._write()
        self.changed.emit()

    def _write(self) -> None:
        count = self._neurons.value()
        self._neurons.setSuffix(" neuron" if count == 1 else " neurons")
        self._verb.setText("gets below" if count == 1 else "get below")
        meaning, refusal = "", ""
        if self._hidden is not None and len(self._hidden) != 1:
            layers = ", ".join(map(str, self._hidden)) or "none"
            meaning = f"One hidden layer of {neurons_text(count)} is meant; the settings have {layers}."
        try:
            _read_limit(self._limit.text())
        except ValueError as error:
            refusal = str(error)
        for label, text in ((self._meaning, meaning), (self._refusal, refusal)):
            label.setText(text)
            label.setVisible(bool(text))
        mark_invalid(self._limit, bool(refusal))


def _read_limit(text: str) -> float:
    """Read a limit as it is typed; raise ValueError if it is none."""
    try:
        limit = real_number(text)
    except ValueError:
        limit = math.nan
    if not 0 < limit < math.inf:
        raise ValueError(f"{written(text.strip())} is not a limit: write a number above 0, such as {USUAL_LIMIT}")
    return limit
