"""A run as a web page: what is in the file, and that nothing else can be; `tests/e2e/test_web_page.py` opens it."""

import base64
import hashlib
import html
import json
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from py_mini_racer import MiniRacer

from tests.runs import Act, config_of, run_of, walk
from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.config import Config, NetworkConfig
from tinynet_gui.core.config.targets import FORMULA, TARGETS
from tinynet_gui.core.data.formula import javascript_of, parse_formula
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.export.web_page import MAX_BYTES, MAX_MOMENTS, PageError, most_moments, page_of
from tinynet_gui.core.network.initializations import ROUNDINGS, FirstWeights, Rounding
from tinynet_gui.core.run.events import LiveSettingsChanged
from tinynet_gui.core.run.replay import moments
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.train import train
from tinynet_gui.core.system.machine import resource_path
from tinynet_gui.core.training.snapshot import make_snapshot
from tinynet_gui.core.training.start import TrainerState, initial_parameters, initial_state, make_dataset, points_of
from tinynet_gui.core.wording.setting_line import read_setting, write_setting
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.style.style_sheets import css_variables

COLORS = css_variables(LIGHT), css_variables(DARK)


def text_of(run: Run, steps: Sequence[int]) -> str:
    return page_of(run, list(moments(run, steps)), COLORS).content.decode("utf-8")


def inside(page: str, tag: str) -> list[str]:
    """What stands in elements of a name, as a browser finds it: to the first end."""
    return re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}", page, re.DOTALL | re.IGNORECASE)


def data_of(page: str) -> Any:
    return json.loads(inside(page, "script")[0])


def array_of(text: str, dtype: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype)


@pytest.mark.bits
def test_page_moments_are_the_runs_own_to_the_bit() -> None:
    config = config_of(data__held_out=0.3, data__standardise="xy", network__hidden=(12, 3))
    walked = walk(config, [(9, "rate", 0.5), (9, "set", 0.5), (9, "samples", 0.4), (9, "nothing", 0)], 5)
    steps = [0, 1, 9, 17, 18, 19, 27, 36]
    data = data_of(text_of(walked.run, steps))
    assert data["steps"] == steps
    weights = array_of(data["weights"], "<f4").reshape(len(steps), -1)
    counts = array_of(data["active_counts"], "<u2").reshape(len(steps), -1)
    for place, step in enumerate(steps):
        rule = walked.run.rule_at(step)
        there = make_snapshot(1, rule.config, rule.dataset, walked.after[step], by_torch=True)
        assert weights[place].tobytes() == b"".join(array.tobytes() for array in there.state.parameters)
        assert counts[place].tolist() == np.concatenate(there.active_counts).tolist()
        assert (data["losses"][place], data["held_out"][place]) == (there.train_loss, there.validation_loss)
        points, stage = points_of(rule.config.data), data["stages"][data["stage_of"][place]]
        order = np.argsort(points.held_out, kind="stable")
        for name, axis in (("x", points.x), ("y", points.y)):
            np.testing.assert_array_equal(array_of(stage[name], "<f4"), axis[order].astype(np.float32))
        assert stage["trained"] == len(points) - points.held_out.sum()
        assert tuple(stage["range"]) == points.x_range  # where the window's shading begins
    assert len(data["stages"]) == 2
    assert [step for step, _ in data["changes"]] == [9, 18]
    scaling = make_dataset(config.data).scaling
    assert data["scaling"] == [scaling.x_mean, scaling.x_deviation, scaling.y_mean, scaling.y_deviation]
    assert data["setting"] == write_setting(walked.run.rule_at(0).config)


@pytest.mark.parametrize("origin", ["", "<seq>.pt"])
@pytest.mark.parametrize(
    ("acts", "changes"),
    [
        ([(2, "nothing", 0.0)], ""),
        ([(3, "rate", 0.5), (3, "set", 0.5)], "1 change"),  # what was set before the first step is the setting's own
        ([(3, "nothing", 0.0), (3, "rate", 0.5), (3, "set", 0.5)], "2 changes"),
        ([(3, "set", 0.5)], "1 change"),  # but no setting has a weight that was set
    ],
)
def test_the_pages_setting_is_the_first_and_says_what_it_lacks(acts: Sequence[Act], changes: str, origin: str) -> None:
    weights = FirstWeights(initial_parameters(NetworkConfig(hidden=(3,))), origin) if origin else None
    walked = walk(config_of(network__hidden=(3,), network__first_weights=weights), acts, 5)
    page = text_of(walked.run, [0, walked.run.step])
    lacks = [f"the weights of {html.escape(origin)}"] * bool(origin) + [changes] * bool(changes)
    said = inside(page, "summary")[0].partition(" <code")[0]
    assert said == (f"Setting without {' and '.join(lacks)}" if lacks else "Setting")
    assert read_setting(data_of(page)["setting"]).config == walked.run.rule_at(0).config.replace(
        "network.first_weights", None
    )


