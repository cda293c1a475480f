"""Menus inside a card: they also offer the card's actions."""

from collections.abc import Iterable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QWidget

from tinynet_gui.ui.widgets.path_up import path_up


def passing_menu(parent: QWidget, name: str) -> QMenu:
    """Return an empty menu that is deleted when it closes."""
    menu = QMenu(parent)
    menu.setObjectName(name)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def open_by_key(widget: QWidget) -> None:
    """Ask for the context menu of what has the focus, as the Menu key does: not every system knows Shift+F10."""
    place = QRectF(widget.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)).center().toPoint()
    by_key = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(widget, QContextMenuEvent(by_key, place, widget.mapToGlobal(place)))


def add_buttons(menu: QMenu, buttons: Iterable[QAbstractButton]) -> None:
    """Offer in a menu the buttons of a view that are not hidden: as they stand, and with what a click on them does."""
    menu.setToolTipsVisible(True)
    for button in buttons:
        if not button.isHidden():
            action = menu.addAction(button.text().capitalize(), button.click)
            action.setToolTip(button.toolTip())
            action.setEnabled(button.isEnabled())
            action.setCheckable(button.isCheckable())
            action.setChecked(button.isChecked())


def add_actions_around(menu: QMenu, widget: QWidget) -> None:
    """Add the context menu actions of the card around a widget, once."""
    has_actions = Qt.ContextMenuPolicy.ActionsContextMenu
    around = (each.actions() for each in path_up(widget)[1:] if each.contextMenuPolicy() == has_actions)
    if new := [action for action in next(around, ()) if action not in menu.actions()]:
        menu.addSeparator()
        menu.addActions(new)
