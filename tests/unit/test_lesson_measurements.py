"""What lessons measure, each number against a computation of its own or one that is proven."""

import json
import math
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pytest
import torch

from tests.by_hand import network_by_hand
from tests.not_none import not_none
from tests.runs import quickly_trained, run_of, trained
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.experiments.base import ExperimentResult
from tinynet_gui.core.experiments.depth import DepthResult
from tinynet_gui.core.experiments.influence import InfluenceResult
from tinynet_gui.core.experiments.ladder import WidthsResult
from tinynet_gui.core.experiments.swarm import SwarmResult
from tinynet_gui.core.experiments.table import EXPERIMENTS, measured_experiments
from tinynet_gui.core.failures.symptoms import dead_neurons
from tinynet_gui.core.function.extrapolation import errors_apart
from tinynet_gui.core.function.neurons import curve_cost, directions
from tinynet_gui.core.lazy_twin.twin import LazyTwin, Rates
from tinynet_gui.core.lessons import measured_names, measurements
from tinynet_gui.core.lessons.expression import parse_expression
from tinynet_gui.core.lessons.measurements import Measured, of_experiment, of_trained_run, with_functions
from tinynet_gui.core.maps.valley import find_valley
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.run.events import LiveSettingsChanged, ParameterSet
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.step.curvature import stable_learning_rate
from tinynet_gui.core.step.sharpness import sharpness_at
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import points_of
from tinynet_gui.core.training.trainer import Trainer

R = TypeVar("R", bound=ExperimentResult)
OWN = Points(np.array([1.0, 2.0, 4.0, 5.0, 9.0]), np.array([10.0, 30.0, 20.0, 60.0, 50.0]), origin="a file")
SETTINGS: dict[str, dict[str, Any]] = {
    "the tutorial": {},
    "deep": {"network.hidden": (6, 5, 4), "training.learning_rate": 0.01},
    "no hidden layer": {"network.hidden": ()},
    "noisy, held out": {"data.noise": 0.5, "data.held_out": 0.3, "training.batch_size": 4},
    "standardised": {"data.standardise": "xy", "training.learning_rate": 0.05, "network.hidden": (8, 8)},
    "smooth": {"network.activation": "tanh", "training.optimizer": "adam", "training.warm_up": 900},
    "own points": {"data.points": OWN, "data.standardise": "xy", "training.learning_rate": 0.02},
}


@cache
def _trained(setting: str) -> Trainer:
    return quickly_trained(Config().with_changes(SETTINGS[setting]), 300)


def _number(snapshot: Snapshot, text: str) -> float:
    return parse_expression(text).value(Measured(snapshot))


