"""The configuration: defaults, JSON and a line of text both ways; errors name field, value and what is allowed."""

import json
import math
import pickle
from collections.abc import Callable
from contextlib import suppress
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from tests.not_none import not_none
from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import SETTINGS, Config, ConfigError, changed_paths, needs_reset
from tinynet_gui.core.config.sections import full_path
from tinynet_gui.core.config.setting_text import setting_value
from tinynet_gui.core.data.points import LARGEST_X, LARGEST_Y, MAX_NAME, Points, draw_inputs
from tinynet_gui.core.experiments.table import changed_besides
from tinynet_gui.core.wording.setting_line import (
    LINE_NAMES,
    MAX_CHARACTERS,
    MAX_POINTS,
    NAMES,
    SettingLineError,
    is_setting_line,
    read_setting,
    unknown_words,
    write_setting,
)

TUTORIAL = Config()


def _points(count: int = MAX_POINTS) -> st.SearchStrategy[Points]:
    def made(rows: list[tuple[float, float, bool]], origin: str, x_name: str, y_name: str) -> Points:
        x, y, held_out = zip(*rows, strict=True)
        return Points(x, y, (False, *held_out[1:]), origin, x_name, y_name)

    rows = st.tuples(st.floats(-LARGEST_X, LARGEST_X), st.floats(-LARGEST_Y, LARGEST_Y), st.booleans())
    texts = [st.text(max_size=MAX_NAME) for _ in range(3)]
    return st.builds(made, st.lists(rows, min_size=1, max_size=count), *texts)


def values_of(path: str) -> st.SearchStrategy[Any]:
    """Allowed values of a setting, by its own declaration."""
    setting, kind = SETTINGS[path], type(TUTORIAL.get(path))
    special: dict[str, st.SearchStrategy[Any]] = {
        "network.hidden": st.lists(st.integers(1, 1_000), max_size=6).map(tuple),
        "data.formula": st.sampled_from(["x", "sin(3*x) + 0.3*x", " x ", "2 * abs( x )", "-x**2+x"]),
        "data.x_min": st.floats(-100, -3),
        "data.x_max": st.floats(3, 100),
        "data.points": st.none() | _points(),
        "network.first_weights": st.none(),  # no line and no JSON has them
    }
    if path in special:
        return special[path]
    if setting.choices:
        return st.sampled_from(tuple(setting.choices))
    low, high = setting.bounds
    return st.integers(int(low), int(high)) if kind is int else st.floats(low, high, allow_nan=False)


_OF_LAYERS = st.lists(st.sampled_from(list(ACTIVATIONS)), min_size=6, max_size=6)


def _config(changes: dict[str, Any]) -> Config | None:
    names, layers = changes.get("network.activation", ""), len(changes.get("network.hidden", (10,)))
    if isinstance(names, list):
        changes = {**changes, "network.activation": names[:layers] or names[0]}
    try:
        return Config().with_changes(changes)
    except ConfigError:  # a target that has no value somewhere in the range
        return None


