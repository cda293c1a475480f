"""Parts of a view that are painted, not widgets, as a list for screen readers: each is read, and can be chosen."""

from collections.abc import Callable
from functools import cache
from typing import Any

from PySide6.QtCore import QObject, QRect, SignalInstance
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleEvent,
    QAccessibleInterface,
    QAccessibleObject,
)
from PySide6.QtWidgets import QWidget
from shiboken6 import VoidPtr

from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.ui.widgets.accessibility.naming import AccessibilityThrottle, named

NOTHING = VoidPtr(0)  # PySide takes no None for a C++ pointer of any kind, and ends the process
CHOOSE = QAccessibleActionInterface.pressAction()


@frozen_dataclass
class DrawnPart:
    """What is heard of a part, where it is in its view, and what choosing it does, if that can be done."""

    name: str
    description: str = ""
    place: QRect = QRect()
    is_chosen: bool = False
    choose: Callable[[], object] | None = None


class DrawnParts(QWidget):
    """The list: a hidden child of the view, which only a screen reader asks; without one it costs nothing.

    Parameters
    ----------
    count, part
        How many parts there are now, and one of them by its place.
    """

    def __init__(
        self, view: QWidget, name: str, says: str, count: Callable[[], int], part: Callable[[int], DrawnPart]
    ) -> None:
        super().__init__(view)
        self.count, self.part = count, part
        self._handles: list[_Handle] = []
        self._told: list[tuple[str, str]] = []
        self._later = AccessibilityThrottle(view, self._tell_news)
        if isinstance(shown := getattr(view, "shown", None), SignalInstance):
            shown.connect(self.notify_later)
        _install()
        named(self, name, says)  # with which a reader may ask for it
        self.hide()

    def handle(self, place: int) -> "_Handle":
        """Return the object that stands for a part: it has the place, and at each time what is there then."""
        while len(self._handles) <= place:
            here = len(self._handles)
            part = self.part(here) if here < self.count() else DrawnPart("")
            self._handles.append(_Handle(self, here))
            self._told.append((part.name, part.description))  # as the reader who asks will find it
        return self._handles[place]

    def tell_focus(self, place: int) -> None:
        """Let a reader read a part, as the keyboard has come to it."""
        if QAccessible.isActive():
            handle = self.handle(place)
            self._tell_news_of(place, handle)
            _tell(handle, QAccessible.Event.Focus)

    def notify_later(self) -> None:
        """Let a reader ask anew, soon, for what is another text by then."""
        if self._handles:
            self._later.notify_later()

    def _tell_news(self) -> None:
        for place, handle in enumerate(self._handles):
            self._tell_news_of(place, handle)

    def _tell_news_of(self, place: int, handle: "_Handle") -> None:
        (name, description), part = self._told[place], handle.part
        self._told[place] = part.name, part.description
        if bool(name) != bool(part.name):
            events = QAccessible.Event.ObjectDestroyed, QAccessible.Event.ObjectCreated
            _tell(handle, events[bool(part.name)])
            return
        if name != part.name:
            _tell(handle, QAccessible.Event.NameChanged)
        if description != part.description:
            _tell(handle, QAccessible.Event.DescriptionChanged)


class _Handle(QObject):
    """A part, for Qt: what it has told readers of it goes with this object."""

    def __init__(self, parts: DrawnParts, place: int) -> None:
        super().__init__(parts)
        self.parts, self.place = parts, place

    @property
    def part(self) -> DrawnPart:
        """What is there now; a part without a name if there is none any more."""
        return self.parts.part(self.place) if self.place < self.parts.count() else DrawnPart("")


def _tell(what: QObject, event: QAccessible.Event) -> None:
    QAccessible.updateAccessibility(QAccessibleEvent(what, event))


class _ListInterface(QAccessibleObject):
    """What Qt tells of the list; `object` is None once Qt has destroyed it."""

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.List

    def state(self) -> QAccessible.State:
        return _state_of(self.object())

    def text(self, kind: QAccessible.Text) -> str:
        parts: Any = self.object()
        return parts.accessibleName() if parts is not None and kind == QAccessible.Text.Name else ""

    def rect(self) -> QRect:
        view: Any = self._parts.parentWidget()
        return QRect(view.mapToGlobal(view.rect().topLeft()), view.size())

    def parent(self) -> Any:
        return QAccessible.queryAccessibleInterface(self._parts.parentWidget())

    def childCount(self) -> int:
        return 0 if self.object() is None else self._parts.count()

    def child(self, place: int) -> Any:
        is_there = 0 <= place < self.childCount()
        return QAccessible.queryAccessibleInterface(self._parts.handle(place)) if is_there else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        handle = child.object()
        return handle.place if isinstance(handle, _Handle) else -1

    @property
    def _parts(self) -> Any:
        return self.object()


class _PartInterface(QAccessibleObject):
    """What Qt tells of a part."""

    def __init__(self, handle: _Handle) -> None:
        super().__init__(handle)
        self._actions = _Actions(handle)

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        handle: Any = self.object()
        state = _state_of(None if handle is None else handle.parts)
        state.selectable = self._part.choose is not None
        state.selected = self._part.is_chosen
        return state

    def text(self, kind: QAccessible.Text) -> str:
        part = self._part
        return {QAccessible.Text.Name: part.name, QAccessible.Text.Description: part.description}.get(kind, "")

    def rect(self) -> QRect:
        handle: Any = self.object()
        place = self._part.place
        return QRect(handle.parts.parentWidget().mapToGlobal(place.topLeft()), place.size())

    def parent(self) -> Any:
        handle: Any = self.object()
        return None if handle is None else QAccessible.queryAccessibleInterface(handle.parts)

    def childCount(self) -> int:
        return 0

    def child(self, place: int) -> Any:
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return -1

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        is_wanted = kind == QAccessible.InterfaceType.ActionInterface and self._part.choose is not None
        return self._actions if is_wanted else NOTHING

    @property
    def _part(self) -> DrawnPart:
        handle: Any = self.object()
        return DrawnPart("") if handle is None else handle.part


def _state_of(parts: Any) -> QAccessible.State:
    state = QAccessible.State()
    state.invisible = parts is None or not parts.parentWidget().isVisible()
    return state


class _Actions(QAccessibleActionInterface):
    def __init__(self, handle: _Handle) -> None:
        super().__init__()
        self._handle = handle

    def actionNames(self) -> list[str]:
        return [CHOOSE]

    def doAction(self, name: str) -> None:
        choose = self._handle.part.choose
        if name == CHOOSE and choose is not None:
            choose()

    def keyBindingsForAction(self, name: str) -> list[str]:
        return []


def _make(_: str, what: QObject) -> QAccessibleInterface | None:
    """Return the interface of a list or of a part, which PySide keeps as long as Qt may ask; else Qt knows its own."""
    if isinstance(what, DrawnParts):
        return _ListInterface(what)
    return _PartInterface(what) if isinstance(what, _Handle) else None


@cache
def _install() -> None:
    """Let Qt ask for them.

    At exit PySide frees them before Qt forgets them, if a reader asked for any before this: a window that Python does
    not own has to be deleted first, as `app.main` does; else the program crashes.
    """
    QAccessible.installFactory(_make)
