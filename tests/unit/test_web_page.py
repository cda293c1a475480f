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

from tests.runs import Act, config_of, run_of, walk
from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.config import Config, NetworkConfig
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.export.web_page import MOST_BYTES, MOST_MOMENTS, PageError, most_moments, page_of
from tinynet_gui.core.network.initializations import FirstWeights
from tinynet_gui.core.run.events import LiveSettingsChanged
from tinynet_gui.core.run.replay import moments
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.system.machine import resource_path
from tinynet_gui.core.training.dataset import make_dataset, points_of
from tinynet_gui.core.training.snapshot import make_snapshot
from tinynet_gui.core.training.state import TrainerState, initial_parameters, initial_state
from tinynet_gui.core.wording.setting_line import read_setting, write_setting
from tinynet_gui.ui.style.style_sheets import css_variables
from tinynet_gui.ui.style.theme import DARK, LIGHT

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
    assert most_moments(Config()) == MOST_MOMENTS
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
    assert (page.moments, len(page.content) <= MOST_BYTES) == (2, True)
    small = config_of(data__points=moved[0].data.points)
    states = [TrainerState(step, initial_state(small).parameters, ()) for step in range(40)]
    events = [LiveSettingsChanged(step, small.replace("data.points", moved[step].data.points)) for step in range(40)]
    run = run_of(small, states, events)
    page = page_of(run, list(moments(run, range(40))), COLORS)
    steps = data_of(page.content.decode())["steps"]
    assert (steps[0], steps[-1], len(steps), len(page.content) <= MOST_BYTES) == (0, 39, page.moments, True)
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
    text, (plain, own) = ACTIVATIONS[name].javascript, (_script_of("identity"), _script_of(name))
    assert own == plain.replace("const activate = [(u) => u];", f"const activate = [(u) => {text}];")
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
