"""The face of core: what a script of five lines can do, as `help(tinynet_gui.core)` tells it."""

import doctest
import pydoc
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
import torch
from IPython.core.formatters import HTMLFormatter
from nbclient import NotebookClient

import tinynet_gui.core as tiny
from tests.by_hand import network_by_hand, train_by_hand
from tinynet_gui.core.config import SETTINGS
from tinynet_gui.core.maps.axes import DIRECTIONS
from tinynet_gui.core.maps.colors import COLORS
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.run.events import ParameterSet
from tinynet_gui.core.run.run import same_state
from tinynet_gui.core.run.train import TrainingResult
from tinynet_gui.core.system.machine import resource_path
from tinynet_gui.core.text.chart import BLUE, BOTTOM, INK, LEFT, ORANGE, RIGHT, TOP, Scale

NO_NUMBERS = (("'a'", "“a”"), ("None", "None"), ("[1, [2]]", "[1, [2]]"), ("1j", "1j"))
NO_AXIS = "neither a direction (gradient, sharpest, second, run) nor a setting that is a number"
NEW_NETWORK = (
    "Initial scale makes a new network: it goes with another setting. A direction goes with another direction or with "
    "a weight."
)
X = np.random.RandomState(2).uniform(-3, 3, size=(20, 1)).astype("float32")
LAST_LOSS = 0.064684  # of the tutorial after 10,000 steps: `test_kernel` computes it in float64
FIVE_LINES = Path(__file__).parents[1] / "five_lines"
SCRIPTS = {path.stem: path.read_text(encoding="utf-8") for path in FIVE_LINES.glob("[!_]*.py")}


def _run(name: str) -> dict[str, Any]:
    """Run a script of `tests.five_lines` as somebody types it."""
    names: dict[str, Any] = {}
    exec(SCRIPTS[name], names)
    return names


def test_no_script_is_longer_than_five_lines() -> None:
    assert len(SCRIPTS) == 8
    assert max(sum(map(bool, script.splitlines())) for script in SCRIPTS.values()) <= 5


def test_the_tutorial_is_what_pytorch_makes_of_it() -> None:
    names = _run("train")
    run, longer = names["run"], names["longer"]
    assert names["loss"] == pytest.approx(LAST_LOSS, rel=5e-3)
    network = network_by_hand((10,))
    network.load_state_dict(dict(zip(network.state_dict(), map(torch.tensor, run.state.parameters), strict=True)))
    np.testing.assert_allclose(names["y"], network(torch.tensor([[2.3]]))[0].tolist(), rtol=1e-5)
    torch.manual_seed(2)
    losses = train_by_hand(network_by_hand((10,)), torch.tensor(X), torch.tensor(X**2), 1_000)
    np.testing.assert_allclose(longer.losses[:1_000], losses, rtol=2e-3)
    np.testing.assert_array_equal(longer.losses[:10_000], run.losses)
    assert (run.steps, longer.steps, longer.diverged_at, longer.held_out_loss) == (10_000, 15_000, None, None)
    assert repr(run) == f"TrainingResult(steps=10000, loss={run.loss:.4g})"


def test_going_on_is_the_same_as_not_stopping() -> None:
    config = tiny.Config().with_changes({"training.optimizer": "adam", "training.batch_size": 7, "data.held_out": 0.3})
    once, twice = tiny.train(config, 300), tiny.train(tiny.train(config, 130), 170)
    np.testing.assert_array_equal(once.losses, twice.losses)
    for one, other in zip(once.state.parameters, twice.state.parameters, strict=True):
        np.testing.assert_array_equal(one, other)
    assert once.held_out_loss == twice.held_out_loss is not None
    assert tiny.train(once).steps == 10_300  # by default as many as the setting says


def test_pytorch_takes_the_steps_too() -> None:
    compiled, by_torch = tiny.train(steps=40), tiny.train(tiny.train(steps=20), 20, engine="pytorch")
    np.testing.assert_allclose(by_torch.losses, compiled.losses, rtol=1e-4)
    assert "20 of 40 steps were taken by the compiled loop" in tiny.script(by_torch)


@pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning")  # how Jupyter waits on Windows
def test_the_notebook_does_all_of_it(tmp_path: Path) -> None:
    """In a kernel like Jupyter's; its window is closed at the end."""
    notebook = nbformat.read(resource_path("readme/library.ipynb"), as_version=4)
    nbformat.validate(notebook)
    patience = "from tinynet_gui.core.storage import results\nresults.OPENS_WITHIN_S = 600"
    closed = "[window] = results.open_windows\nassert window.poll() is None\nwindow.terminate()\nwindow.wait(600)"
    cells = (nbformat.v4.new_code_cell(text) for text in (patience, closed))
    notebook.cells = [next(cells), *notebook.cells, *cells]
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("<svg" in output.get("data", {}).get("text/html", "") for output in outputs) == 6
    *_, refused = (output.text for output in outputs if output.output_type == "stream")
    fields = ["learning_rat", "seed", "network.hidden", "data.held_out", "y"]
    assert [line.partition(":")[0] for line in refused.splitlines()] == fields


def test_what_the_guide_says_of_grading_is_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    guide = resource_path("guide.md").read_text(encoding="utf-8")
    script = guide.partition("## Grading runs")[2].partition("```python\n")[2].partition("```")[0]
    assert sum(map(bool, script.splitlines())) == 10
    monkeypatch.chdir(tmp_path)
    (tmp_path / "handed in").mkdir()
    run, better = tiny.train(steps=30), tiny.train(steps=30, learning_rate=0.05)
    cheat = TrainingResult(replace(run.run, checkpoints=better.run.checkpoints))
    for name, one in (("Ada", run), ("Bob", cheat)):
        tiny.save(one, tmp_path / "handed in" / f"{name}.tinynet")
    (tmp_path / "handed in" / "Eve.tinynet").write_text("nothing")
    exec(script, {})
    honest, made_up, broken = capsys.readouterr().out.splitlines()
    assert (honest, made_up) == (f"Ada {run.loss} True Config()", f"Bob {run.loss} False Config()")
    assert broken.startswith("Eve path: ")


def test_own_samples_and_sessions_take_five_lines_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = _run("own_samples")
    assert (names["run"].config.network.hidden, len(names["run"].dataset.x_held_out)) == ((8, 8), 4)
    assert [*names["columns"]["step"][:2], len(names["columns"]["loss"])] == [0, 1, 10_000]
    names = _run("session")
    assert names["losses"] == [run.loss for run in names["runs"]]
    assert [run.config.network.hidden for run in names["runs"]] == [(10,), (2,)]


def test_a_training_goes_on_with_what_acts_on_the_next_step() -> None:
    run = tiny.train(steps=50)
    slower = tiny.train(run, 50, learning_rate=0.0001, x=X, y=X)
    np.testing.assert_array_equal(slower.losses[:50], run.losses)
    config = tiny.Config(learning_rate=0.0001).replace("points", {"x": X, "y": X})
    assert slower.config == config
    begun_there = TrainingResult(replace(run.run, wanted=replace(run.run.wanted, config=config)))
    np.testing.assert_array_equal(tiny.train(begun_there, 50).losses, slower.losses)
    assert [event.step for event in slower.run.events] == [50]
    np.testing.assert_array_equal(slower.replay().losses, slower.losses)


