"""The frame that pulses round a control: where it is drawn, when it is not, and what it costs."""

from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QPoint, QRect, QTimer
from PySide6.QtGui import QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea, QTabWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, destroy, recolor
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.widgets.pulse import Pulse


class Canvas(QWidget):
    """Remembers what of it has been painted."""

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[QRegion] = []

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted.append(event.region())


@dataclass
class Room:
    """A window with a canvas and, in a tab behind it, a button far down in a scroll area."""

    window: QWidget
    canvas: Canvas = field(default_factory=Canvas)
    button: QPushButton = field(default_factory=QPushButton)
    tabs: QTabWidget = field(default_factory=QTabWidget)
    area: QScrollArea = field(default_factory=QScrollArea)

    def __post_init__(self) -> None:
        page = QWidget()
        page.setFixedSize(300, 1500)
        self.button.setObjectName("far")
        self.button.setParent(page)
        self.button.setGeometry(60, 1200, 100, 30)
        self.area.setWidget(page)
        self.tabs.addTab(self.canvas, "front")
        self.tabs.addTab(self.area, "behind")
        QVBoxLayout(self.window).addWidget(self.tabs)
        self.window.resize(400, 300)
        self.window.show()

    def place_of(self, widget: QWidget) -> QRect:
        return QRect(widget.mapTo(self.window, QPoint()), widget.size())


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    window = QWidget()
    qtbot.addWidget(window)
    room = Room(window)
    qtbot.waitExposed(window)
    return room


@pytest.fixture
def pulse(room: Room) -> Pulse:
    return Pulse(room.window)


def _ticks(pulse: Pulse) -> QTimer:
    return child(pulse, QTimer, "pulseTicks")


def test_it_brings_the_control_into_sight_once_and_lies_round_it(room: Room, pulse: Pulse) -> None:
    assert not pulse.isVisible()
    assert not _ticks(pulse).isActive()
    pulse.start(room.button)
    assert room.tabs.currentWidget() is room.area
    assert pulse.isVisible()
    assert pulse.geometry().contains(room.place_of(room.button))
    assert pulse.geometry().width() < room.button.width() + 30
    assert room.window.childAt(room.place_of(room.button).center()) is room.button  # the mouse goes through
    room.tabs.setCurrentWidget(room.canvas)  # the user looks elsewhere, and is left alone
    assert not pulse.isVisible()
    assert not _ticks(pulse).isActive()
    pulse.start(room.button)
    assert room.tabs.currentWidget() is room.canvas
    room.tabs.setCurrentWidget(room.area)
    assert pulse.isVisible()
    assert _ticks(pulse).isActive()


def test_it_goes_where_the_control_goes(room: Room, pulse: Pulse) -> None:
    pulse.start(room.button)
    room.button.move(90, 1190)
    assert pulse.geometry().contains(room.place_of(room.button))
    room.button.resize(140, 40)
    assert pulse.geometry().contains(room.place_of(room.button))
    room.window.resize(600, 400)
    QApplication.processEvents()
    assert pulse.geometry().contains(room.place_of(room.button))
    bar = room.area.verticalScrollBar()
    bar.setValue(bar.value() - 30)
    assert pulse.geometry().contains(room.place_of(room.button).intersected(room.place_of(room.area.viewport())))
    bar.setValue(0)  # far below what can be seen
    assert not pulse.isVisible()
    bar.setValue(1150)
    assert pulse.geometry().contains(room.place_of(room.button))


def test_it_follows_a_control_that_gets_another_place(room: Room, pulse: Pulse) -> None:
    pulse.start(room.button)
    room.tabs.setCurrentWidget(room.canvas)
    room.button.setParent(room.canvas)
    room.button.move(10, 10)
    room.button.show()
    assert pulse.geometry().contains(room.place_of(room.button))
    room.canvas.move(0, 40)
    assert pulse.geometry().contains(room.place_of(room.button))
    room.button.hide()
    assert not pulse.isVisible()


def test_it_pulses_and_what_lies_in_it_is_not_painted_again(room: Room, pulse: Pulse, qtbot: QtBot) -> None:
    pulse.start(room.canvas)
    qtbot.waitUntil(lambda: pulse.strength > 0.5)
    QApplication.processEvents()
    room.canvas.painted.clear()
    before = pulse.strength
    qtbot.waitUntil(lambda: pulse.strength != before)
    QApplication.processEvents()
    inside = room.canvas.rect().adjusted(8, 8, -8, -8)
    assert not any(region.intersects(inside) for region in room.canvas.painted)
    assert _ticks(pulse).interval() >= 100


def test_stopped_it_is_gone_and_hears_nothing(room: Room, pulse: Pulse) -> None:
    pulse.start(room.button)
    pulse.stop()
    assert pulse.target is None
    assert not pulse.isVisible()
    room.button.move(5, 1100)
    room.tabs.setCurrentWidget(room.canvas)
    room.tabs.setCurrentWidget(room.area)
    assert not pulse.isVisible()
    pulse.stop()


@pytest.mark.parametrize("gone", ["button", "tabs"])
def test_a_pulse_stops_when_its_control_is_destroyed(room: Room, pulse: Pulse, gone: str) -> None:
    pulse.start(room.button)
    destroy(getattr(room, gone))
    QApplication.processEvents()
    assert pulse.target is None
    assert not pulse.isVisible()
    assert not _ticks(pulse).isActive()


def test_a_control_that_is_made_again_is_found_again(room: Room, pulse: Pulse, qtbot: QtBot) -> None:
    pulse.start(room.button)
    destroy(room.button)
    again = QPushButton(room.canvas)
    again.setObjectName("far")
    again.show()
    room.tabs.setCurrentWidget(room.canvas)
    qtbot.waitUntil(lambda: pulse.target is again)
    assert pulse.geometry().contains(room.place_of(again).center())


def test_it_has_the_colours_of_the_theme(room: Room, pulse: Pulse, qtbot: QtBot) -> None:
    pulse.start(room.button)
    pulse.start(room.canvas)
    destroy(room.button)  # which is not the one any more
    QApplication.processEvents()
    assert pulse.target is room.canvas
    qtbot.waitUntil(lambda: pulse.strength == 1.0)
    edge = QPoint(pulse.width() // 2, 2)
    for theme in (LIGHT, DARK):
        recolor(pulse, theme)
        assert pulse.grab().toImage().pixelColor(edge) == theme.color("accent")


def test_a_window_goes_with_its_pulse(qapp: QApplication) -> None:
    room = Room(QWidget())
    Pulse(room.window).start(room.button)
    destroy(room.window)
