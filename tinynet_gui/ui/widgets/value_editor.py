"""The field for typing a value in a table."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.keys import ENTER
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.refusals import refuse
from tinynet_gui.ui.widgets.typed_line import TypedLine

Index = QModelIndex | QPersistentModelIndex
EDITOR_WIDTH = 130  # px, enough for a full float32 number


class ValueEditor(QStyledItemDelegate):
    """The field for typing a value: it stays open, and marked, while its text is not a number.

    Parameters
    ----------
    name
        The field's object name.
    read
        Reads the text; raises a ValueError with the reason if it is invalid.

    Signals
    -------
    refused : str
        Why the text is invalid; empty once it no longer is.
    """

    refused = Signal(str)

    def __init__(self, parent: QWidget, name: str, read: Callable[[str], object]) -> None:
        super().__init__(parent)
        self._name, self._read = name, read

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Open a field with the full number in it."""
        editor = named(TypedLine(parent=parent), self._name, "New value", "Enter sets it, Escape cancels.")
        editor.setText(index.data(Qt.ItemDataRole.EditRole))
        editor.setFont(index.data(Qt.ItemDataRole.FontRole))
        editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        editor.selectAll()
        self.refused.emit("")
        editor.textEdited.connect(lambda: self._mark(editor, ""))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Leave the typed text alone while the training goes on."""

    def setModelData(self, editor: QWidget, model: Any, index: Index) -> None:
        """Pass on a typed number, and nothing else."""
        assert isinstance(editor, QLineEdit)
        if editor.isModified() and not self._refuses(editor):
            model.setData(index, editor.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the field open at Enter while its text is invalid; Escape clears the error."""
        if isinstance(watched, QLineEdit) and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in ENTER and watched.isModified() and self._refuses(watched):
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.refused.emit("")
        return super().eventFilter(watched, event)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Give the field more than a narrow column's width: a full number is longer than its column."""
        full = QRect(option.rect)
        full.setWidth(max(full.width(), whole_px(EDITOR_WIDTH)))
        if isinstance(view := editor.parent(), QWidget):
            full.moveRight(min(full.right(), view.width() - 1))
        editor.setGeometry(full)

    def _refuses(self, editor: QLineEdit) -> bool:
        """Say why a text is invalid; return whether it is."""
        try:
            self._read(editor.text())
        except ValueError as error:
            self._mark(editor, f"{error}. Nothing was changed.")
            return True
        return False

    def _mark(self, editor: QLineEdit, reason: str) -> None:
        refuse(editor, reason)
        self.refused.emit(reason)
