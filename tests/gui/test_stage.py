"""A card takes the whole stage and gives it back; the layout is then what it was, to the pixel."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QSplitter, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, show_result
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.ui.widgets.buttons.stage_button import StageButton
from tinynet_gui.ui.window.main_window import MainWindow

CARDS = ("networkDiagram", "functionPlot", "inspector", "resultTabs")


def _card(window: MainWindow, name: str) -> QWidget:
    return child(window, QWidget, name)


def _button(window: MainWindow, card: str) -> StageButton:
    return child(window, StageButton, f"{card}Stage")


def _places(window: MainWindow) -> dict[str, tuple[int, ...]]:
    """Where everything that is in sight stands, and how the splitters share their room."""
    QApplication.processEvents()
    shown = [w for w in window.findChildren(QWidget) if w.objectName() and w.isVisible()]
    places: dict[str, tuple[int, ...]] = {}
    places |= {w.objectName(): (*w.mapTo(window, QPoint()).toTuple(), *w.size().toTuple()) for w in shown}
    for splitter in window.findChildren(QSplitter):
        places[f"sizes of {splitter.objectName()}"] = tuple(splitter.sizes())
    return places


def _press_escape(window: MainWindow) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Escape)


def _by_button(window: MainWindow, name: str) -> None:
    QTest.mouseClick(_button(window, name), Qt.MouseButton.LeftButton)


def test_a_card_has_all_the_room_and_gives_it_back(window: MainWindow, qtbot: QtBot) -> None:
    """With Escape, and with the button that it was taken with."""
    window.session.take_step()
    qtbot.waitUntil(window.time_line.isVisible)
    splitters = window.findChildren(QSplitter)
    splitters[0].setSizes([300, 900])
    before, states = _places(window), [splitter.saveState() for splitter in splitters]
    room = _card(window, "mainSplitter")
    for name in CARDS:
        card = _card(window, name)
        for by_escape in (True, False):
            _by_button(window, name)
            QApplication.processEvents()
            assert window.stage.card is card
            assert card.mapTo(room, QPoint()) == QPoint()
            assert card.size() == room.size()
            assert window.time_line.isVisible()
            assert "Esc" in _button(window, name).toolTip()
            for other in ("parameterPanel", *CARDS):
                assert _card(window, other).isVisible() is (other == name)
            if by_escape:
                _press_escape(window)
            else:
                _by_button(window, name)
            assert window.stage.card is None, name
            assert [splitter.saveState() for splitter in splitters] == states, name
            assert _places(window) == before, name


def test_a_double_click_on_a_title_does_the_same(window: MainWindow) -> None:
    titles = {"inspector": child(window, QLabel, "inspectorTitle"), "functionPlot": window.function_plot.title}
    for name, title in titles.items():
        QTest.mouseDClick(title, Qt.MouseButton.LeftButton)
        assert window.stage.card is _card(window, name)
        QTest.mouseDClick(title, Qt.MouseButton.LeftButton)
        assert window.stage.card is None
    tabs = child(window, QTabWidget, "resultTabs")
    QTest.mouseDClick(tabs.tabBar(), Qt.MouseButton.LeftButton, pos=tabs.tabBar().tabRect(1).center())
    assert window.stage.card is tabs
    assert tabs.currentIndex() == 1
    window.stage.give_back()
    QTest.mouseDClick(window.diagram, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert _card(window, "networkDiagram") is window.stage.card
    window.stage.give_back()  # but a double click on a neuron is none on the title
    place = window.diagram.rectangle_of(NeuronRef(0, 2)).center()
    QTest.mouseDClick(window.diagram, Qt.MouseButton.LeftButton, pos=place)
    assert window.stage.card is None


def test_escape_ends_the_innermost_thing_first(window: MainWindow) -> None:
    _by_button(window, "networkDiagram")
    window.selection.pin(NeuronRef(0, 1))
    _press_escape(window)
    assert window.selection.pinned is None
    assert window.stage.card is window.diagram
    _press_escape(window)
    assert window.stage.card is None


@pytest.mark.parametrize("name", ["functionPlot", "inspector"])
def test_escape_lets_go_of_samples_first_and_then_ends_the_stage(window: MainWindow, name: str) -> None:
    child(window, QTabWidget, "inspectorTabs").setCurrentWidget(window.data_table)
    window.actions_["actionEditData"].trigger()
    samples, table = window.function_plot.layers.editor, window.data_table.table
    table.selectRow(3)
    assert samples.selected.tolist() == [3]
    _by_button(window, name)
    surface = window.function_plot.plot if name == "functionPlot" else table
    QTest.keyClick(surface, Qt.Key.Key_Escape)
    assert samples.selected.tolist() == []
    assert window.stage.card is _card(window, name)
    QTest.keyClick(surface, Qt.Key.Key_Escape)
    assert window.stage.card is None


def test_a_view_that_is_gone_to_is_seen(window: MainWindow) -> None:
    _by_button(window, "functionPlot")
    window.actions_["actionMicroscope"].trigger()
    assert window.stage.card is None
    assert window.microscope.isVisible()
    show_result(window, window.loss_plot)
    _by_button(window, "resultTabs")
    window.actions_["actionMicroscope"].trigger()  # whose tab is on the stage
    assert window.stage.card is _card(window, "resultTabs")
    assert window.microscope.isVisible()


def test_an_explanation_that_comes_is_seen_and_can_have_the_stage(window: MainWindow) -> None:
    _by_button(window, "networkDiagram")
    window.banner.card.opened_changed.emit(True)
    assert window.stage.card is None
    assert window.banner.card.isVisible()
    QTest.mouseClick(_button(window, "explanation"), Qt.MouseButton.LeftButton)
    assert window.stage.card is window.banner.card
    assert not window.diagram.isVisible()


def test_the_buttons_are_reached_with_the_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    for button in window.findChildren(StageButton):
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    button = _button(window, "functionPlot")
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert window.stage.card is window.function_plot


def test_the_button_is_drawn_only_where_the_mouse_or_the_focus_is(window: MainWindow) -> None:
    def is_drawn() -> bool:
        image = button.grab().toImage()
        return len({image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}) > 1

    button = _button(window, "networkDiagram")
    window.panel.setFocus()
    window.diagram.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    assert not is_drawn()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    assert is_drawn()
    window.panel.setFocus()
    window.diagram.setFocus()
    window.diagram.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, True)
    assert is_drawn()
    window.diagram.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
