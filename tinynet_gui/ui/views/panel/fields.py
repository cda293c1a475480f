"""The panel's own editors: text, widths, activations, targets, and the origin of samples."""

import re
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from tinynet_gui.core.choices.activations import ACTIVATIONS, ActivationNames
from tinynet_gui.core.config import MAX_WIDTH
from tinynet_gui.core.config.config import NOTEBOOK_DRAWN, NOTEBOOK_WIDTHS
from tinynet_gui.core.config.targets import TARGETS
from tinynet_gui.core.data.real_data import REAL_DATA
from tinynet_gui.core.text import typed_numbers
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.ui.style.theme import small_font
from tinynet_gui.ui.widgets import accessibility, cards, touch
from tinynet_gui.ui.widgets.fields.editors import ChoiceBox, WheelOnlyWithFocus
from tinynet_gui.ui.widgets.fields.number_fields import TypedLine
from tinynet_gui.ui.widgets.text import ElidedLabel


class TextField(TypedLine):
    """Commits with Enter or on losing the focus."""

    value_edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._committed = ""
        self.editingFinished.connect(self.commit)

    def value(self) -> Any:
        return self.text()

    def set_value(self, value: Any) -> None:
        self._committed = self._write(value)
        if self._committed != self.text():
            self.setText(self._committed)

    def commit(self) -> None:
        """Accept the text typed so far; a refused text is tried again."""
        if self.text() != self._committed or self.property("invalid"):
            self._committed = self.text()
            self.value_edited.emit(self.value())
        self.setModified(False)

    def leaves_to_window(self, event: QKeyEvent) -> bool:
        """Undo, Redo, and Space if all text is selected."""
        is_space = event.key() == Qt.Key.Key_Space and self.selectedText() == self.text()
        return is_space or event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)

    def _write(self, value: Any) -> str:
        return str(value)


class WidthsField(TextField):
    """The widths of the hidden layers, such as 10 or 8, 8, 8; empty for none.

    Up, Down and the wheel change the width at the cursor. Invalid text is emitted as is, for the configuration to
    refuse.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(_("none"))

    def value(self) -> Any:
        """The typed widths: a tuple of int, or the text if it is no such list."""
        try:
            widths = tuple(map(typed_numbers.typed_whole, self._parts()))
        except typed_numbers.TypedNumberError:
            return self.text()
        return self.text() if self.text().strip() and not widths else widths

    def refusal(self) -> str:
        """Suggest what to write instead of an ambiguous width, or ""."""
        try:
            list(map(typed_numbers.typed_whole, self._parts()))
        except typed_numbers.TypedNumberError as error:
            return str(error) if isinstance(error, typed_numbers.TwoReadingsError) else ""
        return ""

    def _parts(self) -> list[str]:
        text = re.sub(r"(?<!\d)1,000(?!\d)", "1000", self.text())  # 000 is no width: this comma separates nothing
        return [part for part in re.split(r"[\s,;x×]+|(?<=\d)-(?=\d)", text.strip(" ,;[]()")) if part]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepBy(1 if event.key() == Qt.Key.Key_Up else -1)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.stepBy(1 if event.angleDelta().y() > 0 else -1)
        event.accept()

    def stepBy(self, steps: int) -> None:
        before = len(re.findall(r"\d+", self.text()[: self.cursorPosition()]))
        spans = [match.span() for match in re.finditer(r"\d+", self.text())]
        if not spans:
            return
        start, end = spans[min(max(before - 1, 0), len(spans) - 1)]
        digits = self.text()[start:end]
        typed = int(digits) if len(digits) < 10 else MAX_WIDTH  # thousands of digits are no int to Python
        width = min(max(typed + steps, 1), MAX_WIDTH)
        self.setText(f"{self.text()[:start]}{width}{self.text()[end:]}")
        self.setCursorPosition(start + len(str(width)))
        self.commit()

    def _write(self, value: Any) -> str:
        return ", ".join(map(str, value))


EACH = _("one per layer")
TOOLTIP = _("What the neurons of this layer do with their weighted sum.\nA change restarts the training.")


class LayerChoices(QWidget):
    """A choice per layer, in a column; hidden while one choice is made for all."""

    value_edited = Signal(object)

    def __init__(self, labels: Mapping[str, str]) -> None:
        super().__init__()
        self._labels, self._names = labels, list[str]()
        self._lines: list[tuple[QLabel, ChoiceBox]] = []
        self._is_in_sight = False
        self._wheel_filter = WheelOnlyWithFocus(self)
        self._grid = cards.make_grid(self, (0, 0, 0, 0), across=6, down=3)

    def setVisible(self, is_in_sight: bool) -> None:
        """Show if the line is shown and there is a choice per layer."""
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
        whose = _("Activation of hidden layer {number}").format(number=layer + 1)
        box = accessibility.named(ChoiceBox(self._labels), f"activationOfLayer{layer + 1}", whose, TOOLTIP)
        box.setAccessibleDescription(TOOLTIP)
        box.setMinimumWidth(40)
        box.installEventFilter(self._wheel_filter)
        label = accessibility.caption(_("layer {number}").format(number=layer + 1), box)
        label.setFont(small_font(0.85))
        self._lines.append((label, box))
        self._grid.addWidget(label, layer, 0)
        self._grid.addWidget(box, layer, 1)
        box.value_edited.connect(lambda name: self._on_edited(layer, name))
        touch.zoom_new(self)

    def _on_edited(self, layer: int, name: str) -> None:
        self._names[layer] = name
        self.value_edited.emit(tuple(self._names))


class ActivationBox(ChoiceBox):
    """The choice for all layers; with several layers its last entry opens `by_layer`, placed below.

    `value_edited` emits a name, or a tuple of one per layer.
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
        self._is_opened = self._is_opened and value == self._value
        self._value = value
        self._show()

    def show_layers(self, layers: int) -> None:
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
        """Keep the choices open even if they have become equal."""
        if len(set(names)) == 1:
            self._value, self._is_opened = names[0], True
        self.value_edited.emit(names)


