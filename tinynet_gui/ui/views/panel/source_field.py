"""The origin of samples or first weights that are not drawn, and the way back."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tinynet_gui.ui.widgets.buttons import compact_button
from tinynet_gui.ui.widgets.labels import ElidedLabel
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import as_it_stands, small


class SourceField(QWidget):
    """Says where something comes from; its button, with these names and this tooltip, returns to drawing it.

    Signals
    -------
    value_edited : None
        It is no longer wanted.
    """

    value_edited = Signal(object)

    def __init__(self, name: str, back: str, effect: str) -> None:
        super().__init__()
        self._label = small(ElidedLabel())
        self.text = self._label.text
        self._back = compact_button("✕", name, back, effect)
        filled(QHBoxLayout(self), (self._label, 1), self._back, margins=(0, 0, 0, 0), spacing=4)
        self._back.clicked.connect(self._on_back_clicked)

    def set_value(self, value: tuple[str, str]) -> None:
        """Say where it comes from, and in the tooltip more about it."""
        self._label.show_text(value[0])
        self._label.setToolTip(as_it_stands(value[1]))

    def commit(self) -> None:
        """Nothing can be half typed."""

    def _on_back_clicked(self) -> None:
        """This field disappears: the focus must not go to the next one, where a shortcut would be typed."""
        for widget in (self, self._back):
            widget.clearFocus()
        self.value_edited.emit(None)
