"""A plot that hands on the keys that nothing else of it has taken, and asks for its menu."""

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPaintEvent, QRegion


class Plot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """A `PlotWidget` whose keys and context menu are its users' business.

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
        self.take_key: Callable[[QKeyEvent], bool] = lambda _: False
        self.has_menu = self._is_whole_due = False
        super().__init__(**options)
        self.setViewportUpdateMode(Plot.ViewportUpdateMode.FullViewportUpdate)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint; after a part, paint the whole once more.

        Painting a part, Qt takes all items for painted where they are now: those that have moved would never be erased.
        """
        super().paintEvent(event)
        is_part = event.region() != QRegion(self.viewport().rect())
        self._is_whole_due = is_part and not self._is_whole_due  # what covers the plot makes the whole a part, too
        if self._is_whole_due:
            self.viewport().update()

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Do what the key is for here, or leave it to the card."""
        ev.setAccepted(self.take_key(ev))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu, by the Menu key or a long press; or leave it to the card."""
        event.setAccepted(self.has_menu)
        if self.has_menu and event.reason() != QContextMenuEvent.Reason.Mouse:
            is_key = event.reason() == QContextMenuEvent.Reason.Keyboard
            self.menu_wanted.emit(None if is_key else event.globalPos())
