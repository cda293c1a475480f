"""The configuration: defaults, JSON both ways, and errors that name field, value and what is allowed."""

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_setting_line import values_of
from tinynet_gui.core.config import SETTINGS, Config, ConfigError, changed_paths, needs_reset
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.data.sampling import draw_inputs
from tinynet_gui.core.training.optimizers import OPTIMIZERS


def test_the_defaults_are_the_tutorials() -> None:
    config = Config()
    assert config.data.target_formula == "x**2"
    assert (config.data.sample_count, config.data.x_min, config.data.x_max, config.data.noise) == (20, -3, 3, 0)
    assert (config.network.hidden, config.network.activation) == ((10,), "relu")
    assert (config.training.loss, config.training.optimizer) == ("mse", "sgd")
    assert (config.training.learning_rate, config.training.stop_step) == (0.001, 10_000)


configs = st.fixed_dictionaries({path: values_of(path) for path in SETTINGS if path != "data.target"})


@given(configs)
def test_json_goes_both_ways(values: dict[str, Any]) -> None:
    plain: dict[str, dict[str, Any]] = {"data": {}, "network": {}, "training": {}}
    for path, value in values.items():
        section, name = path.split(".")
        plain[section][name] = value
    config = Config.from_dict(plain)
    assert Config.from_json(config.to_json()) == config
    assert json.loads(config.to_json())["network"]["hidden"] == list(values["network.hidden"])


def test_what_is_left_out_takes_its_default() -> None:
    config = Config.from_json('{"network": {"hidden": [5]}}')
    assert config == Config().replace("network.hidden", (5,))
    assert config.network.drawn_before == 0  # as in files that are older than this field