class Torch:
    """The network of a trainer in torch, in float64, and what the samples look like to it and in the data."""

    def __init__(self, trainer: Trainer) -> None:
        self.config = trainer.config
        activation = torch.nn.Tanh if self.config.network.activation == "tanh" else torch.nn.ReLU
        self.network = network_by_hand(self.config.network.hidden, activation).double()
        with torch.no_grad():
            for parameter, array in zip(self.network.parameters(), trainer.state().parameters, strict=True):
                parameter.copy_(torch.tensor(array))
        plain = Trainer(self.config.replace("data.standardise", "none")).dataset
        self.x, self.y = (torch.tensor(part).double() for part in (plain.x_train, plain.y_train))
        self.x_held, self.y_held = (torch.tensor(part).double() for part in (plain.x_held_out, plain.y_held_out))
        is_scaled = self.config.data.standardise == "xy"
        self.x_by = (self.x.mean(), self.x.std(correction=0)) if is_scaled else (0.0, 1.0)
        self.y_by = (self.y.mean(), self.y.std(correction=0)) if is_scaled else (0.0, 1.0)

    def loss(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """The mean square, of what the network gives from what it is to give."""
        given = self.network((x - self.x_by[0]) / self.x_by[1])
        error: torch.Tensor = given - (y - self.y_by[0]) / self.y_by[1]
        return error.square().mean()

    def output(self, x: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """In the units of the data."""
        with torch.no_grad():
            seen = (torch.tensor(np.asarray(x, dtype=float)).reshape(-1, 1) - self.x_by[0]) / self.x_by[1]
            given: npt.NDArray[np.float64] = (self.network(seen) * self.y_by[1] + self.y_by[0]).numpy()
            return given[:, 0]


def test_every_name_that_is_described_is_measured() -> None:
    scope = Measured(_trained("the tutorial").snapshot(1))
    assert set(scope) == set(measured_names.RUN)
    assert len(scope) == len(measured_names.RUN)
    takes_places = {name for name, measured in measured_names.RUN.items() if measured.parameters}
    assert {name for name in scope if callable(scope[name])} == takes_places
    assert "sweep.failed" not in scope


@pytest.mark.parametrize("setting", SETTINGS)
def test_losses_and_what_the_settings_say(setting: str) -> None:
    trainer = _trained(setting)
    scope, ours = Measured(trainer.snapshot(1)), Torch(trainer)
    assert scope["step"] == 300
    assert scope["loss"] == pytest.approx(ours.loss(ours.x, ours.y).item(), rel=1e-4)
    held_out = ours.loss(ours.x_held, ours.y_held).item()  # of none it is NaN
    assert scope["held_out_loss"] == pytest.approx(held_out, rel=1e-4, nan_ok=True)
    hidden = [m for m in ours.network if isinstance(m, torch.nn.Linear)][:-1]
    assert scope["layers"] == len(hidden)
    assert scope["neurons"] == sum(m.out_features for m in hidden)
    assert scope["parameters"] == sum(p.numel() for p in ours.network.parameters())
    assert scope["samples"] == len(ours.x)
    assert scope["batch"] == (4 if setting == "noisy, held out" else len(ours.x))
    rate = SETTINGS[setting].get("training.learning_rate", 0.001)
    assert scope["learning_rate"] == pytest.approx(rate * (0.34 if setting == "smooth" else 1))
    assert (scope["seed"], scope["diverged"]) == (2, 0)
    noise = {"own points": math.nan, "noisy, held out": 0.5}.get(setting, 0.0)
    assert scope["noise"] == pytest.approx(noise, nan_ok=True)


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_network_and_the_true_function_at_an_x(setting: str) -> None:
    trainer = _trained(setting)
    snapshot, ours = trainer.snapshot(1), Torch(trainer)
    for x in (-3.7, 0.0, 1.25, 8.0):
        assert _number(snapshot, f"output({x})") == pytest.approx(ours.output([x])[0], rel=1e-3, abs=1e-4)
        target = math.nan if setting == "own points" else x**2
        assert _number(snapshot, f"target({x})") == pytest.approx(target, nan_ok=True)
    assert isinstance(_number(snapshot, "output(1e300)"), float)  # float32 has no such x


@pytest.mark.parametrize("setting", SETTINGS)
def test_kinks_between_the_first_and_the_last_sample(setting: str) -> None:
    """Of a fine curve: the places where its slope changes, of which a kink takes one or two."""
    trainer = _trained(setting)
    ours = Torch(trainer)
    x = np.linspace(ours.x.min().item(), ours.x.max().item(), 400_001)
    slopes = np.diff(ours.output(x)) / np.diff(x)
    places = np.flatnonzero(np.abs(np.diff(slopes)) > 1e-5)
    found = 0 if setting == "smooth" or not len(places) else 1 + np.count_nonzero(np.diff(places) > 1)
    assert _number(trainer.snapshot(1), "kinks") == found
    assert _number(trainer.snapshot(1), "last_x") == x[-1]
    assert (found > 0) == (setting not in ("smooth", "no hidden layer"))


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_an_analysis_finds_is_what_is_measured(setting: str) -> None:
    """Of errors, dead neurons and the largest stable rate `core` has proofs of its own."""
    trainer, fresh = _trained(setting), Trainer(Config().with_changes({**SETTINGS[setting], "network.seed": 5}))
    snapshot = trainer.snapshot(1)
    errors = errors_apart(snapshot)
    assert (errors is None) == (setting == "own points")
    apart = (math.nan, math.nan) if errors is None else (errors.within, errors.outside)
    assert (_number(snapshot, "within"), _number(snapshot, "outside")) == pytest.approx(apart, nan_ok=True)
    assert _number(fresh.snapshot(1), "dead") == len(dead_neurons(fresh.snapshot(1)))
    price = curve_cost(snapshot.layers, snapshot.config.network.activation) or (math.nan, math.nan)
    assert (_number(snapshot, "curve_cost"), _number(snapshot, "paid")) == pytest.approx(price, nan_ok=True)
    stable = stable_learning_rate(trainer.config, trainer.dataset, trainer.state()).rate
    assert (stable is None) == (setting == "smooth")  # which is Adam's
    assert _number(snapshot, "stable_rate") == pytest.approx(stable or math.nan, nan_ok=True)
    sharpness = sharpness_at(trainer.config, trainer.dataset, trainer.state())
    assert _number(snapshot, "sharpness") == sharpness.mean
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measurements, "EXACT_UP_TO", 0)  # the window does not wait for as many parameters
        assert np.isnan([_number(snapshot, "stable_rate"), _number(snapshot, "sharpness")]).all()


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_twin_is_the_one_from_the_start_of_the_run(setting: str) -> None:
    """Its mathematics has proofs of its own; unknown where the setting has none, and without the run."""
    trainer, first = _trained(setting), Trainer(Config().with_changes(SETTINGS[setting]))
    snapshot, run = trainer.snapshot(1), run_of(trainer.config, [first.state(), trainer.state()])
    names = ("twin_loss", "twin_off", "kernel_moved")
    assert np.isnan([_number(snapshot, name) for name in names]).all()
    loss, off, moved = (parse_expression(name).value(Measured(snapshot, run)) for name in names)
    if setting in ("smooth", "noisy, held out"):
        assert np.isnan([loss, off, moved]).all()
        return
    twin = LazyTwin(Moment(first.state(), run.start))
    state = twin.after([Rates(trainer.config.training.learning_rate, 0.0, 300)])
    x = np.linspace(*points_of(snapshot.config.data).x_range, 10_001, dtype=np.float32)
    apart = Torch(trainer).output(x) - twin.curve(x).at(state)  # without a hidden layer 3e-7: float32
    assert (loss, off) == pytest.approx((state.loss, np.sqrt(np.mean(apart**2))), rel=0.02, abs=1e-7)
    assert moved == 100 * twin.kernel_movement(trainer.state().parameters)
    assert (moved == 0) == (setting == "no hidden layer")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measurements, "MAX_SAMPLES", 1)  # the window does not wait for many
        assert math.isnan(parse_expression("twin_loss").value(Measured(snapshot, run)))


