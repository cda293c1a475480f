"""A curve drawn into the function plot before it is known: by mouse, by keys, and with the truth over it."""

from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, drag, heard, place_in, recolor, seen, trained_snapshot
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.function_plot.guess import PredictedCurve
from tinynet_gui.ui.widgets.plots.layer import LegendLabel
from tinynet_gui.ui.widgets.selection import Selection

LEFT, NONE, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@dataclass
class Hand:
    """Draws in a plot."""

    plot: FunctionPlot

    @property
    def guess(self) -> PredictedCurve:
        return self.plot.layers.guess

    @property
    def surface(self) -> QWidget:
        surface: QWidget = self.plot.plot.viewport()
        return surface

    @property
    def view(self) -> tuple[tuple[float, float], tuple[float, float]]:
        (left, right), (low, high) = self.plot.plot.getViewBox().viewRange()
        return (left, right), (low, high)

    @property
    def pixel(self) -> tuple[float, float]:
        """How much of x and y one pixel is."""
        across, up = self.plot.plot.getViewBox().viewPixelSize()
        return float(across), float(up)

    @property
    def key(self) -> str:
        return child(self.plot, LegendLabel).text()

    def at(self, x: float, y: float) -> QPoint:
        return place_in(self.plot.plot, x, y)

    def draw(self, *points: tuple[float, float]) -> None:
        drag(self.surface, *(self.at(*point) for point in points))

    def press(self, key: Qt.Key, times: int = 1, modifier: Qt.KeyboardModifier = NONE) -> None:
        for _ in range(times):
            QTest.keyClick(self.plot.plot, key, modifier)

    def drawn_at(self, x: float) -> float:
        """What has been drawn at an x; NaN in a gap."""
        curve = not_none(self.guess.curve())
        nearest = int(np.argmin(np.abs(curve[0] - x)))
        return float(curve[1][nearest]) if abs(curve[0][nearest] - x) < 0.02 else float("nan")


@pytest.fixture
def hand(qtbot: QtBot, selection: Selection) -> Hand:
    plot = seen(qtbot, FunctionPlot(selection), 800, 500)
    plot.show_config(Config())
    plot.show_snapshot(trained_snapshot(Config(), 20))
    return Hand(plot)


def _assert_drawn(hand: Hand, x: float, y: float, pixels: float = 1.5) -> None:
    assert hand.drawn_at(x) == pytest.approx(y, abs=pixels * hand.pixel[1])


def test_nothing_is_there_before_and_the_mouse_pans(hand: Hand) -> None:
    view = hand.view
    hand.draw((0.0, 1.0), (1.0, 3.0), (1.5, 4.0))
    assert hand.guess.curve() is None
    assert hand.guess.share == 0
    assert hand.view != view
    assert "guess" not in hand.key


def test_a_drag_draws_and_the_view_stays(hand: Hand, qtbot: QtBot) -> None:
    view = hand.view
    hand.guess.begin(-1.0, 1.0)
    assert hand.view == view  # the samples' range has it
    with qtbot.waitSignal(hand.guess.changed):
        hand.draw((-1.2, 1.0), (-0.5, 2.0), (0.0, 5.0), (1.3, 0.0))
    assert hand.view == view
    _assert_drawn(hand, -0.5, 2.0)
    _assert_drawn(hand, -0.25, 3.5)  # in between, on the way
    _assert_drawn(hand, 0.0, 5.0)
    _assert_drawn(hand, 0.65, 2.5)
    assert hand.guess.share == 1.0
    x, y = hand.guess.curve() or (np.empty(0), np.empty(0))
    assert x.dtype == y.dtype == np.float64
    assert (x[0], x[-1]) == (-1.0, 1.0)
    assert (np.diff(x) > 0).all()


def test_it_can_be_drawn_from_right_to_left_and_a_part_again(hand: Hand) -> None:
    hand.guess.begin(-1.0, 1.0)
    hand.draw((1.1, 4.0), (0.0, 4.0), (-1.1, 4.0))
    hand.draw((-0.5, 1.0), (0.0, 1.0), (0.5, 1.0))
    for x, y in ((-0.9, 4.0), (-0.45, 1.0), (0.45, 1.0), (0.9, 4.0)):
        _assert_drawn(hand, x, y)
    assert hand.guess.share == 1.0


