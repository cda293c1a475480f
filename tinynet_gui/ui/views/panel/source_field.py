"""The origin of samples that are not drawn, and the way back."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from tinynet_gui.core.config import DataConfig
from tinynet_gui.core.wording.neuron_names import origin_text, source_text
from tinynet_gui.ui.style.theme import small_font
from tinynet_gui.ui.widgets.naming import as_it_stands, named
from tinynet_gui.ui.widgets.text.elided_label import ElidedLabel


class SourceField(QWidget):
    """Says where points come from; its button returns to drawn samples.

    Signals
    -------
    value_edited : None
        Points are no longer wanted.
    """

    value_edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._label = ElidedLabel()
        self._label.setFont(small_font())
        self._back = named(
            QToolButton(), "drawAgain", "✕", "Draw samples of the function again; Undo brings these back."
        )
        self._back.setText("✕")
        self._back.setProperty("compact", True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._back)
        self._back.clicked.connect(self._on_back_clicked)

    def text(self) -> str:
        """The text about the points."""
        return self._label.text()

    def set_value(self, value: DataConfig) -> None:
        """Say where the points come from; the tooltip also says how many there are."""
        self._label.show_text(origin_text(value))
        self._label.setToolTip(as_it_stands(source_text(value)))

    def commit(self) -> None:
        """Nothing can be half typed."""

    @Slot()
    def _on_back_clicked(self) -> None:
        """This field disappears: the focus must not go to the next one, where a shortcut would be typed."""
        for widget in (self, self._back):
            widget.clearFocus()
        self.value_edited.emit(None)