@pytest.mark.parametrize("setting", SETTINGS)
def test_directions_are_those_between_the_samples(setting: str) -> None:
    snapshot = _trained(setting).snapshot(1)
    low, high = points_of(snapshot.config.data).x_range
    found = directions(snapshot.curve_layers, snapshot.config.network.activation, low, high)
    assert (found is None) == (setting in ("deep", "no hidden layer", "standardised", "smooth"))
    assert _number(snapshot, "directions") == pytest.approx(math.nan if found is None else found, nan_ok=True)


@pytest.mark.parametrize("setting", SETTINGS)
def test_kinks_moved_is_the_median_between_the_samples(setting: str) -> None:
    trainer = Trainer(Config().with_changes(SETTINGS[setting]))
    first = trainer.state()
    trainer.run(300)
    run, snapshot = run_of(trainer.config, [first, trainer.state()]), trainer.snapshot(1)
    low, high = points_of(trainer.config.data).x_range
    seen, moved = trainer.dataset.scaling, list[float]()
    for w, b, w_end, b_end in zip(*(part for s in (first, trainer.state()) for part in s.parameters[:2]), strict=True):
        was, now = (float(seen.x_of(-bias / weight[0])) for weight, bias in ((w, b), (w_end, b_end)))
        moved += [abs(now - was)] if low < was < high else []
    has_one = setting not in ("deep", "no hidden layer", "standardised", "smooth")
    found = Measured(snapshot, run)["kinks_moved"]
    assert found == pytest.approx(np.median(moved) if has_one else math.nan, rel=1e-4, nan_ok=True)
    assert math.isnan(_number(snapshot, "kinks_moved"))  # of no run


