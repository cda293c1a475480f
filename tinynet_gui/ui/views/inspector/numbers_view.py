"""A neuron, a weight or a layer as numbers: formula, table, summary, movement, and the freeze switch."""

import re
from collections.abc import Sequence, Set
from functools import cached_property

from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.network.forward import as_layers
from tinynet_gui.core.network.refs import NeuronRef, Ref, holder_of, is_frozen, is_partly_frozen
from tinynet_gui.core.run.run import LoadPhase
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.values import Array
from tinynet_gui.core.wording import network_text, neurons
from tinynet_gui.ui.style.theme import fixed_font, is_touched, small_font
from tinynet_gui.ui.views.inspector.movement import MAX_LINES, MovementView
from tinynet_gui.ui.views.inspector.parameter_table import ParameterRow, ParameterTable
from tinynet_gui.ui.widgets import accessibility, touch
from tinynet_gui.ui.widgets.accessibility import UNBROKEN, caption, in_role, named, retain_size, show_words, worded
from tinynet_gui.ui.widgets.cards import copy_button, filled
from tinynet_gui.ui.widgets.text import LiveLabel, scrolled

FREEZE_HINT = _(
    "Hold it at its present numbers: training changes everything else.\nOf a neuron: its weights in and its bias."
)

WITHOUT_PYTORCH = _("Only PyTorch trains around what is frozen, and it cannot be loaded here.")


class FreezeBox(QtWidgets.QCheckBox):
    """Checked if a part is frozen, half checked if some of it is; one frozen with its layer is unfrozen there.

    Without PyTorch nothing can be frozen, but what is, in a loaded session, can be unfrozen.
    """

    def __init__(self) -> None:
        super().__init__(_("freeze"))
        named(self, "inspectorFreeze", _("Freeze it"), FREEZE_HINT)
        self.has_pytorch = True

    def show_frozen(self, snapshot: Snapshot, ref: Ref, frozen: Set[Ref]) -> None:
        """Show whether a part is frozen: by itself, with an enclosing one, or partly."""
        holder = holder_of(ref, frozen)
        is_partial = holder is None and is_partly_frozen(ref, frozen)
        self.setEnabled(holder == ref or (holder is None and self.has_pytorch))
        self.setTristate(is_partial)  # a click on a half checked box checks it
        hint = FREEZE_HINT
        if is_partial:
            self.setCheckState(QtCore.Qt.CheckState.PartiallyChecked)
            hint = _("Some of its numbers are frozen already. Check it to hold all of them.")
        else:
            self.setChecked(holder is not None)
        if holder is not None and holder != ref:
            hint = _("Frozen with {name}. Release it there.").format(name=neurons.title_of(snapshot, holder))
        elif holder is None and not self.has_pytorch:
            hint = WITHOUT_PYTORCH
        self.setToolTip(accessibility.wrapped(hint))


FULL, FULL_WORD = 10, _("full")  # one above the most decimals stands for all digits of the float32
FEWEST, USUAL = 2, 4


class PrecisionBox(QtWidgets.QSpinBox):
    """The number of decimals, from 2 to 9, then "full": every digit of the float32."""

    def __init__(self) -> None:
        super().__init__(minimum=FEWEST, maximum=FULL, value=USUAL)

    def digits(self) -> int | None:
        return None if self.value() == FULL else self.value()

    def textFromValue(self, value: int) -> str:
        return FULL_WORD if value == FULL else str(value)

    def valueFromText(self, text: str) -> int:
        return FULL if text == FULL_WORD else int(text or self.value())

    def validate(self, text: str, position: int) -> tuple[QtGui.QValidator.State, str, int]:
        if text in (FULL_WORD, *map(str, range(FEWEST, FULL))):
            return QtGui.QValidator.State.Acceptable, text, position
        is_begun = FULL_WORD.startswith(text)
        return (QtGui.QValidator.State.Intermediate if is_begun else QtGui.QValidator.State.Invalid), text, position


ROLE_LINES = 3  # of the longest sentence


