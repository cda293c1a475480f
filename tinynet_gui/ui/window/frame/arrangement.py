"""Which views are shown, how they stand, and how large they are: pure functions of a state and the space.

The window is a tree of splitters: `main` holds the panel (`side`) and the `views`; these the upper row (`upper`: the
diagram and the function plot) and the lower one (`details`: `beside`, the inspector's place, and the `tabs`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Literal

from PySide6.QtWidgets import QWidget

from tinynet_gui.core.values import frozen_dataclass

ViewPlace = Literal["side", "network", "beside", "inside", "plot", "tab", "below"]
PLOT, DIAGRAM, PANEL, INSPECTOR = "function_plot", "diagram", "panel", "inspector"
UPPER = DIAGRAM, PLOT
SIDE_PX, MIN_SIDE_PX = 276.0, 272.0  # the panel's usual width, and that of its longest choice, at a zoom of 1
WHOLE = 1.0  # the share of a view that is maximized when its tab is chosen
RESTORED = 0.5  # its share of the height once the user has restored the others
DETAILS, WIDENED = 420 / 980, 2 / 3  # shares of a row: the inspector's; that of a view enlarged by a lesson's page
BORROWED = 0.6  # the size of a companion from the tabs, relative to the function plot's: that has more controls
COMPANION = 0.31  # a companion's share of the width beside a maximized view
BESIDE_LESSON = 0.57  # the presented view's share of the width beside a lesson's page
MIN_COMPANION_PX, MIN_BESIDE_PX, NARROW_COMPANION_PX = 338, 610, 294
NARROW_DIAGRAM_PX = 286  # beside a larger plot: shows the numbers of ten neurons
LARGE, MIN_UPPER_PX = 1 / 3, 300  # a tab with a share above this is maximized if the upper row would get less
NARROW_PX, MIN_NARROW_UPPER_PX = 1_100, 318  # likewise in a narrower window: the legends take more lines
MODEST_UPPER_PX = 330  # leaves the function plot enough height below a legend of three lines
STACKED_PX, COLUMN_PX = 936, 642  # narrower windows stack the views; the narrowest put them below the panel, too
USUAL_PLOT, MIN_PLOT, MIN_TABS, MIN_COLUMN_SIDE = 160, 300, 280, 420  # px: heights, as usual and stacked
MIN_ROWS = 452  # px: the least height of two rows with a readable function plot
UNLIMITED = 16_777_215  # Qt's QWIDGETSIZE_MAX
FINE = 1_000_000  # a splitter scales the sizes that it is given: only their proportions count


@frozen_dataclass
class Placed:
    """The part of a view's record that the layout needs: see `ui.window.context.View`."""

    name: str
    title: str
    place: ViewPlace
    make: Callable[[Any], QWidget]
    on_demand: bool = False
    room: float = 1 / 3
    companion: tuple[str, ...] = ()
    presented_as: tuple[str, str] | None = None


Records = Mapping[str, Placed]


@frozen_dataclass
class LayoutState:
    """What the user, a lesson and a presentation ask for.

    Attributes
    ----------
    maximized
        The part that the user has maximized.
    is_restored
        The user has restored the other views, although the open tab asks to be maximized.
    enlarged, is_widened
        The view that a lesson's page enlarges; whether the user has not dragged the upper row since then.
    presented
        The view that is presented; "" outside a presentation.
    side_px
        The panel's width at a zoom of 1.
    shares
        What the user has dragged, by the names of views and splitters.
    needs
        By view, while it shows more than usual: its share of the height, and the least height in px above it.
    """

    tab: str = ""
    maximized: str = ""
    is_restored: bool = False
    enlarged: str = ""
    is_widened: bool = False
    presented: str = ""
    has_lesson: bool = False
    is_explained: bool = False
    side_px: float = SIDE_PX
    shares: Mapping[str, float] = field(default_factory=dict)
    needs: Mapping[str, tuple[float, int]] = field(default_factory=dict)

    def restore(self) -> "LayoutState":
        """Return the state after the innermost enlargement has ended: the user's, a page's, the open tab's own."""
        if self.maximized:
            return replace(self, maximized="")
        if self.enlarged and self.enlarged not in UPPER:
            return replace(self, enlarged="")
        return replace(self, is_restored=True)

    def choose_tab(self, name: str) -> "LayoutState":
        maximized = self.maximized if self.maximized == "tabs" else ""
        enlarged = self.enlarged if self.enlarged in (*UPPER, name) else ""
        return replace(self, tab=name, maximized=maximized, is_restored=False, enlarged=enlarged)


