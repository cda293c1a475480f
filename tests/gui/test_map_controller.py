"""The map in the window: what it looks from, when it is drawn anew, and the runs at its points."""

import gc
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QLabel
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, is_at, key_text
from tests.gui.shared_window import SharedWindow
from tests.not_none import not_none
from tests.runs import config_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.failures.symptoms import dead_neurons
from tinynet_gui.core.maps.axes import NAMED_MAPS, RATE, Along, Axis, Direction, MapChoice, usual_range
from tinynet_gui.core.maps.colors import COLORS
from tinynet_gui.core.maps.networks import network_at
from tinynet_gui.core.maps.outcome_map import OutcomeMap
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.values import Floats
from tinynet_gui.core.wording.maps import map_text
from tinynet_gui.ui.views.map.controller import PICTURE
from tinynet_gui.ui.views.map.controls import axis_around, two_weights
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.views import VIEWS

STOP = 30
CONFIG = config_of(training__stop_step=STOP, network__hidden=(5,))


@pytest.fixture
def window(shared: SharedWindow, qtbot: QtBot) -> MainWindow:
    """A window with a small map in sight; it is not painted, as what it is asked for are numbers."""
    window = shared.get(CONFIG)
    window.setUpdatesEnabled(False)
    window.resize(1_280, 640)
    window.frame.layout.show(window.views.map)
    window.frame.arranger.restore()
    drawn(window, qtbot)
    return window


def drawn(window: MainWindow, qtbot: QtBot) -> OutcomeMap:
    """Wait for the finest picture of what is wanted now."""

    def is_there() -> bool:
        controller, picture = window.context.controllers["map"], window.views.map.picture
        is_at_rest = not child(window.views.map, QTimer, "mapResized").isActive()
        is_newest = controller.is_up_to_date and is_at_rest and not window.program.jobs.is_running(PICTURE)
        return picture is not None and is_newest and picture.spacing == 1

    qtbot.waitUntil(is_there)
    picture: OutcomeMap = not_none(window.views.map.picture)
    return picture


def opened(window: MainWindow, qtbot: QtBot, column: int, row: int) -> float:
    """Open the run at a point; return the loss where it stands."""
    picture, before = not_none(window.views.map.picture), window.session.state.run.id
    window.views.map.point_chosen.emit(float(picture.x[column]), float(picture.y[row]))

    def stands() -> bool:
        state = window.session.state
        is_new = state.run.id != before and state.snapshot is not None and state.snapshot.run_id == state.run.id
        return (is_new and not state.is_running and state.status.phase != "ready") or _is_untrained(window)

    qtbot.waitUntil(stands)
    state = window.session.state
    return np.inf if state.status.phase == "diverged" else not_none(state.snapshot).train_loss


def _is_untrained(window: MainWindow) -> bool:
    snapshot, picture = window.session.state.snapshot, not_none(window.views.map.picture)
    is_there = snapshot is not None and snapshot.run_id == window.session.state.run.id
    return is_there and not COLORS[picture.color].is_trained