class NumbersView(QtWidgets.QWidget):
    """Shows the inspected part in numbers; emits edits, freezing and switching off.

    `switches` are the boxes for the latter two; `rewriting_wanted` is emitted when the number of decimals or the rows
    have changed.
    """

    parameter_edited = QtCore.Signal(object, float)
    nudge_wanted = QtCore.Signal(object)
    frozen_toggled = QtCore.Signal(object, bool)
    switched_off_toggled = QtCore.Signal(object, bool)
    rewriting_wanted = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__()
        self._parameters: tuple[neurons.ListedParameter, ...] = ()
        self._shown: Ref | None = None
        self._offers_freezing = True
        self.step_time = 0.0, ""  # seconds per step, lately, and the engine
        self._role = named(LiveLabel(), "inspectorRole", _("What it does"))
        self._formula = named(LiveLabel(), "inspectorFormulaText", _("Its formula with the numbers in"))
        self._formula.setFont(fixed_font(small_font().pointSizeF()))
        self._freeze = FreezeBox()
        tooltip = _("Take the neuron out of the sum, to see what it is for.")
        self._off = QtWidgets.QCheckBox(_("switch off"))
        named(self._off, "inspectorSwitchOff", _("Switch off the neuron"), tooltip)
        tooltip = _("List every weight, not only the largest: each can be set by hand.")
        self._list_all = QtWidgets.QCheckBox(_("all weights"))
        named(self._list_all, "inspectorListAll", _("List all weights"), tooltip)
        self._error = named(QtWidgets.QLabel(), "inspectorError", _("Why the typed value was not taken"))
        says = _("Kink and active samples")
        self._summary = named(LiveLabel(), "inspectorFacts", says, network_text.FACTS_EXPLAINED)
        for label, role in ((self._error, "error"), (self._summary, "caption")):
            in_role(label, role).setFont(small_font())
        self.movement_view = MovementView()
        tooltip = _(
            "Decimals in the table and in the mathematics; above 9 “full”, which gives back the float32 number.\n"
            "The training always computes with all of them."
        )
        self.precision = named(PrecisionBox(), "inspectorPrecision", _("Decimals"), tooltip)
        tooltip = _("Show the formula, every gradient, and how far each number has moved.")
        self._all = worded(QtWidgets.QToolButton(), "inspectorAll", _("All numbers"), tooltip)
        self._all.setCheckable(True)
        tooltip = _("Copy the formula and the table as text.")
        self._copy = copy_button(_("Copy"), "inspectorCopy", _("Copy the table"), tooltip, self.text)
        self.switches, self.copy = (self._freeze, self._off), self._copy.click
        self._lay_out()
        self.all_toggled, self.show_all = self._all.toggled, self._all.setChecked
        self._list_all.toggled.connect(self.rewriting_wanted)
        self._freeze.clicked.connect(lambda is_frozen: self.frozen_toggled.emit(self._shown, is_frozen))
        self._off.toggled.connect(lambda is_off: self.switched_off_toggled.emit(self._shown, is_off))
        self.precision.valueChanged.connect(self.rewriting_wanted)
        self._all.toggled.connect(self._show_all)

    def _lay_out(self) -> None:
        for label in (self._role, self._formula, self._summary, self._error):
            label.setWordWrap(True)
            label.setTextFormat(QtCore.Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self._role.setMinimumHeight(ROLE_LINES * self._role.fontMetrics().lineSpacing())  # nothing moves below it
        self._role.setAlignment(QtCore.Qt.AlignmentFlag.AlignTop)

        switches = filled(QtWidgets.QHBoxLayout(), self._freeze, self._off, None, spacing=12)
        page, self._below_role = QtWidgets.QWidget(), QtWidgets.QWidget()
        self._area = scrolled(page, "inspectorNumbers", _("Numbers"))
        filled(QtWidgets.QVBoxLayout(page), self._role, self._below_role, None, margins=(0, 0, 4, 0), spacing=4)
        parts = self._formula, switches, self._list_all, self._summary, self.movement_view
        self._parts = filled(QtWidgets.QVBoxLayout(self._below_role), *parts, margins=(0, 0, 0, 0), spacing=4)
        decimals = caption(_("decimals"), self.precision)
        controls = QtWidgets.QWidget()
        bottom = QtWidgets.QGridLayout(controls)
        bottom.setContentsMargins(0, 0, 0, 0)
        bottom.setColumnStretch(2, 1)
        for column, part in ((0, decimals), (1, self.precision), (3, self._copy)):
            bottom.addWidget(part, 0, column)
        bottom.addWidget(retain_size(self._all), 1, 0, 1, 4, QtCore.Qt.AlignmentFlag.AlignLeft)
        self._all_numbers = (self._formula, self.movement_view, decimals, self.precision, self._copy)
        self._show_all(False)
        self._foot = QtWidgets.QStackedWidget()  # errors are shown here, so that nothing moves
        self._foot.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Fixed)
        self._foot.addWidget(controls)
        self._foot.addWidget(self._error)
        filled(QtWidgets.QVBoxLayout(self), (self._area, 1), self._foot, margins=(0, 4, 0, 0), spacing=4)

    @cached_property
    def table(self) -> ParameterTable:
        """Made when it is first seen."""
        table = vars(self)["table"] = ParameterTable()
        table.hide()
        self._parts.insertWidget(self._parts.indexOf(self._summary), table)
        table.stackUnder(self._summary)
        touch.zoom_new(table)
        table.show_all(self.shows_all)
        table.parameter_edited.connect(self.parameter_edited)
        table.nudge_wanted.connect(self.nudge_wanted)
        table.refused.connect(self._on_refused)
        table.row_chosen.connect(self._on_row_chosen)
        self.rewriting_wanted.emit()  # fills it
        return table

    def offer_freezing(self, is_offered: bool) -> None:
        self._offers_freezing = is_offered
        self.rewriting_wanted.emit()

    def show_pytorch(self, phase: LoadPhase) -> None:
        self._freeze.has_pytorch = phase != "failed"

    def show_role_only(self, is_wanted: bool) -> None:
        """Show what the inspected part does without its numbers, or all of it again."""
        for widget in (self._below_role, self._foot):
            widget.setVisible(not is_wanted)

    @property
    def shows_all(self) -> bool:
        return self._all.isChecked()

    def _show_all(self, is_wanted: bool) -> None:
        if "table" in vars(self):
            self.table.show_all(is_wanted)
        for widget in self._all_numbers:
            widget.setVisible(is_wanted)
        self.rewriting_wanted.emit()

    def show_snapshot(
        self, snapshot: Snapshot, ref: Ref, states: Sequence[TrainerState], frozen: Set[Ref], chosen: bool, since: int
    ) -> None:
        """Show the numbers of a moment, and how they have moved since the first known state of the run.

        Unless `chosen`, these are the output's, below a hint. Nothing has been edited since the step `since`.
        """
        limit = neurons.MAX_LISTED if self._list_all.isChecked() else neurons.LISTED
        if not ("table" in vars(self) and self.table.is_editing() and ref == self._shown):  # a row being edited stays
            self._parameters = neurons.listed_parameters(snapshot, ref, limit)
        if ref != self._shown:
            self._shown = ref
            self._on_refused("")
        first = neurons.values_in(as_layers(states[0].parameters), self._parameters)
        digits = self.precision.digits()
        hint = neurons.TAP_HINT if is_touched() else neurons.HINT
        self._role.setText(neurons.role_text(snapshot, ref) if chosen else hint)
        formula = network_text.formula_text(snapshot, ref, digits, neurons.LISTED)
        self._formula.setText(re.sub(r"(?<=[+−]) |(?<=\d) (?=[a-z])", UNBROKEN, formula))
        self._off.setVisible(neurons.is_hidden(snapshot, ref))
        self._freeze.show_frozen(snapshot, ref, frozen)
        self._freeze.setVisible(chosen and self._offers_freezing)
        has_table = chosen or self.shows_all
        self._all.setVisible(has_table)
        if has_table or "table" in vars(self):
            self.table.setVisible(has_table)
            self.table.show_rows(_rows(snapshot, first, self._parameters, frozen), digits)
        self._list_all.setVisible(has_table and bool(neurons.not_listed_text(snapshot, ref)))
        left_out = neurons.not_listed_text(snapshot, ref, limit) if has_table else ""
        summary = network_text.summary_lines(snapshot, ref, digits) if has_table else []
        alike = [state for state in states if state.step >= since]
        kept = network_text.balance_text(snapshot, ref, alike, frozen, digits)
        is_output = ref == NeuronRef(len(snapshot.layers) - 1, 0)
        cost = network_text.step_cost_lines(snapshot, *self.step_time) if is_output and has_table else []
        show_words(self._summary, "\n".join(filter(None, (left_out, *summary, kept, *cost))))
        self.movement_view.show_movement(states, self._parameters, first)

    def show_switched_off(self, is_off: bool) -> None:
        with QtCore.QSignalBlocker(self._off):
            self._off.setChecked(is_off)

    def clear(self) -> None:
        self._parameters, self._shown = (), None
        for label in (self._role, self._formula, self._summary):
            label.clear()
        if "table" in vars(self):
            self.table.show_rows((), self.precision.digits())
        self._on_refused("")

    def text(self) -> str:
        parts = (self._formula.text().replace(UNBROKEN, " "), self.table.text(), self._summary.text())
        return "\n".join(filter(None, parts))

    def _on_row_chosen(self, row: int) -> None:
        chosen = self._parameters[row] if 0 <= row < len(self._parameters) else None
        self.movement_view.show_chosen(chosen)
        if chosen is not None and len(self._parameters) > MAX_LINES:
            self.rewriting_wanted.emit()  # its line may not be drawn yet

    def _on_refused(self, reason: str) -> None:
        self._error.setText(reason)
        self._foot.setCurrentIndex(bool(reason))


def _rows(
    snapshot: Snapshot, first: Array, parameters: tuple[neurons.ListedParameter, ...], frozen: Set[Ref]
) -> list[ParameterRow]:
    values, gradients = (neurons.values_in(part, parameters) for part in (snapshot.layers, snapshot.gradients))
    numbers = (array.tolist() for array in (values, gradients, values - first))
    held = [is_frozen(p.ref, frozen) for p in parameters]
    return [ParameterRow(*row) for row in zip(parameters, *numbers, held, strict=True)]