@frozen_dataclass
class Space:
    """The measured space: `width` and `height` for panel and views; `views`, the current size of the views.

    What is hidden must not depend on `views`, which depends on what is hidden: that could oscillate.
    """

    window: int  # the width with the margins
    width: int
    height: int
    views: tuple[int, int] = (0, 0)
    handle: int = 10
    bar: int = 30  # the height of the tab bar, which belongs to no share
    scale: float = 1.0

    def px(self, length: float) -> int:
        return round(length * self.scale)


@frozen_dataclass
class Arrangement:
    """What is hidden, the orientations, and the sizes.

    Attributes
    ----------
    large
        The part that is maximized, by whatever; "" if all are shown.
    companions
        The views that stay beside the tabs or the inspector; those from the tabs are in the upper row meanwhile.
    across
        The splitters whose parts stand beside each other.
    is_column
        Whether the views stand below each other, below the panel, and above the time line.
    sizes
        By splitter; those of the rows are proportions.
    least
        Minimum sizes in px by part: widths of the diagram, heights of all others.
    """

    large: str = ""
    companions: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    across: frozenset[str] = frozenset({"main", "upper", "details"})
    is_column: bool = False
    is_lesson_presented: bool = False
    sizes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    least: Mapping[str, int] = field(default_factory=dict)


def arrange(state: LayoutState, space: Space, views: Records) -> Arrangement:
    is_free = not state.presented
    is_stacked = is_free and space.window < space.px(STACKED_PX)
    is_column = is_free and space.window < space.px(COLUMN_PX)
    large, companions = _maximized(state, space, views, is_column)
    hidden = _hidden(state, space, large, companions) if large else frozenset[str]()
    companions = companions if large in ("tabs", "beside") else ()
    across = {"details", "views" if companions else "upper"} if not is_stacked else set[str]()
    across |= set() if is_column else {"main"}
    widens = state.is_widened and state.enlarged in UPPER
    least = {
        "side": space.px(MIN_COLUMN_SIDE) if is_column else 0,
        PLOT: space.px(MIN_PLOT if is_stacked else USUAL_PLOT),
        "tabs": space.px(MIN_TABS) if is_stacked else 0,
        "views": space.px(MIN_ROWS) if is_free and not companions and not is_stacked else 0,
        DIAGRAM: space.px(NARROW_DIAGRAM_PX) if widens and state.enlarged != DIAGRAM else 0,
    }
    borrowed = [name for name in companions if name not in UPPER]
    sizes = {
        "main": _sizes_of_main(state, space),
        "views": _sizes_of_views(state, space, views, "views" in across),
        "upper": _sizes_of_upper(state, space, large, borrowed),
        "details": _in_proportion(state.shares.get("details", DETAILS)),
    }
    is_lesson_presented = bool(state.presented) and state.has_lesson
    return Arrangement(large, companions, hidden, frozenset(across), is_column, is_lesson_presented, sizes, least)


def drag(state: LayoutState, to: Arrangement, space: Space, splitter: str, sizes: Sequence[int]) -> LayoutState:
    """Return the state after the user has dragged a splitter's handle; sizes that a presentation gives are not kept."""
    if splitter == "main":
        is_fixed = bool(state.presented) or "main" not in to.across or not all(sizes)
        return state if is_fixed else replace(state, side_px=sizes[0] / space.scale)
    share, key = sizes[0] / max(1, sum(sizes)), splitter
    if splitter == "views":
        is_beside = "views" in to.across
        names, key = 0 if is_beside else space.bar, _key_of_share(state, is_beside)
        share = (sizes[1] - names) / max(1, sum(sizes) - names)
    elif state.presented:
        return state
    is_widened = state.is_widened and splitter != "upper"
    return replace(state, shares={**state.shares, key: share}, is_widened=is_widened) if 0 < share < 1 else state


def usual_presented(state: LayoutState, views: Records) -> str:
    """Return the view that is presented by default: the open tab if it is large, else the function plot."""
    return state.tab if _usual_of_height(state, views) > LARGE else PLOT


def place_of(name: str, views: Records) -> str:
    return {"tab": "tabs", "side": "side", "beside": "beside", "inside": "beside"}.get(views[name].place, name)


def _key_of_share(state: LayoutState, is_beside: bool) -> str:
    if is_beside:
        return f"{state.tab} maximized"
    return f"{state.tab} with more" if state.tab in state.needs else state.tab


