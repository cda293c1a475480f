"""Editors for choices in the parameter panel, and a filter against accidental wheel turns.

Each editor, here, in `number_fields` and in `text_fields`, has `value_edited`, `set_value` (silent) and `commit`.
"""

from collections.abc import Collection, Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QShowEvent, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QListView,
    QStyle,
    QStyleOptionComboBox,
    QToolTip,
    QWidget,
)

from tinynet_gui.ui.style.zoom import whole_px

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
