"""How much room each tab has: its share of the height, or of the width beside its companions on the stage."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QSplitter, QTabBar

from tinynet_gui.ui.style.zoom import whole_px
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
    """Shares the height of the views between the upper row and the tabs, on the stage the width.

    A tab has what its record says, or what the user has dragged for it: that is kept with the user's settings, as the
    other places are. A window of another size is shared alike.

    Parameters
    ----------
    around
        Returns what the window has for the panel and the views: its matter alone, whoever has the stage.
    views
        The upper row, and the one with the tabs.
    bar
        The names of the tabs: their height is nobody's share.
    current
        Returns the name of the view whose tab is open, and its room.
    """

    def __init__(
        self, around: Callable[[], QSize], views: QSplitter, bar: QTabBar, current: Callable[[], tuple[str, float]]
    ) -> None:
        super().__init__(views)
        self._around, self._views, self._bar, self._current = around, views, bar, current
        self._dragged = dict[str, float]()
        self._needed = dict[str, tuple[float, int]]()  # more than their records say, and what they leave above, in px
        views.installEventFilter(self)
        views.splitterMoved.connect(self._on_dragged)

    @property
    def wants_stage(self) -> bool:
        """Whether the open tab takes the stage when it is chosen: always, or in a window too low for two rows."""
        (_, room), around = self._current(), self._around()
        height = around.height() - self._views.handleWidth() - self._bar.sizeHint().height()
        least = LEAST_NARROW_UPPER_PX if around.width() < whole_px(NARROW_PX) else LEAST_UPPER_PX
        return room > LARGE and (1 - room) * height < whole_px(least)

    @property
    def usual_of_height(self) -> float:
        """The share of the height that the open tab has if nobody has dragged it."""
        name, room = self._current()
        return self._needed[name][0] if name in self._needed else OFF_STAGE if room == STAGE else room

    def usual_of_width(self, width: int) -> float:
        """Return what the companions leave: they may have a little more than their share to be read, if it is there."""
        least = min(whole_px(LEAST_COMPANION_PX if self.fits_beside(width) else NARROW_COMPANION_PX), width // 2)
        return 1 - max(COMPANION, least / width)

    def fits_beside(self, width: int) -> bool:
        """Whether a companion and a view on the stage have room in a width."""
        return width >= whole_px(LEAST_COMPANION_PX) + self._views.handleWidth() + whole_px(LEAST_BESIDE_PX)

    def need(self, name: str, share: float | None, *, is_modest: bool = False) -> None:
        """Let a view have another share than its record says, as it shows more; None for the record's again.

        `is_modest`: the upper row keeps a height in which it can be read.
        """
        needed = None if share is None else (share, MODEST_UPPER_PX if is_modest else 0)
        if self._needed.get(name) != needed:
            self._needed = {other: each for other, each in self._needed.items() if other != name}
            self._needed |= {} if needed is None else {name: needed}
            self.apply()

    def apply(self) -> None:
        """Give the open tab its room."""
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
        """Take what the user has dragged; whatever is no share is left out."""
        kept = store.value(KEPT)
        for name, share in kept.items() if isinstance(kept, dict) else ():
            if isinstance(share, float) and 0 < share < 1:
                self._dragged[name] = share
        self.apply()

    def save(self, store: SettingsStore) -> None:
        """Remember what the user has dragged."""
        if self._dragged or store.value(KEPT) is not None:
            store.put({KEPT: self._dragged})

    def forget(self) -> None:
        """Let each tab have its usual room again."""
        self._dragged = {}
        self.apply()

    @property
    def _is_across(self) -> bool:
        return self._views.orientation() == Qt.Orientation.Horizontal

    @property
    def _names(self) -> int:
        """The height of the tabs' names, where it counts."""
        return 0 if self._is_across else self._bar.sizeHint().height()

    @property
    def _whole(self) -> int:
        """What is to be shared."""
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
        """Share another size alike."""
        if event.type() == QEvent.Type.Resize:
            self.apply()
        return False
