"""A field of one line, in which what another program writes counts as typed."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget


class TypedLine(QLineEdit):
    """What dictation or an assistive program inserts is modified text, as typed text is, and `textEdited` tells of it.

    Qt writes such a text as if this program had, which itself comes through `setText` and `clear`. In a field without
    the focus, which will not be left, it counts at once: `editingFinished`.

    Signals
    -------
    inserted
        There is such a text.
    """

    inserted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_own = False
        self.textChanged.connect(self._on_text_changed)

    def setText(self, text: str | None) -> None:
        """Show a text of this program."""
        self._is_own = True
        super().setText(text)
        self._is_own = False

    def clear(self) -> None:
        """Show no text."""
        self.setText("")

    def _on_text_changed(self, text: str) -> None:
        if self._is_own or self.isModified() or self.isRedoAvailable():
            return
        self.setModified(True)
        self.textEdited.emit(text)
        self.inserted.emit()
        if not self.hasFocus():
            self.editingFinished.emit()
