"""A field whose text is refused, and the label that says why: screen readers are told, and know that both belong."""

import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAccessibleStateChangeEvent
from PySide6.QtWidgets import QAccessibleWidget, QLabel, QWidget

from tinynet_gui.ui.widgets.drawn_parts import NOTHING
from tinynet_gui.ui.widgets.style_property import put_style_property
from tinynet_gui.ui.widgets.telling import tell

Relation = tuple[QAccessibleInterface, QAccessible.RelationFlag]
TELLS_STATE = sys.platform != "darwin"  # there Qt leaves out what is invalid, as if it were gone
_other: "weakref.WeakKeyDictionary[QWidget, weakref.ref[QWidget]]" = weakref.WeakKeyDictionary()
_being_made: "weakref.WeakSet[QWidget]" = weakref.WeakSet()


def tie(field: QWidget, label: QLabel) -> None:
    """Let a label describe a field as long as it is shown, and the field say whether its text is refused."""
    _install()
    _other[field], _other[label] = weakref.ref(label), weakref.ref(field)
    for widget in (field, label) if QAccessible.isActive() else ():  # Qt has asked as soon as it had a name
        before = QAccessible.queryAccessibleInterface(widget)
        if not isinstance(before, _Tied):
            QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(before))
            shiboken6.invalidate(before)


def refuse(field: QWidget, reason: str) -> bool:
    """Mark a field whose text is refused, and tell why; "" if it is not. Return whether the mark has changed."""
    if reason and reason != field.property("refusal"):
        tell(field, reason, True)
    field.setProperty("refusal", reason)
    is_refused = bool(reason)
    if bool(field.property("invalid")) == is_refused or not put_style_property(field, "invalid", is_refused):
        return False
    change: Any = QAccessible.State()
    change.invalid = True
    QAccessible.updateAccessibility(QAccessibleStateChangeEvent(field, change))
    return True


class _Tied(QAccessibleWidget):
    """Qt's own interface of a field or a label, and what it does not know."""

    def __init__(self, widget: QWidget, own: QAccessibleInterface) -> None:
        super().__init__(widget, own.role())
        self._address, self._kind = shiboken6.getCppPointer(own)[0], type(own)
        shiboken6.invalidate(own)

    @contextmanager
    def _own(self) -> Iterator[QAccessibleInterface]:
        """Yield Qt's, which lasts as long as the widget; Python keeps no reference, as it does not notice the end."""
        own: Any = shiboken6.wrapInstance(self._address, self._kind)
        try:
            yield own
        finally:
            shiboken6.invalidate(own)

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        """Text, value and actions are its own."""
        with self._own() as own:
            found = own.interface_cast(kind)
        return NOTHING if found is None else found

    def text(self, kind: QAccessible.Text) -> str:
        """Its own."""
        with self._own() as own:
            return own.text(kind)

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Its own: how Windows sets what is in a field."""
        with self._own() as own:
            own.setText(kind, text)

    def state(self) -> QAccessible.State:
        """Its own, and whether it is refused."""
        with self._own() as own:
            state = own.state()
        told: Any = state
        told.invalid = TELLS_STATE and bool(self.widget().property("invalid"))
        return state

    def relations(self, match: Any = QAccessible.RelationFlag.AllRelations) -> list[Relation]:
        """Its own, and the other of the two."""
        with self._own() as own:
            found = list(own.relations(match))
        widget = self.widget()
        reference = _other.get(widget)
        other = None if reference is None else reference()
        is_label = isinstance(widget, QLabel)
        flag = QAccessible.RelationFlag.Described if is_label else QAccessible.RelationFlag.DescriptionFor
        if other is not None and shiboken6.isValid(other) and match & flag:
            label = widget if is_label else other
            if isinstance(label, QLabel) and label.text().strip() and not label.isHidden():
                found.append((QAccessible.queryAccessibleInterface(other), flag))
        return found


@cache
def _install() -> None:
    QAccessible.installFactory(_interface_of)


def _interface_of(_: str, thing: QObject) -> QAccessibleInterface | None:
    """Return the interface of what is tied; None leaves it to Qt, which makes its own in between."""
    if not isinstance(thing, QWidget) or thing not in _other or thing in _being_made:
        return None
    _being_made.add(thing)
    own = QAccessible.queryAccessibleInterface(thing)
    _being_made.discard(thing)
    return _Tied(thing, own)
