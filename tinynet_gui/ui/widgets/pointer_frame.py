"""A frame that points at something in a window for a moment."""

from PySide6.QtCore import QEasingCurve, QRect, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QScrollArea, QTabWidget, QWidget

from tinynet_gui.ui.style.motion import moves
from tinynet_gui.ui.style.zoom import line_px, px, whole_px
from tinynet_gui.ui.widgets.path_up import path_up

PULSES, PULSE_MS = 3, 600
AROUND = 4  # px between the target and the frame
LINE, CORNER = 3, 6  # px: the width of the line, and the radius of its corners
FAINTEST = 0.25  # of the colour, between two pulses


class TargetFrame(QWidget):
    """Lies over a window, around a target, and lets the mouse through."""

    def __init__(self, window: QWidget, object_name: str) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName(object_name)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        self._color = QColor()

    @property
    def strength(self) -> float:
        """The present opacity, from 0 to 1."""
        return 1.0

    def surround(self, place: QRect) -> None:
        """Move around a place of the window."""
        around = whole_px(AROUND) + whole_px(LINE)
        self.setGeometry(place.adjusted(-around, -around, around, around).intersected(self._window.rect()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame with the opacity of the pulse."""
        color = QColor(self._color)
        color.setAlphaF(FAINTEST + (1 - FAINTEST) * self.strength)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color, line_px(LINE)))
        half = line_px(LINE) / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), px(CORNER), px(CORNER))


class PointerFrame(TargetFrame):
    """Shows itself only while it points."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, "pointerFrame")
        self._pulse = QVariantAnimation(self, duration=PULSE_MS, startValue=0.0, endValue=0.0)
        self._pulse.setLoopCount(PULSES)
        self._pulse.setKeyValueAt(0.5, 1.0)
        self._pulse.setEasingCurve(QEasingCurve.Type.InOutSine)
        self._pulse.valueChanged.connect(self.update)
        self._pulse.finished.connect(self.hide)

    @property
    def strength(self) -> float:
        """The present opacity, from 0 to 1."""
        return float(self._pulse.currentValue() or 0.0) if moves() else 1.0

    def point_at(self, target: QWidget, color: QColor) -> None:
        """Bring a widget into sight, and point at it."""
        bring_into_sight(target)
        if not target.isVisible():  # it is hidden from students
            self.stop()
            return
        self.surround(QRect(target.mapTo(self._window, target.rect().topLeft()), target.size()))
        self._color = color
        self.raise_()
        self.show()
        self._pulse.stop()
        self._pulse.start()

    def stop(self) -> None:
        """Stop pointing."""
        self._pulse.stop()
        self.hide()


def bring_into_sight(target: QWidget) -> None:
    """Let the views around a widget reveal it, select the tabs that contain it, and scroll to it."""
    path = path_up(target)
    for outer in path:
        if hasattr(outer, "reveal"):
            outer.reveal(target)
    for tabs in path:
        if isinstance(tabs, QTabWidget):
            pages = [page for k in range(tabs.count()) if (page := tabs.widget(k)) is not None]
            for page in path:
                if page in pages and tabs.isTabVisible(pages.index(page)):  # else the target is the tab bar, or hidden
                    tabs.setCurrentWidget(page)
    for area in path:  # their sizes are known only once they are in sight
        if isinstance(area, QScrollArea):
            area.ensureWidgetVisible(target)