def test_a_session_is_opened_as_it_was_saved(tmp_path: Path) -> None:
    results = [
        tiny.train(steps=40, hidden=[3, 2], x=X, y=X**2, held_out=0.3, optimizer="adam", batch_size=5),
        tiny.train(learning_rate=10),
        _with_hand_on_it(tiny.train(steps=20, engine="pytorch")),
    ]
    tiny.save([*results, tiny.Config(hidden=4)], tmp_path / "session")
    tiny.save(results[0], tmp_path / "one.session")
    opened = tiny.open(str(tmp_path / "session.tinynet"))
    assert (opened[3].steps, opened[3].config) == (0, tiny.Config(hidden=4))
    for before, after in zip(results * 2, (*opened[:3], *(one.replay() for one in opened[:3])), strict=True):
        assert (after.config, after.steps, after.diverged_at) == (before.config, before.steps, before.diverged_at)
        assert (after.loss, after.held_out_loss) == (before.loss, before.held_out_loss)
        np.testing.assert_array_equal(after.losses, before.losses)
        assert same_state(after.state, before.state)
    [again] = tiny.open(tmp_path / "one.session")
    once, twice = tiny.train(results[0], 30), tiny.train(again, 30)
    assert same_state(once.state, twice.state)
    tiny.save(opened, tmp_path / "session.tinynet")
    assert [one.config for one in tiny.open(tmp_path / "session.tinynet")] == [one.config for one in opened]


def _with_hand_on_it(result: TrainingResult) -> TrainingResult:
    """Set a bias by hand, freeze its neuron, and go on."""
    ref = ParameterRef(0, "bias", (3,))
    events = (*result.run.events, ParameterSet(result.steps, ref, 0.5))
    wanted = replace(result.run.wanted, frozen=frozenset({NeuronRef(0, 3)}))
    longer = tiny.train(TrainingResult(replace(result.run, events=events, wanted=wanted)), 30)
    assert longer.state.parameters[1][3] == 0.5
    return longer


def test_a_replay_trusts_nothing_that_was_stored_of_the_steps() -> None:
    run, better = tiny.train(steps=30), tiny.train(steps=30, learning_rate=0.05)
    first, *others = better.run.checkpoints
    made_up = replace(run.run, checkpoints=(first, *others), losses=better.run.losses)
    assert TrainingResult(made_up).loss == better.loss < run.loss
    again = TrainingResult(made_up).replay()
    assert (again.loss, again.losses.tolist()) == (run.loss, run.losses.tolist())
    endless = replace(made_up, checkpoints=(first, replace(others[-1], step=10**12)))
    with pytest.raises(tiny.ConfigError, match=r"^steps: 1e\+12 is not allowed: 0 to 100,000,000"):
        TrainingResult(endless).replay()


def test_what_cannot_be_opened_or_saved_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        tiny.open(tmp_path / "none")
    file = tmp_path / "text.tinynet"
    file.write_text("nothing")
    with pytest.raises(tiny.ConfigError, match=r"^path: .*text\.tinynet is not a session of tinynet"):
        tiny.open(file)
    for runs in (3, [tiny.Config(), "tutorial"], []):
        with pytest.raises(tiny.ConfigError, match=r"^runs: .* is neither a Config nor a result of train or open"):
            tiny.save(runs, file)  # type: ignore[arg-type]
    assert file.read_text() == "nothing"


def test_a_training_that_diverges_says_so() -> None:
    run = tiny.train(tiny.Config().replace("training.learning_rate", 10))
    assert (run.diverged_at, run.steps, run.loss) == (3, 2, np.inf)
    assert np.isfinite(run.predict([0, 1])).all()
    again = tiny.train(run, 5)
    assert (again.diverged_at, again.steps, again.loss, again.losses.tolist()) == (3, 2, np.inf, run.losses.tolist())
    before = tiny.train(run.config, 2)
    assert np.isfinite(run.losses).all()
    np.testing.assert_array_equal(before.losses, run.losses)
    np.testing.assert_array_equal(before.predict([0, 1]), again.predict([0, 1]))


def test_predictions_have_the_shape_of_x_and_units_of_data() -> None:
    config = tiny.Config().with_changes({"data.standardise": "xy", "training.learning_rate": 0.1})
    run = tiny.train(config)
    x = np.linspace(-2, 2, 12).reshape(3, 4)
    np.testing.assert_allclose(run.predict(x), x**2, atol=0.3)
    shapes: dict[tuple[int, ...], Any] = {(): 2, (1,): [2], (1, 1): [[2]], (0,): [], (2, 3): np.ones((2, 3))}
    assert all(run.predict(x).shape == shape for shape, x in shapes.items())


