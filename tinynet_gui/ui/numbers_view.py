"""A neuron or a weight as numbers: formula, table, kink, how it has moved; and the switches that hold it."""

import re

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QValidator
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.facts import neuron_facts
from tinynet_gui.core.network import Layer
from tinynet_gui.core.registries import ACTIVATIONS
from tinynet_gui.core.snapshot import Snapshot
from tinynet_gui.ui.describe import formula_text
from tinynet_gui.ui.inspected import Parameter, is_hidden, left_out_text, listed, value_text, values_of
from tinynet_gui.ui.movement import Movement, MovementView
from tinynet_gui.ui.naming import named
from tinynet_gui.ui.numbers import MINUS
from tinynet_gui.ui.parameter_table import ParameterRow, ParameterTable
from tinynet_gui.ui.selection import NeuronRef, Ref
from tinynet_gui.ui.theme import Theme, fixed_font, small_font

FULL = 10  # one more than the most decimals: all of the float32 number
FEWEST, USUAL = 2, 4
UNBROKEN = "\N{NO-BREAK SPACE}"  # behind a sign: a line is broken before it


class PrecisionBox(QSpinBox):
    """How many decimals are written, from 2 to 9; above that "full", all of the float32 number."""

    def __init__(self) -> None:
        super().__init__()
        self.setRange(FEWEST, FULL)
        self.setValue(USUAL)

    def digits(self) -> int | None:
        """The number of decimals, or None for all of the number."""
        return None if self.value() == FULL else self.value()

    def textFromValue(self, value: int) -> str:
        """Write the number, or the word."""
        return "full" if value == FULL else str(value)

    def valueFromText(self, text: str) -> int:
        """Read the number or the word."""
        return FULL if text == "full" else int(text or self.value())

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Take 2 to 9 and the word."""
        if text in ("full", *map(str, range(FEWEST, FULL))):
            return QValidator.State.Acceptable, text, position
        is_begun = "full".startswith(text)
        return (QValidator.State.Intermediate if is_begun else QValidator.State.Invalid), text, position


class NumbersView(QWidget):
    """Shows what is inspected in numbers; tells what is edited, frozen or switched off.

    Signals
    -------
    parameter_edited : int, str, tuple of int, float
        Affine layer, "weight" or "bias", (neuron, input) or (neuron,), and the new value.
    frozen_toggled, switched_off_toggled : bool
    precision_changed
    """

    parameter_edited = Signal(int, str, object, float)
    frozen_toggled = Signal(bool)
    switched_off_toggled = Signal(bool)
    precision_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parameters: tuple[Parameter, ...] = ()
        self._shown: Ref | None = None
        self._formula = named(QLabel(), "inspectorFormulaText", "Its formula with the numbers in")
        self._formula.setFont(fixed_font(small_font().pointSizeF()))
        self._frozen = named(
            QCheckBox("freeze"),
            "inspectorFreeze",
            "Freeze it",
            "Hold it at its present numbers: training changes everything else.",
        )
        self._off = named(
            QCheckBox("switch off"),
            "inspectorSwitchOff",
            "Switch the neuron off",
            "Take the neuron out of the sum, to see what it is for.",
        )
        self.table = ParameterTable(theme)
        self._error = named(QLabel(), "inspectorError", "Why the typed value was not taken")
        self._error.setProperty("role", "error")
        self._facts = named(QLabel(), "inspectorFacts", "Kink and active samples")
        self._facts.setProperty("role", "caption")
        self.movement_view = MovementView(theme)
        self.precision = named(
            PrecisionBox(),
            "inspectorPrecision",
            "Decimals",
            "Decimals in the table and in the mathematics; above 9 “full”, which gives back the float32 number.\n"
            "The training always computes with all of them.",
        )
        self._copy = named(
            QPushButton("Copy"), "inspectorCopy", "Copy the table", "Copy the formula and the table as text."
        )
        self._lay_out()
        self.table.value_typed.connect(self._on_value_typed)
        self.table.refused.connect(self._on_refused)
        self.table.row_chosen.connect(self.movement_view.show_chosen)
        self._frozen.toggled.connect(self.frozen_toggled)
        self._off.toggled.connect(self.switched_off_toggled)
        self.precision.valueChanged.connect(self.precision_changed)
        self._copy.clicked.connect(self._on_copy_clicked)
        self._error.setVisible(False)

    def _lay_out(self) -> None:
        for label in (self._formula, self._facts, self._error):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._facts.setFont(small_font())
        self._error.setFont(small_font())
        switches = QHBoxLayout()
        switches.setSpacing(12)
        switches.addWidget(self._frozen)
        switches.addWidget(self._off)
        switches.addStretch(1)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(4)
        column.addWidget(self._formula)
        column.addLayout(switches)
        column.addWidget(self.table)
        column.addWidget(self._error)
        column.addWidget(self._facts)
        column.addWidget(self.movement_view)
        column.addStretch(1)
        self._area = named(QScrollArea(), "inspectorNumbers", "Numbers")
        self._area.setWidget(page)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        decimals = QLabel("decimals")
        decimals.setProperty("role", "caption")
        decimals.setBuddy(self.precision)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(0, 0, 0, 0)
        bottom.addWidget(decimals)
        bottom.addWidget(self.precision)
        bottom.addStretch(1)
        bottom.addWidget(self._copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._area, 1)
        layout.addLayout(bottom)

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self.table.show_theme(theme)
        self.movement_view.show_theme(theme)

    def show_snapshot(self, snapshot: Snapshot, start: tuple[Layer, ...], ref: Ref, movement: Movement) -> None:
        """Show the numbers of a moment; `start` has the run's first ones, `movement` what lies between."""
        if not (self.table.is_editing() and ref == self._shown):  # what is being edited keeps its row
            self._parameters = listed(snapshot, ref)
        if ref != self._shown:
            self._shown = ref
            self._on_refused("")
        first = values_of(start, ref)
        self._formula.setText(re.sub("(?<=[+−]) | (?=more)", UNBROKEN, formula_of(snapshot, ref)))
        self._off.setVisible(is_hidden(snapshot, ref))
        self.table.show_rows(_rows(snapshot, first, ref, self._parameters), self.precision.digits())
        facts = facts_text(snapshot, ref, self.precision.digits())
        self._facts.setText(facts)
        self._facts.setVisible(bool(facts))
        self.movement_view.show_movement(movement, first, self._parameters)

    def show_switches(self, is_frozen: bool, is_off: bool) -> None:
        """Show whether it is frozen and whether it is switched off."""
        for box, is_checked in ((self._frozen, is_frozen), (self._off, is_off)):
            with QSignalBlocker(box):
                box.setChecked(is_checked)

    def clear(self) -> None:
        """Show nothing."""
        self._parameters, self._shown = (), None
        for label in (self._formula, self._facts):
            label.clear()
        self.table.show_rows((), self.precision.digits())
        self._on_refused("")

    def text(self) -> str:
        """What is shown, as text: formula, table, facts."""
        parts = (self._formula.text().replace(UNBROKEN, " "), self.table.text(), self._facts.text())
        return "\n".join(part for part in parts if part)

    @Slot(object, float)
    def _on_value_typed(self, parameter: Parameter, value: float) -> None:
        self.parameter_edited.emit(parameter.layer, parameter.kind, parameter.index, value)

    @Slot(str)
    def _on_refused(self, reason: str) -> None:
        self._error.setText(reason)
        self._error.setVisible(bool(reason))

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.text())


