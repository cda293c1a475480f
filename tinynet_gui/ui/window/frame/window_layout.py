"""The places of the views in the window, and how they are saved and restored."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from PySide6 import QtWidgets
from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, Signal

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.ui.style.theme import zoom
from tinynet_gui.ui.widgets.accessibility import named
from tinynet_gui.ui.widgets.cards import MaximizeButton, filled
from tinynet_gui.ui.widgets.text import FittingTabs, put_page, scrolled
from tinynet_gui.ui.window.frame import arrangement
from tinynet_gui.ui.window.preferences import SettingsStore

SIZE = QSize(1280, 800)
MARGINS = 10, 10, 10, 6  # px, around the panel and the views
FRAME = QSize(8, 40)  # added around the window by a window manager
ACROSS, DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


class EmptyPage(QtWidgets.QWidget):
    """The placeholder of a view that is not built yet."""


class ViewsArea(QtWidgets.QScrollArea):
    """At least as wide as the views need; scrolls vertically, unless the views stand in a column."""

    is_whole = False

    def __init__(self, views: QtWidgets.QWidget) -> None:
        super().__init__()
        named(self, "viewsArea", _("The views")).setFocusPolicy(Qt.FocusPolicy.NoFocus)
        put_page(self, views)
        self._views = views

    def minimumSizeHint(self) -> QSize:
        """Leave horizontal scrolling, and in a column vertical, to the outer scroll area."""
        needed = self._views.minimumSizeHint().expandedTo(self._views.minimumSize())
        return needed if self.is_whole else QSize(needed.width(), 1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class WindowLayout(QObject):
    """The central part of the window: the bar at the top, the panel at the left, the views, the time line below.

    It stands as an `Arrangement` says. If the window is too small for everything, it scrolls vertically.

    Attributes
    ----------
    tabs
        The views that share a place beside the function plot.
    side
        The panel, and beside it a lesson if there is one.
    beside
        The inspector, or a card in its place.
    main, views, upper
        Splitters: the panel and the views; the upper row and the tabs; the upper row.
    pages
        The views by name, with placeholders for those that are not built yet.

    Signals
    -------
    tab_added
        A view that was missing at first has been added.
    wanted : str
        A view that is not built yet is about to be shown.
    resized
        The space for the views has changed.
    """

    tab_added = Signal()
    wanted = Signal(str)
    resized = Signal()

    def __init__(
        self, bar: QtWidgets.QWidget, views: Sequence[tuple[arrangement.Placed, QtWidgets.QWidget | None]]
    ) -> None:
        super().__init__()
        self.records = {record.name: record for record, _ in views}
        self.pages = {record.name: view or EmptyPage() for record, view in views if not record.on_demand}
        at: dict[str, list[Any]] = defaultdict(list)
        for name, page in self.pages.items():
            at[self.records[name].place].append(page)
        (diagram,), (plot,), (time_line,), (inspector,) = at["network"], at["plot"], at["below"], at["beside"]
        self.tabs = FittingTabs("resultTabs", _("Loss, experiments or microscope"))
        self.tabs.setTabPosition(QtWidgets.QTabWidget.TabPosition.South)  # the tab bar stays in place in any room
        self.tabs.setCornerWidget(MaximizeButton(_("open tab"), self.tabs))
        self.tabs.currentChanged.connect(self._on_current_changed)  # before any other slot
        for page in at["tab"]:
            self.add_tab(page)
        for page in at["inside"]:
            if isinstance(page, EmptyPage):
                inspector.add_tab(page)
        inspector.tabs.currentChanged.connect(self._on_current_changed)
        plot.setMinimumSize(arrangement.NARROW_COMPANION_PX, arrangement.USUAL_PLOT)
        self.side = FittingTabs("sideTabs", _("Settings, or the lesson"))
        for page in at["side"]:
            self.side.addTab(page, self._record_of(page).title)
        self.side.tabBar().hide()
        self.side.setMinimumWidth(round(arrangement.MIN_SIDE_PX))
        self._inspector = inspector
        self.beside = QtWidgets.QStackedWidget()
        self.beside.addWidget(inspector)
        self.beside.setMinimumWidth(272)  # fits the names of its tabs
        self.upper = _splitter("upper", _("Sizes of the upper area"), ACROSS, (diagram, plot))
        self.upper.setAutoFillBackground(True)  # opaque: a frame needs no paint of what is behind
        for place in range(2):
            self.upper.setStretchFactor(place, 1)
        self._details = _splitter("details", _("Sizes of the details area"), ACROSS, (self.beside, self.tabs))
        self.views = _splitter("views", _("Sizes of the views area"), DOWN, (self.upper, self._details))
        self._borrowed = dict[QtWidgets.QWidget, QtWidgets.QWidget]()  # companions from the tabs, by placeholder
        self._area = ViewsArea(self.views)
        self.main = _splitter("main", _("Sizes of the main area"), ACROSS, (self.side, self._area))
        self.main.setStretchFactor(0, 0)
        self.main.setStretchFactor(1, 1)
        self._workspace = scrolled(page := QtWidgets.QWidget(), "workspace", _("The views"), takes_focus=False)
        self._page = filled(QtWidgets.QVBoxLayout(page), self.main, margins=MARGINS)
        self._workspace.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._workspace.setMinimumSize(1, 1)  # scrolls larger content
        self._below = below = QtWidgets.QWidget()
        below.setMinimumWidth(1)  # so that it never widens the window
        filled(QtWidgets.QHBoxLayout(below), time_line, margins=(10, 0, 10, 6))
        self.widget = QtWidgets.QWidget()
        self._rows = filled(
            QtWidgets.QVBoxLayout(self.widget), bar, (self._workspace, 1), below, margins=(0, 0, 0, 0), spacing=0
        )
        self.parts: dict[str, QtWidgets.QWidget] = {"side": self.side, "views": self._area}
        self.parts |= {name: self.pages[name] for name in arrangement.UPPER}
        self.parts |= {"upper": self.upper, "details": self._details, "beside": self.beside, "tabs": self.tabs}
        self.splitters = {"main": self.main, "views": self.views, "upper": self.upper, "details": self._details}
        self._sizes: Mapping[str, tuple[int, ...]] = {}  # as last set, by splitter
        self._width, self._scale = 0, zoom().scale
        for part in (self.widget, self._workspace, self.views):
            part.installEventFilter(self)

    @property
    def space(self) -> arrangement.Space:
        handle, bar = self.main.handleWidth(), self.tabs.tabBar().sizeHint().height()
        inner = QSize(self.widget.width(), self._workspace.height()).shrunkBy(self._page.contentsMargins())
        views = self.views.width(), self.views.height()
        return arrangement.Space(self._width, inner.width(), inner.height(), views, handle, bar, self._scale)

    def follow_zoom(self) -> None:
        self._scale = zoom().scale

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note another size, and emit `resized`.

        The width is noted after all parts have it: the time line must not change its place in the middle of a layout.
        """
        if event.type() == QEvent.Type.Resize:
            self._width = self.widget.width() if watched is self.widget else self._width
            self.resized.emit()
        return False

    def apply(self, to: arrangement.Arrangement) -> None:
        """Show and then hide parts, and distribute the space."""
        self._take_back(to.companions)
        for name, part in sorted(self.parts.items(), key=lambda item: item[0] in to.hidden):
            part.setHidden(name in to.hidden)
        self._borrow(to.companions)
        for name, splitter in self.splitters.items():
            splitter.setOrientation(ACROSS if name in to.across else DOWN)
        self._area.is_whole = to.is_column
        self.pages[arrangement.DIAGRAM].setMinimumWidth(to.least[arrangement.DIAGRAM])
        plot = arrangement.PLOT
        for part, name in ((self.side, "side"), (self.parts[plot], plot), (self.tabs, "tabs"), (self.views, "views")):
            part.setMinimumHeight(to.least[name])
        rows = self._page if to.is_column else self._rows
        if self._below.parentWidget() is not rows.parentWidget():
            rows.addWidget(self._below)
        self._below.setHidden(to.is_lesson_presented)
        self.side.tabBar().setHidden(to.is_lesson_presented or self.side.count() == 1)
        for name, splitter in self.splitters.items():
            if name != "views" and self._sizes.get(name) != to.sizes[name]:
                splitter.setSizes(to.sizes[name])
        self._sizes = to.sizes
        self._area.updateGeometry()

    def split_views(self, sizes: tuple[int, ...]) -> None:
        if self.views.sizes() != [*sizes]:
            self.views.setSizes(sizes)

    def least_size(self, around: QSize) -> QSize:
        """Return the smallest window size without scrolling, given the size of everything around the views."""
        least, of_views, main = self._page.minimumSize(), self.views.minimumSizeHint(), self.main.minimumSizeHint()
        lower = max(0, of_views.height() - main.height())  # the views scroll
        return QSize(max(least.width(), around.width()), least.height() + lower + around.height())

    def add_above(self, names: QtWidgets.QWidget) -> None:
        self._rows.insertWidget(1, names)

    def add_tab(self, view: QtWidgets.QWidget) -> None:
        """Add a view's tab; the layout of the others must not change."""
        record = self._record_of(view)
        before = takewhile(lambda name: name != record.name, self.records)  # in the order of the table
        view.setMinimumSize(240, 110)
        place = sum(self.tabs.indexOf(self.pages[name]) >= 0 for name in before if name in self.pages)
        self.tabs.insertTab(place, view, record.title)
        self.tab_added.emit()

    def remove_tab(self, view: QtWidgets.QWidget) -> None:
        """Remove a view's tab until `add_tab`: meanwhile it costs nothing."""
        tabs = self.tabs_of(view)
        if (place := tabs.indexOf(view)) >= 0:
            tabs.removeTab(place)
            view.setParent(None)

    @property
    def without_tab(self) -> list[QtWidgets.QWidget]:
        """The views without a tab now: not added yet, or removed."""
        return [view for view in self.pages.values() if view.parent() is None]

    def fill(self, name: str, view: QtWidgets.QWidget) -> None:
        page = self.pages[name]
        if page is view:
            return
        self.pages[name] = view
        view.setMinimumSize(page.minimumSize())
        _replace_page(self.tabs_of(page), page, view)
        page.deleteLater()

    def _on_current_changed(self, _place: int) -> None:
        for name, page in self.pages.items():
            if isinstance(page, EmptyPage) and self.tabs_of(page).currentWidget() is page:
                self.wanted.emit(name)
                return

    def _record_of(self, view: QtWidgets.QWidget) -> arrangement.Placed:
        return next(self.records[name] for name, page in self.pages.items() if page is view)

    def show(self, view: QtWidgets.QWidget) -> None:
        for tabs, page in _tabs_around(view):
            tabs.setCurrentWidget(page)

    def tabs_of(self, view: QtWidgets.QWidget) -> QtWidgets.QTabWidget:
        """Return the tab widget that contains a view, or would if it were added."""
        return next((tabs for tabs, _ in _tabs_around(view)), self.tabs)

    def show_beside_settings(self, view: QtWidgets.QWidget, is_there: bool) -> None:
        """Show a view beside the settings, or the settings alone."""
        if not is_there:
            self.remove_tab(view)
        elif self.side.indexOf(view) < 0:
            self.side.insertTab(0, view, self._record_of(view).title)
        self.side.tabBar().setVisible(is_there)
        if is_there:
            self.side.setCurrentWidget(view)

    def show_beside(self, card: QtWidgets.QWidget | None) -> None:
        """Show one of the cards in the inspector's place; with None the inspector again."""
        self.beside.setCurrentWidget(card or self._inspector)

    @property
    def open_name(self) -> str:
        """The name of the view whose tab is open; "" if there is none."""
        current = self._borrowed.get(self.tabs.currentWidget(), self.tabs.currentWidget())
        return next((name for name, page in self.pages.items() if page is current), "")

    @property
    def presentable(self) -> dict[str, tuple[str, str]]:
        """The key and the short name of each view that can be presented now, by the view's name."""
        records = ((name, record.presented_as) for name, record in self.records.items())
        return {name: called for name, called in records if called is not None and self.has(name)}

    def has(self, name: str) -> bool:
        """Whether a view is in the window, and not hidden from students."""
        page = self.pages.get(name)
        if page is None or page.parent() is None:
            return False
        return all(tabs.isTabVisible(tabs.indexOf(each)) for tabs, each in _tabs_around(page))

    def name_around(self, part: QtWidgets.QWidget) -> str:
        """Return the name of the presentable view that is, contains or is behind a widget; "" if none is."""
        if part is self.tabs:
            return self.open_name
        around = (n for n in self.presentable if self.pages[n] is part or self.pages[n].isAncestorOf(part))
        return next(around, "")

    def _borrow(self, companions: Sequence[str]) -> None:
        """Take companions from the tabs into the upper row, until `_take_back`."""
        for view in (self.pages[name] for name in companions):
            if self.tabs.indexOf(view) >= 0:
                self._borrowed[page := EmptyPage()] = view
                _replace_page(self.tabs, view, page)
                self.upper.addWidget(view)
                self.upper.setStretchFactor(self.upper.indexOf(view), 1)
                view.show()

    def _take_back(self, companions: Sequence[str]) -> None:
        """Put all others than these companions back into the tabs."""
        kept = [self.pages[name] for name in companions]
        for page, view in [*self._borrowed.items()]:
            if view not in kept:
                _replace_page(self.tabs, page, view)
                del self._borrowed[page]
                page.deleteLater()

    def restore(self, window: QtWidgets.QMainWindow, store: SettingsStore) -> None:
        """Restore the saved size of the window, shrunk to fit the screen."""
        geometry = store.load_layout("geometry")
        if geometry is not None:
            window.restoreGeometry(geometry)
            self.fit(window, window.size())

    @staticmethod
    def fit(window: QtWidgets.QMainWindow, size: QSize | None = None) -> None:
        """Set a window's size, by default the usual one, limited to its screen."""
        size = size or SIZE * zoom().scale
        if not window.isMaximized() and not window.isFullScreen():
            window.resize(size.boundedTo(window.screen().availableSize() - FRAME))