HEADING = _("real data")


_ORDINALS = (_("2nd"), _("3rd"), _("4th"), _("5th"))  # an elided text begins with what differs


class DrawnBeforeBox(ChoiceBox):
    """Which of a notebook's networks the seed draws: each choice is how many random numbers earlier ones have used."""

    def __init__(self) -> None:
        texts = {0: _("first")}
        for drawn, width, nth in zip(NOTEBOOK_DRAWN[1:], NOTEBOOK_WIDTHS[1:], _ORDINALS, strict=True):
            text = ngettext("{nth} in the notebook ({count} neuron)", "{nth} in the notebook ({count} neurons)", width)
            texts[drawn] = text.format(nth=nth, count=count_text(width))
        super().__init__(texts)

    def set_value(self, value: Any) -> None:
        """Show a choice without a signal; a number that is not in the notebook is added as one."""
        with QSignalBlocker(self):
            self.removeItem(len(NOTEBOOK_DRAWN))
            if self.findData(value) < 0:
                text = ngettext("after {count} number", "after {count} numbers", value)
                self.addItem(text.format(count=count_text(value)), value)
        super().set_value(value)


class TargetBox(ChoiceBox):
    """The functions, and below a heading the real data; the placeholder denotes the user's own data.

    `value_edited` emits a name in `TARGETS` or in `REAL_DATA`.
    """

    def __init__(self) -> None:
        super().__init__({name: target.label for name, target in TARGETS.items()})
        self.insertSeparator(self.count())
        self.addItem(HEADING)
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        heading = model.item(self.count() - 1)
        heading.setEnabled(False)
        font = small_font()
        font.setBold(True)
        heading.setFont(font)
        for name, data in REAL_DATA.items():
            self.addItem(_(data.label), name)
            source = _("Source: {source}").format(source=data.source)
            about = f"{_(data.about)}\nx: {_(data.x)}\ny: {_(data.y)}\n{source}"
            self.setItemData(self.count() - 1, accessibility.wrapped(about), Qt.ItemDataRole.ToolTipRole)
        self.setPlaceholderText(_("your own data"))
        self.setMaxVisibleItems(self.count())


class SourceField(QWidget):
    """Shows the origin of given samples or weights; its button, by emitting None, returns to drawing them at random."""

    value_edited = Signal(object)

    def __init__(self, name: str, back: str, effect: str) -> None:
        super().__init__()
        self._label = accessibility.small(ElidedLabel())
        self.text = self._label.text
        self._back = cards.compact_button("✕", name, back, effect)
        cards.filled(QHBoxLayout(self), (self._label, 1), self._back, margins=(0, 0, 0, 0), spacing=4)
        self._back.clicked.connect(self._on_back_clicked)

    def set_value(self, value: tuple[str, str]) -> None:
        """Show an origin: its short text, and the tooltip."""
        self._label.show_text(value[0])
        self._label.setToolTip(accessibility.literal_tooltip(value[1]))

    def commit(self) -> None:
        """Do nothing: part of the fields' interface."""

    def _on_back_clicked(self) -> None:
        """Drop the focus as this field disappears: the next one would swallow a shortcut as text."""
        for widget in (self, self._back):
            widget.clearFocus()
        self.value_edited.emit(None)
