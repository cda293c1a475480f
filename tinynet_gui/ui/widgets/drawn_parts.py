"""Exposes parts of a view that are painted, not widgets, to screen readers as a list of selectable items."""

from collections.abc import Callable
from functools import cache
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from shiboken6 import VoidPtr

from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.ui.widgets.accessibility import AccessibilityThrottle, named

NOTHING = VoidPtr(0)  # None for a void pointer aborts PySide
CHOOSE = QtGui.QAccessibleActionInterface.pressAction()


@frozen_dataclass
class DrawnPart:
    """The accessible name, description and rectangle (in the view) of a part, and its action, if it has one."""

    name: str
    description: str = ""
    place: QtCore.QRect = QtCore.QRect()
    is_chosen: bool = False
    choose: Callable[[], object] | None = None


class DrawnParts(QtWidgets.QWidget):
    """A hidden child of the view that represents its parts in the accessibility tree; at no cost until it is queried.

    `count` and `part` return the current number of parts, and a part by its index.
    """

    def __init__(
        self, view: QtWidgets.QWidget, name: str, says: str, count: Callable[[], int], part: Callable[[int], DrawnPart]
    ) -> None:
        super().__init__(view)
        self.count, self.part = count, part
        self._handles: list[_Handle] = []
        self._announced: list[tuple[str, str]] = []
        self._throttle = AccessibilityThrottle(view, self._notify)
        if isinstance(shown := getattr(view, "shown", None), QtCore.SignalInstance):
            shown.connect(self.notify_later)
        _install()
        named(self, name, says)  # screen readers may query it from now on
        self.hide()

    def handle(self, place: int) -> "_Handle":
        """Return the object that represents a part: it keeps the index and looks up the part on each access."""
        while len(self._handles) <= place:
            here = len(self._handles)
            part = self.part(here) if here < self.count() else DrawnPart("")
            self._handles.append(_Handle(self, here))
            self._announced.append((part.name, part.description))  # what the querying screen reader gets
        return self._handles[place]

    def notify_focus(self, place: int) -> None:
        if QtGui.QAccessible.isActive():
            handle = self.handle(place)
            self._notify_of(place, handle)
            _send(handle, QtGui.QAccessible.Event.Focus)

    def notify_later(self) -> None:
        """Notify screen readers, throttled, of parts whose text has changed."""
        if self._handles:
            self._throttle.notify_later()

    def _notify(self) -> None:
        for place, handle in enumerate(self._handles):
            self._notify_of(place, handle)

    def _notify_of(self, place: int, handle: "_Handle") -> None:
        (name, description), part = self._announced[place], handle.part
        self._announced[place] = part.name, part.description
        if bool(name) != bool(part.name):
            events = QtGui.QAccessible.Event.ObjectDestroyed, QtGui.QAccessible.Event.ObjectCreated
            _send(handle, events[bool(part.name)])
            return
        if name != part.name:
            _send(handle, QtGui.QAccessible.Event.NameChanged)
        if description != part.description:
            _send(handle, QtGui.QAccessible.Event.DescriptionChanged)


class _Handle(QtCore.QObject):
    """A part as a QObject, so that Qt can cache the accessible interface of each part."""

    def __init__(self, parts: DrawnParts, place: int) -> None:
        super().__init__(parts)
        self.parts, self.place = parts, place

    @property
    def part(self) -> DrawnPart:
        """The part at this index now; one without a name if there are fewer."""
        return self.parts.part(self.place) if self.place < self.parts.count() else DrawnPart("")


def _send(what: QtCore.QObject, event: QtGui.QAccessible.Event) -> None:
    QtGui.QAccessible.updateAccessibility(QtGui.QAccessibleEvent(what, event))


class _ListInterface(QtGui.QAccessibleObject):
    """The accessible interface of the list; `object` returns None once Qt has destroyed it."""

    def role(self) -> QtGui.QAccessible.Role:
        return QtGui.QAccessible.Role.List

    def state(self) -> QtGui.QAccessible.State:
        return _state_of(self.object())

    def text(self, kind: QtGui.QAccessible.Text) -> str:
        is_name = self._parts is not None and kind == QtGui.QAccessible.Text.Name
        return self._parts.accessibleName() if is_name else ""

    def rect(self) -> QtCore.QRect:
        view: Any = self._parts.parentWidget()
        return QtCore.QRect(view.mapToGlobal(view.rect().topLeft()), view.size())

    def parent(self) -> Any:
        return QtGui.QAccessible.queryAccessibleInterface(self._parts.parentWidget())

    def childCount(self) -> int:
        return 0 if self.object() is None else self._parts.count()

    def child(self, place: int) -> Any:
        is_there = 0 <= place < self.childCount()
        return QtGui.QAccessible.queryAccessibleInterface(self._parts.handle(place)) if is_there else None

    def indexOfChild(self, child: QtGui.QAccessibleInterface) -> int:
        handle = child.object()
        return handle.place if isinstance(handle, _Handle) else -1

    @property
    def _parts(self) -> Any:
        return self.object()


class _PartInterface(QtGui.QAccessibleObject):
    def __init__(self, handle: _Handle) -> None:
        super().__init__(handle)
        self._actions = _Actions(handle)

    def role(self) -> QtGui.QAccessible.Role:
        return QtGui.QAccessible.Role.ListItem

    def state(self) -> QtGui.QAccessible.State:
        handle: Any = self.object()
        state = _state_of(None if handle is None else handle.parts)
        state.selectable = self._part.choose is not None
        state.selected = self._part.is_chosen
        return state

    def text(self, kind: QtGui.QAccessible.Text) -> str:
        part, kinds = self._part, QtGui.QAccessible.Text
        return {kinds.Name: part.name, kinds.Description: part.description}.get(kind, "")

    def rect(self) -> QtCore.QRect:
        handle: Any = self.object()
        place = self._part.place
        return QtCore.QRect(handle.parts.parentWidget().mapToGlobal(place.topLeft()), place.size())

    def parent(self) -> Any:
        handle: Any = self.object()
        return None if handle is None else QtGui.QAccessible.queryAccessibleInterface(handle.parts)

    def childCount(self) -> int:
        return 0

    def child(self, place: int) -> Any:
        return None

    def indexOfChild(self, child: QtGui.QAccessibleInterface) -> int:
        return -1

    def interface_cast(self, kind: QtGui.QAccessible.InterfaceType) -> Any:
        is_wanted = kind == QtGui.QAccessible.InterfaceType.ActionInterface and self._part.choose is not None
        return self._actions if is_wanted else NOTHING

    @property
    def _part(self) -> DrawnPart:
        handle: Any = self.object()
        return DrawnPart("") if handle is None else handle.part


def _state_of(parts: Any) -> QtGui.QAccessible.State:
    state = QtGui.QAccessible.State()
    state.invisible = parts is None or not parts.parentWidget().isVisible()
    return state


class _Actions(QtGui.QAccessibleActionInterface):
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


def _make(_: str, what: QtCore.QObject) -> QtGui.QAccessibleInterface | None:
    """Return the interface of a list or a part, which PySide keeps alive; None makes Qt use its own."""
    if isinstance(what, DrawnParts):
        return _ListInterface(what)
    return _PartInterface(what) if isinstance(what, _Handle) else None


@cache
def _install() -> None:
    """Register the factory of the interfaces.

    At exit PySide frees the interfaces before Qt drops them, if one was queried before this call. A window that Python
    does not own must be deleted first, as `app.application.main` does, or the program crashes.
    """
    QtGui.QAccessible.installFactory(_make)
