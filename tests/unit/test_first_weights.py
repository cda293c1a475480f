"""Weights from elsewhere as part of a setting: what keeps them, what draws others, and where they are told."""

from typing import Any

import numpy as np
import pytest

from tests.runs import config_of, run_of
from tests.sessions import OPENED, opened, session_of, there_and_back
from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.experiments.base import seeds_of
from tinynet_gui.core.experiments.table import changed_besides
from tinynet_gui.core.network.initializations import FirstWeights
from tinynet_gui.core.run.events import LiveSettingsChanged
from tinynet_gui.core.training.start import initial_parameters, initial_state
from tinynet_gui.core.wording.runs import differences, run_names

WITH = Config().replace("network.first_weights", OPENED)


def test_training_begins_with_them_and_not_with_the_seeds() -> None:
    kaiming = WITH.with_changes({"network.initialization": "kaiming", "network.first_weights": OPENED})
    for config in (WITH, kaiming):
        state = initial_state(config)
        for ours, theirs in zip(state.parameters, OPENED.parameters, strict=True):
            np.testing.assert_array_equal(ours, theirs)
            assert not ours.flags.writeable
        assert not config.network.needs_torch
        assert config.network.is_random


@pytest.mark.parametrize(
    ("path", "value", "are_kept"),
    [
        ("network.activation", "tanh", True),
        ("data.target", "sin", True),
        ("training.optimizer", "adam", True),
        ("network.hidden", (3,), False),
        ("network.hidden", (10,), False),
        ("network.seed", 3, False),
        ("network.seed", 2, False),
        ("network.drawn_before", 3_028, False),
        ("network.initialization", "xavier", False),
        ("network.weight_scale", 2.0, False),
    ],
)
def test_whatever_says_how_to_draw_draws_again(path: str, value: Any, are_kept: bool) -> None:
    for config in (WITH.replace(path, value), WITH.with_changes({path: value, "data.noise": 0.5})):
        assert config.network.first_weights is (OPENED if are_kept else None)
    assert [config.network.first_weights for config in seeds_of(WITH, 2)] == [None, None]


def test_they_are_no_part_of_the_settings_that_go_into_a_file() -> None:
    assert Config.from_json(WITH.to_json()) == Config()
    assert Config() != WITH


@pytest.mark.parametrize("value", [opened((3,)), [[1.0]], "network.pt"])
def test_those_of_another_shape_are_refused(value: object) -> None:
    with pytest.raises(ConfigError, match=r"network\.first_weights: .* are not those of its layers: \(10,\)"):
        Config().replace("network.first_weights", value)


def test_they_are_a_value() -> None:
    again = FirstWeights(OPENED.parameters, OPENED.origin)
    assert (again, hash(again)) == (OPENED, hash(OPENED))
    changed = [array.copy() for array in OPENED.parameters]
    changed[1][0] = np.nextafter(changed[1][0], np.float32(9))
    assert FirstWeights(changed, OPENED.origin) != OPENED
    assert FirstWeights(OPENED.parameters, "other.pt") != OPENED
    assert FirstWeights(initial_parameters(config_of(network__hidden=()).network), "a\n b\ud800" * 99).hidden == ()
    assert len(FirstWeights(changed, "x" * 999).origin) == 80


def test_runs_are_told_apart_by_them() -> None:
    runs = [run_of(config, [initial_state(config)]) for config in (WITH, Config().replace("network.seed", 7))]
    object.__setattr__(runs[1], "id", 2)
    assert run_names(runs) == {1: "weights of net “1”.pt", 2: "seed 7"}
    rows = {row.label: row.texts for row in differences(runs, {})}
    assert rows["First weights"] == ("net “1”.pt", "drawn")
    assert changed_besides(("network.seed",), WITH, Config()) == ()
    assert changed_besides((), WITH, Config()) == ("network.first_weights",)


def test_a_session_has_them_once_whatever_was_changed_since() -> None:
    """Else a long run of a large network takes gigabytes when it is read."""
    rates = [LiveSettingsChanged(0, WITH.replace("training.learning_rate", rate)) for rate in (0.1, 0.2, 0.3)]
    run = there_and_back(session_of(run_of(WITH, [initial_state(WITH)], rates))).run
    configs = [
        run.start.config,
        run.wanted.config,
        *(e.config for e in run.events if isinstance(e, LiveSettingsChanged)),
    ]
    assert len(configs) == 5
    assert {config.network.first_weights for config in configs} == {OPENED}
    assert len({id(config.network.first_weights) for config in configs}) == 1


def test_what_is_read_only_is_not_copied() -> None:
    assert all(a is b for a, b in zip(FirstWeights(OPENED.parameters, "").parameters, OPENED.parameters, strict=True))
    array = np.ones((1, 1), dtype=np.float32)
    given = FirstWeights([array, np.ones(1, dtype=np.float32)], "")
    array[0] = 2
    assert given.parameters[0] == 1
