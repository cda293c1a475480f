"""A card is maximized and restored, to the pixel; and tabs that do not fit become a menu."""

from collections.abc import Callable
from functools import partial
from random import Random

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QSplitter,
    QTabBar,
    QTabWidget,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, heard, places, seen, show_result
from tests.gui.pixels import colors_in
from tests.places import rectangle_of
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.system.machine import resource_path
from tinynet_gui.ui.style.colors import LIGHT
from tinynet_gui.ui.style.theme import Zoom, zoom_application
from tinynet_gui.ui.views.diagram.painter import heading, title_font
from tinynet_gui.ui.widgets.accessibility import wrapped
from tinynet_gui.ui.widgets.cards import RESTORE, MaximizeButton
from tinynet_gui.ui.widgets.text import FittingTabs
from tinynet_gui.ui.window.frame.arrangement import Arrangement
from tinynet_gui.ui.window.frame.window_layout import WindowLayout
from tinynet_gui.ui.window.main_window import MainWindow

IS_PAINTED = False  # only sizes and places of the window are looked at
NARROW = 728  # px: the views stand below each other
MAX_APPLIED = 12  # times in one act: to open a lesson is many
Act = Callable[[], object]
CARDS = ("networkDiagram", "functionPlot", "inspector", "resultTabs")


def _card(window: MainWindow, name: str) -> QWidget:
    return child(window, QWidget, name)


def _button(window: MainWindow, card: str) -> MaximizeButton:
    return child(window, MaximizeButton, f"{card}Maximize")


def _press_escape(window: MainWindow) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Escape)


