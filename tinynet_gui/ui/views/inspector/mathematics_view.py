"""The network as mathematics: each layer's map at the probe's x, and the whole network as one formula."""

from PySide6 import QtGui, QtWidgets

from tinynet_gui.core.data.points import scaling_texts
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.text.formula import Term, as_latex, as_plain
from tinynet_gui.core.text.numbers import hidden_layer, plain
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.core.wording.network_formula import NOWHERE, ROUNDED, Spot, activation_map, affine_map, whole_network
from tinynet_gui.ui.views.inspector.formula_view import TOOLTIP, FormulaView
from tinynet_gui.ui.widgets.accessibility import caption, named, show_words, small
from tinynet_gui.ui.widgets.cards import copy_button, filled
from tinynet_gui.ui.widgets.text import scrolled

MOST_NESTED = 10  # a wider network of several hidden layers is not written as one formula


@frozen_dataclass
class FormulaSection:
    """A caption and a formula; either can be empty. Another moment of the same subject has other numbers."""

    subject: tuple[object, ...]
    caption: str
    terms: tuple[Term, ...] = ()


NOTHING = FormulaSection((), "")


class MathematicsView(QtWidgets.QWidget):
    """Shows captions and formulas in a column, and copies them as LaTeX or as text.

    A part of one formula can be selected; that formula is not updated meanwhile.
    """

    def __init__(self) -> None:
        super().__init__()
        self._wanted: list[FormulaSection] = []
        self._shown: list[FormulaSection] = []
        self._captions: list[QtWidgets.QLabel] = []
        self._formulas: list[FormulaView] = []
        page = QtWidgets.QWidget()
        self._list = filled(QtWidgets.QVBoxLayout(page), None, margins=(0, 0, 4, 0), spacing=2)
        self._area = scrolled(page, "inspectorFormulas", "The network as mathematics")
        copy_latex = copy_button(
            "Copy LaTeX",
            "inspectorCopyLatex",
            "Copy LaTeX of the formulas",
            "Copy all of these formulas as LaTeX (amsmath), each as a displayed equation.",
            lambda: "\n".join(rf"\[ {as_latex(terms)} \]" for terms in self.formulas()),
        )
        copy_text = copy_button(
            "Copy text",
            "inspectorCopyFormulas",
            "Copy text of the formulas",
            "Copy all of these formulas as lines of text.",
            lambda: "\n".join(map(as_plain, self.formulas())),
        )
        buttons = filled(QtWidgets.QHBoxLayout(), None, copy_latex, copy_text, margins=(0, 0, 0, 0))
        filled(QtWidgets.QVBoxLayout(self), (self._area, 1), buttons, margins=(0, 4, 0, 0), spacing=4)

    def show_snapshot(self, snapshot: Snapshot, x: float, digits: int | None, ref: Ref | None = None) -> None:
        """Write the formulas of a moment at an x; a neuron or weight is highlighted, a layer is shown alone."""
        self._show(sections(snapshot, x, digits, ref))

    def clear(self) -> None:
        self._show([])

    def formulas(self) -> list[tuple[Term, ...]]:
        return [section.terms for section in self._shown if section.terms]

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        super().mousePressEvent(event)
        for formula in self._formulas:
            formula.clear_selection()

    def _show(self, wanted: list[FormulaSection]) -> None:
        """Show sections, but leave a formula with a selection, and its caption, unchanged."""
        self._wanted = wanted
        while len(self._formulas) < len(wanted):
            self._add_formula(len(self._formulas))
        self._shown = [
            self._shown[place]
            if self._formulas[place].is_frozen() and self._shown[place].subject == section.subject
            else section
            for place, section in enumerate(wanted)
        ]
        for place, (label, formula) in enumerate(zip(self._captions, self._formulas, strict=True)):
            section = self._shown[place] if place < len(self._shown) else NOTHING
            show_words(label, section.caption)
            formula.show_terms(section.terms)
            formula.setVisible(bool(section.terms))

    def _add_formula(self, place: int) -> None:
        label = small(caption(wraps=True))
        formula = named(FormulaView(), f"inspectorFormula{place}", "A formula with its numbers in", TOOLTIP)
        formula.hold_changed.connect(self._on_hold_changed)
        self._list.insertWidget(2 * place, label)
        self._list.insertWidget(2 * place + 1, formula)
        self._captions.append(label)
        self._formulas.append(formula)

    def _on_hold_changed(self) -> None:
        """Allow a selection in one formula only; update the others."""
        changed = self.sender()
        if isinstance(changed, FormulaView) and changed.is_frozen():
            for formula in self._formulas:
                if formula is not changed:
                    formula.clear_selection()
        self._show(self._wanted)


def sections(snapshot: Snapshot, x: float, digits: int | None, ref: Ref | None = None) -> list[FormulaSection]:
    """Return the sections, in order: every layer and the whole network, or one layer alone."""
    layers, activation = snapshot.layers, snapshot.config.network.activation
    scaling = snapshot.dataset.scaling
    seen, meant = scaling_texts(scaling)
    x_seen = float(scaling.x_seen(x)) if seen else x
    spots = _spots(ref)
    points = snapshot.config.data.points
    x_name = f"x ({points.x_name})" if points and points.x_name else "x"
    parts: list[FormulaSection] = []
    for index in range(len(layers)) if not isinstance(ref, LayerRef) else (ref.layer,):
        is_output = index == len(layers) - 1
        name = "Output" if is_output else hidden_layer(index, len(layers) - 1)
        at = "" if parts else f", at {x_name} = {plain(x)}"
        if at and seen:
            at += f", which the network sees as {seen} = {plain(x_seen)}"
        spot = spots.get(index, NOWHERE)
        affine = affine_map(layers, activation, index, x_seen, digits=digits, spot=spot)
        caption = f"{name}: u = W·v + b{at}{_rounded(affine)}"
        parts.append(FormulaSection((snapshot.run_id, ref, index, "u"), caption, affine))
        if not is_output:
            caption = f"then {snapshot.config.network.activations[index].label}, number by number"
            activated = activation_map(layers, activation, index, x_seen, digits=digits, spot=spot)
            parts.append(FormulaSection((snapshot.run_id, ref, index, "h"), caption + _rounded(activated), activated))
    if isinstance(ref, LayerRef):
        return parts
    whole = (snapshot.run_id, ref, "whole")
    if len(layers) <= 2 or max(len(layer.bias) for layer in layers) <= MOST_NESTED:
        formula = whole_network(layers, activation, digits=digits, spots=spots, scaling=scaling)
        parts.append(FormulaSection(whole, "The whole network as one formula of x", formula))
    else:
        text = "As one formula it would be too long to read: it is the layers above, one inside the other."
        parts.append(FormulaSection(whole, text))
    if meant:
        parts.append(FormulaSection((snapshot.run_id, ref, "meant"), f"ŷ is standardised: {meant}"))
    return parts


def _rounded(terms: tuple[Term, ...]) -> str:
    """Explain why a result differs slightly from the numbers before it."""
    return " (≈: the numbers are rounded, and the result is of the numbers before that)" if ROUNDED in terms else ""


def _spots(ref: Ref | None) -> dict[int, Spot]:
    """Return the highlights by layer: a neuron's row, and its column in the next layer; or the weight itself."""
    match ref:
        case NeuronRef(layer, index):
            return {layer: Spot(row=index), layer + 1: Spot(column=index)}
        case WeightRef(layer, output, input):
            return {layer: Spot(output, input)}
        case _:
            return {}