def test_a_drawn_curve_has_its_colour_and_may_leave_a_gap(hand: Hand) -> None:
    hand.guess.begin(-1.0, 1.0)
    for part in ((-1.0, -0.5), (0.5, 1.0)):
        hand.draw(*((x, 6.5) for x in part))
    assert hand.guess.share == pytest.approx(0.5, abs=0.03)
    assert np.isnan(hand.drawn_at(0.0))
    for theme in (DARK, LIGHT):
        recolor(hand.plot, theme)
        picture = hand.plot.plot.grab().toImage()
        seen = [picture.pixelColor(hand.at(x, 6.5)).name() == theme.guess for x in (-0.75, 0.0, 0.75)]
        assert seen == [True, False, True]
    hand.guess.show_truth(np.linspace(-1.0, 1.0, 21), np.full(21, 4.5))
    assert [hand.guess.band().contains(QPointF(x, 5.5)) for x in (-0.75, 0.0, 0.75)] == [True, False, True]
    hand.guess.begin(-1.0, 1.0)
    hand.draw((2.0, 2.0), (3.0, 2.0))  # beside the range
    assert hand.guess.share == 0
    hand.guess.begin(-1.0, 1.0)
    assert hand.guess.curve() is None
    hand.draw((0.25, 3.0))  # a click leaves a dot
    _assert_drawn(hand, 0.25, 3.0)
    assert 0 < hand.guess.share < 0.03


def test_what_is_drawn_is_never_out_of_view(hand: Hand) -> None:
    hand.guess.begin(-1.0, 1.0)
    view = hand.view
    above, below = QPoint(hand.at(-0.3, 0.0).x(), -400), QPoint(hand.at(0.3, 0.0).x(), 900)
    drag(hand.surface, hand.at(-1.0, 2.0), above, below, hand.at(1.0, 2.0))
    assert hand.view == view
    x_and_y = not_none(hand.guess.curve())
    assert x_and_y[1].max() == pytest.approx(view[1][1], abs=0.2)
    assert view[1][0] <= x_and_y[1].min() <= x_and_y[1].max() <= view[1][1]


def test_a_range_beyond_the_samples_fits_with_margins(hand: Hand) -> None:
    usual = hand.view
    hand.guess.begin(3.0, 6.0)
    (left, right), (low, high) = hand.view
    assert left <= usual[0][0]
    assert right > 6.0
    assert low < usual[1][0]
    assert high > usual[1][1]
    view = hand.view
    hand.draw((3.0, high - 0.5), (4.5, low + 0.5), (6.0, high - 0.5))
    assert hand.view == view
    hand.plot.show_snapshot(trained_snapshot(Config(), 60))
    assert hand.view == view
    hand.guess.begin(3.0, 6.0)  # once more, from nothing
    assert hand.guess.curve() is None
    assert hand.view == view
    hand.guess.clear()
    assert hand.view == usual


def test_keys_set_points_that_are_joined(hand: Hand) -> None:
    hand.guess.begin(0.0, 2.0)
    middle = sum(hand.view[1]) / 2
    hand.press(Qt.Key.Key_Space)
    assert 0 < hand.guess.share < 0.03
    hand.press(Qt.Key.Key_Right, 16)  # half way
    hand.press(Qt.Key.Key_Up, 8)  # a fifth of the view's height
    hand.press(Qt.Key.Key_Space)
    height = hand.view[1][1] - hand.view[1][0]
    assert hand.drawn_at(1.0) == pytest.approx(middle + height / 5)
    assert hand.drawn_at(0.5) == pytest.approx(middle + height / 10, abs=0.01 * height)
    hand.press(Qt.Key.Key_Right, 99)
    hand.press(Qt.Key.Key_Down, 99)
    hand.press(Qt.Key.Key_Space)
    assert hand.drawn_at(2.0) == pytest.approx(hand.view[1][0])
    assert hand.guess.share == 1.0
    hand.press(Qt.Key.Key_Left, 16)  # the point in the middle again, a little higher: the ends stay
    hand.press(Qt.Key.Key_Up, 40)
    hand.press(Qt.Key.Key_Down, 1, SHIFT)
    hand.press(Qt.Key.Key_Space)
    assert hand.drawn_at(1.0) == pytest.approx(hand.view[1][1] - height / 320)
    assert hand.drawn_at(0.0) == pytest.approx(middle)
    assert hand.drawn_at(2.0) == pytest.approx(hand.view[1][0])
    assert hand.guess.share == 1.0