@pytest.mark.parametrize(
    "as_they_have_them",
    [
        lambda column: column,
        lambda column: column[:, 0],
        lambda column: column.tolist(),
        lambda column: tuple(column[:, 0].tolist()),
        torch.tensor,
        lambda column: torch.tensor(column, requires_grad=True),
    ],
    ids=["column", "array", "list of rows", "tuple", "tensor", "tensor with a gradient"],
)
def test_samples_are_taken_as_people_have_them(as_they_have_them: Any) -> None:
    x, y = as_they_have_them(X), as_they_have_them(X**2)
    run = tiny.train(steps=200, x=x, y=y, hidden=10, learning_rate=0.01)
    drawn = tiny.train(tiny.Config(learning_rate=0.01), 200)
    np.testing.assert_array_equal(run.losses, drawn.losses)
    assert run.config == tiny.Config(learning_rate=0.01).replace("points", {"x": x, "y": y})
    assert run.config.data.true_formula is None
    np.testing.assert_array_equal(run.predict(x).ravel(), drawn.predict(X).ravel())


def test_of_samples_of_ones_own_a_share_is_held_out() -> None:
    samples = {"x": X, "y": X**2}
    by_hand = tiny.Config(points={**samples, "held_out": [3]}, held_out=0.3)
    config = tiny.Config(points=samples, held_out=0.3)
    for run, count in (
        (tiny.train(steps=0, x=X, y=X**2, held_out=0.3), 6),
        (tiny.train(steps=0, points=samples, held_out=0.3), 6),
        (tiny.train(tiny.Config(points=samples), 0, held_out=0.3), 6),
        (tiny.train(config, 0), 6),
        (tiny.train(by_hand, 0), 1),
    ):
        assert len(run.dataset.x_held_out) == count
        assert run.held_out_loss is not None
        assert count == 1 or run.config == config


def test_a_swarm_has_the_loss_of_each_seed() -> None:
    names = _run("swarm")
    table = names["table"]
    np.testing.assert_array_equal(table["network seed"], np.arange(2, 258))
    assert table["training loss"][0] == pytest.approx(LAST_LOSS, rel=5e-3)
    for row in table[5:8]:
        run = tiny.train(tiny.Config().replace("network.seed", int(row["network seed"])))
        assert row["training loss"] == pytest.approx(run.loss, rel=2e-2)
    assert np.isnan(table["held-out loss"]).all()
    failed = int((table["failed by"] != "").sum())
    assert failed == 256 - names["swarm"].causes.count("")
    assert repr(names["swarm"]).startswith("SwarmResult(seeds=256, failed={")


def test_what_takes_settings_takes_a_training() -> None:
    run = tiny.train(tiny.Config().with_changes({"training.stop_step": 9, "network.seed": 5}))
    for asked in (tiny.swarm, tiny.ladder):
        of_run, of_config = asked(run, 2), asked(run.config, 2)
        assert of_run.config == run.config
        np.testing.assert_array_equal(of_run.table()["training loss"], of_config.table()["training loss"])


def test_a_ladder_has_the_loss_of_each_width() -> None:
    names = _run("ladder")
    table = names["table"]
    assert table.shape == (30,)
    [loss] = table["training loss"][(table["neurons"] == 5) & (table["network seed"] == 3)]
    changes = {"network.hidden": [5], "network.seed": 3}
    assert loss == pytest.approx(tiny.train(tiny.Config().with_changes(changes)).loss, rel=2e-2)
    assert names["ladder"].choice is None
    assert repr(names["ladder"]).startswith("WidthsResult(medians={1: ")