def formula_of(snapshot: Snapshot, ref: Ref) -> str:
    """Write a neuron with its numbers in; of a weight, the neuron that it leads to."""
    return formula_text(snapshot, ref if isinstance(ref, NeuronRef) else NeuronRef(ref.layer, ref.output))


def facts_text(snapshot: Snapshot, ref: Ref, digits: int | None) -> str:
    """Say what is left out of the table, where the neuron bends, and on how many samples it is active."""
    lines = [left_out_text(snapshot, ref)]
    if isinstance(ref, NeuronRef):
        facts = neuron_facts(snapshot, ref.layer, ref.index)
        if facts.kink is not None:
            lines.append(f"kink at x = {MINUS}b/w = {value_text(facts.kink, digits)}")
        if facts.active_count is not None and ACTIVATIONS[snapshot.config.network.activation].slopes is not None:
            lines.append(f"active (u > 0) on {facts.active_count:,} of {facts.sample_count:,} samples")
        if facts.is_dead:
            lines.append("dead: 0 on every sample, so no step changes it")
    return "\n".join(line for line in lines if line)


def _rows(snapshot: Snapshot, first: Array, ref: Ref, parameters: tuple[Parameter, ...]) -> list[ParameterRow]:
    values, gradients = values_of(snapshot.layers, ref), values_of(snapshot.gradients, ref)
    moved = values - first
    return [
        ParameterRow(p, float(values[p.position]), float(gradients[p.position]), float(moved[p.position]))
        for p in parameters
    ]