def test_the_barrier_is_to_the_only_ticked_run_of_its_shape() -> None:
    """From the moment in sight, to the other's end."""
    one, other = quickly_trained(Config(), 300), quickly_trained(Config().replace("network.seed", 9), 200)
    ended = run_of(other.config, [Trainer(other.config).state(), other.state()])
    ticked, snapshot = replace(ended, is_shown=True), one.snapshot(7)
    wide = Trainer(Config().replace("network.hidden", (11,)))
    start = wide.state()
    wide.run(1)
    other_shape = replace(run_of(wide.config, [start, wide.state()]), id=4, is_shown=True)
    found = find_valley(one.config, one.dataset, one.state().parameters, other.state().parameters)
    expected = (found.as_they_are.barrier, found.matched.barrier)
    for runs, barriers in (
        ((replace(ticked, id=7), ended, replace(ticked, id=2)), expected),
        ((replace(ticked, id=2), replace(ticked, id=3)), (math.nan, math.nan)),
        ((other_shape, replace(ticked, id=2)), expected),
        ((other_shape,), (math.nan, math.nan)),
        ((replace(ticked, id=2), replace(ticked, id=3, is_deleted=True)), expected),
        ((replace(ticked, checkpoints=ended.checkpoints[:1]),), (math.nan, math.nan)),
        ((ended,), (math.nan, math.nan)),
    ):
        scope = Measured(snapshot, runs=runs)
        assert (scope["barrier"], scope["barrier_matched"]) == pytest.approx(barriers, nan_ok=True)
        steps, loss = (math.nan, math.nan) if math.isnan(barriers[0]) else (200, other.snapshot(1).train_loss)
        assert (scope["other_step"], scope["other_loss"]) == pytest.approx((steps, loss), nan_ok=True)
    for at_start, others in (((ticked,), 1), ((replace(ticked, id=2), replace(ticked, id=3), ended), 2), ((), 0)):
        scope = Measured(Trainer(one.config).snapshot(7), runs=at_start)  # it need not have taken a step itself
        assert (scope["others"], math.isnan(_barrier(scope))) == (others, True)
    assert [Measured(snapshot, run)["ticked"] for run in (ticked, ended, None)] == [1, 0, 0]


@pytest.mark.parametrize(
    ("hidden", "samples", "is_measured"), [((333,), 200, True), ((334,), 20, False), ((10,), 201, False)]
)
def test_a_barrier_that_takes_long_is_not_measured(hidden: tuple[int, ...], samples: int, is_measured: bool) -> None:
    config = Config().with_changes({"network.hidden": hidden, "data.sample_count": samples})
    one, other = (trained(config.replace("network.seed", seed), 1) for seed in (2, 9))
    ended = replace(run_of(config, [Trainer(config).state(), other.state()]), id=2, is_shown=True)
    scope = Measured(one.snapshot(7), runs=(ended,))
    assert (not math.isnan(_barrier(scope)), scope["other_loss"]) == (is_measured, other.snapshot(1).train_loss)


def _barrier(scope: Measured) -> float:
    value = scope["barrier"]
    assert isinstance(value, float)
    return value


def test_steps_since_the_change_are_of_the_moment_in_view() -> None:
    trainer = trained(Config(), 50)
    faster = Config().replace("training.learning_rate", 0.1)
    events = (ParameterSet(10, ParameterRef(0, "bias", (0,)), 1.0), LiveSettingsChanged(30, faster))
    run = replace(run_of(Config(), [trainer.state()]), events=events)
    snapshot = trainer.snapshot(1)
    for step, config, expected in (
        (9, Config(), 9),
        (10, Config(), 0),
        (29, Config(), 19),
        (30, faster, 0),
        (50, faster, 20),
    ):
        moment = replace(snapshot, config=config, state=replace(snapshot.state, step=step))
        assert Measured(moment, run)["unchanged_steps"] == expected
    assert Measured(replace(snapshot, config=faster))["unchanged_steps"] == 50
    pending = replace(snapshot, state=replace(snapshot.state, step=20), config=faster)
    assert Measured(pending, run)["unchanged_steps"] == 0  # its event has not come yet


