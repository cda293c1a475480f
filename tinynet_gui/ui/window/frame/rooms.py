"""Sizes of the views: each tab's share of the height (on the stage, of the width), and the narrow arrangements."""

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QScrollArea, QSplitter, QTabBar, QWidget

from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.accessibility.naming import named
from tinynet_gui.ui.widgets.text import put_page
from tinynet_gui.ui.window.preferences import SettingsStore

STAGE = 1.0  # the room of a view that takes the stage when its tab is chosen
OFF_STAGE = 0.5  # its share of the height where it has to do without
COMPANION = 0.31  # of the width, on the stage
LEAST_COMPANION_PX, LEAST_BESIDE_PX, NARROW_COMPANION_PX = 338, 610, 294
LARGE, LEAST_UPPER_PX = 1 / 3, 300  # a tab with a larger share takes the stage if the upper row would be lower
NARROW_PX, LEAST_NARROW_UPPER_PX = 1_100, 318  # in a narrow window, where the keys of its plots take more lines
MODEST_UPPER_PX = 330  # with which the function plot is large enough also below a key of three lines
KEPT = "rooms"  # in the user's settings


class Rooms(QObject):
    """Splits the height of the views between the upper row and the tabs; on the stage, the width.

    A tab has its record's share, or the one the user has dragged, kept in the settings. Shares stay the same when
    the window is resized.

    Parameters
    ----------
    around
        Returns the space for the panel and the views, which must not depend on who has the stage.
    views
        The splitter of the upper row and the tabs.
    bar
        The tab bar, whose height belongs to no share.
    current
        Returns the name of the view whose tab is open, and its share.
    """

    def __init__(
        self, around: Callable[[], QSize], views: QSplitter, bar: QTabBar, current: Callable[[], tuple[str, float]]
    ) -> None:
        super().__init__(views)
        self._around, self._views, self._bar, self._current = around, views, bar, current
        self._dragged = dict[str, float]()
        self._needed = dict[str, tuple[float, int]]()  # overrides: share, and height left above in px
        views.installEventFilter(self)
        views.splitterMoved.connect(self._on_dragged)

    @property
    def wants_stage(self) -> bool:
        """Whether the open tab takes the stage: always, or only in a window too low for two rows."""
        (_, room), around = self._current(), self._around()
        height = around.height() - self._views.handleWidth() - self._bar.sizeHint().height()
        least = LEAST_NARROW_UPPER_PX if around.width() < whole_px(NARROW_PX) else LEAST_UPPER_PX
        return room > LARGE and (1 - room) * height < whole_px(least)

    @property
    def usual_of_height(self) -> float:
        """The open tab's share of the height unless the user has dragged it."""
        name, room = self._current()
        return self._needed[name][0] if name in self._needed else OFF_STAGE if room == STAGE else room

    def usual_of_width(self, width: int) -> float:
        """Return the share that the companions leave; they get more than their share if they need it to be readable."""
        least = min(whole_px(LEAST_COMPANION_PX if self.fits_beside(width) else NARROW_COMPANION_PX), width // 2)
        return 1 - max(COMPANION, least / width)

    def fits_beside(self, width: int) -> bool:
        """Whether a companion and a view on the stage fit into a width."""
        return width >= whole_px(LEAST_COMPANION_PX) + self._views.handleWidth() + whole_px(LEAST_BESIDE_PX)

    def need(self, name: str, share: float | None, *, is_modest: bool = False) -> None:
        """Override the share of a view's record, while it shows more; None removes the override.

        `is_modest`: the upper row keeps a readable height.
        """
        needed = None if share is None else (share, MODEST_UPPER_PX if is_modest else 0)
        if self._needed.get(name) != needed:
            self._needed = {other: each for other, each in self._needed.items() if other != name}
            self._needed |= {} if needed is None else {name: needed}
            self.apply()

    def apply(self) -> None:
        """Set the sizes of the open tab and the upper row."""
        whole, share = self._whole, self._dragged.get(self._key)
        if share is None:
            share = self.usual_of_width(whole) if self._is_across else self.usual_of_height
            if not self._is_across:
                _, above = self._needed.get(self._current()[0], (share, LEAST_UPPER_PX))
                share = min(share, 1 - whole_px(above) / whole)  # the function plot is the last to shrink
        lower = max(0, round(share * whole)) + self._names
        if self._views.sizes() != [whole + self._names - lower, lower]:
            self._views.setSizes([whole + self._names - lower, lower])

    def load(self, store: SettingsStore) -> None:
        """Load the dragged shares, skipping invalid ones."""
        kept = store.value(KEPT)
        for name, share in kept.items() if isinstance(kept, dict) else ():
            if isinstance(share, float) and 0 < share < 1:
                self._dragged[name] = share
        self.apply()

    def save(self, store: SettingsStore) -> None:
        if self._dragged or store.value(KEPT) is not None:
            store.put({KEPT: self._dragged})

    def forget(self) -> None:
        """Reset all tabs to their usual shares."""
        self._dragged = {}
        self.apply()

    @property
    def _is_across(self) -> bool:
        return self._views.orientation() == Qt.Orientation.Horizontal

    @property
    def _names(self) -> int:
        """The height of the tab bar, where it counts."""
        return 0 if self._is_across else self._bar.sizeHint().height()

    @property
    def _whole(self) -> int:
        """The length to be split."""
        size = self._views.width() if self._is_across else self._views.height()
        return max(1, size - self._views.handleWidth() - self._names)

    @property
    def _key(self) -> str:
        name, _ = self._current()
        if self._is_across:
            return f"{name} on stage"
        return f"{name} with more" if name in self._needed else name

    def _on_dragged(self, _position: int, _place: int) -> None:
        upper, lower = self._views.sizes()
        if upper and lower > self._names:
            self._dragged[self._key] = (lower - self._names) / self._whole

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the shares when resized."""
        if event.type() == QEvent.Type.Resize:
            self.apply()
        return False


ABREAST, BESIDE_PANEL = 936, 642  # px: the least widths for the views beside each other, and below, beside the panel
USUAL_PLOT, LEAST_PLOT, LEAST_TABS, LEAST_SIDE = 160, 300, 280, 420  # px: heights, as usual and below each other
LEAST_ROWS = 452  # px: the height of two rows that the function plot can be read in


class ViewsArea(QScrollArea):
    """At least as wide as the views need; scrolls vertically, unless the views stand in a column."""

    is_whole = False

    def __init__(self, views: QWidget) -> None:
        super().__init__()
        named(self, "viewsArea", "The views").setFocusPolicy(Qt.FocusPolicy.NoFocus)
        put_page(self, views)
        self._views = views

    def minimumSizeHint(self) -> QSize:
        """Leave horizontal scrolling, and in a column vertical, to the outer scroll area."""
        needed = self._views.minimumSizeHint().expandedTo(self._views.minimumSize())
        return needed if self.is_whole else QSize(needed.width(), 1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Update when the views need another size."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class Reflowed(NamedTuple):
    """The widgets that the arrangements move or resize."""

    side: QWidget
    plot: QWidget
    tabs: QWidget
    area: ViewsArea
    time_line: QWidget
    main: QWidget


class Reflow(QObject):
    """Chooses the arrangement by the window's width; a presentation has room for the presented view.

    Attributes
    ----------
    is_presented, is_stacked, is_column
        Whether a view is presented; whether the views stand below each other; whether they also stand below the panel.

    Signals
    -------
    fitted
        The arrangement may have changed.
    """

    fitted = Signal()

    def __init__(self, around: QWidget, parts: Reflowed) -> None:
        super().__init__(around)
        self._around, self._parts = around, parts
        self._width, self.is_presented = 0, False
        self.is_stacked = self.is_column = False
        around.installEventFilter(self)

    def set_presented(self, is_presented: bool) -> None:
        self.is_presented = is_presented
        self.fit()

    def fit(self) -> None:
        """Choose the arrangement, once the width is known and everything has the current zoom."""
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
        """React to the width only: a new height follows from a zoom that not everything has yet."""
        if event.type() == QEvent.Type.Resize and self._width != self._around.width():
            self._width = self._around.width()
            self.fit()
        return False
