"""Samples edited in the function plot: each gesture in the view alone, and through the window with undo."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, drag, heard, place_in, seen, type_range
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.data.real_data import load
from tinynet_gui.core.training.start import points_of
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.panel.fields import SourceField
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.main_window import MainWindow

LEFT, SHIFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier
FOUR = Points([-2.0, -1.0, 1.0, 2.0], [4.0, 1.0, 1.0, 4.0])


@dataclass
class Hand:
    """Edits in a plot, and hears what comes of it."""

    plot: FunctionPlot
    heard: list[Points] = field(default_factory=list)

    def at(self, x: float, y: float) -> QPoint:
        return place_in(self.plot.plot, x, y)

    @property
    def surface(self) -> QWidget:
        surface: QWidget = self.plot.plot.viewport()
        return surface

    def click(self, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.surface, LEFT, modifiers, self.at(x, y))

    def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 5) -> None:
        drag(self.surface, *(self.at(*place) for place in np.linspace(start, end, steps + 1)))

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.plot.plot, key)

    def near(self, one: float, other: float, axis: int, pixels: float = 1.5) -> bool:
        return abs(one - other) <= pixels * float(self.plot.plot.getViewBox().viewPixelSize()[axis])


@pytest.fixture
def hand(qtbot: QtBot, selection: Selection) -> Hand:
    plot = seen(qtbot, FunctionPlot(selection), 700, 500)
    plot.show_config(Config().replace("data.points", FOUR))
    plot.switches.edit.setChecked(True)
    hand = Hand(plot)
    plot.layers.editor.points_edited.connect(hand.heard.append)
    plot.layers.editor.points_edited.connect(
        lambda points: plot.show_config(Config().replace("data.points", points), keeps_view=True)
    )
    return hand


def test_without_it_no_sample_moves(hand: Hand) -> None:
    hand.plot.switches.edit.setChecked(False)
    hand.drag((1.0, 1.0), (1.5, 3.0))
    hand.click(0.0, 5.0)
    hand.press(Qt.Key.Key_Delete)
    assert hand.heard == []


def test_a_sample_is_dragged_and_the_view_stays(hand: Hand) -> None:
    view = hand.plot.plot.getViewBox().viewRange()
    hand.drag((1.0, 1.0), (1.5, 6.0))
    assert len(hand.heard) == 5
    points = hand.heard[-1]
    assert hand.near(points.x[2], 1.5, 0)
    assert hand.near(points.y[2], 6.0, 1)
    np.testing.assert_array_equal(np.delete(points.x, 2), np.delete(FOUR.x, 2))
    assert len(f"{points.x[2]:.12g}") <= 6  # no digits that the screen cannot tell apart
    np.testing.assert_allclose(hand.plot.plot.getViewBox().viewRange(), view)
    hand.plot.switches.edit.setChecked(False)
    assert hand.plot.plot.getViewBox().viewRange()[1][1] > 6.0  # where it was dropped
    x, y = hand.plot.layers.samples.trained_points()
    np.testing.assert_allclose((x[2], y[2]), (points.x[2], points.y[2]), rtol=1e-6)


def test_a_click_adds_a_sample(hand: Hand) -> None:
    hand.click(0.3, 5.0)
    (points,) = hand.heard
    assert len(points) == 5
    assert hand.near(points.x[4], 0.3, 0)
    assert hand.near(points.y[4], 5.0, 1)
    assert hand.plot.layers.editor.selected.tolist() == [4]


def test_a_box_selects_and_delete_deletes_what_is_in_it(hand: Hand) -> None:
    hand.drag((0.5, 6.0), (2.4, 0.0))
    assert hand.plot.layers.editor.selected.tolist() == [2, 3]
    assert hand.heard == []
    hand.drag((2.0, 4.0), (2.1, 5.0))  # both go along
    assert hand.near(hand.heard[-1].x[2], 1.1, 0)
    assert hand.near(hand.heard[-1].y[3], 5.0, 1)
    hand.press(Qt.Key.Key_Delete)
    assert hand.heard[-1] == FOUR.at(np.array([0, 1]))
    assert hand.plot.layers.editor.selected.tolist() == []


def test_ctrl_adds_escape_clears_and_the_last_sample_stays(hand: Hand) -> None:
    hand.click(1.0, 1.0)
    hand.click(-1.0, 1.0, CONTROL)
    assert hand.plot.layers.editor.selected.tolist() == [1, 2]
    hand.press(Qt.Key.Key_Escape)
    assert hand.plot.layers.editor.selected.tolist() == []
    hand.drag((-3.0, 6.0), (3.0, 0.0))
    assert len(hand.plot.layers.editor.selected) == 4
    hand.press(Qt.Key.Key_Delete)
    assert hand.heard == []


@pytest.mark.parametrize(
    ("key", "x", "y"),
    [(Qt.Key.Key_Left, -1, 0), (Qt.Key.Key_Right, 1, 0), (Qt.Key.Key_Up, 0, 1), (Qt.Key.Key_Down, 0, -1)],
)
def test_an_arrow_moves_what_is_selected_by_a_pixel(hand: Hand, key: Qt.Key, x: int, y: int) -> None:
    hand.click(1.0, 1.0)
    view = hand.plot.plot.getViewBox().viewRange()
    hand.press(key)
    assert hand.plot.plot.getViewBox().viewRange() == view  # else it is the view that it moves
    wide, high = hand.plot.plot.getViewBox().viewPixelSize()
    points = hand.heard[-1]
    assert points.x[2] == pytest.approx(1.0 + x * wide, abs=0.1 * wide)
    assert points.y[2] == pytest.approx(1.0 + y * high, abs=0.1 * high)


def test_the_menu_key_opens_that_of_the_selected_sample(hand: Hand) -> None:
    editor = hand.plot.layers.editor
    assert editor.menu_at(None) is None
    hand.click(1.0, 1.0)
    assert not_none(editor.menu_at(None)).actions()[0].text().startswith("sample 3")


def test_with_shift_samples_fall_while_the_button_is_held(hand: Hand, qtbot: QtBot) -> None:
    place = hand.at(0.0, 7.0)
    QCursor.setPos(hand.surface.mapToGlobal(place))
    QTest.mousePress(hand.surface, LEFT, SHIFT, place)
    qtbot.waitUntil(lambda: len(hand.heard) >= 6)
    QTest.mouseRelease(hand.surface, LEFT, SHIFT, place)
    count = len(hand.heard)
    added = hand.heard[-1].at(np.arange(4, 4 + count))
    wide, high = hand.plot.plot.getViewBox().viewPixelSize()
    assert np.abs((added.x - 0.0) / wide).max() < 100
    assert np.abs((added.y - 7.0) / high).max() < 100
    assert len(np.unique(added.x)) > 2
    assert not child(hand.plot.layers.editor, QTimer, "sampleBrush").isActive()


def test_a_menu_tells_of_a_sample_and_holds_it_out(hand: Hand) -> None:
    editor = hand.plot.layers.editor
    assert editor.menu_at(hand.at(0.0, 7.0)) is None

    def offered(x: float, y: float) -> dict[str, QAction]:
        return {action.text(): action for action in not_none(editor.menu_at(hand.at(x, y))).actions()}

    texts = offered(1.0, 1.0)
    assert "sample 3: x = 1, y = 1" in texts
    texts["Hold it out"].trigger()
    assert hand.heard[-1].held_out.tolist() == [False, False, True, False]
    texts = offered(1.0, 1.0)
    assert not texts["Held out, it makes no difference to the training"].isEnabled()
    texts["Train on it"].trigger()
    assert hand.heard[-1] == FOUR
    asked, texts = heard(editor.difference_wanted), offered(2.0, 4.0)
    texts["What difference does it make?"].trigger()
    texts["Delete"].trigger()
    assert asked == [3]
    assert hand.heard[-1] == FOUR.at(np.arange(3))


# Through the window


@pytest.fixture
def editing(window: MainWindow, qtbot: QtBot) -> Hand:
    window.resize(1280, 800)
    window.actions_["actionEditData"].trigger()
    return Hand(window.views.function_plot)


def test_the_first_edit_makes_own_samples_and_undo_reverts(editing: Hand, window: MainWindow) -> None:
    source = child(window.views.panel, SourceField, "dataSource")
    assert source.isHidden()
    samples = points_of(Config().data)
    editing.click(0.2, 6.0)
    points = not_none(window.session.config.data.points)
    assert points.at(np.arange(20)) == samples
    assert not source.isHidden()
    assert source.text() == "made from x²"
    assert window.session.state.run.id == 1  # it goes on
    start = points.x[3], points.y[3]
    editing.drag(start, (start[0] + 0.5, start[1] + 2.0), steps=8)
    assert len(window.session.state.session.history.done) == 2
    window.session.undo()
    assert window.session.config.data.points == points
    window.session.undo()
    assert window.session.config.data.points is None
    assert source.isHidden()
    window.session.redo()
    assert window.session.config.data.points == points
    child(source, QToolButton, "drawAgain").click()
    assert window.session.config == Config()
    assert window.session.state.run.id == 2  # another source is another run
    window.session.undo()
    assert window.session.config.data.points == points
    window.views.panel.edited.emit({})  # nothing: as a field that was left does
    assert window.session.config.data.points == points
    window.session.edit({"data.points": points.with_share_held_out(0.3, 2)})
    assert len(window.session.state.run.dataset.x_held_out) == 6
    assert len(window.views.function_plot.layers.samples.held_out.getData()[0]) == 6
    window.views.panel.edited.emit({"data.target": "sin", "data.points": None})  # a target draws again
    assert window.session.config.data.points is None
    assert window.session.state.run.id == 3


def test_real_data_begin_a_new_run_and_a_function_draws_again(window: MainWindow, qtbot: QtBot) -> None:
    target = child(window.views.panel, QComboBox, "targetFunction")
    target.setCurrentIndex(target.findData("motorcycle"))
    assert window.session.config.data.points == load("motorcycle")
    assert window.session.state.run.id == 2
    qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
    assert len(window.views.function_plot.layers.samples.trained_points()[0]) == 133
    assert target.currentText() == "Motorcycle accident"
    target.setCurrentIndex(target.findData("sin"))
    assert window.session.config == Config().replace("data.target", "sin")
    window.session.undo()
    assert target.currentText() == "Motorcycle accident"
    window.session.undo()
    assert window.session.config == Config()
    assert target.currentText() == "x²"
    window.session.edit({"data.points": load("nile")})
    window.session.edit({"data.target": "formula", "data.formula": "log(x)"})
    config = window.session.config
    child(window.views.panel, QToolButton, "drawAgain").click()
    assert window.session.config == config
    assert "“log(x)” has no finite value" in child(window.views.panel, QLabel, "dataSourceError").text()


def test_a_band_of_seeds_follows_a_drag_and_grows_at_rest(editing: Hand, window: MainWindow, qtbot: QtBot) -> None:
    plot = window.views.function_plot
    plot.switches.seeds.setChecked(True)
    seen: list[int] = []

    def is_shown(seeds: int) -> bool:
        band = plot.layers.band.band
        if band is not None:
            seen.append(band.seeds)
        return band is not None and band.seeds == seeds and band.config == window.session.config

    qtbot.waitUntil(lambda: is_shown(256))
    assert seen[0] == 64
    editing.click(0.0, 8.0)
    qtbot.waitUntil(lambda: is_shown(64) or is_shown(256))
    qtbot.waitUntil(lambda: is_shown(256))
    median = not_none(plot.layers.band.median())
    assert np.interp(0.0, *median) > 0.3  # towards the sample that was added
    plot.switches.seeds.setChecked(False)
    assert plot.layers.band.median() is None


def test_too_large_data_are_reported_before_the_first_step(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.session.state.status.pytorch == "ready")
    years = Points(np.linspace(1990, 2020, 31), np.linspace(-1, 1, 31), origin="years")
    window.session.begin_with({"data.points": years})
    qtbot.waitUntil(lambda: "too large for these data" in window.features["why"].banner.text())
    child(window, QToolButton, "whyButton").click()
    qtbot.waitUntil(lambda: window.features["why"].banner.card.is_open)
    window.features["why"].banner.card.advice_wanted.emit({"data.standardise": "xy"})
    qtbot.waitUntil(lambda: window.features["why"].banner.text() == "" and window.session.state.snapshot is not None)
    assert window.session.config.data.standardise == "xy"
    assert window.session.config.data.points == years
    window.session.undo()
    qtbot.waitUntil(lambda: "too large" in window.features["why"].banner.text())
    window.session.take_step()
    qtbot.waitUntil(lambda: window.session.state.run.step == 1)
    assert "too large" in window.features["why"].banner.text()  # the loss has risen
    window.session.edit({"training.learning_rate": 1e-9})
    qtbot.waitUntil(lambda: "too large" not in window.features["why"].banner.text())


def test_a_samples_influence_is_shown_by_its_experiment(editing: Hand, window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"training.stop_step": 500})
    window.views.function_plot.layers.editor.difference_wanted.emit(4)
    assert window.views.experiments.isVisible()
    marks = window.views.function_plot.layers.influence
    qtbot.waitUntil(lambda: marks.place == 4 and window.views.function_plot.layers.samples.are_sized)
    window.views.function_plot.layers.editor.difference_wanted.emit(7)  # known already
    assert marks.place == 7


def test_training_on_a_range_of_x_holds_out_what_is_beyond(editing: Hand, window: MainWindow, qtbot: QtBot) -> None:
    ask = editing.plot.layers.editor.ask_for_training_range
    dialog = type_range(ask, rangeXFrom="50", rangeXTo="60")
    assert dialog.isVisible()  # no sample would be left
    for name, text in (("rangeXFrom", "-1"), ("rangeXTo", "1,5")):
        child(dialog, QLineEdit, name).setText(text)
    dialog.accept()
    points = not_none(window.session.config.data.points)
    np.testing.assert_array_equal(points.held_out, (points.x < -1) | (points.x > 1.5))
    window.actions_["actionEditData"].trigger()
    qtbot.waitUntil(lambda: "beyond" in child(window.views.function_plot, QLabel, "plotFoot").text())
    window.session.undo()
    assert window.session.config.data.points is None
    type_range(ask)  # a range is written in a few digits, and meant as it is
    assert window.session.config.data.points is None  # nothing is another
    x = np.array([1700.123456, 1850.0, 2008.984321])
    window.session.begin_with({"data.points": Points(x, x, [True, False, False])})
    type_range(ask, rangeXFrom="1700")
    assert not not_none(window.session.config.data.points).held_out.any()