def test_a_pixel_of_a_map_is_a_training() -> None:
    names = _run("outcome_map")
    picture, losses = names["picture"], names["losses"]
    assert losses.shape == (len(picture.y), len(picture.x)) == (4, 6)
    for row, column in ((0, 0), (2, 1), (3, 5)):
        changes = {"training.learning_rate": picture.x[column], "network.weight_scale": picture.y[row]}
        assert losses[row, column] == pytest.approx(tiny.train(tiny.Config().with_changes(changes)).loss, rel=2e-2)
    assert np.isinf(losses[3, 5])
    assert repr(picture).startswith("OutcomeMap(color='end', shape=(4, 6), from ")


def test_a_map_around_a_training_has_its_loss_in_the_middle() -> None:
    names = _run("around")
    around = names["around"]
    middle = around.numbers[np.argmin(abs(around.y)), np.argmin(abs(around.x))]
    assert middle == pytest.approx(names["run"].loss, rel=1e-5)


def test_a_map_of_held_out_losses_needs_held_out_samples() -> None:
    few = tiny.Config().with_changes({"data.held_out": 0.01, "training.stop_step": 9})  # none of 20 samples
    with pytest.raises(tiny.ConfigError, match=r"color: “held_out” needs held-out samples, and there are none"):
        tiny.outcome_map(few, color="held_out")
    for x in (("data.held_out", 0, 0.5), ("data.sample_count", 1, 500)):
        assert np.isfinite(tiny.outcome_map(few, x, color="held_out", size=(2, 1)).numbers).any()


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("train", {"engine": np.array(["compiled", "pytorch"])}, "engine: array.* is not one of compiled, pytorch"),
        ("train", {"engine": "\ud800"}, "engine: “[?]” is not one of"),
        ("swarm", {"workers": -(10**5_000)}, "workers: a number of more than 4,300 digits is not allowed"),
        ("outcome_map", {"color": np.array(["end", "loss"])}, "color: array.* is not one of loss, end"),
        ("outcome_map", {"x": (np.array(["run", "second"]), 0, 1)}, "x: array.* is neither a direction"),
        ("outcome_map", {"x": (10**5_000, 0, 1)}, "x: a number of more than 4,300 digits is neither a direction"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_line(name: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(tiny.ConfigError, match=f"^{message}"):
        getattr(tiny, name)(tiny.Config(), **arguments)


def test_a_script_gives_the_same_losses() -> None:
    names = _run("script")
    written: dict[str, Any] = {}
    exec(names["text"].partition("# A plot")[0], written)
    np.testing.assert_allclose(written["losses"], names["run"].losses, rtol=1e-4)


def test_a_script_has_all_samples_in_it() -> None:
    x = np.linspace(-3, 3, 500)
    config = tiny.Config().replace("data.points", {"x": x.tolist(), "y": x.tolist()})
    assert ".csv" not in tiny.script(tiny.train(config, 1))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("train(steps=-1)", "steps: -1 is not allowed: 0 to 100,000,000"),
        ("train(steps=2.5)", "steps: 2.5 is not a whole number"),
        ("train(steps=float('inf'))", "steps: ∞ is not allowed"),
        ("train(steps='all')", "steps: “all” is not a number"),
        ("train(y=[1, 2])", "x: is missing: samples have both, x and y"),
        ("train(x=[1, 2], y=[1])", "data.points: 2 x and 1 y: there must be as many of each"),
        ("train(x=[1], y=[1], held_out=0.95)", "data.held_out: 95 % is not allowed: 0 % to 90 %"),
        ("train(x=X, y=X, points={})", "points: are given beside x and y: one of them is allowed"),
        ("train(x=X, y=X, noise=0.5)", "data.noise: 0.5 has no effect on samples of your own"),
        ("train(target='sin', formula='x')", 'data.formula: “x” has no effect with target="sin": target="formula" t'),
        ("Config(optimizer='adam', momentum=0.5)", 'training.momentum: 0.5 has no effect with optimizer="adam": opt'),
        ("train(maxiter=3)", "maxiter: there is no such setting; did you mean training.stop_step?"),
        ("train(seed=3)", "seed: there is no such setting; did you mean data.seed or network.seed?"),
        ("train(tiny.train(steps=0), hidden=3)", "network.hidden: cannot change from (10,) to (3,) as a training"),
        ("train(5_000)", "start: 5000 is neither a Config nor a result of train"),
        ("train(engine='torch')", "engine: “torch” is not one of compiled, pytorch"),
        *(
            (f"train(steps=0).predict({x})", f"x: {said} is not allowed: a number, or an array")
            for x, said in NO_NUMBERS
        ),
        ("swarm(256)", "config: 256 is neither a Config nor a result of train"),
        ("swarm(seeds=0)", "seeds: 0 is not allowed: 1 to 100,000"),
        ("ladder(seeds='8')", "seeds: “8” is not a number"),
        ("script(tiny.Config())", "result: Config("),
        ("outcome_map('tutorial')", "start: “tutorial” is neither a Config nor a result of train"),
        ("outcome_map(x='network.seed')", "x: “network.seed” is not a tuple such as"),
        ("outcome_map(x=('lr', 1e-3, 1))", f"x: “lr” is {NO_AXIS}; did you mean training.learning_rate?"),
        ("outcome_map(y=('gradeint', -1, 1))", f"y: “gradeint” is {NO_AXIS}; did you mean gradient?"),
        ("outcome_map(x=(3, 0.1, 1))", f"x: 3 is {NO_AXIS}; settings are data.sample_count, data.x_min, "),
        ("outcome_map(x=('training.optimizer', 0, 1))", f"x: “training.optimizer” is {NO_AXIS}; settings are "),
        ("outcome_map(x=([], 0, 1))", f"x: [] is {NO_AXIS}; settings are "),
        (
            "outcome_map(x=('gradient', -1, 1))",
            f"x, y: {NEW_NETWORK} By default, x is training.learning_rate and y is ",
        ),
        (
            "outcome_map(y=('training.learning_rate', 1, 2))",
            "x, y: Both axes are the same: choose another one. By defau",
        ),
        (
            "outcome_map(color='held_out')",
            "color: “held_out” needs held-out samples, and there are none: see data.held",
        ),
        ("outcome_map(x=('training.learning_rate', float('nan'), 1))", "x: nan is not a number: 1e-12 to 1,000"),
        ("outcome_map(x=('training.learning_rate', 0, 1))", "x: 0 is not allowed: 1e-12 to 1,000"),
        ("outcome_map(x=('gradient', -2e6, 1))", "x: -2,000,000 is not allowed: -1,000,000 to 1,000,000"),
        ("outcome_map(y=('data.noise', 'low', 1))", "y: “low” is not a number"),
        ("outcome_map(y=('data.noise', 1, 0.1))", "y: Noise σ from 1 to 0.1 is not allowed: the lower end first"),
        ("outcome_map(x=('data.noise', 0, 1), y=('data.noise', 0, 1))", "x, y: Both axes are the same"),
        ("outcome_map(color='losses')", "color: “losses” is not one of loss, end,"),
        ("outcome_map(size=64)", "size: 64 is not a width and a height such as (64, 48)"),
        ("outcome_map(size=(64, 0))", "size: 0 is not allowed: 1 to 10,000"),
        ("outcome_map(limit=-1)", "limit: -1 is not allowed"),
    ],
)
def test_errors_name_argument_value_and_what_is_allowed(line: str, said: str) -> None:
    with pytest.raises(tiny.ConfigError) as caught:
        eval(f"tiny.{line}", {"tiny": tiny, "X": [0, 1]})
    assert str(caught.value).startswith(said)