def _tabs_around(view: QtWidgets.QWidget) -> Iterator[tuple[QtWidgets.QTabWidget, QtWidgets.QWidget]]:
    """Yield each enclosing tab widget, from the inside out, with its page that contains the view."""
    page: QtWidgets.QWidget | None = view
    while page is not None:
        stack = page.parentWidget()
        tabs = None if stack is None else stack.parentWidget()
        if isinstance(tabs, QtWidgets.QTabWidget) and tabs.indexOf(page) >= 0:
            yield tabs, page
        page = stack


def _replace_page(tabs: QtWidgets.QTabWidget, page: QtWidgets.QWidget, view: QtWidgets.QWidget) -> None:
    """Replace a tab's page by a view, without signals."""
    place, is_shown = tabs.indexOf(page), tabs.isTabVisible(tabs.indexOf(page))
    with QSignalBlocker(tabs):
        tabs.insertTab(place, view, tabs.tabText(place))
        tabs.setTabToolTip(place, tabs.tabToolTip(place + 1))
        tabs.setTabVisible(place, is_shown)
        if tabs.currentWidget() is page:
            tabs.setCurrentIndex(place)
        tabs.removeTab(place + 1)


def _splitter(
    name: str, says: str, orientation: Qt.Orientation, views: tuple[QtWidgets.QWidget, ...]
) -> QtWidgets.QSplitter:
    splitter = QtWidgets.QSplitter(orientation, childrenCollapsible=False, handleWidth=10)
    named(splitter, f"{name}Splitter", says)
    for view in views:
        splitter.addWidget(view)
    return splitter
