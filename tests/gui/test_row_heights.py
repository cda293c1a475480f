"""Each tab has the room that its record says, or that the user has dragged; what its page is about is large."""

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSplitter, QTabWidget, QTextBrowser, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import WAIT_MS, MakeWindow, child, places, show_result, train_to
from tinynet_gui.core.config import Config
from tinynet_gui.ui.widgets.cards import MaximizeButton
from tinynet_gui.ui.window.frame.arranger import KEPT
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.preferences import Preferences, SettingsStore

IS_PAINTED = False  # only sizes and places are looked at


def _views(window: MainWindow) -> QSplitter:
    return child(window, QSplitter, "viewsSplitter")


def _drag(window: MainWindow, px: int) -> None:
    """Drag what is between the rows, as the mouse does."""
    handle = _views(window).handle(1)
    is_across = _views(window).orientation() == Qt.Orientation.Horizontal
    start = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(handle, start + (QPoint(px, 0) if is_across else QPoint(0, px)))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton)


def _names(window: MainWindow) -> dict[str, QRect]:
    """Where on the screen the names of the tabs are."""
    bar = child(window, QTabWidget, "resultTabs").tabBar()
    assert not any(button.isVisible() for button in bar.findChildren(QToolButton, "resultTabsMenu"))
    tabs = {bar.tabText(place): bar.tabRect(place) for place in range(bar.count())}
    return {name: QRect(bar.mapToGlobal(tab.topLeft()), tab.size()) for name, tab in tabs.items()}


def _size_of_picture(plot: pg.PlotWidget) -> tuple[int, int]:
    rectangle = plot.getViewBox().sceneBoundingRect()
    return round(rectangle.width()), round(rectangle.height())


def _go(window: MainWindow, name: str) -> None:
    show_result(window, window.views[name])
    for _ in range(3):
        QApplication.processEvents()


@pytest.fixture(params=[(1280, 800), (1920, 1040)], ids=["1280 x 800", "1920 x 1040"])
def sized(window: MainWindow, request: pytest.FixtureRequest) -> tuple[MainWindow, int]:
    window.resize(*request.param)
    QApplication.processEvents()
    return window, request.param[0]


def test_what_a_tab_is_about_is_large(sized: tuple[MainWindow, int], qtbot: QtBot) -> None:
    window, width = sized
    plot, is_large = window.views.function_plot.plot, width > 1280
    first_width, first_height = _size_of_picture(plot)
    assert first_width >= 388  # as it was when the tabs had no room of their own
    assert first_height >= 280
    window.session.edit({"training.stop_step": 20})
    for _ in range(2):
        train_to(window, qtbot, 20)
        window.session.keep()
        window.session.new_seed()
        qtbot.waitUntil(lambda: window.session.state.run.step == 0)
    _go(window, "map")
    map_width, map_height = _size_of_picture(window.views.map.plot.plot)
    beside_width, beside_height = _size_of_picture(plot)
    assert map_width >= (900 if is_large else 420)
    assert map_height >= (600 if is_large else 300)
    assert beside_width >= 240
    assert beside_height >= 180
    _go(window, "microscope")
    qtbot.waitUntil(lambda: window.views.microscope.dissection is not None)
    page = child(window, QTextBrowser, "microscopePage")
    assert page.viewport().height() >= 12 * page.fontMetrics().lineSpacing()
    _go(window, "experiments")
    experiments, shared = window.views.experiments, _views(window).sizes()
    for name in ("swarm", "ladder", "depth"):
        with qtbot.waitSignal(experiments.finished, timeout=WAIT_MS):
            experiments.run(name, 2)
        QApplication.processEvents()
        assert _size_of_picture(child(experiments.plot, pg.PlotWidget))[1] >= 160, name
        assert _views(window).sizes() == shared  # nothing moves but by the user's act
    _go(window, "runs")
    one, other = (run.id for run in window.session.state.session.kept_runs)
    window.views.runs.table.valley_asked.emit(one, other)
    valley = window.views.runs.answer.valley
    qtbot.waitUntil(valley.isVisible)
    QApplication.processEvents()
    assert _size_of_picture(valley.plot)[1] >= 160


