"""A ring round a finger that is held still: it closes until something comes of it."""

from PySide6.QtCore import QEasingCurve, QPoint, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from tinynet_gui.ui.style.motion import moves
from tinynet_gui.ui.style.zoom import px, whole_px

RADIUS, LINE = 40, 5  # px: it is seen beside the finger
WHOLE = 360 * 16  # of a circle, as Qt counts


class PressRing(QWidget):
    """Lies over a window and lets everything through; where nothing is to move it is whole from the first."""

    def __init__(self, window: QWidget, place: QPoint, duration_ms: int) -> None:
        super().__init__(window)
        self.setObjectName("pressRing")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        side = 2 * whole_px(RADIUS + LINE)
        self.setGeometry(place.x() - side // 2, place.y() - side // 2, side, side)
        self._closing = QVariantAnimation(self, duration=duration_ms, startValue=0.0, endValue=1.0)
        self._closing.setEasingCurve(QEasingCurve.Type.Linear)
        self._closing.valueChanged.connect(self.update)
        self.closed = self._closing.finished
        self._closing.start()
        self.show()
        self.raise_()

    @property
    def share(self) -> float:
        """How much of it is drawn, from 0 to 1."""
        return float(self._closing.currentValue() or 0.0) if moves() else 1.0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it, on a wider one in the colour of the cards: it is seen on anything."""
        edge, palette = px(LINE), self.palette()
        around = QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for color, width in ((palette.button().color(), 2 * edge), (palette.highlight().color(), edge)):
                painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
                painter.drawArc(around, WHOLE // 4, -round(WHOLE * self.share))
