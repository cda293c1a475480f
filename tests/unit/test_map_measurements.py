"""What lessons read of a map is what trainings of their own come to."""

import itertools
import math
import re

import numpy as np
import pytest
import torch

from tests.by_hand import network_by_hand, train_by_hand
from tests.runs import config_of, trained
from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.map_measurements import ROW, Dots, read_dots
from tinynet_gui.core.lessons.measurements import Measured
from tinynet_gui.core.lessons.template import fill
from tinynet_gui.core.maps.outcome_map import outcome_map
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.training.engines import run_compiled
from tinynet_gui.core.training.start import initial_state, make_dataset
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.wording.maps import map_text, read_map

SHORT = config_of(training__stop_step=60)


def _read(name: str, *at: float, text: str, config: Config = SHORT, steps: int = 0) -> float:
    found = Measured(trained(config, steps).snapshot(1), None, read_map(text))[name]
    return found(*at) if callable(found) else found


def _by_hand(config: Config, moment: Trainer) -> float:
    """The loss where a training ends that goes on from a moment, by the tutorial's loop in torch."""
    network, start = network_by_hand(config.network.hidden), moment.state()
    with torch.no_grad():
        for parameter, array in zip(network.parameters(), start.parameters, strict=True):
            parameter.copy_(torch.tensor(array))
    x, y = (torch.tensor(part) for part in (moment.dataset.x_train, moment.dataset.y_train))
    optimizer = torch.optim.SGD(network.parameters(), lr=config.training.learning_rate)
    return train_by_hand(network, x, y, config.training.stop_step - start.step + 1, optimizer)[-1]


@pytest.mark.parametrize(("rate", "scale"), [(0.001, 1.0), (0.05, 0.5), (0.02, 2.0), (2.0, 1.0)])
def test_a_point_of_settings_is_an_ordinary_training_with_them(rate: float, scale: float) -> None:
    there = SHORT.with_changes({"training.learning_rate": rate, "network.weight_scale": scale})
    expected = _by_hand(there, Trainer(there))
    expected = expected if math.isfinite(expected) else math.inf
    assert (rate == 2.0) == (expected == math.inf)
    for steps in (0, 9):  # it begins at the first weights, wherever the run is
        found = _read("map_at", rate, scale, text="lr:0.001:3/scale:0.1:10/end", steps=steps)
        assert found == pytest.approx(expected, rel=1e-3)


def test_a_point_of_weights_is_trained_from_there() -> None:
    moment, text = trained(SHORT, 9), "w.0.3.0:-3:3/b.0.3:-3:3/end"
    moment.edit(ParameterRef(0, "weight", (3, 0)), 1.5)
    moment.edit(ParameterRef(0, "bias", (3,)), -0.25)
    assert _read("map_at", 1.5, -0.25, text=text, steps=9) == pytest.approx(_by_hand(SHORT, moment), rel=1e-4)
    assert _read("map_at", 1.5, -0.25, text=f"{text}/start") < math.inf
    assert math.isnan(_read("map_at", 1.5, -0.25, text=f"{text}/start", steps=9))  # where the run began is not known


def _diverges(config: Config) -> bool:
    """By the loop that opens a point of the map: in this row another loop's rounding has another outcome."""
    run = run_compiled("Compiled ×16", config, make_dataset(config.data), initial_state(config), 60)
    return run.diverged_at is not None


@pytest.mark.parametrize(("color", "scale"), [("end", 0.2), ("diverged", 0.2), ("end", 1.0), ("end", 0.01)])
def test_a_row_is_that_of_ordinary_trainings(color: str, scale: float) -> None:
    text = f"lr:0.1:3/scale:0.1:10/{color}"
    rates, _ = read_map(text).x.grid(ROW)
    there = [SHORT.with_changes({"training.learning_rate": rate, "network.weight_scale": scale}) for rate in rates]
    diverges = [_diverges(config) for config in there]
    turns = sum(one != other for one, other in itertools.pairwise(diverges))
    assert turns >= (3 if scale == 0.2 else 1)
    assert _read("map_turns", scale, text=text) == turns
    assert _read("map_edge", scale, text=text) == rates[diverges.index(True)]


