"""Why the text of a field is refused, said beside the field."""

from collections.abc import Iterator
from typing import cast

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from tinynet_gui.ui.widgets.naming import in_role, small
from tinynet_gui.ui.widgets.refusals import refuse, tie

GAP = 2  # px, between it and the field
MOVES = (QEvent.Type.Resize, QEvent.Type.LayoutRequest)  # of the body: it has to follow the field


class FieldError(QLabel):
    """Lies over the rows, so that none moves: below its field.

    It lies above it where it would cover the field that is in use, or be out of sight.
    The mouse reaches what it covers; it uncovers what is then in use, and follows a field that has moved.
    """

    def __init__(self, name: str, field: QWidget, body: QWidget) -> None:
        super().__init__(body, wordWrap=True)
        small(in_role(self, "refusal"))
        self.setObjectName(name)
        self._field, self._body, self._follows = field, body, False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setVisible(False)
        tie(field, self)

    def say(self, reason: str) -> None:
        """Say why the text is refused, and mark the field; "" if it is not refused."""
        if reason:
            self.setText(f"{reason}.")
        self.setVisible(bool(reason))
        refuse(self._field, reason and self.text())

    def showEvent(self, event: QShowEvent) -> None:
        """Come to its place."""
        super().showEvent(event)
        if not self._follows:
            self._follows = True
            self._body.installEventFilter(self)
            cast(QApplication, QApplication.instance()).focusChanged.connect(self._place)
        self._place()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay beside the field."""
        if event.type() in MOVES:
            self._place()
        return False

    def _place(self) -> None:
        """Go below the field, above it, or below what is in use: where it is whole, is seen, and covers nothing."""
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
        """Yield where that ends of which a place would cover a part: a text that is cut looks broken."""
        yield place.bottom()
        for row in self._body.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            at = row.geometry()
            if not row.isHidden() and row is not self and place.top() < at.top() <= place.bottom():
                yield at.bottom() if at.height() < 2 * self._field.height() else place.bottom()