def test_the_keys_are_the_plots_again_after_drawing(hand: Hand) -> None:
    before = hand.view
    hand.guess.begin(0.0, 2.0)
    drawn_in = hand.view
    hand.press(Qt.Key.Key_Up)
    assert hand.view == drawn_in
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Space, NONE)  # else it would start the training
    override.ignore()
    QApplication.sendEvent(hand.plot.plot, override)
    assert override.isAccepted()
    hand.guess.clear()
    hand.press(Qt.Key.Key_Space)
    assert hand.guess.curve() is None
    hand.press(Qt.Key.Key_Up)
    assert hand.view[1][0] > before[1][0]


def test_what_is_shown_again_can_only_be_read(hand: Hand) -> None:
    hand.guess.begin(3.0, 6.0)
    hand.draw((3.0, 3.0), (4.5, 6.0), (6.0, 4.0))
    curve, view = hand.guess.curve(), hand.view
    assert curve is not None
    hand.guess.show(*curve)
    assert hand.view == view
    assert not hand.guess.is_on
    hand.draw((3.0, 0.0), (5.0, 0.0))
    np.testing.assert_array_equal(hand.guess.curve(), curve)
    hand.guess.clear()
    hand.guess.show(*curve)  # as after the program has been started again
    np.testing.assert_array_equal(hand.guess.curve(), curve)
    assert hand.view[0][1] > 6.0


def test_the_truth_lies_over_it_and_is_in_view(hand: Hand) -> None:
    hand.guess.begin(3.0, 6.0)
    hand.draw((3.0, 4.0), (4.0, 4.0), (5.0, 4.0))
    x = np.linspace(2.0, 6.0, 41)
    hand.guess.show_truth(x, x**2)
    assert hand.view[1][1] >= 36.0
    between = hand.guess.band()
    assert between.contains(QPointF(4.0, 10.0))
    assert between.contains(QPointF(4.8, 5.0))
    assert not between.contains(QPointF(4.0, 3.0))  # below the guess
    assert not between.contains(QPointF(4.0, 17.0))  # above the truth
    assert not between.contains(QPointF(5.5, 10.0))  # nothing was drawn there
    hand.guess.clear()
    assert hand.guess.band().isEmpty()
    assert hand.guess.drawn_curves() == []


def test_a_truth_without_end_leaves_the_plot_readable(hand: Hand) -> None:
    hand.guess.begin(3.0, 6.0)
    hand.draw((3.0, 4.0), (6.0, 4.0))
    height = hand.view[1][1] - hand.view[1][0]
    x = np.linspace(3.0, 6.0, 31)
    hand.guess.show_truth(x, np.where(x > 5, np.nan, 10.0 ** (10 * (x - 2))).astype(np.float32))
    assert hand.view[1][1] - hand.view[1][0] <= 6 * height
    assert hand.guess.band().contains(QPointF(3.5, 100.0))
    assert not hand.guess.band().contains(QPointF(5.5, 4.5))


def test_the_legend_names_the_drawing_and_stays_while_drawn(hand: Hand) -> None:
    hand.guess.begin(3.0, 6.0)
    key = hand.key
    assert "your guess: draw it from x = 3 to 6" in key
    hand.draw((3.0, 3.0), (4.5, 6.0))
    assert hand.key == key
    curve = not_none(hand.guess.curve())
    hand.guess.show(*curve)
    assert "your guess" in hand.key
    assert "draw it" not in hand.key
    assert "how far off" not in hand.key
    hand.guess.show_truth(*curve)
    assert "how far off" in hand.key
    hand.guess.clear()
    assert "guess" not in hand.key


@pytest.mark.parametrize("width", [203, 263, 480, 632])
def test_the_plot_does_not_jump_from_the_question_to_its_answer(hand: Hand, width: int) -> None:
    hand.plot.resize(width, 500)
    hand.guess.begin(-1.0, 1.0)
    QApplication.processEvents()
    height = hand.plot.plot.height()
    hand.draw((-1.0, 2.0), (1.0, 5.0))
    hand.guess.show(*not_none(hand.guess.curve()))
    QApplication.processEvents()
    assert hand.plot.plot.height() == height
    hand.guess.show_truth(np.linspace(-1.0, 1.0, 21), np.full(21, 4.5))
    QApplication.processEvents()
    assert hand.plot.plot.height() == height


def test_samples_are_not_edited_meanwhile(hand: Hand) -> None:
    edited = heard(hand.plot.layers.editor.points_edited)
    hand.plot.switches.edit.setChecked(True)
    hand.guess.begin(-1.0, 1.0)
    hand.draw((0.5, 5.0))
    hand.press(Qt.Key.Key_Right)
    assert edited == []
    hand.guess.clear()
    hand.draw((0.5, 5.0))
    assert len(edited) == 1
