"""A dot that pulses gently beside the task."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import px, whole_px
from tinynet_gui.ui.widgets.painting import draw_with
from tinynet_gui.ui.widgets.pulse import Beat

SIDE = 9  # px
FAINTEST = 0.3


class PulseDot(QWidget):
    """Pulses like the frame around the control, and only while visible."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._beat = theme, Beat(self, "pulseDotTicks")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours of a theme."""
        self._theme = theme
        self.updateGeometry()
        self._beat.go_on(self.isVisible())

    def sizeHint(self) -> QSize:
        """A line's height, to be centred beside it."""
        return QSize(whole_px(SIDE + 4), self.fontMetrics().height())

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to pulse."""
        super().showEvent(event)
        self._beat.go_on(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        super().hideEvent(event)
        self._beat.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it with the opacity of the pulse."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        opacity = FAINTEST + (1 - FAINTEST) * self._beat.strength
        draw_with(painter, None, self._theme.color("accent", opacity))
        painter.drawEllipse(QRectF(0, (self.height() - px(SIDE)) / 2, px(SIDE), px(SIDE)))