def test_a_finer_row_is_one_of_4096_pixels() -> None:
    choice = read_map("lr:0.1:3/scale:0.199:0.2010050251/end")  # 0.2 is in the middle
    [row] = outcome_map(SHORT, choice.x, choice.y, choice.color, (4096, 1)).pixels()
    turns = np.count_nonzero(np.diff(np.isinf(row)))
    assert turns > 4 * _read("map_turns", 0.2, text=map_text(choice))
    assert _read("map_finer_turns", 0.2, text=map_text(choice)) == turns


def test_where_nothing_diverges_there_is_no_edge() -> None:
    text = "lr:0.0001:0.001/scale:0.1:2/end"
    assert [_read(name, text=text) for name in ("map_low", "map_high", "map_bottom", "map_top")] == [1e-4, 1e-3, 0.1, 2]
    assert _read("map_turns", 1.0, text=text) == 0
    assert math.isnan(_read("map_edge", 1.0, text=text))


@pytest.mark.parametrize(
    ("text", "config"),
    [
        ("hidden:1:9/lr:0.001:1/end", config_of(network__hidden=(4, 4))),
        ("w.0.20.0:-1:1/lr:0.001:1/end", SHORT),
        ("run:-1:1/gradient:-1:1/end", SHORT),
    ],
)
def test_a_map_that_is_not_there_has_no_numbers(text: str, config: Config) -> None:
    for name, at in (("map_at", (1.0, 1.0)), ("map_edge", (1.0,)), ("map_turns", (1.0,))):
        assert math.isnan(_read(name, *at, text=text, config=config))


def test_a_row_of_long_trainings_is_not_waited_for() -> None:
    config = config_of(network__hidden=(1_000,))
    assert math.isnan(_read("map_turns", 1.0, text="lr:0.001:3/scale:0.1:10/end", config=config))


@pytest.mark.parametrize(
    ("stop", "is_read"), [(60, [True] * 4), (50_000, [False, False, False, True]), (10**8, [False] * 4)]
)
def test_what_takes_long_is_not_read_while_the_window_waits(stop: int, is_read: list[bool]) -> None:
    """A row of trainings of 100 million steps would take a quarter of an hour."""
    places = {"map_edge": (1.0,), "map_turns": (1.0,), "map_finer_turns": (1.0,), "map_at": (0.001, 1.0)}
    config, text = config_of(training__stop_step=stop), "lr:0.001:3/scale:0.1:10/end"
    found = [_read(name, *at, text=text, config=config) for name, at in places.items()]
    assert [not math.isnan(each) for each in found] == is_read


@pytest.mark.parametrize(("most", "is_read"), [(100, True), (1_000, False)])
def test_the_ends_of_an_axis_count_as_what_takes_long(most: int, is_read: bool) -> None:
    text, config = f"samples:10:{most}/lr:0.001:3/end", config_of(training__stop_step=1_000)
    assert math.isnan(_read("map_turns", 0.001, text=text, config=config)) is not is_read


def test_a_row_pictures_its_numbers_in_the_filled_text() -> None:
    scope = Measured(trained(SHORT, 0).snapshot(1), None, read_map("lr:0.001:3/scale:0.1:10/end"))
    before, name, after = re.split(r"\(([^()]*)\)", fill("So: ![All of them](map_row:1) {samples}", scope))
    assert (before, after) == ("So: ![All of them]", " 20")
    dots = read_dots(name)
    assert dots is not None
    assert (dots.low, dots.high, len(dots.numbers)) == (0.001, 3.0, ROW)
    assert (dots.across, dots.upwards) == ("Learning rate", "loss at the end")
    assert read_dots("dots:0:1:2,inf") == Dots(0.0, 1.0, [2.0, math.inf])  # of an earlier version
    rates = 0.001 * 3000 ** ((np.arange(ROW) + 0.5) / ROW)
    for place in (0, 100, ROW - 1):
        found = _read("map_at", float(rates[place]), 1.0, text="lr:0.001:3/scale:0.1:10/end")
        assert dots.numbers[place] == pytest.approx(found, rel=0.01)
    for wrong in (
        "cat.png",
        "dots:",
        "dots:1:2",
        "dots:2:1:3",
        "dots:0:inf:3",
        "dots:a:1:2",
        f"dots:0:1:{'1,' * 1000}1",
    ):
        assert read_dots(wrong) is None