@pytest.mark.parametrize(
    ("path", "value", "allowed"),
    [
        ("data.sample_count", 0, "1 to 1,000"),
        ("data.sample_count", 1_001, "1 to 1,000"),
        ("data.sample_count", 2.5, "whole number"),
        ("data.sample_count", "20", "number"),
        ("data.seed", 10**400, "401 digits"),
        ("network.hidden", [10**400], "1 to 1,000"),
        ("data.sample_count", True, "number"),
        ("data.noise", -0.1, "0 to 100"),
        ("data.noise", math.nan, "number"),
        ("data.held_out", 0.95, "95 % is not allowed: 0 % to 90 %"),
        ("data.x_max", -3.0, "above -3"),
        ("data.target", "tangent", "square"),
        ("network.hidden", [1] * 7, "0 to 6"),
        ("network.hidden", [0], "1 to 1,000"),
        ("network.hidden", [10.0], "1 to 1,000"),
        ("network.hidden", "ten", "list"),
        ("network.activation", "step", "relu"),
        ("training.learning_rate", -1, "0 to 1,000"),
        ("training.learning_rate", math.inf, "∞ is not allowed: 0 to 1,000"),
        ("training.learning_rate", -math.inf, "−∞ is not allowed: 0 to 1,000"),
        ("data.sample_count", -math.inf, "−∞ is not allowed: 1 to 1,000"),
        ("training.nesterov", "yes", "False, True"),
        ("training.batch_size", -1, "0 to 1,000"),
        ("training.stop_step", 0, "1 to 100,000,000"),
    ],
)
def test_an_error_names_the_field_and_what_is_allowed(path: str, value: object, allowed: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config().replace(path, value)
    assert caught.value.field == path
    assert allowed in caught.value.reason
    assert path in str(caught.value)


def test_a_formula_error_belongs_to_the_formula() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_dict({"data": {"target": "formula", "formula": "log(x)"}})
    assert caught.value.field == "data.formula"
    assert "x = -3" in caught.value.reason


def test_a_formula_must_have_a_value_at_the_samples_too() -> None:
    pole = float(draw_inputs(2, 20, -3, 3)[0][7])
    with pytest.raises(ConfigError, match="no finite value"):
        Config.from_dict({"data": {"target": "formula", "formula": f"1/(x - {pole!r})"}})


def test_a_number_with_more_digits_than_python_writes_is_refused_as_one() -> None:
    for path, value in (("data.sample_count", -(10**5_000)), ("network.hidden", [10**5_000])):
        with pytest.raises(ConfigError, match=r"a number of more than 4,300 digits is not allowed: 1 to 1,000"):
            Config().replace(path, value)


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
FOREIGN = st.recursive(
    PLAIN | st.sampled_from([5_000]).map(lambda n: 10**n) | st.just("9" * 100_000),
    lambda values: st.lists(values) | st.dictionaries(st.sampled_from(["data", "hidden", "x"]) | st.text(), values),
)


@given(path=st.sampled_from(list(SETTINGS)), value=FOREIGN)
def test_a_value_of_any_kind_is_taken_or_refused_in_few_words(path: str, value: object) -> None:
    said = ""
    try:
        Config().replace(path, value)
    except ConfigError as error:
        said = str(error)
    assert len(said) < 700


PLACES = ("{}", '{{"data": {}}}', '{{"network": {{"hidden": {}}}}}', '{{"data": {{"seed": {}}}}}')
NESTED = [place.format("[" * depth + "]" * depth) for place in PLACES for depth in (300, 900, 985, 5_000)]


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{", '{"data": 3}', '{"dat": {}}', '{"data": {"samples": 3}}'),
        *("[" * 100_000, f'{{"data": {{"seed": {"9" * 5000}}}}}', *NESTED),
        f'{{"{"x" * 1_000_000}": 1}}',
        f'{{"data": {{"{"x" * 1_000_000}": 1}}}}',
        f'{{"data": "{"x" * 1_000_000}"}}',
        f'{{"data": {{"target": "{"x" * 1_000_000}"}}}}',
        f'{{"data": {{"target": {[1] * 300_000}}}}}',
        f'{{"data": {{"formula": "{"x+" * 1_000_000}x"}}}}',
        f'{{"network": {{"hidden": {{"{"x" * 1_000_000}": 1}}}}}}',
        f'{{"network": {{"hidden": ["{"x" * 1_000_000}"]}}}}',
        f'{{"training": {{"nesterov": {[1] * 300_000}}}}}',
    ],
    ids=range(33),
)
def test_what_is_no_configuration_is_refused_in_few_words(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_json(text)
    assert len(str(caught.value)) < 700


def test_every_field_says_when_it_acts() -> None:
    assert {setting.effect for setting in SETTINGS.values()} == {"live", "reset"}
    live = {path for path, setting in SETTINGS.items() if setting.effect == "live"}
    assert {"training.learning_rate", "training.weight_decay", "training.stop_step"} <= live
    assert {path for path in live if path.startswith(("data.", "network."))} == {"data.points"}


def test_differences() -> None:
    before = Config()
    live = before.replace("training.learning_rate", 0.01)
    assert list(changed_paths(before, live)) == ["training.learning_rate"]
    assert not needs_reset(before, live)
    assert needs_reset(before, live.replace("network.seed", 3))


def test_a_configuration_cannot_be_written_to() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().data.noise = 1.0  # type: ignore[misc]


def test_an_optimisers_own_fields_exist() -> None:
    for optimizer in OPTIMIZERS.values():
        assert all(f"training.{name}" in SETTINGS for name in optimizer.fields)


@pytest.mark.parametrize("target", ["formula", "square"])
def test_half_a_character_is_refused(target: str) -> None:
    """No file could have it, also while another target is chosen."""
    config = json.dumps({"data": {"target": target, "formula": "x + \udc80"}})
    with pytest.raises(ConfigError, match=r"^data\.formula: .*x \+ \?.* half a character"):
        Config.from_json(config)
    origin = json.dumps({"data": {"points": {"x": [1], "y": [2], "origin": "\udc80"}}})
    assert Config.from_json(origin).data.points == Points([1], [2], origin="?")