@pytest.mark.bits
def test_a_click_opens_the_pixels_run_and_undo_reverts(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    session.fast_forward(30)
    qtbot.waitUntil(lambda: is_at(window, 30))
    session.keep()
    session.new_seed()
    session.fast_forward(20)
    qtbot.waitUntil(lambda: is_at(window, 20))
    run = session.state.run.id
    for name in ("failure", "widths", "starts", "valley", "between"):
        window.views.map.controls.named_wanted.emit(name)
        for right, up in ((0.1, 0.1), (0.9, 0.8), (0.5, 0.6)):
            picture = drawn(window, qtbot)
            column, row = int(right * len(picture.x)), int(up * len(picture.y))
            number = picture.numbers[row, column]
            assert opened(window, qtbot, column, row) == number, name
            if name in ("failure", "widths", "starts"):  # it varies nothing but what the run differs in
                assert drawn(window, qtbot).plane is picture.plane, name
            session.undo()
            qtbot.waitUntil(lambda: is_at(window, 20))
            assert session.state.run.id == run


@pytest.mark.bits
def test_any_map_opens_the_pixels_run_to_the_bit(window: MainWindow, qtbot: QtBot, shared: SharedWindow) -> None:
    for seed, color in enumerate(COLORS):
        shared.get(CONFIG)
        _assert_it_opens(window, qtbot, seed, color)


def _assert_it_opens(window: MainWindow, qtbot: QtBot, seed: int, color: str) -> None:
    random, session = np.random.default_rng(seed), window.session
    session.edit({"data.held_out": 0.2, "training.learning_rate": 0.01})
    session.fast_forward(10)
    qtbot.waitUntil(lambda: is_at(window, 10))
    new: list[Along] = ["network.seed", "data.noise", "data.sample_count", "network.weight_scale"]
    live: list[Along] = ["training.learning_rate", "training.weight_decay"]
    lines: list[Along] = [ParameterRef(1, "weight", (0, 3)), ParameterRef(0, "bias", (2,)), Direction("run")]
    lines += [Direction("gradient"), Direction("second")]
    pair = random.permutation(len(offered := live + (new if seed % 2 else lines)))[:2]
    x, y = (Axis(offered[k], *usual_range(offered[k], 0.5)) for k in pair)
    session.set_view(map=map_text(MapChoice(x, y, color, limit=2.0)))
    numbers = drawn(window, qtbot).numbers
    row, column = (int(random.integers(size)) for size in numbers.shape)
    loss = opened(window, qtbot, column, row)
    state = window.session.state
    snapshot = not_none(state.snapshot)
    expected = {
        "loss": loss,
        "end": loss,
        "held_out": snapshot.validation_loss or np.nan if np.isfinite(loss) else np.inf,
        "dead": len(dead_neurons(snapshot)) if np.isfinite(loss) else np.inf,
        "diverged": np.nan if state.run.diverged_at is None else state.run.diverged_at,
    }
    if color == "reached":
        begin, (losses, *_) = 0 if state.run.parent is None else 10, state.run.losses.columns()
        below = [step for step in range(begin, len(losses)) if losses[step] < 2.0]
        expected["reached"] = below[0] if below else snapshot.step if loss < 2.0 else np.nan
    np.testing.assert_equal(numbers[row, column], expected[color], color)


def test_a_slice_follows_the_time_line_around_the_runs_loss(window: MainWindow, qtbot: QtBot) -> None:
    session, told = window.session, child(window.views.map, QLabel, "mapTold")
    window.views.map.controls.named_wanted.emit("valley")
    drawn(window, qtbot)
    assert told.toolTip() == "The run has not left this plane."
    session.fast_forward(STOP)
    qtbot.waitUntil(lambda: is_at(window, STOP))
    for step in (STOP, 12, 0):
        session.look_at(step)
        qtbot.waitUntil(lambda: session.state.past is not None or not session.state.looks_back)
        plane = drawn(window, qtbot).plane
        assert plane.here.state.step == step
        number = not_none(session.state.snapshot).train_loss
        numbers = not_none(window.views.map.picture).numbers
        row, column = (half // 2 for half in numbers.shape)
        middle = numbers[row - 1 : row + 2, column - 1 : column + 2]
        assert middle.min() <= number * 1.02
        assert number <= middle.max() * 1.02
    assert "away from this plane" in told.toolTip()


def test_a_map_of_settings_changes_only_with_the_settings(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    before = drawn(window, qtbot)
    session.fast_forward(STOP)
    qtbot.waitUntil(lambda: is_at(window, STOP))
    session.edit({"training.learning_rate": 0.01})  # which it varies
    assert drawn(window, qtbot) is before
    session.edit({"data.noise": 0.5})
    assert drawn(window, qtbot).plane is not before.plane


def test_a_new_axis_is_centred_on_the_present_value(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"training.weight_decay": 0.01})
    window.views.map.controls.along_wanted.emit("x", "training.weight_decay")
    x, y = drawn(window, qtbot).plane.axes
    assert (x.low, x.high) == pytest.approx((0.01 / 30, 0.3))
    assert y == NAMED_MAPS["failure"].choice(two_weights(Config(), None), None).y
    assert not window.views.map.name
    state, bias = not_none(window.session.state.snapshot).state, ParameterRef(0, "bias", (3,))
    moved = replace(state, parameters=tuple(np.full_like(array, -5) for array in state.parameters))
    assert axis_around(bias, window.session.state.config, moved) == Axis(bias, -10, 10)


def test_pointing_draws_that_network_into_the_function_plot(window: MainWindow, qtbot: QtBot) -> None:
    picture, pointed = not_none(window.views.map.picture), window.views.function_plot.layers.pointed
    window.views.map.point_pointed.emit((float(picture.x[2]), float(picture.y[5])))
    qtbot.waitUntil(lambda: pointed.drawn() is not None)
    curve = not_none(pointed.drawn())
    opened(window, qtbot, 2, 5)
    snapshot = not_none(window.session.state.snapshot)
    np.testing.assert_allclose(np.interp(snapshot.grid, *curve), snapshot.output, atol=0.02)
    there = not_none(
        network_at(
            drawn(window, qtbot).plane,
            float(picture.x[2]),
            float(picture.y[5]),
            is_trained=True,
            stop=np.zeros(1, np.uint8),
        )
    )
    for diverged_at, says in ((-1, "</b> at this point of the map"), (3, "</b> diverged at this point of the map")):
        pointed.show_network(replace(there, diverged_at=np.array([diverged_at])))
        assert says in key_text(window)
    window.views.map.point_pointed.emit(None)
    assert pointed.drawn() is None


def test_an_axis_incompatible_with_the_other_changes_both(window: MainWindow, qtbot: QtBot) -> None:
    bias = ParameterRef(0, "bias", (1,))
    for side, along in (("x", bias), ("y", "data.noise"), ("y", bias)):  # the first beside the initial scale
        window.views.map.controls.along_wanted.emit(side, along)
        axes = drawn(window, qtbot).plane.axes
        assert [axis.along for axis in axes] == [*(along, "training.learning_rate")][:: 1 if side == "x" else -1]


def test_what_hinders_a_map_is_said_in_its_place(window: MainWindow, qtbot: QtBot) -> None:
    window.views.map.controls.named_wanted.emit("between")
    qtbot.waitUntil(lambda: "tick one in Runs" in window.views.map.trouble)
    window.views.map.controls.named_wanted.emit("starts")
    drawn(window, qtbot)
    assert not window.views.map.trouble
    window.session.freeze(NeuronRef(0, 1), True)
    qtbot.waitUntil(lambda: "unfreeze" in window.views.map.trouble)
    window.views.map.controls.named_wanted.emit("failure")
    drawn(window, qtbot)


def test_axes_are_of_the_pinned_neuron_or_reported_missing(window: MainWindow, qtbot: QtBot) -> None:
    window.context.selection.pin(NeuronRef(0, 3))
    window.views.map.controls.named_wanted.emit("starts")
    axes = drawn(window, qtbot).plane.axes
    assert [axis.along for axis in axes] == [ParameterRef(0, "weight", (3, 0)), ParameterRef(0, "bias", (3,))]
    window.session.edit({"network.hidden": (2,)})
    for step in (1, 2):
        window.session.take_step()
        qtbot.waitUntil(partial(is_at, window, step))
        assert window.views.map.trouble.startswith("This network has no weight from x to h₄. ")
        assert window.views.map.picture is None
    assert child(window.views.map, QComboBox, "mapRight").currentText() == "Weight from x to h₄"
    window.session.edit({"network.hidden": (5,)})
    assert drawn(window, qtbot).plane.axes == axes
    assert not window.views.map.trouble
    window.views.map.controls.named_wanted.emit("widths")
    drawn(window, qtbot)
    window.session.edit({"network.hidden": ()})
    assert "exactly one hidden layer" in window.views.map.trouble


def test_before_a_runs_first_moment_only_axes_can_be_chosen(window: MainWindow, qtbot: QtBot) -> None:
    window.views.map.controls.named_wanted.emit("starts")
    picture, session = drawn(window, qtbot), window.session
    session.new_seed()
    run = session.state.run.id
    window.views.map.point_chosen.emit(float(picture.x[1]), float(picture.y[1]))
    assert session.state.run.id == run
    window.views.map.controls.along_wanted.emit("x", bias := ParameterRef(0, "bias", (4,)))
    assert drawn(window, qtbot).plane.axes[0] == Axis(bias, -3, 3)


def test_cancel_keeps_what_is_there_and_another_wish_goes_on(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"training.stop_step": 100_000})
    qtbot.waitUntil(lambda: not_none(window.views.map.picture).plane.here.config.training.stop_step == 100_000)
    window.views.map.cancel_wanted.emit()
    assert not window.program.jobs.is_running(PICTURE)
    window.session.edit({"training.stop_step": STOP})
    drawn(window, qtbot)


def test_it_saves_its_numbers(window: MainWindow) -> None:
    saved: list[Any] = []
    record = next(view for view in VIEWS if view.name == "map")
    not_none(record.save_numbers)(window.views.map, Mock(), lambda *table: saved.append(table))
    picture = not_none(window.views.map.picture)
    lines = saved[0][1].splitlines()
    assert len(lines) == 1 + len(picture.y)
    assert float(lines[3].split(",")[4]) == picture.numbers[2, 3]


def test_every_named_map_is_called_by_its_name_and_shown_whole(window: MainWindow, qtbot: QtBot) -> None:
    """Also after one of whole numbers, whose limits of a zoom are others."""
    for name in ("widths", *NAMED_MAPS, "widths", "valley"):
        if name != "between":
            window.views.map.controls.named_wanted.emit(name)
            axes = drawn(window, qtbot).plane.axes
            assert window.views.map.name == name
            named = NAMED_MAPS[name].choice(two_weights(Config(), None), None)
            assert [(axis.low, axis.high) for axis in axes] == [(axis.low, axis.high) for axis in (named.x, named.y)]
            widths = [float(axis.scaled(axis.high) - axis.scaled(axis.low)) for axis in axes]
            least = (drawn(window, qtbot).plane.least_width(k, 1_700) for k in (0, 1))
            assert all(one < 0.1 * width for one, width in zip(least, widths, strict=True))


def test_of_a_map_no_more_numbers_stay_than_those_in_sight(window: MainWindow, qtbot: QtBot) -> None:
    """Of no coarser picture, of none before a zoom, and nothing computed from them."""

    def reached() -> dict[int, Floats]:
        gc.collect()
        all_ = (each for holder in gc.get_objects() for each in gc.get_referents(holder) if type(each) is np.ndarray)
        return {id(each): each for each in all_ if each.dtype == np.float64 and each.ndim == 2}

    config, before = window.session.state.config, reached()  # other tests' are theirs
    choice = NAMED_MAPS["failure"].choice(two_weights(config, None), None)
    for low in (0.001, 0.002):
        window.session.set_view(map=map_text(replace(choice, x=Axis(RATE, low, 0.5))))
        numbers = drawn(window, qtbot).numbers

    def stays() -> set[int]:
        return {number for number, each in reached().items() if each.shape == numbers.shape} - set(before)

    qtbot.waitUntil(lambda: stays() == {id(numbers)})  # the job's thread may still hold what it began with


def test_another_size_begins_no_map_anew(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A larger one is made finer under what is there, and has its points; a smaller one is there already."""
    view, begun, coarsest = window.views.map, [], []
    small = drawn(window, qtbot)
    monkeypatch.setattr(view.progress, "begin", lambda **_: begun.append(view.size()))
    show = view.show_picture

    def watch(picture: OutcomeMap | None) -> None:
        show(picture)
        coarsest.append(max(map(len, view.plot.images.colors()), default=0))

    monkeypatch.setattr(view, "show_picture", watch)
    window.resize(1_280, 720)
    qtbot.waitUntil(lambda: len(begun) == 1)
    large = drawn(window, qtbot)
    assert len(large.y_places) > len(small.y_places)
    assert min(coarsest) >= len(small.y_places)
    rows, columns = np.isin(large.y, small.y), np.isin(large.x, small.x)
    np.testing.assert_array_equal(large.numbers[np.ix_(rows, columns)], small.numbers)
    window.resize(1_280, 640)
    qtbot.waitUntil(lambda: not child(view, QTimer, "mapResized").isActive())
    assert drawn(window, qtbot) is large
    assert len(begun) == 1