@pytest.mark.parametrize("setting", SETTINGS)
def test_parameters_and_their_gradients(setting: str) -> None:
    trainer = _trained(setting)
    snapshot, ours = trainer.snapshot(1), Torch(trainer)
    torch.autograd.backward(ours.loss(ours.x, ours.y))
    linear = [m for m in ours.network if isinstance(m, torch.nn.Linear)]
    scale = max(p.grad.abs().max().item() for p in ours.network.parameters() if p.grad is not None)
    for number, module in enumerate(linear, start=1):
        slopes, bias_slopes = not_none(module.weight.grad), not_none(module.bias.grad)
        for to in range(module.out_features):
            for start in range(module.in_features):
                place = f"({number}, {to + 1}, {start + 1})"
                assert _number(snapshot, f"weight{place}") == module.weight[to, start].item()
                gradient = slopes[to, start].item()
                assert _number(snapshot, f"gradient_weight{place}") == pytest.approx(gradient, abs=1e-4 * scale)
            place = f"({number}, {to + 1})"
            assert _number(snapshot, f"bias{place}") == module.bias[to].item()
            gradient = bias_slopes[to].item()
            assert _number(snapshot, f"gradient_bias{place}") == pytest.approx(gradient, abs=1e-4 * scale)
    last, out = len(linear), linear[-1].in_features
    for place in ("(0, 1, 1)", f"({last + 1}, 1, 1)", f"({last}, 2, 1)", f"({last}, 1, {out + 1})", "(1, 0, 1)"):
        assert math.isnan(_number(snapshot, f"weight{place}"))
    assert math.isnan(_number(snapshot, "weight(1.5, 1, 1)"))
    assert math.isnan(_number(snapshot, "bias(1, 0 / 0)"))


def test_costly_numbers_are_computed_once_and_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def kinks(_snapshot: Snapshot, _run: Run | None) -> float:
        asked.append("kinks")
        return 1.0

    monkeypatch.setitem(measurements.MEASUREMENTS, "kinks", kinks)
    scope = Measured(_trained("the tutorial").snapshot(1))
    assert scope["loss"] == scope["loss"]
    assert asked == []
    assert scope["kinks"] == scope["kinks"] == 1
    assert asked == ["kinks"]


# --- the loss before the first step


def test_the_loss_before_the_first_step() -> None:
    config = Config()
    trainer = Trainer(config)
    first, fresh = trainer.state(), trainer.snapshot(1)
    before = Torch(trainer)
    loss = before.loss(before.x, before.y).item()
    assert loss == pytest.approx(13.28, abs=0.005)  # as known of a network drawn first from seed 2
    assert Measured(fresh)["first_loss"] == pytest.approx(loss, rel=1e-5)
    trainer.run(50)
    run = run_of(config, [first, trainer.state()])
    assert Measured(trainer.snapshot(1), run)["first_loss"] == pytest.approx(loss, rel=1e-5)
    assert math.isnan(_number(trainer.snapshot(1), "first_loss"))  # without its run


def test_a_weight_set_before_the_first_step_counts() -> None:
    config = Config().replace("data.standardise", "xy")
    trainer = Trainer(config)
    first, ref = trainer.state(), ParameterRef(1, "bias", (0,))
    trainer.edit(ref, 2.5)
    before = Torch(trainer)
    loss = before.loss(before.x, before.y).item()
    trainer.run(50)
    run = run_of(config, [first, trainer.state()], [ParameterSet(0, ref, 2.5)])
    assert Measured(trainer.snapshot(1), run)["first_loss"] == pytest.approx(loss, rel=1e-5)


# --- runs that diverge


def test_a_run_that_has_diverged() -> None:
    snapshot = trained(Config().with_changes({"training.learning_rate": 10.0, "data.held_out": 0.2}), 1_000).snapshot(1)
    assert snapshot.diverged_at is not None
    scope = Measured(snapshot)
    assert (scope["diverged"], scope["loss"], scope["held_out_loss"]) == (1, math.inf, math.inf)
    assert scope["step"] == snapshot.step
    for name in measured_names.RUN:  # of no use, but no trouble
        assert callable(scope[name]) or isinstance(scope[name], float)


