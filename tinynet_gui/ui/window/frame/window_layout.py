"""The places of the views in the window, and how they are saved and restored."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import Any, Literal

from PySide6.QtCore import QMargins, QObject, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.ui.style.zoom import whole_px, zoom
from tinynet_gui.ui.widgets.accessibility.naming import named
from tinynet_gui.ui.widgets.buttons import StageButton
from tinynet_gui.ui.widgets.cards import filled
from tinynet_gui.ui.widgets.text import FittingTabs, scrolled
from tinynet_gui.ui.window.frame.rooms import LEAST_ROWS, NARROW_COMPANION_PX, Reflow, Reflowed, Rooms, ViewsArea
from tinynet_gui.ui.window.preferences import SettingsStore

ViewPlace = Literal["side", "network", "beside", "inside", "plot", "tab", "below"]
SIZE = QSize(1280, 800)
MARGINS = QMargins(10, 10, 10, 6)  # around the panel and the views
SIDE_PX, MOST_SIDE_PX, KEPT_SIDE = 276.0, 10_000.0, "sideWidth"  # of the panel, at a zoom of 1, in the user's settings
BESIDE_LESSON = 0.57  # of the width, what is presented beside a lesson's page
UNLIMITED = 16_777_215  # Qt's QWIDGETSIZE_MAX
FRAME = QSize(8, 40)  # added around the window by a window manager


@frozen_dataclass
class Placed:
    """The part of a view's record that the layout needs: see `ui.window.context.View`."""

    name: str
    title: str
    place: ViewPlace
    make: Callable[[Any], QWidget]
    comes_later: bool = False
    room: float = 1 / 3
    companion: tuple[str, ...] = ()
    presented_as: tuple[str, str] | None = None


class EmptyPage(QWidget):
    """The placeholder of a view that is not built yet."""


