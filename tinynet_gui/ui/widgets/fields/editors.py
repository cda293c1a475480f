"""Fields for a choice, for a count, and for a value in a table."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QShowEvent, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStyleOptionSpinBox,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from tinynet_gui.core.config import Setting
from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.accessibility.naming import ENTER, ancestors, named
from tinynet_gui.ui.widgets.cards import CardFrame
from tinynet_gui.ui.widgets.fields.number_fields import TypedLine, WholeNumberBox
from tinynet_gui.ui.widgets.fields.refusals import FieldError, mark_invalid

SIDES_PX, LIST_SIDES_PX = 4, 34  # beside the text in the box, and in the list


class WheelOnlyWithFocus(QObject):
    """Lets the wheel scroll the panel instead of changing a field that happens to pass under the mouse."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallow wheel events of widgets without focus."""
        if isinstance(event, QWheelEvent) and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


class QuietComboBox(QComboBox):
    """A combo box in which letters choose an entry, and are no keys of the window.

    On Linux a screen reader takes its value for its name; so where no label beside it says what it is, an unseen one
    does.
    """

    _label: QLabel | None = None

    def showEvent(self, event: QShowEvent) -> None:
        """See to the label."""
        super().showEvent(event)
        beside = self.parentWidget()
        if beside is not None and all(label.buddy() is not self for label in beside.findChildren(QLabel)):
            self._label = QLabel(self.accessibleName(), beside)
            self._label.setBuddy(self)
            self._label.hide()

    def sizeHint(self) -> QSize:
        """Fit the longest text: Qt measures its ink, which is narrower than the text."""
        return super().sizeHint() + QSize(whole_px(SIDES_PX), 0)

    def minimumSizeHint(self) -> QSize:
        """Fit it in a row with little space, too."""
        return super().minimumSizeHint() + QSize(whole_px(SIDES_PX), 0)

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """Cut a text that is too long at its end, and show that it is cut."""
        super().initStyleOption(option)
        parts = QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(*parts, self).width()
        option.currentText = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, room)

    def event(self, event: QEvent) -> bool:
        """Take letters; say the whole text in the tooltip, where it is cut."""
        if self._takes(event):
            return True
        option = QStyleOptionComboBox()
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self.initStyleOption(option)
            if option.currentText != self.currentText():
                QToolTip.showText(event.globalPos(), f"{self.currentText()}\n{self.toolTip()}", self)
                return True
        return super().event(event)

    def showPopup(self) -> None:
        """Show the list, as wide as its texts."""
        widest = max((self.fontMetrics().horizontalAdvance(self.itemText(at)) for at in range(self.count())), default=0)
        self.view().setMinimumWidth(widest + whole_px(LIST_SIDES_PX))
        self.view().installEventFilter(self)
        super().showPopup()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take letters in the open list."""
        return self._takes(event) or super().eventFilter(watched, event)

    def _takes(self, event: QEvent) -> bool:
        is_taken = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _is_letter(event)
        if is_taken:
            event.accept()
        return is_taken

    def setAccessibleName(self, name: str) -> None:
        """Say what it is now."""
        super().setAccessibleName(name)
        if self._label is not None:
            self._label.setText(name)


def _is_letter(event: QKeyEvent) -> bool:
    is_printed = bool(event.text().strip()) and event.text().isprintable()
    return is_printed and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier


class ChoiceBox(QuietComboBox):
    """One of several named choices.

    Signals
    -------
    value_edited : str
        The name in a configuration, not the label.
    """

    value_edited = Signal(object)

    def __init__(self, labels: Mapping[Any, str]) -> None:
        super().__init__()
        for name, label in labels.items():
            self.addItem(label, name)
        self.currentIndexChanged.connect(lambda index: self._on_chosen(self.itemData(index)))

    def set_value(self, value: object) -> None:
        """Show a choice without a signal; None shows that it is none of them."""
        with QSignalBlocker(self):
            self.setCurrentIndex(-1 if value is None else self.findData(value))

    def _on_chosen(self, name: Any) -> None:
        self.value_edited.emit(name)

    def show_hidden(self, hidden: Collection[Any]) -> None:
        """Hide these choices, except the current one."""
        view, model = self.view(), self.model()
        for row in range(self.count()):
            is_hidden = self.itemData(row) in hidden
            if isinstance(view, QListView) and isinstance(model, QStandardItemModel):
                view.setRowHidden(row, is_hidden)
                model.item(row).setEnabled(not is_hidden)  # the arrow keys skip it

    def commit(self) -> None:
        """Nothing can be half chosen."""


class CheckBox(QCheckBox):
    """Yes or no.

    Signals
    -------
    value_edited : bool
    """

    value_edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.toggled.connect(self.value_edited.emit)

    def set_value(self, value: bool) -> None:
        """Show a value without a signal."""
        with QSignalBlocker(self):
            self.setChecked(value)

    def commit(self) -> None:
        """Nothing can be half checked."""


SPARE = 8  # px, for the cursor and the margins


class CountBox(WholeNumberBox):
    """A whole number in a range, perhaps with a unit after it.

    Signals
    -------
    valueChanged : int
        Another number is taken.
    """

    valueChanged = Signal(int)

    def __init__(self, unit: str = "") -> None:
        self._unit, self._last = unit, 0
        super().__init__(Setting("", "live", 0, 0, is_whole=True))
        self._error: FieldError | None = None
        self.lineEdit().textChanged.connect(lambda: self._say(""))

    @property
    def count(self) -> int:
        """The number in the field; the last that was taken while there is none that is allowed."""
        return self._last if self.refusal() else int(self.value())

    def value(self) -> Any:
        """The number in the field, allowed or not; the text without the unit if it is not a number."""
        value = super().value()
        return value.removesuffix(self._unit) if isinstance(value, str) else value

    def setRange(self, least: int, most: int) -> None:
        """Allow other numbers."""
        self._allow(Setting("", "live", least, most, is_whole=True))
        self.setValue(self._last)

    def setValue(self, value: float) -> None:
        """Show a number, or the nearest that is allowed."""
        super().setValue(int(self._within(value)))

    def setSuffix(self, unit: str) -> None:
        """Write another unit after the number."""
        before, self._unit = self._unit, unit
        self.lineEdit().setText(self.text().removesuffix(before) + unit)

    def commit(self) -> None:
        """Take the number, or say why it is none."""
        super().commit()
        self._say(self.refusal())
        if self.count != self._last:
            self._last = self.count
            self.valueChanged.emit(self._last)

    def sizeHint(self) -> QSize:
        """Fit the longest text."""
        option = QStyleOptionSpinBox()
        self.initStyleOption(option)
        width = self.fontMetrics().horizontalAdvance(self._write(self._maximum)) + SPARE
        text = QSize(width, self.lineEdit().sizeHint().height())
        return self.style().sizeFromContents(QStyle.ContentsType.CT_SpinBox, option, text, self)

    def _say(self, reason: str) -> None:
        if reason and self._error is None:
            body = next(each for each in ancestors(self) if isinstance(each, CardFrame) or each.isWindow())
            self._error = FieldError(f"{self.objectName()}Error", self, body)
        if self._error is not None:
            self._error.say(reason)

    def _read(self, text: str) -> float:
        return super()._read(text.removesuffix(self._unit))

    def _write(self, value: float) -> str:
        return super()._write(value) + self._unit


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
        mark_invalid(editor, reason)
        self.refused.emit(reason)