def _by_button(window: MainWindow, name: str) -> None:
    QTest.mouseClick(_button(window, name), Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("zoom", [1.0, 1.5])
def test_the_button_of_the_diagram_covers_no_heading(window: MainWindow, zoom: float) -> None:
    zoom_application(Zoom(zoom))
    diagram = window.views.diagram
    for size in ((1024, 768), (1280, 800), (1920, 1040)):
        window.resize(*size)
        QApplication.processEvents()
        button = _button(window, "networkDiagram").geometry()
        for column in diagram.layout_of_network.columns:
            _, top, _, height = diagram.layout_of_network.heading(column)
            title, formula = heading(column, window.session.config.network, 999.0)
            wide = max(QFontMetricsF(title_font()).horizontalAdvance(text) for text in (title, formula))
            text = QRectF(column.x - wide / 2, top, wide, height)
            assert not QRectF(text.topLeft() * zoom, text.size() * zoom).intersects(QRectF(button)), (size, column.kind)


def test_a_tab_with_all_the_room_returns_it_at_one_click(window: MainWindow) -> None:
    """Where the window is too narrow for the panel beside it, it has all the room as soon as it is open."""
    window.resize(1024, 768)
    show_result(window, window.views.map)
    QApplication.processEvents()
    before, button = places(window), _button(window, "resultTabs")
    assert not window.views.panel.isVisible()
    assert button.toolTip() == wrapped(RESTORE)
    button.click()
    QApplication.processEvents()
    assert places(window) != before
    assert window.views.panel.isVisible()
    assert button.toolTip() != wrapped(RESTORE)


def test_a_card_has_all_the_room_and_gives_it_back(window: MainWindow, qtbot: QtBot) -> None:
    """With Escape, and with the button that it was taken with."""
    window.session.take_step()
    qtbot.waitUntil(window.views.time_line.steps.track.isVisible)
    splitters = window.findChildren(QSplitter)
    splitters[0].moveSplitter(300, 1)  # as a drag does
    before, states = places(window), [splitter.saveState() for splitter in splitters]
    room = _card(window, "mainSplitter")
    for name in CARDS:
        card = _card(window, name)
        for by_escape in (True, False) if name == "inspector" else (True,):
            _by_button(window, name)
            QApplication.processEvents()
            assert window.frame.arranger.maximized is card
            assert card.mapTo(room, QPoint()) == QPoint()
            assert card.size() == room.size()
            assert window.views.time_line.steps.track.isVisible()
            assert "Esc" in _button(window, name).toolTip()
            for other in ("parameterPanel", *CARDS):
                assert _card(window, other).isVisible() is (other == name)
            if by_escape:
                _press_escape(window)
            else:
                _by_button(window, name)
            assert window.frame.arranger.maximized is None, name
            assert [splitter.saveState() for splitter in splitters] == states, name
            assert places(window) == before, name


def test_a_double_click_on_a_title_does_the_same(window: MainWindow) -> None:
    titles = {"inspector": child(window, QLabel, "inspectorTitle"), "functionPlot": window.views.function_plot.title}
    for name, title in titles.items():
        QTest.mouseDClick(title, Qt.MouseButton.LeftButton)
        assert window.frame.arranger.maximized is _card(window, name)
        QTest.mouseDClick(title, Qt.MouseButton.LeftButton)
        assert window.frame.arranger.maximized is None
    tabs = child(window, QTabWidget, "resultTabs")
    QTest.mouseDClick(tabs.tabBar(), Qt.MouseButton.LeftButton, pos=tabs.tabBar().tabRect(1).center())
    assert window.frame.arranger.maximized is tabs
    assert tabs.currentIndex() == 1
    window.frame.arranger.restore()
    QTest.mouseDClick(window.views.diagram, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert _card(window, "networkDiagram") is window.frame.arranger.maximized
    window.frame.arranger.restore()  # but a double click on a neuron is none on the title
    place = rectangle_of(window.views.diagram, NeuronRef(0, 2)).center()
    QTest.mouseDClick(window.views.diagram, Qt.MouseButton.LeftButton, pos=place)
    assert window.frame.arranger.maximized is None


@pytest.mark.parametrize("name", ["functionPlot", "inspector"])
def test_escape_lets_go_of_samples_first_and_then_ends_the_stage(window: MainWindow, name: str) -> None:
    child(window, QTabWidget, "inspectorTabs").setCurrentWidget(window.views.data_table)
    window.actions_["actionEditData"].trigger()
    samples, table, button = (
        window.views.function_plot.layers.editor,
        window.views.data_table.table,
        _button(window, name),
    )
    table.selectRow(3)
    assert samples.selected.tolist() == [3]
    assert all(each.focusPolicy() & Qt.FocusPolicy.TabFocus for each in window.findChildren(MaximizeButton))
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    surface = window.views.function_plot.plot if name == "functionPlot" else table
    QTest.keyClick(surface, Qt.Key.Key_Escape)
    assert samples.selected.tolist() == []
    assert window.frame.arranger.maximized is _card(window, name)
    QTest.keyClick(surface, Qt.Key.Key_Escape)
    assert window.frame.arranger.maximized is None


def test_escape_ends_the_innermost_first_and_shows_the_view(window: MainWindow) -> None:
    _by_button(window, "networkDiagram")
    window.context.selection.pin(NeuronRef(0, 1))
    _press_escape(window)
    assert window.context.selection.pinned is None
    assert window.frame.arranger.maximized is window.views.diagram
    _press_escape(window)
    assert window.frame.arranger.maximized is None
    _by_button(window, "functionPlot")
    window.actions_["actionMicroscope"].trigger()
    assert window.frame.arranger.maximized is None
    assert window.views.microscope.isVisible()
    show_result(window, window.views.loss_plot)
    _by_button(window, "resultTabs")
    window.actions_["actionMicroscope"].trigger()  # whose tab is on the stage
    assert window.frame.arranger.maximized is _card(window, "resultTabs")
    assert window.views.microscope.isVisible()


def test_escape_closes_a_maps_lists_but_keeps_its_room(window: MainWindow) -> None:
    show_result(window, window.views.map)
    before, more = places(window), child(window, QAbstractButton, "mapMore")
    for surface in (window.views.map.plot.plot, more):
        more.setChecked(True)
        surface.setFocus()
        for _ in range(3):
            _press_escape(window)
            assert not more.isChecked()
            assert places(window) == before


def test_an_explanation_is_visible_and_can_take_the_stage(window: MainWindow) -> None:
    card, opened = window.features["why"].banner.card, window.features["why"].banner.card.opened_changed
    _by_button(window, "networkDiagram")
    opened.emit(True)
    assert window.frame.arranger.maximized is None
    assert card.isVisible()
    QTest.mouseClick(_button(window, "explanation"), Qt.MouseButton.LeftButton)
    assert window.frame.arranger.maximized is card
    assert not window.views.diagram.isVisible()
    window.frame.arranger.restore()
    opened.emit(False)


def test_the_stage_button_shows_only_at_mouse_or_focus(window: MainWindow) -> None:
    def is_drawn() -> bool:
        return len(colors_in(button.grab().toImage())) > 1

    button = _button(window, "networkDiagram")
    window.views.panel.setFocus()
    window.views.diagram.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    assert not is_drawn()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    assert is_drawn()
    window.views.panel.setFocus()
    window.views.diagram.setFocus()
    window.views.diagram.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, True)
    assert is_drawn()
    window.views.diagram.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)


NAMES = ("Loss", "Runs", "Experiments", "Microscope")
BARS = ("resultTabs", "inspectorTabs")


@pytest.fixture
def tabs(qtbot: QtBot) -> FittingTabs:
    found = FittingTabs("someTabs", "Some tabs")
    found.setDocumentMode(True)
    for name in NAMES:
        found.addTab(QLabel(name), name)
    return seen(qtbot, found, 600, 200, LIGHT)


def _menu_button(tabs: QTabWidget) -> QToolButton:
    return child(tabs, QToolButton, f"{tabs.objectName()}Menu")


def _is_menu(tabs: QTabWidget) -> bool:
    return any(button.isVisible() for button in tabs.findChildren(QToolButton, f"{tabs.objectName()}Menu"))