def test_what_a_setting_needs_is_set_with_it() -> None:
    assert tiny.Config(formula="sin(x)").data == tiny.Config(target="formula", formula="sin(x)").data
    with_momentum = tiny.Config(optimizer="momentum", momentum=0.8)
    assert tiny.Config(momentum=0.8) == tiny.Config(optimizer="sgd", momentum=0.8) == with_momentum


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("train(steps=0).weights", "a TrainingResult has no attribute 'weights': see state.parameters"),
        ("train(steps=0).lost", "a TrainingResult has no attribute 'lost'"),
        ("Config().learning_rate", "a Config has no attribute 'learning_rate': it is config.training.learning_rate"),
        ("fit", "module 'tinynet_gui.core' has no attribute 'fit': see train"),
    ],
)
def test_where_an_attribute_is_instead_is_said(line: str, said: str) -> None:
    with pytest.raises(AttributeError) as caught:
        eval(f"tiny.{line}", {"tiny": tiny})
    assert str(caught.value) == said


@pytest.fixture(scope="module")
def each_kind() -> dict[str, Any]:
    """A result of each kind, small."""
    config = tiny.Config(stop_step=300, held_out=0.2)
    run = tiny.train(config)
    return {
        "run": run,
        "standardised": tiny.train(config, standardise="xy", formula="1e6*x", target="formula"),
        "diverged": tiny.train(config, learning_rate=10),
        "begun": tiny.train(config, 0),
        "swarm": tiny.swarm(config, 8),
        "ladder": tiny.ladder(config.replace("stop_step", 20), 8),
        "map": tiny.outcome_map(config, size=(6, 4)),
        "slice": tiny.outcome_map(run, ("gradient", -1, 1), ("sharpest", -1, 1), "loss", size=(6, 4)),
    }


