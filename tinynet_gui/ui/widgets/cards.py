"""The cards that frame the views, their buttons, helpers for layouts, and context menus."""

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from PySide6 import QtWidgets
from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPaintEvent, QShowEvent

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.ui.style.theme import fixed_font, is_touched, make_icon, theme
from tinynet_gui.ui.widgets.accessibility import ancestors, copy_text, in_role, named, wrapped
from tinynet_gui.ui.widgets.text import LiveLabel

L = TypeVar("L", bound=QtWidgets.QBoxLayout)
Item = QtWidgets.QWidget | QtWidgets.QLayout | None
Alignment = int | Qt.AlignmentFlag
Margins = tuple[int, int, int, int]


def filled(
    layout: L, *items: Item | tuple[Item, Alignment], margins: Margins | None = None, spacing: int | None = None
) -> L:
    """Add items to a layout, in their order, and return it.

    None adds a stretch; a pair is an item with its stretch or a widget with its alignment.
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
    return layout


def make_grid(parent: QtWidgets.QWidget, margins: Margins, across: int, down: int) -> QtWidgets.QGridLayout:
    """Return a grid with these gaps, whose second column takes the spare width."""
    grid = QtWidgets.QGridLayout(parent)
    grid.setContentsMargins(*margins)
    grid.setHorizontalSpacing(across)
    grid.setVerticalSpacing(down)
    grid.setColumnStretch(1, 1)
    return grid


def clear_layout(layout: QtWidgets.QLayout) -> None:
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

    def __init__(self, title: str, object_name: str, accessible_name: str) -> None:
        super().__init__(object_name, accessible_name)
        self.title = in_role(QtWidgets.QLabel(title), "title")
        self.value = LiveLabel()
        self.value.setFont(fixed_font())
        self.header = filled(QtWidgets.QHBoxLayout(), self.title, None, self.value, margins=(14, 0, 14, 0))
        self.body = filled(QtWidgets.QVBoxLayout(self), self.header, margins=(1, 6, 1, 6), spacing=2)


def passing_menu(parent: QtWidgets.QWidget, name: str) -> QtWidgets.QMenu:
    """Return an empty context menu that deletes itself when it closes."""
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


def copy_button(
    text: str, object_name: str, accessible_name: str, tooltip: str, copied: Callable[[], str]
) -> QtWidgets.QPushButton:
    button = named(QtWidgets.QPushButton(text), object_name, accessible_name, tooltip)
    button.clicked.connect(lambda: copy_text(button, copied()))
    return button


def compact_button(
    text: str, object_name: str, accessible_name: str, tooltip: str, *, checkable: bool = False
) -> QtWidgets.QToolButton:
    button = named(QtWidgets.QToolButton(), object_name, accessible_name, tooltip)
    button.setText(text)
    button.setCheckable(checkable)
    button.setProperty("compact", True)
    return button


class SingleClick(QObject):
    """Swallows the second press of a double-click on a button."""

    def __init__(self, button: QtWidgets.QAbstractButton) -> None:
        super().__init__(button)
        button.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return event.type() == QEvent.Type.MouseButtonDblClick


class KeysForParent(QObject):
    """Leaves some keys of a widget to its parent."""

    def __init__(self, widget: QtWidgets.QWidget, keys: Collection[int]) -> None:
        super().__init__(widget)
        self._keys = keys
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_left = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in self._keys
        if is_left:
            event.ignore()
        return is_left


class SteadyButton(QtWidgets.QToolButton):
    """A button as wide as the longest of its possible `texts`, so that its neighbours do not move."""

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self._texts = texts

    def sizeHint(self) -> QSize:
        widths = [self._width_of(text) for text in self._texts or (self.text(),)]
        return super().sizeHint() + QSize(max(widths) - self._width_of(self.text()), 0)

    def _width_of(self, text: str) -> int:
        return self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, text).width()  # as measured by Qt

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


ICON_SIDE = 12  # px
MAXIMIZE = _("Give this all the space, as a double-click on its title does; Esc shows the other views again.")
RESTORE = _("Show the other views again. Key: Esc")


class MaximizeButton(QtWidgets.QToolButton):
    """A card's button to maximize it; `Arranger` handles the clicks. A double-click on the title counts.

    It is painted while the mouse is over the card, while it has the focus, while the card is maximized, and always
    after the first touch. `of` says what the card is, for screen readers.
    """

    def __init__(self, of: str, card: QtWidgets.QWidget, title: QtWidgets.QWidget | None = None) -> None:
        super().__init__(card)
        named(self, f"{card.objectName()}Maximize", _("Maximize: {name}").format(name=of), MAXIMIZE)
        self.card, self._title, self._is_maximized = card, title, False
        self.setProperty("bare", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(ICON_SIDE, ICON_SIDE))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for watched in filter(None, (self.card, self._title)):
            watched.installEventFilter(self)

    def show_state(self, is_maximized: bool) -> None:
        """Show whether the next click maximizes the card or restores the others."""
        self._is_maximized = is_maximized
        self.setIcon(make_icon("stage-back" if is_maximized else "stage", theme().muted))
        self.setToolTip(wrapped(RESTORE if is_maximized else MAXIMIZE))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.card and event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self.update()
        if watched is self._title and event.type() == QEvent.Type.MouseButtonDblClick:
            self.click()
            return True
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.is_wanted:
            super().paintEvent(event)

    @property
    def is_wanted(self) -> bool:
        return self._is_maximized or self.hasFocus() or self.card.underMouse() or is_touched()
