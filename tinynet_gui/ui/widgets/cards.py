"""The cards that frame the views, helpers for layouts, and context menus."""

from collections.abc import Iterable
from typing import TypeVar

from PySide6 import QtWidgets
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QShowEvent

from tinynet_gui.ui.style.theme import fixed_font
from tinynet_gui.ui.widgets.accessibility import ancestors, in_role, named
from tinynet_gui.ui.widgets.text import LiveLabel

L = TypeVar("L", bound=QtWidgets.QBoxLayout)
Item = QtWidgets.QWidget | QtWidgets.QLayout | int | None
Alignment = int | Qt.AlignmentFlag
Margins = tuple[int, int, int, int]


def filled(
    layout: L, *items: Item | tuple[Item, Alignment], margins: Margins | None = None, spacing: int | None = None
) -> L:
    """Add items to a layout, in their order, and return it.

    A number adds that many pixels of space, None a stretch; a pair is an item with its stretch or a widget with its
    alignment.
    """
    if margins is not None:
        layout.setContentsMargins(*margins)
    if spacing is not None:
        layout.setSpacing(spacing)
    for each in items:
        item, place = each if isinstance(each, tuple) else (each, 0)
        # An alignment is an int, too.
        stretch, alignment = (0, place) if isinstance(place, Qt.AlignmentFlag) else (place, Qt.AlignmentFlag(0))
        match item:
            case QtWidgets.QWidget():
                layout.addWidget(item, stretch, alignment)
            case QtWidgets.QLayout():
                layout.addLayout(item, stretch)
            case None:
                layout.addStretch(1)
            case _:
                layout.addSpacing(item)
    return layout


def empty(layout: QtWidgets.QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            old.hide()
            old.deleteLater()


class SeenFrame(QtWidgets.QFrame):
    """A frame without a border that emits `shown` when it becomes visible."""

    shown = Signal()

    def __init__(self, object_name: str, accessible_name: str, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, object_name, accessible_name)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()


class CardFrame(SeenFrame):
    def __init__(self, object_name: str, accessible_name: str, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(object_name, accessible_name, parent)
        self.setProperty("card", True)


class Card(CardFrame):
    """A titled frame; subclasses add content to `body` and controls to `header`."""

    def __init__(
        self, title: str, object_name: str, accessible_name: str, parent: QtWidgets.QWidget | None = None
    ) -> None:
        super().__init__(object_name, accessible_name, parent)
        self.title = in_role(QtWidgets.QLabel(title), "title")
        self.value = LiveLabel()
        self.value.setFont(fixed_font())
        self.header = filled(QtWidgets.QHBoxLayout(), self.title, None, self.value, margins=(14, 0, 14, 0))
        self.body = filled(QtWidgets.QVBoxLayout(self), self.header, margins=(1, 6, 1, 6), spacing=2)


def passing_menu(parent: QtWidgets.QWidget, name: str) -> QtWidgets.QMenu:
    """Return an empty menu that deletes itself when it closes."""
    menu = QtWidgets.QMenu(parent)
    menu.setObjectName(name)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def open_by_key(widget: QtWidgets.QWidget) -> None:
    """Request the context menu of the focused widget, as the Menu key does: not every system knows Shift+F10."""
    place = QRectF(widget.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)).center().toPoint()
    by_key = QContextMenuEvent.Reason.Keyboard
    QtWidgets.QApplication.sendEvent(widget, QContextMenuEvent(by_key, place, widget.mapToGlobal(place)))


def add_buttons(menu: QtWidgets.QMenu, buttons: Iterable[QtWidgets.QAbstractButton]) -> None:
    """Mirror a view's visible buttons in a menu, with their state; choosing an entry clicks the button."""
    menu.setToolTipsVisible(True)
    for button in buttons:
        if not button.isHidden():
            action = menu.addAction(button.text().capitalize(), button.click)
            action.setToolTip(button.toolTip())
            action.setEnabled(button.isEnabled())
            action.setCheckable(button.isCheckable())
            action.setChecked(button.isChecked())


def add_actions_around(menu: QtWidgets.QMenu, widget: QtWidgets.QWidget) -> None:
    """Append the context menu actions of the card around a widget, once."""
    has_actions = Qt.ContextMenuPolicy.ActionsContextMenu
    around = (each.actions() for each in ancestors(widget)[1:] if each.contextMenuPolicy() == has_actions)
    if new := [action for action in next(around, ()) if action not in menu.actions()]:
        menu.addSeparator()
        menu.addActions(new)
