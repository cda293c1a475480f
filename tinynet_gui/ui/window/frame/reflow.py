"""How the views stand in a window that is too narrow for all of them beside each other, or too low.

It scrolls up and down only: in a low window the views do, beside the panel or the lesson; in a narrow one they stand
below each other; and in a very narrow one, as at 300 %, all is one column, with the time line at its end.
"""

from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QScrollArea, QWidget

from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.scrolled import put_page

ABREAST, BESIDE_PANEL = 936, 642  # px: the least widths for the views beside each other, and below, beside the panel
USUAL_PLOT, LEAST_PLOT, LEAST_TABS, LEAST_SIDE = 160, 300, 280, 420  # px: heights, as usual and below each other
LEAST_ROWS = 452  # px: the height of two rows that the function plot can be read in


class ViewsArea(QScrollArea):
    """Is as wide as the views need, and scrolls them if it is lower, unless it stands in a column."""

    is_whole = False

    def __init__(self, views: QWidget) -> None:
        super().__init__()
        named(self, "viewsArea", "The views").setFocusPolicy(Qt.FocusPolicy.NoFocus)
        put_page(self, views)
        self._views = views

    def minimumSizeHint(self) -> QSize:
        """Let what is around scroll to the sides, and in a column also up and down."""
        needed = self._views.minimumSizeHint().expandedTo(self._views.minimumSize())
        return needed if self.is_whole else QSize(needed.width(), 1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow what the views need."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class Reflowed(NamedTuple):
    """What takes another place, or another height."""

    side: QWidget
    plot: QWidget
    tabs: QWidget
    area: ViewsArea
    time_line: QWidget
    main: QWidget


class Reflow(QObject):
    """Chooses by the width of the window; in a presentation there is room for what is presented.

    Attributes
    ----------
    is_presented, is_stacked, is_column
        Whether a view is presented; the views stand below each other; and below the panel, too.

    Signals
    -------
    fitted
        They may stand otherwise now.
    """

    fitted = Signal()

    def __init__(self, around: QWidget, parts: Reflowed) -> None:
        super().__init__(around)
        self._around, self._parts = around, parts
        self._width, self.is_presented = 0, False
        self.is_stacked = self.is_column = False
        around.installEventFilter(self)

    def set_presented(self, is_presented: bool) -> None:
        """Let a view be presented, or no longer."""
        self.is_presented = is_presented
        self.fit()

    def fit(self) -> None:
        """Choose for this width, once it is known, and for this zoom, once everything else follows it."""
        is_free = self._width > 0 and not self.is_presented
        self.is_stacked = is_stacked = is_free and self._width < whole_px(ABREAST)
        self.is_column = is_column = is_free and self._width < whole_px(BESIDE_PANEL)
        parts = self._parts
        parts.area.is_whole = is_column
        parts.side.setMinimumHeight(whole_px(LEAST_SIDE) if is_column else 0)
        parts.plot.setMinimumHeight(whole_px(LEAST_PLOT if is_stacked else USUAL_PLOT))
        parts.tabs.setMinimumHeight(whole_px(LEAST_TABS) if is_stacked else 0)
        around = parts.main.parentWidget() if is_column else self._around
        rows = None if around is None else around.layout()
        if rows is not None and parts.time_line.parentWidget() is not around:
            rows.addWidget(parts.time_line)
        self.fitted.emit()
        parts.area.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the width; what another zoom makes higher is no news, and comes before all has that zoom."""
        if event.type() == QEvent.Type.Resize and self._width != self._around.width():
            self._width = self._around.width()
            self.fit()
        return False
