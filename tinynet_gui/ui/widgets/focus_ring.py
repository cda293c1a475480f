"""What has the focus is framed, whatever it is."""

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QFocusFrame,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QTabBar,
    QToolButton,
    QWidget,
)

from tinynet_gui.ui.style.theme import ROLES
from tinynet_gui.ui.style.zoom import whole_px

WIDTH, ROUND = 2, 6  # px
DARK = 0.5  # the lightness of a ground below which letters are lighter
TYPED_INTO = QLineEdit, QAbstractSpinBox, QComboBox  # framed also by the mouse


def move_ring(old: QWidget | None, new: QWidget | None, is_by_mouse: bool) -> None:
    """Frame what has the focus now, if it takes keys, and no longer what had it before."""
    if old is not None:
        for ring in old.findChildren(FocusRing, options=Qt.FindChildOption.FindDirectChildrenOnly):
            ring.hide()
            ring.deleteLater()
    if new is not None and new.focusPolicy() & Qt.FocusPolicy.TabFocus:
        FocusRing(new, is_by_mouse)


class FocusRing(QFocusFrame):
    """Stands within a widget, above its content; no screen reader meets it, as it is one of Qt's frames.

    It is in the accent's colour, or an error's; where the accent is the ground, there are two in others.
    """

    def __init__(self, widget: QWidget, is_by_mouse: bool) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.installEventFilter(self)
        self.setVisible(not is_by_mouse or isinstance(widget, TYPED_INTO))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the widget; its own keys bring the frame, if the mouse has given it the focus."""
        if event.type() == QEvent.Type.KeyPress:
            self.show()
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Paint):  # of a bar, whose tab may be another one
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw one frame, or two."""
        usual = "error" if self._widget.property("invalid") else "accent"
        colors = ("ink", "card") if _has_accent_ground(self._widget) else (usual,)
        is_round = isinstance(self._widget, QRadioButton) and not self._widget.text()
        corner = self.height() / 2 if is_round else whole_px(ROUND)
        width, palette, modes = whole_px(WIDTH), QApplication.palette(), QPainter.CompositionMode
        with QPainter(self) as painter:
            if len(colors) == 1:  # no letter is covered
                is_dark = palette.window().color().lightnessF() < DARK
                painter.setCompositionMode(modes.CompositionMode_Lighten if is_dark else modes.CompositionMode_Darken)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for place, name in enumerate(colors):
                inset = (place + 0.5) * width
                painter.setPen(QPen(palette.color(ROLES[name]), width))
                area = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
                painter.drawRoundedRect(area, corner - inset, corner - inset)

    def _place(self) -> None:
        self.setGeometry(_area(self._widget))


def _has_accent_ground(widget: QWidget) -> bool:
    return isinstance(widget, QPushButton | QToolButton) and (widget.isChecked() or bool(widget.property("primary")))


def _area(widget: QWidget) -> QRect:
    """Return the part of a widget that has the focus: of a bar the tab, of a box its words."""
    if isinstance(widget, QTabBar):
        return widget.tabRect(widget.currentIndex())
    if isinstance(widget, QCheckBox | QRadioButton):
        return QRect(0, 0, min(widget.sizeHint().width(), widget.width()), widget.height())
    return widget.rect()