def test_a_page_loads_nothing_and_runs_only_its_own_script() -> None:
    """The names of axes come from files, and so does where samples come from."""
    evil = "</script><script>alert(1)</script>{{run}}"
    points = Points([1, 2, 3], [1, 2, 4], origin=evil, x_name=f"{evil} [min]", y_name="<!--\u2028")
    run = replace(run_of(config := config_of(data__points=points), [initial_state(config)]), name="<b>&")
    page = text_of(run, [0])
    assert (data_of(page)["x_name"], data_of(page)["y_name"]) == (points.x_name, points.y_name)
    assert len(re.findall(r"<script|<!--|<b>", page)) == 2
    assert inside(page, "title") == inside(page, "h1")
    assert "&lt;b&gt;&amp; · &lt;/script&gt;" in inside(page, "title")[0]
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    allowed = dict(part.split(" ", 1) for part in policy[1].split("; "))
    assert allowed["default-src"] == "'none'"
    for kind, text in (("script-src", inside(page, "script")[1]), ("style-src", inside(page, "style")[0])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert allowed[kind] == f"'sha256-{digest}'"
    assert set(re.findall(r"\b(?:src|href)=\"(\w+:)", page)) == {"data:"}
    assert "url(" not in page
    assert " style=" not in page


def test_a_network_too_large_for_two_moments_is_refused() -> None:
    assert most_moments(Config()) == MAX_MOMENTS
    assert most_moments(config_of(network__hidden=(1000,))) >= 80
    assert most_moments(config_of(network__hidden=(380, 380))) == 2
    with pytest.raises(PageError, match=r"1,004,001 weights and biases: 5\.4 MB .* at most about 150,000 weights"):
        most_moments(config_of(network__hidden=(1000, 1000)))


def test_a_page_stays_small_and_keeps_first_and_last_moments() -> None:
    """Ten thousand samples, moved at each of forty steps, beside the largest network that has room."""
    config = config_of(network__hidden=(380, 380), data__points=Points(np.arange(10_000), np.zeros(10_000)))
    states = [TrainerState(step, initial_state(config).parameters, ()) for step in range(40)]
    moved = [config.replace("data.points", Points(np.arange(10_000), np.full(10_000, step))) for step in range(40)]
    run = run_of(config, states, [LiveSettingsChanged(step, moved[step]) for step in range(40)])
    page = page_of(run, list(moments(run, [0, 39])), COLORS)
    assert (page.moments, len(page.content) <= MAX_BYTES) == (2, True)
    small = config_of(data__points=moved[0].data.points)
    states = [TrainerState(step, initial_state(small).parameters, ()) for step in range(40)]
    events = [LiveSettingsChanged(step, small.replace("data.points", moved[step].data.points)) for step in range(40)]
    run = run_of(small, states, events)
    page = page_of(run, list(moments(run, range(40))), COLORS)
    steps = data_of(page.content.decode())["steps"]
    assert (steps[0], steps[-1], len(steps), len(page.content) <= MAX_BYTES) == (0, 39, page.moments, True)
    assert 5 <= page.moments < 40


def test_a_loss_not_finite_is_null_and_divergence_is_said() -> None:
    state = initial_state(Config())
    wild = TrainerState(0, tuple(np.full_like(array, 1e30) for array in state.parameters), state.slots)
    run = replace(run_of(Config(), [wild]), diverged_at=1_234)
    data = data_of(text_of(run, [0]))
    assert data["losses"] == [None]
    assert data["diverged"].startswith("Diverged at step 1,234")


def test_every_colour_it_uses_is_there_in_light_and_in_dark() -> None:
    style, plots = (resource_path(f"web_page/{name}").read_text(encoding="utf-8") for name in ("page.css", "plots.js"))
    drawn = re.search(r'COLORS = "([a-z -]+)"', plots)
    assert drawn is not None
    used = {*re.findall(r"var\(--([a-z-]+)\)", style), *drawn[1].split()}
    for theme, variables in zip((LIGHT, DARK), COLORS, strict=True):
        assert used <= set(re.findall(r"--([a-z-]+):", variables))
        assert f"--positive: {theme.positive};" in variables
        ramp = re.search(r"--ramp: ([^;]*);", variables)
        assert ramp is not None
        assert ramp[1].split() == [color.name() for color in theme.neuron_colors(64)]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activations_javascript_is_only_in_its_own_pages(name: str) -> None:
    (value, slope), (plain, own) = ACTIVATIONS[name].javascript, (_script_of("identity"), _script_of(name))
    mine = plain.replace("const activate = [(u) => u];", f"const activate = [(u) => {value}];")
    assert own == mine.replace("const slopes = [(u) => 1];", f"const slopes = [(u) => {slope}];")
    for text in (value, slope):
        declared = re.findall(r"const (\w+)|(\w+)(?=[\w, ]*\) =>)", text)
        names = set(re.findall(r"(?<![.\w])[A-Za-z]\w*", text))
        assert names <= {"u", "Math", "const", "return"}.union(*declared)


def _script_of(activation: str) -> str:
    config = config_of(network__activation=activation)
    return inside(text_of(run_of(config, [initial_state(config)]), [0]), "script")[1]


def test_the_plot_contains_all_samples_and_the_true_function() -> None:
    config = config_of(data__target="cube", data__x_min=-1, data__x_max=2)
    low, high = data_of(text_of(run_of(config, [initial_state(config)]), [0]))["y_range"]
    assert low == pytest.approx(-1 - 0.15 * 9, abs=0.1)
    assert high == pytest.approx(8 + 0.24 * 9, abs=0.3)
    assert math.isfinite(low + high)


class Script:
    """The page's trainer, run without a browser."""

    def __init__(self) -> None:
        self._engine = MiniRacer()
        self.ask(resource_path("web_page/trainer.js").read_text(encoding="utf-8") + "; var made = makeTrainer()")

    def ask(self, code: str) -> Any:
        return self._engine.eval(code)

    def numbers(self, code: str) -> np.ndarray:
        return np.array(json.loads(self.ask(f"JSON.stringify([...{code}])")), np.float32)

    def trained(self, config: Config, state: TrainerState, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """The losses before each of some steps, and the weights after them."""
        dataset, has_memory = make_dataset(config.data), config.training.optimizer == "momentum"
        order = {
            "weights": _flat(state.parameters).tolist(),
            "velocity": _flat(state.slots[0]).tolist() if has_memory else None,
            "x": dataset.x_train[:, 0].tolist(),
            "y": dataset.y_train[:, 0].tolist(),
            "trained": len(dataset.x_train),
            "step": state.step,
            "rate": config.training.learning_rate,
            "momentum": config.training.momentum,
        }
        value, slope = config.network.activations[0].javascript
        self.ask(f"var order = {json.dumps(order)}")
        self.ask("for (const n of ['weights', 'velocity', 'x', 'y']) order[n] &&= Float32Array.from(order[n])")
        self.ask(f"var trainer = new made.Trainer(order, [(u) => {value}, (u) => {slope}])")
        losses = self.numbers(f"trainer.run({state.step + steps})")
        return losses, self.numbers("trainer.weights")


def _flat(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([array.ravel() for array in arrays])


@pytest.fixture(scope="module")
def script() -> Script:
    return Script()


def _in_plain_order(config: Config, steps: int) -> np.ndarray:
    """The weights after some steps of descent with momentum: float32, sums from first to last, nothing fused."""
    one, dataset, training = np.float32, make_dataset(config.data), config.training
    x, y, rate = dataset.x_train[:, 0], dataset.y_train[:, 0], one(training.learning_rate)
    p = _flat(initial_state(config).parameters)
    n, momentum = len(p) // 3, one(training.momentum if training.optimizer == "momentum" else 0)
    velocity = np.zeros_like(p)
    for _ in range(steps):
        u = p[:n, None] * x + p[n : 2 * n, None]
        h, output = np.maximum(u, one(0)), np.zeros_like(x)
        for j in range(n):
            output = output + p[2 * n + j] * h[j]
        slopes, gradient = one(2 / len(x)) * (output + p[-1] - y), np.zeros_like(p)
        for s, slope in enumerate(slopes):
            back = slope * p[2 * n : -1] * (u[:, s] > 0)
            gradient = gradient + np.concatenate([back * x[s], back, slope * h[:, s], [slope]])
        velocity = momentum * velocity + gradient
        p = p - rate * velocity
    return p


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_its_steps_are_plain_float32_to_the_bit(script: Script, optimizer: str) -> None:
    for seed in range(4):
        config = config_of(network__seed=seed, network__hidden=(7,), training__optimizer=optimizer)
        assert np.array_equal(script.trained(config, initial_state(config), 40)[1], _in_plain_order(config, 40))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_it_trains_like_the_program(script: Script, name: str) -> None:
    config = config_of(network__activation=name, training__optimizer="momentum", training__learning_rate=0.01)
    run = walk(config, [(60, "nothing", 0.0)], 10).run
    losses, weights = script.trained(config, run.checkpoints[1], run.step - run.checkpoints[1].step)
    np.testing.assert_allclose(weights, _flat(run.checkpoints[-1].parameters), rtol=1e-4, atol=2e-6)
    np.testing.assert_allclose(losses, run.losses.curve(1_000)[1][-len(losses) :], rtol=1e-4)


def test_it_says_where_a_run_diverged(script: Script) -> None:
    config = config_of(training__learning_rate=2.0)
    diverged_at = train(config).diverged_at
    losses, weights = script.trained(config, initial_state(config), 20)
    assert script.ask("trainer.divergedAt") == diverged_at == len(losses) + 1 == script.ask("trainer.step") + 1
    assert np.isfinite(weights).all()
    assert math.isfinite(script.ask("trainer.loss()"))


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_first_weights_are_pytorchs_to_the_bit(script: Script, rounding: Rounding) -> None:
    for seed, neurons, skipped, scale in ((2, 10, 0, 1.0), (2147483647, 1, 16, 0.3), (77, 1000, 3028, 1.7)):
        network = NetworkConfig((neurons,), seed=seed, drawn_before=skipped, weight_scale=scale, rounding=rounding)
        wanted = {"neurons": neurons, "seed": seed, "skipped": skipped, "scale": scale, "isFused": rounding == "once"}
        drawn = script.numbers(f"made.firstWeights({json.dumps(wanted)})")
        assert np.array_equal(drawn, _flat(initial_parameters(network)))


@pytest.mark.parametrize("name", [name for name in TARGETS if name != FORMULA])
def test_it_draws_the_programs_samples(script: Script, name: str) -> None:
    config = config_of(data__target=name, data__noise=0.4, data__held_out=0.3, data__sample_count=41).data
    samples = {"seed": config.seed, "count": 41, "low": -3.0, "high": 3.0, "noise": 0.4, "heldOut": 12}
    script.ask(f"var found = made.samplesOf({json.dumps(samples)}, (x) => {javascript_of(config.target_formula)})")
    points = points_of(config)
    assert script.ask("found.trained") == 29
    assert np.array_equal(script.numbers("found.x"), points.x)
    np.testing.assert_allclose(script.numbers("found.y"), points.y, rtol=3e-7, atol=3e-7)


@pytest.mark.parametrize(
    "formula", ["-x^2 % 1.5 + relu(x)", "(-x)**3/7 - min(x, sawtooth(x))*pi", "e**-abs(x) + min(x, 1e999)"]
)
def test_ones_own_formula_is_the_same_in_javascript(script: Script, formula: str) -> None:
    x = np.linspace(-3, 3, 13, dtype=np.float32)
    found = script.numbers(f"Float64Array.from({x.tolist()}, (x) => {javascript_of(formula)})")
    wanted = parse_formula(formula)(x)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"training__optimizer": "momentum", "data__noise": 1.0, "data__held_out": 0.5}, ""),
        ({"network__hidden": (4, 4)}, "one hidden layer"),
        ({"network__initialization": "xavier"}, "PyTorch’s default weights"),
        ({"data__standardise": "x"}, "not standardised"),
        ({"training__schedule": "cosine"}, "a page trains at a constant learning rate only."),
        ({"training__optimizer": "adam"}, "gradient descent"),
        ({"training__loss": "l1"}, "gradient descent"),
        ({"training__batch_size": 5}, "on all samples at once"),
        ({"training__weight_decay": 0.1}, "gradient descent"),
    ],
)
def test_what_it_cannot_train_it_says(changes: dict[str, Any], words: str) -> None:
    config = config_of(**changes)
    data = data_of(text_of(run_of(config, [initial_state(config)]), [0]))
    assert words in data["refusal"]
    assert bool(data["training"]) != bool(words) == bool(data["refusal"])