def _maximized(state: LayoutState, space: Space, views: Records, is_column: bool) -> tuple[str, tuple[str, ...]]:
    """Return the part that is maximized, by whatever, and its companions."""
    page = place_of(state.enlarged, views) if state.enlarged and state.enlarged not in UPPER else ""
    if page == "tabs" and state.enlarged != state.tab:
        page = ""  # its tab is not open
    if state.presented and not state.maximized:
        name = INSPECTOR if state.is_explained else state.presented
        is_alone = state.has_lesson and name != PANEL
        return place_of(name, views), () if is_alone else (views[name].companion or (PLOT,))[:1]
    wants = not state.is_restored and _wants_all(state, space, views, is_column)
    large = state.maximized or page or ("tabs" if wants else "")
    if large == "tabs":
        return large, _companions(state.tab, views) or ((PLOT,) if page == large else ())
    is_page = large == page == "beside" and not state.maximized
    return large, (PLOT,) if is_page else ()  # samples and parameters that pages mention


def _companions(name: str, views: Records) -> tuple[str, ...]:
    return views[name].companion if name else ()


def _wants_all(state: LayoutState, space: Space, views: Records, is_column: bool) -> bool:
    """Whether the open tab is maximized: always, or only in a window too low for two rows."""
    room = views[state.tab].room if state.tab else RESTORED
    height = (UNLIMITED if is_column else space.height) - space.handle - space.bar
    least = MIN_NARROW_UPPER_PX if space.width < space.px(NARROW_PX) else MIN_UPPER_PX
    return room > LARGE and (1 - room) * height < space.px(least)


def _hidden(state: LayoutState, space: Space, large: str, companions: tuple[str, ...]) -> frozenset[str]:
    """Return what is hidden, without what is inside it: all but a part and its companions."""
    kept = {large, *companions}
    side_px = space.px(max(state.side_px, MIN_SIDE_PX))
    fits = not state.presented and _fits_beside(space.width - side_px - space.handle, space)
    if not state.maximized and (state.has_lesson or fits):
        kept.add("side")
    upper, lower = {*UPPER, *companions}, {"beside", "tabs"}
    hidden = {"side", "views"} - kept
    if not kept.isdisjoint(upper | lower):
        hidden.remove("views")
        for row, parts in (("upper", upper), ("details", lower)):
            hidden |= {row} if kept.isdisjoint(parts) else parts - kept
    return frozenset(hidden)


def _fits_beside(width: int, space: Space) -> bool:
    return width >= space.px(MIN_COMPANION_PX) + space.handle + space.px(MIN_BESIDE_PX)


def _usual_of_width(width: int, space: Space) -> float:
    """Return the share of the width that companions leave: they get their share, or what they need to be readable."""
    least = min(space.px(MIN_COMPANION_PX if _fits_beside(width, space) else NARROW_COMPANION_PX), width // 2)
    return 1 - max(COMPANION, least / width)


def _usual_of_height(state: LayoutState, views: Records) -> float:
    room = views[state.tab].room if state.tab else RESTORED
    return state.needs[state.tab][0] if state.tab in state.needs else RESTORED if room == WHOLE else room


def _sizes_of_main(state: LayoutState, space: Space) -> tuple[int, int]:
    whole = max(1, space.width - space.handle)
    if state.presented:
        large = round((BESIDE_LESSON if state.has_lesson else _usual_of_width(whole, space)) * whole)
        return whole - large, large
    side = space.px(state.side_px)
    return side, max(1, whole - side)


def _sizes_of_views(state: LayoutState, space: Space, views: Records, is_beside: bool) -> tuple[int, int]:
    """Split the length of the views; a tab has its record's share, or the one that the user has dragged."""
    names = 0 if is_beside else space.bar
    whole = max(1, space.views[0 if is_beside else 1] - space.handle - names)
    share = state.shares.get(_key_of_share(state, is_beside))
    if share is None and is_beside:
        share = _usual_of_width(whole, space)
    elif share is None:
        _, above = state.needs.get(state.tab, (0.0, MIN_UPPER_PX))
        share = min(_usual_of_height(state, views), 1 - space.px(above) / whole)  # the plot is the last to shrink
    lower = max(0, round(share * whole)) + names
    return whole + names - lower, lower


def _sizes_of_upper(state: LayoutState, space: Space, large: str, borrowed: list[str]) -> tuple[int, ...]:
    if borrowed:
        return FINE, FINE, *(round(BORROWED * FINE) for _ in borrowed)
    if state.presented:
        share = _usual_of_width(max(1, space.width - space.handle), space)
        return _in_proportion(share if large == DIAGRAM else 1 - share)
    if state.is_widened and state.enlarged in UPPER:
        return _in_proportion(WIDENED if state.enlarged == DIAGRAM else 1 - WIDENED)
    return _in_proportion(state.shares.get("upper", 0.5))


def _in_proportion(first: float) -> tuple[int, int]:
    return round(first * FINE), FINE - round(first * FINE)