def test_a_repr_is_short_and_says_what_differs_from_the_tutorial(each_kind: dict[str, Any]) -> None:
    run = each_kind["run"]
    config = "Config(data=DataConfig(held_out=0.2), training=TrainingConfig(stop_step=300))"
    parts = run.run, run.state, run.dataset, run.config, each_kind["swarm"].runs[0], each_kind["swarm"].reach
    for one in (*each_kind.values(), *parts):
        assert len(repr(one)) < 400
        assert "\n" not in repr(one)
    assert repr(run.run) == f"Run(id=1, step=300, {config})"
    losses = f"loss={run.loss:.4g}, held_out_loss={run.held_out_loss:.4g}"
    assert repr(run) == f"TrainingResult(steps=300, {losses}, {config})"
    shapes = "float32[10, 1], float32[10], float32[1, 10], float32[1]"
    assert repr(run.state) == f"TrainerState(step=300, parameters=({shapes}), slots=())"


in_notebook = HTMLFormatter()


def test_a_notebook_shows_a_small_chart_and_the_numbers(each_kind: dict[str, Any]) -> None:
    for name, one in each_kind.items():
        html = in_notebook(one)
        assert len(html) < 20_000
        root = ElementTree.fromstring(html)
        [svg], [table] = root.findall("svg"), root.findall("table")
        numbers = {row.findtext("th"): row.findtext("td") for row in table.iter("tr")}
        assert numbers["settings"] == repr(one.plane.here.config if name in ("map", "slice") else one.config)
        for line in svg.iter("polyline"):
            drawn = [map(float, point.split(",")) for point in line.attrib["points"].split()]
            assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in drawn)
        paints = {each for part in svg.iter() for key in ("fill", "stroke") if (each := part.get(key))}
        assert paints <= {INK, BLUE, ORANGE, "none"}  # of the page, or legible on white and on black
    assert numbers == {"loss there": numbers["loss there"], "settings": repr(each_kind["run"].config)}
    assert in_notebook(each_kind["diverged"]).count("∞") == 2  # both losses


def test_tables_are_columns_with_names(each_kind: dict[str, Any]) -> None:
    run, picture = each_kind["run"], each_kind["map"]
    np.testing.assert_array_equal(run.table()["loss"], run.losses)
    table = picture.table()
    assert table.dtype.names == ("training.learning_rate", "network.weight_scale", "end")
    np.testing.assert_array_equal(table["end"].reshape(picture.numbers.shape), picture.numbers)
    np.testing.assert_array_equal(table["training.learning_rate"][:6], picture.x)
    np.testing.assert_array_equal(table["network.weight_scale"][::6], picture.y)
    assert each_kind["slice"].table().dtype.names == ("gradient", "sharpest", "loss")


