"""The network as mathematics: each layer's map at the probe's x, and the whole network as one formula."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from tinynet_gui.core.latex import Term, activation_map, affine_map, as_latex, as_plain, whole_network
from tinynet_gui.core.registries import ACTIVATIONS
from tinynet_gui.core.snapshot import Snapshot
from tinynet_gui.ui.formula_view import FormulaView
from tinynet_gui.ui.naming import named
from tinynet_gui.ui.numbers import plain
from tinynet_gui.ui.theme import Theme, small_font

MOST_NESTED = 10  # a wider network of several hidden layers is not written as one formula


class MathematicsView(QWidget):
    """Shows captions and formulas, one below the other, and copies them as LaTeX or as text."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._captions: list[QLabel] = []
        self._formulas: list[FormulaView] = []
        self._area = named(QScrollArea(), "inspectorFormulas", "The network as mathematics")
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        self._list = QVBoxLayout(page)
        self._list.setContentsMargins(0, 0, 4, 0)
        self._list.setSpacing(2)
        self._list.addStretch(1)
        self._area.setWidget(page)
        self._copy_latex = named(
            QPushButton("Copy LaTeX"),
            "inspectorCopyLatex",
            "Copy the formulas as LaTeX",
            "Copy all of these formulas as LaTeX (amsmath), each as a displayed equation.",
        )
        self._copy_text = named(
            QPushButton("Copy text"),
            "inspectorCopyFormulas",
            "Copy the formulas as text",
            "Copy all of these formulas as lines of text.",
        )
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.addStretch(1)
        buttons.addWidget(self._copy_latex)
        buttons.addWidget(self._copy_text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._area, 1)
        layout.addLayout(buttons)
        self._copy_latex.clicked.connect(self._on_copy_latex_clicked)
        self._copy_text.clicked.connect(self._on_copy_text_clicked)

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self._theme = theme
        for formula in self._formulas:
            formula.show_theme(theme)

    def show_snapshot(self, snapshot: Snapshot, x: float, digits: int | None) -> None:
        """Write the formulas of another moment, at an x."""
        self._show(sections(snapshot, x, digits))

    def clear(self) -> None:
        """Show nothing."""
        self._show([])

    def formulas(self) -> list[tuple[Term, ...]]:
        """What is shown, from top to bottom."""
        return [formula.terms for formula in self._formulas if not formula.isHidden()]

    def _show(self, parts: list[tuple[str, tuple[Term, ...]]]) -> None:
        while len(self._formulas) < len(parts):
            place = len(self._formulas)
            caption = QLabel()
            caption.setProperty("role", "caption")
            caption.setFont(small_font())
            caption.setWordWrap(True)
            formula = named(FormulaView(self._theme), f"inspectorFormula{place}", "A formula with its numbers in")
            self._list.insertWidget(2 * place, caption)
            self._list.insertWidget(2 * place + 1, formula)
            self._captions.append(caption)
            self._formulas.append(formula)
        for place, (caption, formula) in enumerate(zip(self._captions, self._formulas, strict=True)):
            text, terms = parts[place] if place < len(parts) else ("", ())
            caption.setText(text)
            caption.setVisible(bool(text))
            formula.show_terms(terms)
            formula.setVisible(bool(terms))

    @Slot()
    def _on_copy_latex_clicked(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(rf"\[ {as_latex(terms)} \]" for terms in self.formulas()))

    @Slot()
    def _on_copy_text_clicked(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(as_plain(terms) for terms in self.formulas()))


def sections(snapshot: Snapshot, x: float, digits: int | None) -> list[tuple[str, tuple[Term, ...]]]:
    """Return what there is to show: captions with formulas, in order; either can be empty."""
    layers, activation = snapshot.layers, snapshot.config.network.activation
    parts: list[tuple[str, tuple[Term, ...]]] = []
    for index in range(len(layers)):
        is_output = index == len(layers) - 1
        name = "Output" if is_output else "Hidden layer" if len(layers) == 2 else f"Hidden layer {index + 1}"
        at = f", at x = {plain(x)}" if index == 0 else ""
        parts.append((f"{name}: u = W·v + b{at}", affine_map(layers, activation, index, x, digits=digits)))
        if not is_output:
            label = ACTIVATIONS[activation].label
            parts.append(
                (f"then {label}, number by number", activation_map(layers, activation, index, x, digits=digits))
            )
    is_small = len(layers) <= 2 or max(len(layer.bias) for layer in layers) <= MOST_NESTED
    if is_small:
        parts.append(("The whole network as one formula of x", whole_network(layers, activation, digits=digits)))
    else:
        parts.append(("As one formula it would be too long to read: it is the layers above, one inside the other.", ()))
    return parts