@pytest.mark.parametrize("has_lesson", [False, True])
def test_the_names_of_the_tabs_stay_where_they_are(window: MainWindow, has_lesson: bool) -> None:
    """A click where a name has just been hits it again; and the function plot is never too small to be read."""
    window.frame.layout.show_beside_settings(window.views.lesson, has_lesson)
    window.frame.arranger.show_lesson(has_lesson)
    QApplication.processEvents()
    alone = _names(window)
    window.frame.layout.add_tab(window.views.runs)
    QApplication.processEvents()
    assert {name: at for name, at in _names(window).items() if name != "Runs"} == alone
    plot, tabs = window.views.function_plot.plot, child(window, QTabWidget, "resultTabs")
    for size in ((1024, 700), (1024, 768), (1024, 800), (1280, 800), (1920, 1040)):
        window.resize(*size)
        QApplication.processEvents()
        before = _names(window)
        assert [tabs.tabText(place) for place in range(tabs.count())] == [*before]
        for name in ("map", "experiments", "runs", "microscope", "map", "loss_plot"):
            _go(window, name)
            assert _names(window) == before, (size, name)
            if plot.isVisible():
                width, height = _size_of_picture(plot)
                assert (width >= 200, height >= 160) == (True, True), (size, name)
        child(window, MaximizeButton, "resultTabsMaximize").click()
        QApplication.processEvents()
        assert _names(window) == before
        window.frame.arranger.restore()


def test_in_a_low_window_a_large_tab_takes_the_stage(window: MainWindow) -> None:
    """As long as two rows would be too low for what is in them."""
    _go(window, "experiments")
    for height in (700, 800, 768, 800):
        window.resize(1280, height)
        QApplication.processEvents()
        assert window.views.diagram.isVisible() is (height == 800)
        assert window.views.function_plot.isVisible()
    window.resize(1280, 700)
    QApplication.processEvents()
    assert window.frame.arranger.restore()
    assert window.views.diagram.isVisible()
    _go(window, "loss_plot")
    assert window.views.diagram.isVisible()


def test_a_companion_is_whole_and_all_is_given_back(window: MainWindow) -> None:
    """The map takes the stage with the function plot beside it; the next tab gives back what it took."""
    before = places(window)
    for _ in range(2):
        _go(window, "map")
        shown = {name for name, view in window.views.items() if view.isVisible()}
        assert shown - {"time_line"} == {"panel", "function_plot", "map"}
        assert window.frame.arranger.maximized is None
        _go(window, "loss_plot")
        assert places(window) == before
    _go(window, "map")
    QTest.mouseClick(child(window, MaximizeButton, "resultTabsMaximize"), Qt.MouseButton.LeftButton)
    assert not window.views.panel.isVisible()
    assert window.views.function_plot.isVisible()
    assert window.frame.arranger.restore()  # to the tab, which has it beside the panel
    assert window.views.panel.isVisible()
    assert not window.views.diagram.isVisible()
    assert window.frame.arranger.restore()
    assert window.views.diagram.isVisible()
    assert window.views.map.isVisible()
    assert not window.frame.arranger.restore()
    _go(window, "microscope")
    assert window.views.function_plot.isVisible()
    QTest.mouseClick(child(window, MaximizeButton, "resultTabsMaximize"), Qt.MouseButton.LeftButton)
    assert window.views.diagram.isVisible()
    assert not window.views.function_plot.isVisible()
    QTest.mouseClick(
        child(window, MaximizeButton, "networkDiagramMaximize"), Qt.MouseButton.LeftButton
    )  # the companion's
    assert window.frame.arranger.maximized is window.views.diagram
    assert not window.views.microscope.isVisible()


