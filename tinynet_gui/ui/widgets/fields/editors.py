"""Fields for choices, and the editor of a table's cells."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from PySide6 import QtCore, QtWidgets
from PySide6.QtCore import QEvent, QObject, QRect, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QShowEvent, QStandardItemModel, QWheelEvent

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.ui.style.theme import whole_px
from tinynet_gui.ui.widgets.accessibility import ENTER, keep_key, named
from tinynet_gui.ui.widgets.fields.number_fields import TypedLine
from tinynet_gui.ui.widgets.fields.refusals import mark_invalid

SIDES_PX, LIST_SIDES_PX = 4, 34  # beside the text in the box, and in the list


class WheelOnlyWithFocus(QObject):
    """Lets the wheel scroll the panel instead of changing a field that happens to pass under the mouse."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent) and isinstance(watched, QtWidgets.QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


class QuietComboBox(QtWidgets.QComboBox):
    """A combo box in which letters select an entry and trigger no shortcut of the window.

    On Linux screen readers take a combo box's value for its name; so without a label beside it, a hidden one names it.
    """

    _label: QtWidgets.QLabel | None = None

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        beside = self.parentWidget()
        if beside is not None and all(label.buddy() is not self for label in beside.findChildren(QtWidgets.QLabel)):
            self._label = QtWidgets.QLabel(self.accessibleName(), beside)
            self._label.setBuddy(self)
            self._label.hide()

    def sizeHint(self) -> QSize:
        """Fit the longest text: Qt measures its ink, which is narrower than its advance."""
        return super().sizeHint() + QSize(whole_px(SIDES_PX), 0)

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint() + QSize(whole_px(SIDES_PX), 0)

    def initStyleOption(self, option: QtWidgets.QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        parts = QtWidgets.QStyle.ComplexControl.CC_ComboBox, option, QtWidgets.QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(*parts, self).width()
        option.currentText = self.shortened(option.currentText, room)

    def shortened(self, text: str, room: int) -> str:
        """Shorten an entry to what fits into the box."""
        return self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)

    def event(self, event: QEvent) -> bool:
        """Keep letters from the window's shortcuts; show an elided text in the tooltip."""
        if keep_key(event, _is_letter):
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self.initStyleOption(option := QtWidgets.QStyleOptionComboBox())
            if option.currentText != self.currentText():
                QtWidgets.QToolTip.showText(event.globalPos(), f"{self.currentText()}\n{self.toolTip()}", self)
                return True
        return super().event(event)

    def showPopup(self) -> None:
        widest = max((self.fontMetrics().horizontalAdvance(self.itemText(at)) for at in range(self.count())), default=0)
        self.view().setMinimumWidth(widest + whole_px(LIST_SIDES_PX))
        self.view().installEventFilter(self)
        super().showPopup()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep letters from the window's shortcuts in the open list, too."""
        return keep_key(event, _is_letter) or super().eventFilter(watched, event)

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        if self._label is not None:
            self._label.setText(name)


def _is_letter(event: QKeyEvent) -> bool:
    is_printed = bool(event.text().strip()) and event.text().isprintable()
    return is_printed and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier


class ChoiceBox(QuietComboBox):
    """One of several named choices; `value_edited` has the value in a configuration, not the label."""

    value_edited = Signal(object)

    def __init__(self, labels: Mapping[Any, str]) -> None:
        super().__init__()
        self.offer(labels)
        self.currentIndexChanged.connect(lambda index: self._on_chosen(self.itemData(index)))

    def offer(self, labels: Mapping[Any, str]) -> None:
        """Offer other choices, without a signal."""
        with QSignalBlocker(self):
            self.clear()
            for name, label in labels.items():
                self.addItem(label, name)

    def set_value(self, value: object) -> None:
        with QSignalBlocker(self):
            self.setCurrentIndex(-1 if value is None else self.findData(value))

    def _on_chosen(self, name: Any) -> None:
        self.value_edited.emit(name)

    def show_hidden(self, hidden: Collection[Any]) -> None:
        """Hide choices, except the current one."""
        view, model = self.view(), self.model()
        for row in range(self.count()):
            is_hidden = self.itemData(row) in hidden
            if isinstance(view, QtWidgets.QListView) and isinstance(model, QStandardItemModel):
                view.setRowHidden(row, is_hidden)
                model.item(row).setEnabled(not is_hidden)  # the arrow keys skip it

    def commit(self) -> None:
        """Nothing can be half chosen."""