whole_configs = (
    st.fixed_dictionaries(
        {}, optional={path: values_of(path) for path in SETTINGS} | {"network.activation": _OF_LAYERS}
    )
    .map(_config)
    .filter(lambda config: config is not None)
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first text reads a table of all characters
@given(whole_configs, st.sampled_from(["", "lr:0.001:1/towards.3:-1:1/reached/below:0.05"]))
def test_it_goes_both_ways(config: Config, map_text: str) -> None:
    line = write_setting(config, map_text)
    read = read_setting(line)
    assert (read.config, read.map) == (config, map_text)
    assert read.left_out == ()
    assert is_setting_line(line)
    assert not any(character.isspace() or not character.isprintable() for character in line)
    assert len(line) < MAX_CHARACTERS


@given(whole_configs, st.integers(10, 200))
def test_a_mail_may_break_it_anywhere(config: Config, width: int) -> None:
    line = write_setting(config)
    broken = "\r\n  ".join(line[place : place + width] for place in range(0, len(line), width))
    assert read_setting(f" {broken}\n").config == config


def test_a_line_can_be_read_by_a_person() -> None:
    changes = {"data.target": "sin", "network.hidden": (8, 8), "training.learning_rate": 0.01}
    config = TUTORIAL.with_changes(changes | {"training.optimizer": "adam", "training.stop_step": 20_000})
    assert write_setting(config) == "target=sin&hidden=8,8&optimizer=adam&lr=0.01&stop=20000"
    assert write_setting(TUTORIAL) == "target=square"
    assert write_setting(TUTORIAL.replace("network.hidden", ())) == "hidden=none"
    formula = TUTORIAL.with_changes({"data.target": "formula", "data.formula": "2 * x + 1"})
    assert write_setting(formula) == "target=formula&formula=2%20*%20x%20+%201"
    points = Points([1.0, 2.5, -0.0], [1.0, 1e-7, 4.0], [False, True, False], "made from x²")
    line = "x=1,2.5,-0&y=1,1e-07,4&held_out_points=2&origin=made%20from%20x²"
    assert write_setting(TUTORIAL.replace("data.points", points)) == line


def test_what_a_person_types_is_understood() -> None:
    read = read_setting("  target=formula & formula=sin(3*x) + 0.3*x&hidden= 8, 8 &x_min=−2&nesterov=yes&lr=1e-2 ")
    config = read.config
    assert (config.data.formula, config.data.x_min) == ("sin(3*x) + 0.3*x", -2)
    assert (config.network.hidden, config.training.learning_rate) == ((8, 8), 0.01)
    assert config.training.nesterov
    assert read.left_out == ()


def test_points_take_the_true_function_of_the_line_if_any() -> None:
    """An edited sample's line has its target; a teacher's, such as x=1,2,3&y=1,4,9, has none."""
    points = "x=1,2,3&y=1,4,9"
    assert read_setting(points).config.data.true_formula is None
    assert read_setting(f"{points}&target=sin").config.data.true_formula == "sin(x)"
    assert read_setting(f"{points}&formula=x**2+1").config.data.true_formula == "x**2+1"
    edited = TUTORIAL.replace("data.points", Points([1.0, 2.0], [1.0, 4.0]))
    assert edited.data.true_formula == "x**2"
    assert read_setting(write_setting(edited)).config == edited


def test_a_share_held_out_of_own_points_is_obeyed() -> None:
    ten = f"x={','.join(map(str, range(10)))}&y={','.join(map(str, range(10)))}"
    drawn = [not_none(read_setting(f"{ten}&held_out=0.3{more}").config.data.points) for more in ("", "&data_seed=7")]
    assert [int(points.held_out.sum()) for points in drawn] == [3, 3]
    assert drawn[0] != drawn[1]
    said = not_none(read_setting(f"{ten}&held_out=0.3&held_out_points=2").config.data.points)
    assert np.flatnonzero(said.held_out).tolist() == [1]
    one = TUTORIAL.with_changes({"data.held_out": 0.3, "data.points": Points([1.0, 2.0], [1.0, 4.0])})
    assert "held_out_points=none" in write_setting(one)
    with pytest.raises(ConfigError, match=r"^held_out: 200 % is not allowed"):
        read_setting(f"{ten}&held_out=2")


def test_every_setting_has_a_name_of_its_own() -> None:
    assert NAMES.keys() == SETTINGS.keys()
    assert len(set(NAMES.values())) == len(NAMES)


def test_unknown_parts_are_named_and_left_out() -> None:
    read = read_setting("lr=0.5&momentun=0.9&hello&&colour=" + "red" * 100)
    assert read.config == TUTORIAL.replace("training.learning_rate", 0.5)
    assert read.left_out[:2] == ("momentun=0.9", "hello")
    assert len(read.left_out[2]) == 60
    assert unknown_words(read).startswith("“momentun=0.9”, “hello”, “colour=redred")
    assert unknown_words(read).endswith(f" are not settings; known are {', '.join(LINE_NAMES)}")
    one = unknown_words(read_setting("hello"))
    assert one == f"“hello” is not a setting; known are {', '.join(LINE_NAMES)}"
    others = {"x", "y", "held_out_points", "origin", "x_name", "y_name", "map"}
    assert set(LINE_NAMES) == {*NAMES.values(), *others} - {"points", "first_weights"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("lr=2000", "lr: 2,000 is not allowed: 0 to 1,000"),
        ("lr=fast", "lr: “fast” is not a number: 0 to 1,000"),
        ("lr=nan", "lr: nan is not a number: 0 to 1,000"),
        ("lr=1_0", "lr: “1_0” is not a number: 0 to 1,000"),
        ("lr=1&lr=2", "lr: is in the line twice; once is allowed"),
        ("samples=2.5", "samples: 2.5 is not a whole number"),
        ("stop=10.000", "stop: 10.000: ten, or ten thousand? Write 10 or 10000"),
        ("lr=1,000", "lr: 1,000: one, or one thousand? Write 1 or 1000"),
        ("hidden=8,1.000", "hidden: 1.000: one, or one thousand? Write 1 or 1000"),
        ("samples=" + "9" * 5000, "samples: ∞ is not allowed: 1 to 1,000"),
        ("hidden=8,x", "hidden: “x” is not allowed: 1 to 1,000"),
        ("hidden=0", "hidden: 0 is not allowed: 1 to 1,000"),
        ("optimizer=adm", "optimizer: “adm” is not one of "),
        ("nesterov=maybe", "nesterov: “maybe” is not one of yes, no"),
        ("x_min=3", "x_max: 3 is not allowed: at least 0.001 above 3"),
        ("target=formula&formula=x+", "formula: "),
        ("x=1,2", "y: is missing: points need x and y"),
        ("x=1,2&y=1", "points: 2 x and 1 y: there must be as many of each"),
        ("x=1,b&y=1,2", "points: x of point 2: “b” is not a number"),
        ("x=1,2&y=1,2&held_out_points=3", "held_out_points: 3 is not a point: 1 to 2 are there"),
        ("origin=%FF", "origin: “%FF” is not a text"),
        ("lr=1" + " " * MAX_CHARACTERS, "setting: 20,004 characters are not allowed"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(line: str, words: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        read_setting(line)
    assert str(refusal.value).startswith(words)


def test_more_points_than_a_line_can_carry_are_refused() -> None:
    x = np.linspace(0, 1, MAX_POINTS + 1)
    with pytest.raises(SettingLineError, match="51 samples of your own are too many for a line of text: at most 50"):
        write_setting(TUTORIAL.replace("data.points", Points(x, x)))
    assert read_setting(write_setting(TUTORIAL.replace("data.points", Points(x[1:], x[1:])))).config


@pytest.mark.parametrize(
    "text", ["", "x\ty\n1\t2\n", "1,2\n3,4", "a=1&b=2", "hello", "a b=1&lr=1", "lr=1" + "0" * MAX_CHARACTERS]
)
def test_what_is_no_such_line_is_told_apart(text: str) -> None:
    assert not is_setting_line(text)


@pytest.mark.parametrize("half", ["\ud800", "%ED%A0%80", "%ff"])
def test_half_a_character_is_refused_or_a_question_mark(half: str) -> None:
    with pytest.raises(ConfigError, match=r"^formula: "):
        read_setting(f"formula=x{half}")
    if half[0] == "%":
        with pytest.raises(ConfigError, match=r"^origin: .* is not a text in UTF-8"):
            read_setting(f"x=1&y=2&origin={half}.csv")
    else:
        read = read_setting(f"x=1&y=2&origin={half}.csv").config
        assert write_setting(read) == "x=1&y=2&origin=?.csv"


@given(st.text() | st.lists(st.sampled_from([*NAMES.values(), "=", "&", "1", ",", "-", "%"])).map("".join))
def test_whatever_it_is_it_is_read_or_refused(text: str) -> None:
    is_setting_line(text)
    with suppress(ConfigError):
        assert isinstance(read_setting(text).config, Config)


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
        ("network.activation", ["tanh", "step"], "“step” is not one of relu"),
        (
            "network.activation",
            ["tanh", "relu"],
            "tanh, relu for 1 hidden layer is not allowed",
        ),
        ("network.activation", [], "for 1 hidden layer is not allowed: one for all of them, or one for each"),
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


def test_an_activation_for_each_layer_follows_the_layers() -> None:
    two = TUTORIAL.with_changes({"network.hidden": (8, 8), "network.activation": ["tanh", "relu"]})
    assert Config.from_json(two.to_json()) == two
    assert (write_setting(two), setting_value(two, "network.activation")) == (
        "hidden=8,8&activation=tanh,relu",
        "tanh, ReLU",
    )
    found = [two.replace("network.hidden", hidden).network.activation for hidden in ([5, 6, 7, 8], (3,), (), [5, 6])]
    assert found == [("tanh", "relu", "relu", "relu"), "tanh", "tanh", ("tanh", "relu")]
    alike = two.replace("network.activation", np.array(["silu", "silu"]))
    assert alike == TUTORIAL.with_changes({"network.hidden": (8, 8), "network.activation": "silu"})
    assert two.network.activations[1].label == "ReLU"
    assert changed_besides(("network.hidden",), two, two.replace("network.hidden", (3,))) == ()


def test_a_name_without_its_section_is_enough_where_it_is_unique() -> None:
    names = [path.partition(".")[2] for path in SETTINGS]
    assert [name for name in names if names.count(name) > 1] == ["seed", "seed"]
    for path, name in zip(SETTINGS, names, strict=True):
        if name != "seed":
            assert full_path(name) == path
    config = Config(hidden=8, learning_rate=0.01, target="sin")
    assert config == Config().with_changes(
        {"network.hidden": [8], "training.learning_rate": 0.01, "data.target": "sin"}
    )
    assert config.replace("hidden", [3, 3]) == config.with_changes({"hidden": (3, 3)})
    assert config.get("hidden") == (8,)
    two = config.with_changes({"hidden": [8, 8], "activation": ["relu", "tanh"]})
    assert two.replace("hidden", 3).network.activation == "relu"


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        *(
            (path, "training.learning_rate")
            for path in ("learning-rate", "lr", "optimizer.learning_rate", "Learning rate")
        ),
        ("training.learning_rat", "training.learning_rate"),
        ("n_hidden", "network.hidden"),
        ("seed", "data.seed or network.seed"),
    ],
)
def test_an_unknown_path_is_answered_by_the_one_that_is_meant(path: str, meant: str) -> None:
    keyword: dict[str, Any] = {path: 1}
    changed: list[Callable[[], object]] = [
        lambda: TUTORIAL.get(path),
        lambda: TUTORIAL.replace(path, 1),
        lambda: TUTORIAL.with_changes({path: 1}),
        lambda: Config(**keyword),
    ]
    for wrong in changed:
        with pytest.raises(ConfigError, match=rf"^{path}: there is no such setting; did you mean {meant}") as caught:
            wrong()
        assert caught.value.field == path


@pytest.mark.parametrize("path", [3, ("lr",), ["lr"], "epochs", "q" * 1_000_000])
def test_a_path_that_resembles_none_is_answered_by_all_of_them(path: Any) -> None:
    with pytest.raises(
        ConfigError, match=r"known are data: target, .*; network: hidden, .*; training: loss, .*"
    ) as caught:
        TUTORIAL.replace(path, 1)
    assert all(known.partition(".")[2] in caught.value.reason for known in SETTINGS)


def test_a_section_is_answered_by_its_settings() -> None:
    with pytest.raises(ConfigError, match=r"^network: .* did you mean network.hidden or network.activation or"):
        TUTORIAL.replace("network", 1)


@pytest.mark.parametrize("changes", [["lr"], "lr=0.1", None])
def test_changes_are_a_mapping(changes: Any) -> None:
    with pytest.raises(ConfigError, match=r'^changes: .* is not a dict such as {"training.learning_rate": 0.01}'):
        TUTORIAL.with_changes(changes)


def test_a_section_is_one_and_no_dictionary() -> None:
    dictionary: Any = {"learning_rate": 0.1}
    with pytest.raises(ConfigError, match=r"^training: \{'learning_rate': 0.1\} is not a TrainingConfig; from_dict"):
        Config(training=dictionary)
    assert pickle.loads(pickle.dumps(TUTORIAL)) == TUTORIAL == Config(TUTORIAL.data, training=TUTORIAL.training)


def test_a_configuration_shows_what_differs_from_the_tutorial() -> None:
    assert repr(TUTORIAL) == "Config()"
    changed = TUTORIAL.with_changes({"training.learning_rate": 0.1, "network.hidden": [3]})
    assert repr(changed) == "Config(network=NetworkConfig(hidden=(3,)), training=TrainingConfig(learning_rate=0.1))"


def test_numbers_of_numpy_are_numbers() -> None:
    rate = TUTORIAL.replace("training.learning_rate", np.float32(0.25))
    assert (rate.training.learning_rate, type(rate.training.learning_rate)) == (0.25, float)
    for widths in (np.array([8, 9]), [np.int64(8), np.int32(9)]):
        assert json.dumps(TUTORIAL.replace("network.hidden", widths).to_dict()["network"]["hidden"]) == "[8, 9]"


def test_a_formula_error_belongs_to_the_formula() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_dict({"data": {"target": "formula", "formula": "log(x)"}})
    assert caught.value.field == "data.formula"
    assert "x = -3" in caught.value.reason


def test_a_formula_must_have_a_value_at_the_samples_too() -> None:
    pole = float(draw_inputs(2, 20, -3, 3)[0][7])
    with pytest.raises(ConfigError, match="no finite value"):
        Config.from_dict({"data": {"target": "formula", "formula": f"1/(x - {pole!r})"}})


def test_an_integer_too_long_for_python_is_refused() -> None:
    for path, value in (("data.sample_count", -(10**5_000)), ("network.hidden", [10**5_000])):
        with pytest.raises(ConfigError, match=r"a number of more than 4,300 digits is not allowed: 1 to 1,000"):
            Config().replace(path, value)


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
FOREIGN = st.recursive(
    PLAIN | st.sampled_from([5_000]).map(lambda n: 10**n) | st.just("9" * 100_000),
    lambda values: st.lists(values) | st.dictionaries(st.sampled_from(["data", "hidden", "x"]) | st.text(), values),
    max_leaves=20,
)


@given(path=st.sampled_from(list(SETTINGS)), value=FOREIGN)
@example(path="training.loss", value="half of a character: \ud800")
@example(path="network.activation", value=[np.array(["relu", "tanh"])])
def test_a_value_of_any_kind_is_taken_or_refused_in_few_words(path: str, value: object) -> None:
    said = ""
    try:
        Config().replace(path, value)
    except ConfigError as error:
        said = str(error)
    assert len(said.encode()) < 700


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
    data: Any = Config().data
    with pytest.raises(FrozenInstanceError):
        data.noise = 1.0


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
