"""Why the text of a field is refused, said beside the field."""

from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from tinynet_gui.ui.widgets.naming import in_role, small
from tinynet_gui.ui.widgets.refusals import tie

GAP = 2  # px, between it and the field
MOVES = (QEvent.Type.Resize, QEvent.Type.LayoutRequest)  # of the body: it has to follow the field


class FieldError(QLabel):
    """Lies over the rows, so that none moves: below its field.

    It lies above it where it would cover the field that is in use, or be out of sight.
    The mouse reaches what it covers; `place` then uncovers it, and follows a field that has moved.
    """

    def __init__(self, name: str, field: QWidget, body: QWidget) -> None:
        super().__init__(body, wordWrap=True)
        small(in_role(self, "refusal"))
        self.setObjectName(name)
        self._field, self._body = field, body
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setVisible(False)
        tie(field, self)

    def showEvent(self, event: QShowEvent) -> None:
        """Come to its place."""
        super().showEvent(event)
        self.place()
        self.raise_()

    def place(self) -> None:
        """Go below the field, or above it."""
        margins, focus = self._body.contentsMargins(), QApplication.focusWidget()
        if (layout := self._body.layout()) is not None:
            layout.activate()
            margins = layout.contentsMargins()
        width = self._body.width() - margins.left() - margins.right()
        top = self._field.mapTo(self._body, QPoint()).y()
        place = QRect(margins.left(), top + self._field.height() + GAP, width, self.heightForWidth(width))
        in_use = QRect()
        if focus is not None and focus is not self._field and self._body.isAncestorOf(focus):
            in_use = QRect(focus.mapTo(self._body, QPoint()), focus.size())
        in_sight = self._body.visibleRegion().boundingRect()
        if in_sight.isEmpty():
            in_sight = self._body.rect()
        if place.intersects(in_use) or place.bottom() > in_sight.bottom():
            place.moveBottom(top - GAP)
            if place.top() < 0:
                place.moveTop(in_use.bottom() + GAP)
        self.setGeometry(place)
        if focus is self._field:
            self.raise_()