@pytest.mark.parametrize(
    ("values", "log", "places", "ticks"),
    [
        ([0, 10], False, {0: 0, 2.5: 25, 10: 100, np.inf: 100, -np.inf: 0}, "0 2 4 6 8 10"),
        ([-1, 0.5, np.nan], False, {-1: 0, 0.5: 100}, "−1 −0.5 0 0.5"),
        ([0.01, 0, 100], True, {1: 50, 0: 0, 1000: 100}, "0.01 0.1 1 10 100"),
        ([2, 6], True, {2: 0, 6: 100}, "2 3 4 5 6"),
        ([1e-8, 1e9], True, {10: 100 * 9 / 17}, "10⁻⁸ 0.0001 1 10,000 10⁸"),
        ([7], False, {7: 50}, "6.6 6.8 7 7.2 7.4"),
        ([], True, {}, "1 10"),
    ],
)
def test_a_chart_places_what_it_says(values: list[float], log: bool, places: dict[float, float], ticks: str) -> None:
    scale = Scale(values, (0, 100), log)
    for value, place in places.items():
        assert scale(value)[0] == pytest.approx(place)
    assert " ".join(text for _, text in scale.ticks()) == ticks
    assert all(0 <= place <= 100 for place, _ in scale.ticks())


DOCUMENTED = [
    *(tiny, TrainingResult.predict, TrainingResult.replay, tiny.Config.notebook),
    *(getattr(tiny, name) for name in tiny.__all__),
]


@pytest.mark.parametrize("documented", DOCUMENTED, ids=lambda documented: documented.__name__)
def test_each_has_an_example_that_is_true(documented: object) -> None:
    runner = doctest.DocTestRunner()
    for test in doctest.DocTestFinder(recurse=False).find(documented, "face", globs={}):
        runner.run(test)
    assert runner.tries >= (0 if documented is tiny.show else 2)
    assert runner.failures == 0


def test_help_tells_what_there_is() -> None:
    told = pydoc.plain(pydoc.render_doc(tiny))
    for name in tiny.__all__:
        assert f"`{name}`" in (tiny.__doc__ or "")
        assert f" {name}(" in told
    for section in ("Parameters", "Returns", "Raises", "Examples"):
        assert told.count(f"{section}\n") >= 5
    settings = tiny.Config.__doc__ or ""
    assert all(f"``{path.partition('.')[2]}``" in settings for path in SETTINGS)
    with pytest.raises(AttributeError, match="no attribute 'fit'"):
        tiny.fit  # type: ignore[attr-defined]  # noqa: B018


def test_help_tells_all_that_can_be_chosen_by_name() -> None:
    by_name = {path.partition(".")[2]: list(setting.choices) for path, setting in SETTINGS.items() if setting.choices}
    del by_name["nesterov"]  # true or false
    told = re.findall(r"^ {4}(\S.*?) {2,}(.*?)(?: \(of .*)?$", _part(tiny, "by name", "Its folders"), re.MULTILINE)
    choices = {name: one.split(", ") for name, one in told}
    assert choices == by_name | {"color": list(COLORS), "x, y": list(DIRECTIONS)}
    colors = re.findall(r'``"(\w+)"``', _part(tiny.outcome_map, "color\n", "size\n"))
    assert set(colors) == set(COLORS)


def _part(documented: object, begin: str, end: str) -> str:
    """Return the part of a docstring between two texts."""
    return (documented.__doc__ or "").partition(begin)[2].partition(end)[0]


def test_the_face_loads_nothing_before_it_is_asked() -> None:
    code = """
import sys, tinynet_gui.core
assert tinynet_gui.core.__all__ == dir(tinynet_gui.core)
print({"numpy", "numba", "torch"} & set(sys.modules))
import tinynet_gui.core.values
print(sorted(name for name in sys.modules if name.startswith("tinynet_gui.core.")))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = ["tinynet_gui.core.values"]
    assert result.stdout.splitlines() == ["set()", str(ours)]
