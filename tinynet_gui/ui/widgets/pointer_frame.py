"""A frame that points at something in a window for a moment."""

from PySide6.QtCore import QEasingCurve, QRect, QRectF, Qt, QVariantAnimation, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QScrollArea, QTabWidget, QWidget

from tinynet_gui.ui.style.zoom import line_px, px, whole_px
from tinynet_gui.ui.widgets.guard import guarded

PULSES, PULSE_MS = 3, 600
AROUND, LINE, ROUND = 4, 3, 6  # px: between what is pointed at and the frame, its width, the radius of its corners


@guarded
class PointerFrame(QWidget):
    """Lies over a window and lets the mouse through; it shows itself only while it points."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("pointerFrame")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        self._color = QColor()
        self._pulse = QVariantAnimation(self)
        self._pulse.setDuration(PULSE_MS)
        self._pulse.setLoopCount(PULSES)
        self._pulse.setStartValue(0.0)
        self._pulse.setKeyValueAt(0.5, 1.0)
        self._pulse.setEndValue(0.0)
        self._pulse.setEasingCurve(QEasingCurve.Type.InOutSine)
        self._pulse.valueChanged.connect(self.update)
        self._pulse.finished.connect(self.hide)

    def point_at(self, target: QWidget, color: QColor) -> None:
        """Bring something into sight, and point at it."""
        _bring_into_sight(target)
        place = QRect(target.mapTo(self._window, target.rect().topLeft()), target.size())
        around = whole_px(AROUND + LINE)
        self.setGeometry(place.adjusted(-around, -around, around, around).intersected(self._window.rect()))
        self._color = color
        self.raise_()
        self.show()
        self._pulse.stop()
        self._pulse.start()

    @Slot()
    def stop(self) -> None:
        """Point at nothing any more."""
        self._pulse.stop()
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame, as strong as the pulse is."""
        color = QColor(self._color)
        color.setAlphaF(0.25 + 0.75 * float(self._pulse.currentValue() or 0.0))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color, line_px(LINE)))
        half = line_px(LINE) / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), px(ROUND), px(ROUND))


def _bring_into_sight(target: QWidget) -> None:
    """Choose the tabs in which it stands, and scroll to it."""
    outer = target.parentWidget()
    while outer is not None:
        if isinstance(outer, QTabWidget):
            pages = [page for k in range(outer.count()) if (page := outer.widget(k)) is not None]
            outer.setCurrentWidget(next(page for page in pages if page is target or page.isAncestorOf(target)))
        elif isinstance(outer, QScrollArea):
            outer.ensureWidgetVisible(target)
        outer = outer.parentWidget()