def test_a_network_of_no_numbers() -> None:
    snapshot = _trained("the tutorial").snapshot(1)
    arrays = tuple(np.full_like(array, np.nan) for array in snapshot.state.parameters)
    snapshot = replace(snapshot, state=replace(snapshot.state, parameters=arrays))
    assert math.isnan(_number(snapshot, "kinks"))
    assert math.isnan(_number(snapshot, "stable_rate"))


def test_one_sample_has_no_kinks_between() -> None:
    config = Config().with_changes({"data.points": Points(np.array([1.0]), np.array([2.0]))})
    assert _number(Trainer(config).snapshot(1), "kinks") == 0
    assert math.isnan(_number(Trainer(config).snapshot(1), "directions"))


# --- experiments


@cache
def _made(kind: str) -> ExperimentResult:
    changes = {"training.stop_step": 200, "network.hidden": (4,), "data.held_out": 0.25, "data.sample_count": 12}
    config, stop = Config().with_changes(changes), np.zeros(1, dtype=np.uint8)
    result: ExperimentResult | None = EXPERIMENTS[kind].run(config, 9, stop, lambda _share, _so_far: None)
    return not_none(result)


def _experiment(kind: str, result_type: type[R]) -> R:
    result = _made(kind)
    assert isinstance(result, result_type)
    return result


@pytest.mark.parametrize("kind", measured_experiments())
def test_all_numbers_of_an_experiment_are_remembered(kind: str) -> None:
    numbers = of_experiment("it", _made(kind))
    scope = with_functions(numbers)
    described = EXPERIMENTS[kind].numbers
    assert set(scope) == {f"it.{name}" for name in described}
    assert {n for n in scope if callable(scope[n])} == {f"it.{n}" for n, m in described.items() if m.parameters}
    assert json.loads(json.dumps(numbers)) == numbers


def test_the_numbers_of_each_experiment_are_worked_out_below() -> None:
    tried = re.findall(r' = _experiment\("(\w+)", ', Path(__file__).read_text(encoding="utf-8"))
    assert set(tried) == set(measured_experiments())


def test_of_a_swarm() -> None:
    result = _experiment("swarm", SwarmResult)
    numbers = of_experiment("sweep", result)
    losses = sorted(run.final_loss for run in result.runs)
    assert numbers["sweep.seeds"] == 9
    assert (numbers["sweep.best"], numbers["sweep.median"], numbers["sweep.worst"]) == (losses[0], losses[4], losses[8])
    causes = ("diverged", "plateau", "dead", "slow")
    assert numbers["sweep.failed"] == sum(numbers[f"sweep.{cause}"] for cause in causes)
    assert numbers["sweep.failed"] == sum(loss > numbers["sweep.limit"] for loss in losses)
    y = Trainer(result.config).dataset.y_train.astype(float)
    assert numbers["sweep.constant"] == pytest.approx(float(y.var()))
    dead = 0
    for seed in range(2, 11):
        network = Torch(Trainer(result.config.replace("network.seed", seed)))
        dead += int((network.network[0](network.x) <= 0).all(dim=0).sum())
    assert numbers["sweep.dead_at_start"] == pytest.approx(dead / 36)
    assert 0 < numbers["sweep.dead_theory"] < 0.5
    mixed = replace(result, causes=("diverged", "plateau", "plateau", "dead neurons", "slow", "", "", "", ""))
    counted = of_experiment("s", mixed)
    assert [counted[f"s.{name}"] for name in ("failed", *causes)] == [5, 1, 2, 1, 1]
    flat = replace(result, dead_at_start=replace(result.dead_at_start, neurons=0, dead=0, theory=None))
    assert math.isnan(of_experiment("s", flat)["s.dead_at_start"])
    assert math.isnan(of_experiment("s", flat)["s.dead_theory"])


