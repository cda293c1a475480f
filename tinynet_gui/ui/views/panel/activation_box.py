"""The activation: one for all hidden layers, or one for each."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from tinynet_gui.core.choices.activations import ACTIVATIONS, ActivationNames
from tinynet_gui.core.text.words import numbered_layer
from tinynet_gui.ui.style.theme import small_font
from tinynet_gui.ui.widgets.fields import ChoiceBox, WheelOnlyWithFocus
from tinynet_gui.ui.widgets.naming import caption, named
from tinynet_gui.ui.widgets.zoomed import fit_new

EACH = "one per layer"
TOOLTIP = "What the neurons of this layer do with their weighted sum.\nA change restarts the training."


class LayerChoices(QWidget):
    """A choice for each layer, one below the other; out of sight while one is made for all.

    Signals
    -------
    value_edited : tuple of str
    """

    value_edited = Signal(object)

    def __init__(self, labels: Mapping[str, str]) -> None:
        super().__init__()
        self._labels, self._names = labels, list[str]()
        self._lines: list[tuple[QLabel, ChoiceBox]] = []
        self._is_in_sight = False
        self._wheel_filter = WheelOnlyWithFocus(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)

    def setVisible(self, is_in_sight: bool) -> None:
        """Come into sight with the line above, if there is a choice for each layer."""
        self._is_in_sight = is_in_sight
        super().setVisible(is_in_sight and bool(self._names))

    def show_names(self, names: tuple[str, ...]) -> None:
        """Show these choices without a signal; none if one is made for all."""
        self._names = list(names)
        for layer in range(len(self._lines), len(names)):
            self._add(layer)
        for layer, (label, box) in enumerate(self._lines):
            for part in (label, box):
                part.setVisible(layer < len(names))
            if layer < len(names):
                box.set_value(names[layer])
        self.setVisible(self._is_in_sight)

    def _add(self, layer: int) -> None:
        whose = f"Activation of {numbered_layer(layer)}"
        box = named(ChoiceBox(self._labels), f"activationOfLayer{layer + 1}", whose, TOOLTIP)
        box.setAccessibleDescription(TOOLTIP)
        box.setMinimumWidth(40)
        box.installEventFilter(self._wheel_filter)
        label = caption(f"layer {layer + 1}", box)
        label.setFont(small_font(0.85))
        self._lines.append((label, box))
        self._grid.addWidget(label, layer, 0)
        self._grid.addWidget(box, layer, 1)
        box.value_edited.connect(lambda name: self._on_edited(layer, name))
        fit_new(self)

    def _on_edited(self, layer: int, name: str) -> None:
        self._names[layer] = name
        self.value_edited.emit(tuple(self._names))


class ActivationBox(ChoiceBox):
    """The choice for all layers; its last one opens `by_layer`, to stand below it, where there are several layers.

    `value_edited` emits a name, or one for each layer.
    """

    def __init__(self) -> None:
        labels = {name: activation.label for name, activation in ACTIVATIONS.items()}
        super().__init__({**labels, EACH: EACH})
        self.setMaxVisibleItems(self.count())
        self.by_layer = LayerChoices(labels)
        self._value: ActivationNames = ""
        self._layers = 0
        self._is_opened = False  # while all are equal
        self.by_layer.value_edited.connect(self._on_layer_edited)

    def set_value(self, value: Any) -> None:
        """Show a name, or one for each layer, without a signal."""
        self._is_opened = self._is_opened and value == self._value
        self._value = value
        self._show()

    def show_layers(self, layers: int) -> None:
        """Offer to choose for each of so many layers, if there are several."""
        self._layers = layers
        self._is_opened = self._is_opened and layers > 1
        self._show()
        self.show_hidden(() if layers > 1 else (EACH,))

    def _show(self) -> None:
        is_one = isinstance(self._value, str)
        names = (self._value,) * self._layers if isinstance(self._value, str) else self._value
        super().set_value(self._value if is_one and not self._is_opened else EACH)
        self.by_layer.show_names(() if is_one and not self._is_opened else names)

    def _on_chosen(self, name: str) -> None:
        self._is_opened = name == EACH
        if self._is_opened:
            self._show()
        else:
            super()._on_chosen(name)

    def _on_layer_edited(self, names: tuple[str, ...]) -> None:
        """The choices stay in sight where they have become equal."""
        if len(set(names)) == 1:
            self._value, self._is_opened = names[0], True
        self.value_edited.emit(names)