def _assert_all_can_be_read(bar: QTabBar) -> None:
    """The menu's button is the only one there may be, and it is there just where the tabs do not fit."""
    shown = [button for button in bar.findChildren(QToolButton) if button.isVisible()]
    assert len(shown) == (bar.width() < bar.sizeHint().width())
    for button in shown:
        assert button.text() == bar.tabText(bar.currentIndex())
        assert button.width() >= button.minimumSizeHint().width()
        assert button.geometry() == bar.rect()  # over all tabs: none is clicked by chance


@pytest.mark.parametrize("percent", [100, 200])
def test_all_names_can_be_read_in_the_window(window: MainWindow, qtbot: QtBot, percent: int) -> None:
    """However wide each side is."""
    window.resize(1_024, 700)
    window.frame.presentation.set_percent(percent)
    details, became = child(window, QSplitter, "detailsSplitter"), set()
    for sizes in ((420, 560), (100, 5_000), (5_000, 100)):
        details.setSizes(list(sizes))
        for _ in range(3):
            QApplication.processEvents()
        for name in BARS:
            tabs = child(window, QTabWidget, name)
            _assert_all_can_be_read(tabs.tabBar())
            assert not tabs.tabBar().drawBase()  # a line across the window
            became |= {name} if _is_menu(tabs) else set()
    is_column = percent == 200  # where they have all of the width
    assert ("resultTabs" in became) is not is_column  # at their narrowest they had scroll buttons


def test_they_become_a_menu_exactly_where_they_do_not_fit(tabs: FittingTabs) -> None:
    needed = tabs.tabBar().sizeHint().width()
    for width in (600, needed, needed - 1, needed // 2, needed, 600):
        tabs.resize(width, 200)
        assert _is_menu(tabs) == (width < needed)
        _assert_all_can_be_read(tabs.tabBar())
        assert tabs.tabBar().focusPolicy() == (Qt.FocusPolicy.NoFocus if width < needed else Qt.FocusPolicy.TabFocus)
    for place, text in ((1, "A very, very long name " * 4), (1, "Runs")):  # it changes while it is seen
        tabs.setTabText(place, text)
        QApplication.processEvents()
        assert _is_menu(tabs) == (len(text) > 4)


def test_the_menu_lists_the_tabs_that_are_there_and_goes_to_one(tabs: FittingTabs) -> None:
    tabs.resize(120, 200)
    tabs.setTabVisible(1, False)
    tabs.setCurrentIndex(2)
    button, clicked = _menu_button(tabs), heard(tabs.tabBarClicked)
    assert button.text() == "Experiments"
    menu = button.menu()
    menu.aboutToShow.emit()
    assert [(action.text(), action.isChecked()) for action in menu.actions()] == [
        ("Loss", False),
        ("Experiments", True),
        ("Microscope", False),
    ]
    menu.actions()[-1].trigger()
    assert tabs.currentIndex() == 3
    assert button.text() == "Microscope"
    assert clicked == [3]  # as a click on the tab
    button.setStyleSheet("border: none; background: transparent;")
    button.setText("")
    picture = tabs.tabBar().grab().toImage()
    assert len(colors_in(picture.copy(0, 0, picture.width() - 20, picture.height()))) == 1  # what it hides is not drawn


def test_each_size_of_a_window_is_answered_once(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has the stage makes the views larger or smaller, but that calls for no other answer, back and forth for ever.

    It did in a narrow window that had been wide, between the heights in which the open tab takes the stage or not.
    """
    applied, apply = list[Arrangement](), WindowLayout.apply

    def count(layout: WindowLayout, arrangement: Arrangement) -> None:
        applied.append(arrangement)
        assert len(applied) <= MAX_APPLIED  # else this would never end
        apply(layout, arrangement)

    monkeypatch.setattr(WindowLayout, "apply", count)
    for act in _narrowed(window) + _at_random(window):
        applied.clear()
        act()
        for _ in range(3):
            QApplication.processEvents()
        assert len(applied) <= MAX_APPLIED
        if window.width() == NARROW:
            assert _card(window, "mainSplitter").width() <= NARROW  # nothing scrolls to the side


def _narrowed(window: MainWindow) -> list[Act]:
    wide, choose = partial(window.resize, 1280, 700), partial(show_result, window, window.views.microscope)
    return [wide, choose, *(partial(window.resize, NARROW, height) for height in (700, 1000, *range(820, 844, 4)))]


def _at_random(window: MainWindow) -> list[Act]:
    tabs, die, lesson = child(window, QTabWidget, "resultTabs"), Random(1), "lessons/06-beyond-the-data.md"
    names = ("actionZoomIn", "actionZoomOut", "actionZoomReset", "actionLessonNext", "actionLessonLeave")
    acts: list[Act] = [
        lambda: tabs.setCurrentIndex(die.randrange(tabs.count())),
        lambda: _button(window, die.choice(CARDS)).click(),
        lambda: window.resize(die.randint(800, 1400), die.randint(500, 900)),
        partial(window.features.lessons.open_file, str(resource_path(lesson))),
        *(window.actions_[name].trigger for name in names),
    ]
    return die.choices(acts, k=40)