def test_of_a_ladder() -> None:
    result = _experiment("ladder", WidthsResult)
    scope = with_functions(of_experiment("sweep", result))
    typical = {one.width: sorted(run.final_loss for run in one.runs)[4] for one in result.widths}
    held_out = {one.width: sorted(run.validation_loss or 0.0 for run in one.runs)[4] for one in result.widths}
    for width, loss in typical.items():
        assert parse_expression(f"sweep.loss({width})").value(scope) == loss
        assert parse_expression(f"sweep.held_out({width})").value(scope) == held_out[width]
    assert math.isnan(parse_expression("sweep.loss(4)").value(scope))
    assert (scope["sweep.seeds"], scope["sweep.smallest"], scope["sweep.largest"]) == (9, 1, 1_000)
    assert scope["sweep.best_width"] == sorted(typical, key=typical.__getitem__)[0]
    assert scope["sweep.best_held_out_width"] == sorted(held_out, key=held_out.__getitem__)[0]
    without = replace(result, widths=tuple(replace(one, validation=None) for one in result.widths))
    scope = with_functions(of_experiment("sweep", without))
    assert math.isnan(parse_expression("sweep.best_held_out_width").value(scope))
    assert math.isnan(parse_expression("sweep.held_out(5)").value(scope))


def test_of_shallow_against_deep() -> None:
    result = _experiment("depth", DepthResult)
    scope = with_functions(of_experiment("sweep", result))
    y = Trainer(result.config).dataset.y_train.astype(float)
    learned = [np.minimum(shape.finals, y.var()) for shape in result.shapes]  # nothing is worse than a constant
    means = [float(np.exp(np.log(losses).mean(axis=1).min())) for losses in learned]  # at its best rate
    for layers, mean in enumerate(means, start=1):
        assert parse_expression(f"sweep.typical({layers})").value(scope) == pytest.approx(mean, rel=1e-6)
    assert scope["sweep.best_layers"] == 1 + int(np.argmin(means))
    assert scope["sweep.best_loss"] == pytest.approx(min(means))
    assert (scope["sweep.seeds"], scope["sweep.parameters"]) == (9, 13)
    by_steps = not_none(result.by_steps)
    assert (scope["sweep.sure"], scope["sweep.chance"]) == (by_steps.is_sure, by_steps.p)
    for layers, shape in enumerate(result.shapes, start=1):  # of nine, at its best rate
        at_its_best = sorted(shape.finals[shape.rates.index(shape.rate)])
        assert parse_expression(f"sweep.median({layers})").value(scope) == at_its_best[4]
    unfinished = with_functions(of_experiment("sweep", replace(result, shapes=result.shapes[:2], by_steps=None)))
    assert math.isnan(parse_expression("sweep.sure").value(unfinished))
    assert math.isnan(parse_expression("sweep.typical(1)").value(unfinished))


def test_of_leaving_one_out() -> None:
    result = _experiment("influence", InfluenceResult)
    numbers = of_experiment("sweep", result)
    most = max(result.samples, key=lambda one: one.influence)
    assert numbers["sweep.samples"] == 9  # of 12, a quarter is held out
    assert (numbers["sweep.most"], numbers["sweep.most_x"]) == (most.influence, most.x)
    assert numbers["sweep.chance"] == result.chance
    by_x = {one.x: one.influence for one in result.samples}
    assert numbers["sweep.left"] == by_x.pop(min(by_x))
    assert numbers["sweep.right"] == by_x.pop(max(by_x))
    assert numbers["sweep.inner"] == max(by_x.values()) == by_x[numbers["sweep.inner_x"]]
    nothing = of_experiment("sweep", replace(result, samples=()))
    assert math.isnan(nothing["sweep.most"])
    for name in ("most_x", "left", "right", "inner", "inner_x"):
        assert math.isnan(nothing[f"sweep.{name}"])


def test_of_one_training_of_many() -> None:
    result = _experiment("swarm", SwarmResult)
    one = result.runs[3]
    numbers = of_trained_run(one)
    assert set(numbers) == measured_names.TRAINED
    here = Measured(quickly_trained(one.config, 200).snapshot(1))
    for name in measured_names.TRAINED:  # the same as of that run in sight
        assert numbers[name] == pytest.approx(here[name], rel=1e-3)
    assert numbers["seed"] == 5
    diverged = of_trained_run(replace(one, final_loss=math.inf, validation_loss=None, diverged_at=7))
    assert (diverged["loss"], diverged["diverged"]) == (math.inf, 1)
    assert math.isnan(diverged["held_out_loss"])
