"""A finger on the window: a tap is one click; held still it opens the context menu, or says what the tooltip does."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QTouchEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QMenu,
    QRadioButton,
    QToolButton,
    QToolTip,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OFFSCREEN, SCREEN, child, fingers, heard, place_in, seen
from tests.not_none import not_none
from tests.places import rectangle_of
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.ui.style.style_sheets import style_sheet
from tinynet_gui.ui.style.theme import FINGER
from tinynet_gui.ui.views.lesson.page import AskedQuestion
from tinynet_gui.ui.views.lesson.question_box import QuestionBox
from tinynet_gui.ui.widgets.accessibility import ancestors
from tinynet_gui.ui.widgets.cards import MaximizeButton
from tinynet_gui.ui.widgets.touch import STILL_PX, PressRing
from tinynet_gui.ui.window.main_window import MainWindow


@pytest.fixture(autouse=True)
def _as_before(window: MainWindow) -> Iterator[None]:
    yield
    window.themes.set_touch(False)
    QTest.mouseMove(window, QPoint(1, window.height() - 1))  # what was tapped last is as if under a mouse


def _rings(window: QWidget) -> list[PressRing]:
    return [ring for ring in window.findChildren(PressRing) if ring.isVisible()]


def _hold(qtbot: QtBot, widget: QWidget, place: QPoint) -> None:
    """Hold a finger still, until its ring is closed."""
    window = widget.window()
    fingers(widget, (place,), lifts=False)
    qtbot.waitUntil(lambda: len(_rings(window)) > 0)
    qtbot.waitUntil(lambda: not _rings(window))


def _lift(widget: QWidget, place: QPoint) -> None:
    QTest.touchEvent(widget, SCREEN).release(0, place, widget).commit()
    QApplication.processEvents()


def _pinch(plot: Any) -> float:
    """Move two fingers apart, and return how much narrower the view is."""
    QApplication.processEvents()  # targets have grown, and the plot has shrunk
    (left, right), (low, high) = before = plot.getViewBox().viewRange()
    middle, by = place_in(plot, (left + right) / 2, (low + high) / 2), QPoint(40, 0)
    fingers(plot.viewport(), (middle - by, middle + by), (middle - by - by, middle + by + by))
    return float(np.ptp(plot.getViewBox().viewRange()[0]) / np.ptp(before[0]))


@OFFSCREEN
def test_the_main_job_by_one_finger(window: MainWindow, qtbot: QtBot) -> None:
    start = child(window, QToolButton, "startButton")
    clicks = heard(start.clicked)
    fingers(start, (start.rect().center(),))
    assert len(clicks) == 1
    qtbot.waitUntil(lambda: window.session.state.is_running)
    qtbot.waitUntil(lambda: min(start.size().toTuple()) >= FINGER)  # a touch was seen
    fingers(start, (start.rect().center(),))
    qtbot.waitUntil(lambda: not window.session.state.is_running)
    assert len(clicks) == 2

    diagram, selection = window.views.diagram, window.context.selection
    fingers(diagram, (rectangle_of(diagram, NeuronRef(0, 3)).center(),))
    assert selection.pinned == NeuronRef(0, 3)

    plot = window.views.function_plot.plot
    place, view = place_in(plot, 0.0, 4.0), plot.getViewBox().viewRange()
    _hold(qtbot, plot.viewport(), place)
    menu = window.views.function_plot.view.menu.menu
    assert menu.isVisible()
    menu.hide()
    _lift(plot.viewport(), place)
    assert plot.getViewBox().viewRange() == view
    assert selection.pinned == NeuronRef(0, 3)

    reset = child(window, QToolButton, "actionResetButton")
    resets = heard(reset.clicked)
    _hold(qtbot, reset, reset.rect().center())
    assert QToolTip.text() == reset.toolTip()
    _lift(reset, reset.rect().center())
    assert QToolTip.isVisible()
    assert QToolTip.text() == reset.toolTip()
    assert resets == []
    assert not reset.isDown()
    QToolTip.hideText()
    fingers(reset, (reset.rect().center(),))
    assert len(resets) == 1

    for name in ("function_plot", "loss_plot"):
        assert _pinch(window.views[name].plot) == pytest.approx(0.5, rel=0.05), name


@OFFSCREEN
def test_a_long_press_opens_the_neurons_or_the_cards_menu(window: MainWindow, qtbot: QtBot) -> None:
    diagram, selection = window.views.diagram, window.context.selection
    place = rectangle_of(diagram, NeuronRef(0, 3)).center()
    selection.pin(NeuronRef(0, 3))
    _hold(qtbot, diagram, place)
    menu = child(diagram, QMenu, "partMenu")
    assert menu.isVisible()
    menu.close()
    _lift(diagram, place)
    assert selection.pinned == NeuronRef(0, 3)

    card, texts = window.views.loss_plot, list[str]()

    def read_and_close() -> None:
        popup = QApplication.activePopupWidget()
        if popup is not None:
            reader.stop()
            texts.extend(action.text() for action in popup.actions())
            popup.close()

    fingers(card.title, (QPoint(3, 3),), lifts=False)
    reader = QTimer(card, interval=20)  # the menu of a card has an event loop of its own
    reader.timeout.connect(read_and_close)
    reader.start()
    qtbot.waitUntil(lambda: len(texts) > 0)
    _lift(card.title, QPoint(3, 3))
    assert texts[0].startswith("Copy picture")


def test_a_moving_finger_opens_nothing_and_the_ring_is_whole(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinynet_gui.ui.window.gestures.HOLD_MS", 60_000)
    reset = child(window, QToolButton, "actionResetButton")
    place = reset.rect().center()
    window.themes.set_motion(False)
    fingers(reset, (place,), lifts=False)
    qtbot.waitUntil(lambda: len(_rings(window)) > 0)
    (ring,) = _rings(window)
    assert ring.share == 1.0
    assert ring.geometry().center() - reset.mapTo(window, place) in [QPoint(x, y) for x in (-1, 0) for y in (-1, 0)]
    window.themes.set_motion(True)
    assert ring.share < 1.0
    QTest.touchEvent(reset, SCREEN).move(0, place + QPoint(STILL_PX + 2, 0), reset).commit()
    assert _rings(window) == []
    _lift(reset, place + QPoint(STILL_PX + 2, 0))
    assert not QToolTip.isVisible()


def test_a_finger_that_moves_up_scrolls_and_clicks_nothing(window: MainWindow) -> None:
    panel = window.views.panel
    panel.show_all(True)
    QApplication.processEvents()
    field = child(panel, QAbstractSpinBox, "dataSeed")
    area = next(part for part in ancestors(field) if isinstance(part, QAbstractScrollArea))
    bar, start, seed = area.verticalScrollBar(), field.mapTo(window, field.rect().center()), field.text()
    assert bar.maximum() >= 40
    fingers(window, (start,), (start - QPoint(2, 20),), (start - QPoint(30, 40),))
    assert bar.value() == pytest.approx(40, abs=2)
    assert field.text() == seed
    assert not QToolTip.isVisible()


def test_a_cancelled_touch_lets_go_without_acting(window: MainWindow) -> None:
    start, handle = child(window, QToolButton, "startButton"), not_none(window.windowHandle())
    clicks = heard(start.clicked)
    fingers(start, (start.rect().center(),), lifts=False)
    assert start.isDown()
    QApplication.sendEvent(handle, QTouchEvent(QEvent.Type.TouchCancel, SCREEN))  # it has no points
    assert not start.isDown()
    _lift(start, start.rect().center())
    assert clicks == []
    fingers(start, (start.rect().center(),))
    assert len(clicks) == 1
    start.click()


def test_two_quick_taps_on_different_widgets_are_two_clicks(window: MainWindow) -> None:
    kinds = list[QEvent.Type]()

    class Ear(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.LeftButton:
                kinds.append(event.type())
            return False

    ear = Ear()
    for name in ("startButton", "actionResetButton"):
        button = child(window, QToolButton, name)
        button.installEventFilter(ear)
        fingers(button, (button.rect().center(),))
    assert kinds == 2 * [QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease]


@OFFSCREEN
def test_in_a_menu_a_tap_chooses_but_a_drag_does_not(window: MainWindow) -> None:
    """A drag through the Lessons menu opened the lesson at which it ended."""
    menu = QMenu(window)
    chosen = [heard(menu.addAction(name).triggered) for name in ("One", "Two", "Three")]
    menu.popup(window.mapToGlobal(QPoint(100, 100)))
    first, last = (menu.actionGeometry(menu.actions()[place]).center() for place in (0, 2))
    fingers(menu, (first,), (first + QPoint(0, STILL_PX + 1),), (last,))
    assert menu.isVisible()
    assert chosen == [[], [], []]
    fingers(menu, (last,))
    assert [len(each) for each in chosen] == [0, 0, 1]
    assert not menu.isVisible()


def test_a_tap_anywhere_in_the_row_of_an_answer_chooses_it(window: MainWindow, qtbot: QtBot) -> None:
    window.themes.set_touch()
    box = seen(qtbot, QuestionBox(), 300, 300)
    box.setStyleSheet(style_sheet())
    box.show_question(AskedQuestion("Which?", "choice", ("This", "That")), None, is_asked=True, is_new=True)
    QApplication.processEvents()
    radios, rows = box.findChildren(QRadioButton), child(box, QWidget, "lessonChoices")
    for radio, other in (radios, radios[::-1]):
        assert radio.height() == FINGER
        for place in (QPoint(30, radio.y() + 1), QPoint(rows.width() - 1, radio.y() + FINGER - 1)):
            other.setChecked(True)
            label = not_none(rows.childAt(place))
            fingers(label, (label.mapFrom(rows, place),))
            assert radio.isChecked()


def test_a_finger_gives_the_stage_and_gives_it_back(window: MainWindow) -> None:
    button, below = child(window, MaximizeButton, "networkDiagramMaximize"), QPoint(600, window.height() - 5)
    button.card.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)  # wherever another test has left the mouse
    assert not button.is_wanted
    fingers(window, (below,))
    QApplication.processEvents()
    assert button.is_wanted
    for card in (window.views.diagram, None):
        fingers(button, (button.rect().center(),))
        assert window.frame.arranger.maximized is card
