"""Error labels of fields, linked to their fields for screen readers."""

import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAccessibleStateChangeEvent, QShowEvent
from PySide6.QtWidgets import QAccessibleWidget, QApplication, QLabel, QWidget

from tinynet_gui.ui.widgets import accessibility, drawn_parts, skin

Relation = tuple[QAccessibleInterface, QAccessible.RelationFlag]
REPORTS_INVALID = sys.platform != "darwin"  # there Qt drops invalid elements from the tree
_other: "weakref.WeakKeyDictionary[QWidget, weakref.ref[QWidget]]" = weakref.WeakKeyDictionary()
_being_made: "weakref.WeakSet[QWidget]" = weakref.WeakSet()


def tie(field: QWidget, label: QLabel) -> None:
    """Link a field and its error label for screen readers: described-by while the label is shown, and invalid state."""
    _install()
    _other[field], _other[label] = weakref.ref(label), weakref.ref(field)
    for widget in (field, label) if QAccessible.isActive() else ():  # Qt has cached its own interface by now
        before = QAccessible.queryAccessibleInterface(widget)
        if not isinstance(before, _LinkedInterface):
            QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(before))
            shiboken6.invalidate(before)


def mark_invalid(field: QWidget, reason: str) -> bool:
    """Mark a field as invalid, and announce the reason; "" clears the mark. Return whether it has changed."""
    if reason and reason != field.property("refusal"):
        accessibility.announce(field, reason, True)
    field.setProperty("refusal", reason)
    is_refused = bool(reason)
    if bool(field.property("invalid")) == is_refused or not skin.put_style_property(field, "invalid", is_refused):
        return False
    change: Any = QAccessible.State()
    change.invalid = True
    QAccessible.updateAccessibility(QAccessibleStateChangeEvent(field, change))
    return True


class _LinkedInterface(QAccessibleWidget):
    """Qt's own interface of a field or a label, with the relation and the state added."""

    def __init__(self, widget: QWidget, own: QAccessibleInterface) -> None:
        super().__init__(widget, own.role())
        self._address, self._kind = shiboken6.getCppPointer(own)[0], type(own)
        shiboken6.invalidate(own)

    @contextmanager
    def _own(self) -> Iterator[QAccessibleInterface]:
        """Yield Qt's interface, which lives as long as the widget; Python keeps no reference that could dangle."""
        own: Any = shiboken6.wrapInstance(self._address, self._kind)
        try:
            yield own
        finally:
            shiboken6.invalidate(own)

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        with self._own() as own:
            found = own.interface_cast(kind)
        return drawn_parts.NOTHING if found is None else found

    def text(self, kind: QAccessible.Text) -> str:
        with self._own() as own:
            return own.text(kind)

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Forwarded: Windows sets a field's content this way."""
        with self._own() as own:
            own.setText(kind, text)

    def state(self) -> QAccessible.State:
        with self._own() as own:
            state = own.state()
        flags: Any = state
        flags.invalid = REPORTS_INVALID and bool(self.widget().property("invalid"))
        return state

    def relations(self, match: Any = QAccessible.RelationFlag.AllRelations) -> list[Relation]:
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
    """Return the interface of a tied widget; None makes Qt create its own, also from within this call."""
    if not isinstance(thing, QWidget) or thing not in _other or thing in _being_made:
        return None
    _being_made.add(thing)
    own = QAccessible.queryAccessibleInterface(thing)
    _being_made.discard(thing)
    return _LinkedInterface(thing, own)


GAP = 2  # px, between it and the field
MOVES = (QEvent.Type.Resize, QEvent.Type.LayoutRequest)  # events of the body that may move the field


class FieldError(QLabel):
    """An error message laid over the rows below its field, so that no row moves.

    It is above the field where it would otherwise cover the focused field or be out of view, and moves with the focus.
    It is transparent for the mouse.
    """

    def __init__(self, name: str, field: QWidget, body: QWidget) -> None:
        super().__init__(body, wordWrap=True)
        accessibility.small(accessibility.in_role(self, "refusal"))
        self.setObjectName(name)
        self._field, self._body, self._follows = field, body, False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setVisible(False)
        tie(field, self)

    def say(self, reason: str) -> None:
        """Show why the text is invalid, and mark the field; "" clears both."""
        if reason:
            self.setText(f"{reason}.")
        self.setVisible(bool(reason))
        mark_invalid(self._field, reason and self.text())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._follows:
            self._follows = True
            self._body.installEventFilter(self)
            cast(QApplication, QApplication.instance()).focusChanged.connect(self._place)
        self._place()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in MOVES:
            self._place()
        return False

    def _place(self) -> None:
        """Move below the field, above it, or below the field in use: where it is visible and covers nothing in use."""
        if self.isHidden():
            return
        margins, focus = self._body.contentsMargins(), QApplication.focusWidget()
        if (layout := self._body.layout()) is not None:
            layout.activate()
            margins = layout.contentsMargins()
        width = self._body.width() - margins.left() - margins.right()
        top = self._field.mapTo(self._body, QPoint()).y()
        below = QRect(margins.left(), top + self._field.height() + GAP, width, self.heightForWidth(width))
        in_use = QRect()
        if focus is not None and focus is not self._field and self._body.isAncestorOf(focus):
            in_use = QRect(focus.mapTo(self._body, QPoint()), focus.size())
        in_sight = self._body.visibleRegion().boundingRect()
        if in_sight.isEmpty():
            in_sight = self._body.rect()
        places = [below, QRect(below), QRect(below)]
        places[1].moveBottom(top - GAP)
        places[2].moveTop(in_use.bottom() + GAP)
        for place in (below, places[2]):
            place.setBottom(max(place.bottom(), *self._bottoms_behind(place)))
        whole = [place for place in places if place.top() >= 0 and place.bottom() <= self._body.rect().bottom()]
        seen = [place for place in whole if place.bottom() <= in_sight.bottom()]
        free = [place for place in seen if not place.intersects(in_use)]
        self.setGeometry((free or seen or whole or places)[0])
        if focus is self._field:
            self.raise_()

    def _bottoms_behind(self, place: QRect) -> Iterator[int]:
        """Yield the lower ends of widgets that would be partly covered: text cut in half looks broken."""
        yield place.bottom()
        for row in self._body.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            at = row.geometry()
            if not row.isHidden() and row is not self and place.top() < at.top() <= place.bottom():
                yield at.bottom() if at.height() < 2 * self._field.height() else place.bottom()