def test_a_companion_that_is_a_tab_leaves_the_tabs_for_a_while(window: MainWindow) -> None:
    window.frame.layout.add_tab(window.views.runs)
    tabs, loss = child(window, QTabWidget, "resultTabs"), window.views.loss_plot
    names = [tabs.tabText(place) for place in range(tabs.count())]
    before = places(window)
    for leaves_by_tab in (False, True):
        _go(window, "runs")
        QTest.mouseClick(child(window, MaximizeButton, "resultTabsMaximize"), Qt.MouseButton.LeftButton)
        QApplication.processEvents()
        seen = [name for name, view in window.views.items() if view.isVisible()]
        assert set(seen) - {"time_line"} == {"function_plot", "loss_plot", "runs"}
        assert loss.height() > 150
        assert [tabs.tabText(place) for place in range(tabs.count())] == names
        if leaves_by_tab:
            tabs.setCurrentIndex(1)
            assert tabs.currentWidget() is loss
        window.frame.arranger.restore()
        assert tabs.indexOf(loss) == 1
        tabs.setCurrentIndex(1)
        QApplication.processEvents()
        assert places(window) == before


def test_where_there_is_no_room_for_it_the_panel_goes_first(window: MainWindow) -> None:
    _go(window, "map")
    for width in (1024, 1280, 1024):
        window.resize(width, 700)
        QApplication.processEvents()
        assert window.views.panel.isVisible() is (width == 1280)
        assert _size_of_picture(window.views.map.plot.plot)[0] >= 420


@pytest.mark.parametrize(
    ("name", "beside"),
    [("experiments", "function_plot"), ("microscope", "diagram"), ("inspector", "function_plot")],
)
def test_what_a_lessons_page_is_about_is_large_beside_the_page(window: MainWindow, name: str, beside: str) -> None:
    before = places(window)
    window.frame.arranger.show_lesson(True)
    window.frame.arranger.enlarge(window.views[name])
    shown = {name for name, view in window.views.items() if view.isVisible()}
    assert shown - {"time_line", "numbers"} == {"panel", name, beside}
    window.frame.arranger.enlarge(None)
    window.frame.arranger.show_lesson(False)
    _go(window, "loss_plot")
    assert places(window) == before


def test_what_must_be_seen_ends_the_stage_that_a_tab_has_taken(window: MainWindow) -> None:
    _go(window, "map")
    window.frame.arranger.reveal(window.views.diagram)
    assert window.views.diagram.isVisible()
    assert window.views.map.isVisible()
    _go(window, "loss_plot")
    _go(window, "map")
    assert not window.views.diagram.isVisible()


def test_what_is_dragged_is_kept_for_each_view(make_window: MakeWindow) -> None:
    SettingsStore().save(Config(), Preferences())  # whoever is new here is offered a lesson, in a place of its own
    window, sizes = make_window(remember=True), dict[str, list[int]]()
    for name, px in (("loss_plot", -40), ("map", 30), ("experiments", 25)):
        _go(window, name)
        before = _views(window).sizes()
        _drag(window, px)
        sizes[name] = _views(window).sizes()
        assert sizes[name] != before
    for name in sizes:
        _go(window, name)
        assert _views(window).sizes() == sizes[name]
    _go(window, "map")
    window.close()
    window = make_window(remember=True)
    for name in ("map", "loss_plot", "experiments"):
        assert window.views[name].isVisible()
        assert _views(window).sizes() == sizes[name]
        _go(window, {"map": "loss_plot"}.get(name, "experiments"))


@pytest.mark.parametrize("kept", [None, 3, ["map"], {"map": "much"}, {"map": 7.0, "loss_plot": float("nan")}])
def test_what_is_no_share_in_the_settings_is_left_out(window: MainWindow, kept: object) -> None:
    before, store = _views(window).sizes(), SettingsStore(in_memory=True)
    store.put({KEPT: kept})
    window.frame.arranger.load(store)
    assert _views(window).sizes() == before


def test_a_higher_window_is_shared_alike(window: MainWindow) -> None:
    window.resize(1280, 1000)
    QApplication.processEvents()
    upper, lower = _views(window).sizes()
    names = child(window, QTabWidget, "resultTabs").tabBar().height()
    assert lower - names == pytest.approx((upper + lower - names) / 3, abs=1)
