"""A plot that hands on the keys that nothing else of it has taken, shows that it has them, and asks for its menu."""

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen

from tinynet_gui.ui.style.zoom import line_px, px

CORNER, LINE = 6, 2  # px, of the frame that shows the focus
BY_KEYBOARD = Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """Reached by the keyboard it has a frame; while the mouse uses it there is none.

    Attributes
    ----------
    take_key
        Does what a key is for here, and says whether there is such a thing.
    has_menu
        Whether somebody hears of `menu_wanted`; else its card opens one.

    Signals
    -------
    menu_wanted : QPoint or None
        At a place of the screen; None: by the keyboard. The mouse's right button is another's.
    """

    menu_wanted = Signal(object)

    def __init__(self, **options: Any) -> None:
        self._is_framed = False
        self.take_key: Callable[[QKeyEvent], bool] = lambda _: False
        self.has_menu = False
        super().__init__(**options)

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Do what the key is for here, or leave it to the card."""
        is_taken = self.take_key(ev)
        ev.setAccepted(is_taken)
        if is_taken:
            self._show_frame(True)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu, by the Menu key or a long press; or leave it to the card."""
        event.setAccepted(self.has_menu)
        if self.has_menu and event.reason() != QContextMenuEvent.Reason.Mouse:
            is_key = event.reason() == QContextMenuEvent.Reason.Keyboard
            self.menu_wanted.emit(None if is_key else event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard has come here."""
        super().focusInEvent(event)
        self._show_frame(event.reason() in BY_KEYBOARD or self._is_framed)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that it has gone."""
        super().focusOutEvent(event)
        if event.reason() in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
            self.viewport().update()  # it comes back with the window, or when the menu closes
        else:
            self._show_frame(False)

    def mousePressEvent(self, ev: QMouseEvent) -> None:
        """Let the mouse have it."""
        self._show_frame(False)
        super().mousePressEvent(ev)

    def paintEvent(self, ev: QPaintEvent) -> None:
        """Draw the frame on top of everything."""
        super().paintEvent(ev)
        if self._is_framed and self.hasFocus():
            with QPainter(self.viewport()) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(self.palette().highlight().color(), line_px(LINE)))
                half = line_px(LINE) / 2
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), px(CORNER), px(CORNER))

    def _show_frame(self, is_shown: bool) -> None:
        self._is_framed = is_shown
        self.viewport().update()