class CheckBox(QtWidgets.QCheckBox):
    value_edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.toggled.connect(self.value_edited.emit)

    def set_value(self, value: bool) -> None:
        with QSignalBlocker(self):
            self.setChecked(value)

    def commit(self) -> None:
        """Nothing can be half checked."""


Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
EDITOR_WIDTH = 130  # px, enough for a full float32 number


class RowsModel(QtCore.QAbstractTableModel):
    """A table whose views keep their selection and their place while it has the same rows."""

    @contextmanager
    def changing(self, has_other_rows: bool) -> Iterator[None]:
        """Announce what is changed within the context: other rows, or other contents of the same."""
        if has_other_rows:
            self.beginResetModel()
        yield
        if has_other_rows:
            self.endResetModel()
        elif self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))


class ValueEditor(QtWidgets.QStyledItemDelegate):
    """The editor of a number in a table: it stays open, and marked, while its text is invalid.

    `read` parses the text, or raises a ValueError with the reason, which `refused` then has; "" once it is valid.
    """

    refused = Signal(str)

    def __init__(self, parent: QtWidgets.QWidget, name: str, read: Callable[[str], object]) -> None:
        super().__init__(parent)
        self._name, self._read = name, read

    def createEditor(
        self, parent: QtWidgets.QWidget, option: QtWidgets.QStyleOptionViewItem, index: Index
    ) -> QtWidgets.QWidget:
        editor = named(TypedLine(parent=parent), self._name, _("New value"), _("Enter sets it, Escape cancels."))
        editor.setText(index.data(Qt.ItemDataRole.EditRole))
        editor.setFont(index.data(Qt.ItemDataRole.FontRole))
        editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        editor.selectAll()
        self.refused.emit("")
        editor.textEdited.connect(lambda: self._mark(editor, ""))
        return editor

    def setEditorData(self, editor: QtWidgets.QWidget, index: Index) -> None:
        """Do nothing: new numbers of a running training must not replace the typed text."""

    def setModelData(self, editor: QtWidgets.QWidget, model: Any, index: Index) -> None:
        """Commit only a number that was typed."""
        assert isinstance(editor, QtWidgets.QLineEdit)
        if editor.isModified() and not self._refuses(editor):
            model.setData(index, editor.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the field open at Enter while its text is invalid; Escape clears the error."""
        is_press = event.type() == QEvent.Type.KeyPress
        if is_press and isinstance(watched, QtWidgets.QLineEdit) and isinstance(event, QKeyEvent):
            if event.key() in ENTER and watched.isModified() and self._refuses(watched):
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.refused.emit("")
        return super().eventFilter(watched, event)

    def updateEditorGeometry(
        self, editor: QtWidgets.QWidget, option: QtWidgets.QStyleOptionViewItem, index: Index
    ) -> None:
        """Make the field wider than a narrow column, for a number in full precision."""
        full = QRect(option.rect)
        full.setWidth(max(full.width(), whole_px(EDITOR_WIDTH)))
        if isinstance(view := editor.parent(), QtWidgets.QWidget):
            full.moveRight(min(full.right(), view.width() - 1))
        editor.setGeometry(full)

    def _refuses(self, editor: QtWidgets.QLineEdit) -> bool:
        """Report an invalid text; return whether it is invalid."""
        try:
            self._read(editor.text())
        except ValueError as error:
            self._mark(editor, _("{trouble}. Nothing was changed.").format(trouble=error))
            return True
        return False

    def _mark(self, editor: QtWidgets.QLineEdit, reason: str) -> None:
        mark_invalid(editor, reason)
        self.refused.emit(reason)