class WindowLayout(QObject):
    """The central part of the window: the bar at the top, the panel at the left, the views, the time line below.

    If the window is too small for everything, it scrolls vertically: see `Reflow`.

    Attributes
    ----------
    tabs
        The views that share a place beside the function plot.
    side
        The panel, and beside it a lesson if there is one.
    beside
        The inspector, or a card in its place.
    main, views, heroes
        Splitters: the panel and the views; the upper row and the tabs; the upper row.
    rooms
        The share of the open tab.
    pages
        The views by name, with placeholders for those that are not built yet.

    Signals
    -------
    brought
        A view that was missing at first has been added.
    wanted : str
        A view that is not built yet is about to be shown.
    """

    brought = Signal()
    wanted = Signal(str)

    def __init__(self, bar: QWidget, views: Sequence[tuple[Placed, QWidget | None]]) -> None:
        super().__init__()
        self._records = {record.name: record for record, _ in views}
        self.pages = {record.name: view or EmptyPage() for record, view in views if not record.comes_later}
        at: dict[str, list[QWidget]] = defaultdict(list)
        for name, page in self.pages.items():
            at[self._records[name].place].append(page)
        (diagram,), (plot,), (time_line,), (inspector,) = at["network"], at["plot"], at["below"], at["beside"]
        self.tabs = FittingTabs("resultTabs", "Loss, experiments or microscope")
        self.tabs.setTabPosition(QTabWidget.TabPosition.South)  # the tab bar stays in place in any room
        self.tabs.setCornerWidget(StageButton("open tab", self.tabs))
        self.tabs.currentChanged.connect(self._on_current_changed)  # before any other slot
        for page in at["tab"]:
            self.bring(page)
        plot.setMinimumSize(NARROW_COMPANION_PX, 160)
        self.side = FittingTabs("sideTabs", "Settings, or the lesson")
        for page in at["side"]:
            self.side.addTab(page, self._record_of(page).title)
        self.side.tabBar().hide()
        self.side.setMinimumWidth(272)  # fits the longest of its choices
        self._inspector = inspector
        self.beside = QStackedWidget()
        self.beside.addWidget(inspector)
        self.beside.setMinimumWidth(272)  # fits the names of its tabs
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        self.heroes = _splitter("heroes", across, (diagram, plot), (480, 480))
        for hero in range(2):
            self.heroes.setStretchFactor(hero, 1)
        self._details = _splitter("details", across, (self.beside, self.tabs), (420, 560))
        self.views = _splitter("views", down, (self.heroes, self._details), (410, 240))
        self._borrowed: dict[QWidget, QWidget] = {}  # companions taken from the tabs, by placeholder
        area = ViewsArea(self.views)
        self.main = _splitter("main", across, (self.side, area), (276, 1004))
        self._side_px = SIDE_PX  # dragged by the user
        self.main.splitterMoved.connect(self._on_side_dragged)
        self._workspace = _scrolled(self.main)
        self.rooms = Rooms(self.around, self.views, self.tabs.tabBar(), self._open_room)
        self.main.setStretchFactor(0, 0)
        self.main.setStretchFactor(1, 1)
        self._below = below = QWidget()
        below.setMinimumWidth(1)  # so that it never widens the window
        filled(QHBoxLayout(below), time_line, margins=(10, 0, 10, 6))
        self.widget = QWidget()
        self._rows = filled(QVBoxLayout(self.widget), bar, (self._workspace, 1), below, margins=(0, 0, 0, 0), spacing=0)
        self._companions: Sequence[QWidget] = ()
        self.reflow = Reflow(self.widget, Reflowed(self.side, plot, self.tabs, area, below, self.main))
        self.reflow.fitted.connect(self._orient)

    def around(self) -> QSize:
        """Return the space for the panel and the views, whatever they need; in a column the height is unlimited.

        The stage is decided by it. If it depended on the views, a decision could cause its opposite, endlessly.
        """
        size = self._workspace.size().shrunkBy(MARGINS)
        return QSize(size.width(), UNLIMITED) if self.reflow.is_column else size

    def least_size(self, around: QSize) -> QSize:
        """Return the smallest window size without scrolling, given the size of everything around the views."""
        page = self.main.parentWidget()
        assert page is not None
        least, of_views, main = (part.minimumSizeHint() for part in (page, self.views, self.main))
        lower = max(0, of_views.height() - main.height())  # the views scroll
        return QSize(max(least.width(), around.width()), least.height() + lower + around.height())

    def put_above(self, names: QWidget) -> None:
        """Insert the names of the views above them."""
        self._rows.insertWidget(1, names)

    def bring(self, view: QWidget) -> None:
        """Add a view's tab; the layout of the others must not change."""
        record = self._record_of(view)
        before = takewhile(lambda name: name != record.name, self._records)  # in the order of the table
        view.setMinimumSize(240, 110)
        place = sum(self.tabs.indexOf(self.pages[name]) >= 0 for name in before if name in self.pages)
        self.tabs.insertTab(place, view, record.title)
        self.brought.emit()

    def take_away(self, view: QWidget) -> None:
        """Remove a view's tab until `bring`: meanwhile it costs nothing."""
        tabs = self.tabs_of(view)
        if (place := tabs.indexOf(view)) >= 0:
            tabs.removeTab(place)
            view.setParent(None)

    @property
    def aside(self) -> list[QWidget]:
        """The views without a tab now: not added yet, or removed."""
        return [view for view in self.pages.values() if view.parent() is None]

    def fill(self, name: str, view: QWidget) -> None:
        """Replace a placeholder by the view."""
        page = self.pages[name]
        if page is view:
            return
        self.pages[name] = view
        view.setMinimumSize(page.minimumSize())
        _exchange(self.tabs_of(page), page, view)
        page.deleteLater()

    def _on_current_changed(self, _: int) -> None:
        for name, page in self.pages.items():
            if page is self.tabs.currentWidget() and isinstance(page, EmptyPage):
                self.wanted.emit(name)
                return

    def _record_of(self, view: QWidget) -> Placed:
        return next(self._records[name] for name, page in self.pages.items() if page is view)

    def show(self, view: QWidget) -> None:
        """Make a view visible, in whatever tabs it is."""
        for tabs, page in _tabs_around(view):
            tabs.setCurrentWidget(page)

    def tabs_of(self, view: QWidget) -> QTabWidget:
        """Return the tabs that contain a view, or would if it were added."""
        return next((tabs for tabs, _ in _tabs_around(view)), self.tabs)

    def show_beside_settings(self, view: QWidget, is_there: bool) -> None:
        """Show a view beside the settings, or the settings alone."""
        if not is_there:
            self.take_away(view)
        elif self.side.indexOf(view) < 0:
            self.side.insertTab(0, view, self._record_of(view).title)
        self.side.tabBar().setVisible(is_there)
        if is_there:
            self.side.setCurrentWidget(view)

    def show_beside(self, card: QWidget | None) -> None:
        """Show one of the cards in the inspector's place; with None the inspector again."""
        self.beside.setCurrentWidget(card or self._inspector)

    @property
    def open_name(self) -> str:
        """The name of the view whose tab is open; "" if there is none."""
        current = self._borrowed.get(self.tabs.currentWidget(), self.tabs.currentWidget())
        return next((name for name, page in self.pages.items() if page is current), "")

    def _open_room(self) -> tuple[str, float]:
        name = self.open_name
        return name, self._records[name].room if name else 0.5

    def companions_of(self, name: str, needs_one: bool = False) -> list[QWidget]:
        """Return a view's companions on the stage; with `needs_one` at least the function plot."""
        names = self._records[name].companion if name else ()
        return [self.pages[each] for each in names or (("function_plot",) if needs_one else ())]

    @property
    def presentable(self) -> dict[str, tuple[str, str]]:
        """The key and the short name of each view that can be presented now, by the view's name."""
        records = ((name, record.presented_as) for name, record in self._records.items())
        return {name: called for name, called in records if called is not None and self.has(name)}

    def has(self, name: str) -> bool:
        """Whether a view is in the window, and not hidden from students."""
        page = self.pages.get(name)
        if page is None or page.parent() is None:
            return False
        return all(tabs.isTabVisible(tabs.indexOf(each)) for tabs, each in _tabs_around(page))

    def name_around(self, part: QWidget) -> str:
        """Return the name of the presentable view that is, contains or is behind a widget; "" if none is."""
        if part is self.tabs:
            return self.open_name
        around = (n for n in self.presentable if self.pages[n] is part or self.pages[n].isAncestorOf(part))
        return next(around, "")

    def place_of(self, name: str) -> QWidget:
        """Return the splitter's child that contains a view."""
        page = self.pages[name]
        places = (self.tabs, self.side, self.beside)
        return next((place for place in places if place.isAncestorOf(page)), page)

    def give_lesson_room(self, is_presented: bool) -> None:
        """While a lesson is presented, give it the height of the least needed parts."""
        self._below.setHidden(is_presented)
        self.side.tabBar().setHidden(is_presented or self.side.count() == 1)

    def share_presented(self, shown: QWidget | None, *, has_lesson: bool) -> None:
        """Give a presented view its share of the width, where it is in no row of its own."""
        for splitter, first in ((self.main, self.side), (self.heroes, self.heroes.widget(0))):
            whole = splitter.width() - splitter.handleWidth()
            is_beside_lesson = has_lesson and splitter is self.main
            share = BESIDE_LESSON if is_beside_lesson else self.rooms.usual_of_width(max(1, whole))
            large = round(share * whole)
            is_first = shown is first and splitter is self.heroes
            splitter.setSizes([large, whole - large] if is_first else [whole - large, large])

    def stand_side_by_side(self, companions: Sequence[QWidget]) -> None:
        """Put the tabs beside companions, which are stacked; without companions, below the upper row.

        A companion that is one of the tabs leaves them until `take_back`.
        """
        self._companions = companions
        self._orient()
        for view in companions:
            if self.tabs.indexOf(view) >= 0:
                self._borrowed[page := EmptyPage()] = view
                _exchange(self.tabs, view, page)
                self.heroes.addWidget(view)
                self.heroes.setStretchFactor(self.heroes.indexOf(view), 1)
                view.show()
                others = [UNLIMITED] * (self.heroes.count() - 1)  # with more around their pictures
                self.heroes.setSizes([*others, 3 * UNLIMITED // 5])

    def _orient(self) -> None:
        """Set the orientations of the rows and their contents."""
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        is_narrow = self.reflow.is_stacked
        self.views.setOrientation(across if self._companions and not is_narrow else down)
        self.heroes.setOrientation(down if self._companions or is_narrow else across)
        self._details.setOrientation(down if is_narrow else across)
        self.main.setOrientation(down if self.reflow.is_column else across)
        has_rows = not self._companions and not is_narrow and not self.reflow.is_presented
        self.views.setMinimumHeight(whole_px(LEAST_ROWS) if has_rows else 0)
        if self._has_side_width:
            side = whole_px(self._side_px)
            self.main.setSizes([side, max(0, self.main.width() - self.main.handleWidth() - side)])

    @property
    def _has_side_width(self) -> bool:
        """Whether the panel stands beside the views, with the width that the user gives it."""
        is_beside = self.main.orientation() == Qt.Orientation.Horizontal and not self.reflow.is_presented
        return is_beside and not self.side.isHidden()

    def _on_side_dragged(self) -> None:
        if self._has_side_width:
            self._side_px = self.main.sizes()[0] / zoom().scale

    def take_back(self, companions: Sequence[QWidget]) -> None:
        """Put all others than these companions back into the tabs."""
        for page, view in [*self._borrowed.items()]:
            if view not in companions:
                _exchange(self.tabs, page, view)
                del self._borrowed[page]
                page.deleteLater()

    def restore(self, window: QMainWindow, store: SettingsStore) -> None:
        """Restore the saved places, shrunk to fit the screen."""
        geometry = store.load_layout("geometry")
        if geometry is not None:
            window.restoreGeometry(geometry)
            self.fit(window, window.size())
        for splitter in self.kept_splitters:
            state = store.load_layout(splitter.objectName())
            if state is not None:
                splitter.restoreState(state)
        side = store.value(KEPT_SIDE)
        self._side_px = side if isinstance(side, float) and 0 < side < MOST_SIDE_PX else SIDE_PX
        self._orient()
        self.rooms.load(store)

    @staticmethod
    def fit(window: QMainWindow, size: QSize | None = None) -> None:
        """Set a window's size, by default the usual one, limited to its screen."""
        size = size or SIZE * zoom().scale
        if not window.isMaximized() and not window.isFullScreen():
            window.resize(size.boundedTo(window.screen().availableSize() - FRAME))

    def save(self, window: QMainWindow, store: SettingsStore) -> None:
        store.save_layout("geometry", window.saveGeometry())
        for splitter in self.kept_splitters:
            store.save_layout(splitter.objectName(), splitter.saveState())
        if self._side_px != SIDE_PX or store.value(KEPT_SIDE) is not None:
            store.put({KEPT_SIDE: self._side_px})
        self.rooms.save(store)

    @property
    def kept_splitters(self) -> tuple[QSplitter, ...]:
        """The splitters saved as they are; `rooms` saves the shares of the two rows, and the panel follows the zoom."""
        return self.heroes, self._details


def _tabs_around(view: QWidget) -> Iterator[tuple[QTabWidget, QWidget]]:
    """Yield each enclosing tab widget, from the inside out, with its page that contains the view."""
    page: QWidget | None = view
    while page is not None:
        stack = page.parentWidget()
        tabs = None if stack is None else stack.parentWidget()
        if isinstance(tabs, QTabWidget) and tabs.indexOf(page) >= 0:
            yield tabs, page
        page = stack


def _exchange(tabs: QTabWidget, page: QWidget, view: QWidget) -> None:
    """Replace a tab's page by a view, without signals."""
    place, is_shown = tabs.indexOf(page), tabs.isTabVisible(tabs.indexOf(page))
    with QSignalBlocker(tabs):
        tabs.insertTab(place, view, tabs.tabText(place))
        tabs.setTabVisible(place, is_shown)
        if tabs.currentWidget() is page:
            tabs.setCurrentIndex(place)
        tabs.removeTab(place + 1)


def _splitter(name: str, orientation: Qt.Orientation, views: tuple[QWidget, ...], sizes: tuple[int, ...]) -> QSplitter:
    splitter = QSplitter(orientation, childrenCollapsible=False, handleWidth=10)
    named(splitter, f"{name}Splitter", f"Sizes of the {name} area")
    for view in views:
        splitter.addWidget(view)
    splitter.setSizes(list(sizes))
    return splitter


def _scrolled(views: QWidget) -> QScrollArea:
    """Return the views in a scroll area, for a window that is too small."""
    page = QWidget()
    filled(QVBoxLayout(page), views, margins=(MARGINS.left(), MARGINS.top(), MARGINS.right(), MARGINS.bottom()))
    area = scrolled(page, "workspace", "The views", takes_focus=False)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    area.setMinimumSize(1, 1)  # scrolls larger content
    return area
