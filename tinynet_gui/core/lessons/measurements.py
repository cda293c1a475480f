"""The measurements for lessons and claims: numbers by name, of the current run, of trained runs and of experiments.

`measured_names` says what each name means. Unknown values are NaN.
"""

import math
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from functools import cached_property, partial
from typing import Literal, cast

import numpy as np

from tinynet_gui.core.choices.schedules import rate_at
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.formula import parse_formula
from tinynet_gui.core.experiments.base import ExperimentResult, TrainedRun
from tinynet_gui.core.experiments.table import EXPERIMENTS
from tinynet_gui.core.failures.symptoms import dead_neurons
from tinynet_gui.core.function import extrapolation, linear_regions, neurons
from tinynet_gui.core.lazy_twin.of_run import rates_of, twin_at, twin_start
from tinynet_gui.core.lazy_twin.twin import LazyTwin, NoTwinError, TwinState
from tinynet_gui.core.lessons.map_measurements import MAP_ROW, dots_on_map, map_measurements
from tinynet_gui.core.lessons.measured_names import SETTINGS
from tinynet_gui.core.maps.axes import MapChoice, usual_map
from tinynet_gui.core.maps.valley import Trained, Valley, as_trained, end_of, valley_between, why_no_line
from tinynet_gui.core.network import forward, refs
from tinynet_gui.core.run.events import in_force_since
from tinynet_gui.core.run.replay import engines_needed, with_parameters_set
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.step.curvature import EXACT_UP_TO, stable_learning_rate
from tinynet_gui.core.step.sharpness import sharpness_at
from tinynet_gui.core.training.snapshot import Snapshot, loss_at, training_loss
from tinynet_gui.core.training.start import batch_length, make_dataset, points_of
from tinynet_gui.core.values import frozen_dataclass

MAX_SAMPLES = 200  # larger ones would block the window


@frozen_dataclass(eq=False)
class BesideTwin:
    """A moment of a run, beside the twin from the run's start."""

    snapshot: Snapshot
    twin: LazyTwin
    state: TwinState


def beside_twin(snapshot: Snapshot, run: Run | None) -> BesideTwin | None:
    """Return a moment beside its twin; None if it has none, or if finding it takes long."""
    is_large = snapshot.config.network.parameter_count > EXACT_UP_TO or len(snapshot.dataset.x_train) > MAX_SAMPLES
    if run is None or not run.checkpoints or is_large:
        return None
    first = twin_start(run, snapshot.step)
    if "PyTorch" in engines_needed(run, first):
        return None
    try:
        return BesideTwin(snapshot, twin := twin_at(run, first), twin.after(rates_of(run, first, snapshot.step)))
    except NoTwinError:
        return None


def _distance_to_twin(beside: BesideTwin) -> float:
    snapshot = beside.snapshot
    low, high = points_of(snapshot.config.data).x_range
    inside = (snapshot.grid >= np.float32(low)) & (snapshot.grid <= np.float32(high))
    with np.errstate(all="ignore"):
        apart = snapshot.output[inside] - beside.twin.curve(snapshot.grid[inside]).at(beside.state)
        return float(np.sqrt(np.mean(apart**2))) if len(apart) else math.nan


TWINS: dict[str, Callable[[BesideTwin], float]] = {
    "twin_loss": lambda beside: beside.state.loss if math.isfinite(beside.state.loss) else math.inf,
    "twin_off": _distance_to_twin,
    "kernel_moved": lambda beside: 100 * beside.twin.kernel_movement(beside.snapshot.state.parameters),
}


MAX_PARAMETERS = 1_000  # with more of them the valley between two networks takes more than some 50 ms

Value = float | Callable[..., float]


class Measured(Mapping[str, Value]):
    """The measurements of one moment of a run, lazily computed and cached.

    Parameters
    ----------
    run
        The run it belongs to; without it the loss before the first step is known only at that step.
    choice
        The current map; by default that of learning rates and initial scales.
    runs
        The session's runs: a barrier is that to the other selected run of its shape and samples, if there is just one.
    """

    def __init__(
        self, snapshot: Snapshot, run: Run | None = None, choice: MapChoice | None = None, runs: Sequence[Run] = ()
    ) -> None:
        self._snapshot, self._run, self._runs = snapshot, run, runs
        self._known: dict[str, Value] = {name: partial(function, snapshot) for name, function in FUNCTIONS.items()}
        self._known |= map_measurements(choice or usual_map(), snapshot)
        self._row = partial(dots_on_map, choice or usual_map(), snapshot)

    def __getitem__(self, name: str) -> Value:
        if name == MAP_ROW:  # for pictures only
            return cast(Value, self._row)
        if name in BARRIERS:
            return math.nan if self._valley is None else BARRIERS[name](self._valley)
        if name in TWINS:
            return math.nan if self._beside is None else TWINS[name](self._beside)
        if name in OF_OTHERS:
            return float(OF_OTHERS[name](as_trained(self._snapshot), self._others))
        if name not in self._known:
            self._known[name] = float(MEASUREMENTS[name](self._snapshot, self._run))
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        yield from {**MEASUREMENTS, **BARRIERS, **TWINS, **OF_OTHERS, **self._known}

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @cached_property
    def _others(self) -> list[Trained]:
        """The ends of the other selected runs that are comparable."""
        return list(others_of(as_trained(self._snapshot), self._snapshot.run_id, self._runs).values())

    @cached_property
    def _valley(self) -> Valley | None:
        """The loss between the moment and the end of the one other run; None if computing it takes long."""
        one = as_trained(self._snapshot)
        is_large = one.config.network.parameter_count > MAX_PARAMETERS or len(one.dataset.x_train) > MAX_SAMPLES
        is_one = self._snapshot.step > 0 and len(self._others) == 1
        return valley_between(one, self._others[0]) if is_one and not is_large else None

    @cached_property
    def _beside(self) -> BesideTwin | None:
        return beside_twin(self._snapshot, self._run)


def others_of(one: Trained | None, run_id: int, runs: Sequence[Run]) -> dict[int, Trained]:
    """Return the ends, by run, of the selected runs other than `run_id` that are comparable with a network."""
    ticked = (run for run in runs if run.is_shown and not run.is_deleted and run.id != run_id)
    ends = ((run.id, end_of(run)) for run in ticked)
    return {other: end for other, end in ends if end is not None and not why_no_line(one, end)}


def of_trained_run(run: TrainedRun) -> dict[str, float]:
    """Return the measurements of one training of many: loss, held_out_loss, diverged, and those of the settings."""
    known = {"loss": run.final_loss, "held_out_loss": _or_nan(run.validation_loss)}
    return {**known, "diverged": float(run.diverged_at is not None), **_of_settings(run.config)}


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _of_settings(config: Config) -> dict[str, float]:
    samples = len(make_dataset(config.data).x_train)
    return {
        "neurons": float(sum(config.network.hidden)),
        "layers": float(len(config.network.hidden)),
        "parameters": float(config.network.parameter_count),
        "learning_rate": config.training.learning_rate,
        "samples": float(samples),
        "noise": math.nan if config.data.true_formula is None else config.data.noise,
        "seed": float(config.network.seed),
        "batch": float(batch_length(config, samples)),
    }


def _setting(name: str, snapshot: Snapshot, _run: Run | None) -> float:
    return _of_settings(snapshot.config)[name]


def _unchanged_steps(snapshot: Snapshot, run: Run | None) -> float:
    if run is None:
        return snapshot.step
    rule = run.rule_at(snapshot.step)
    if rule.config != snapshot.config:  # a change that no event records yet
        return 0
    events = (event for event in run.events if event.step <= snapshot.step)
    return snapshot.step - in_force_since(run.start, events, rule)


def _loss(snapshot: Snapshot, _run: Run | None) -> float:
    return snapshot.train_loss if snapshot.diverged_at is None else math.inf


def _first_loss(snapshot: Snapshot, run: Run | None) -> float:
    if snapshot.step == 0:
        return _loss(snapshot, run)
    if run is None or not run.checkpoints:
        return math.nan
    rule = run.rule_of_first_step
    return float(training_loss(rule.config, rule.dataset, _first_layers(run)))


def _first_layers(run: Run) -> tuple[forward.Layer, ...]:
    return forward.as_layers(with_parameters_set(run.checkpoints[0], run.events_at(0)).parameters)


def _held_out_loss(snapshot: Snapshot, _run: Run | None) -> float:
    if snapshot.validation_loss is None:
        return math.nan
    return snapshot.validation_loss if snapshot.diverged_at is None else math.inf


def _kinks(snapshot: Snapshot, _run: Run | None) -> float:
    low, high = points_of(snapshot.config.data).x_range
    if not all(np.isfinite(array).all() for array in snapshot.state.parameters):
        return math.nan
    if low == high:
        return 0.0
    regions = linear_regions.find_linear_regions(snapshot.curve_layers, snapshot.config.network.activation, low, high)
    return float(max(0, regions.count - 1))


def _curve_cost(which: Literal[0, 1], snapshot: Snapshot, _run: Run | None) -> float:
    numbers = neurons.curve_cost(snapshot.layers, snapshot.config.network.activation)
    return math.nan if numbers is None else numbers[which]


def _kinks_moved(snapshot: Snapshot, run: Run | None) -> float:
    if run is None or not run.checkpoints:
        return math.nan
    first = snapshot.dataset.scaling.in_units_of_data(_first_layers(run))
    activation, ends = snapshot.config.network.activation, points_of(snapshot.config.data).x_range
    return _or_nan(neurons.kink_movement(first, snapshot.curve_layers, activation, *ends))


def _error(where: Literal["within", "outside"], snapshot: Snapshot, _run: Run | None) -> float:
    errors = extrapolation.errors_apart(snapshot)
    return _or_nan(getattr(errors, where) if errors is not None and errors.is_of_truth else None)


def _stable_rate(snapshot: Snapshot, _run: Run | None) -> float:
    if snapshot.config.network.parameter_count > EXACT_UP_TO:
        return math.nan  # would block the window for seconds
    return _or_nan(stable_learning_rate(snapshot.config, snapshot.dataset, snapshot.state).rate)


def _sharpness(snapshot: Snapshot, run: Run | None) -> float:
    if snapshot.config.network.parameter_count > EXACT_UP_TO:
        return math.nan
    frozen = frozenset[refs.Ref]() if run is None else run.rule_at(snapshot.step).frozen
    return sharpness_at(snapshot.config, snapshot.dataset, snapshot.state, frozen).mean


@np.errstate(over="ignore", invalid="ignore")  # an x beyond the range of float32
def _output(snapshot: Snapshot, x: float) -> float:
    return float(forward.evaluate(snapshot.curve_layers, snapshot.config.network.activation, [x])[0])


@np.errstate(over="ignore", invalid="ignore")
def _target(snapshot: Snapshot, x: float) -> float:
    formula = snapshot.config.data.true_formula
    return math.nan if formula is None else float(parse_formula(formula)(np.array([x], dtype=np.float32))[0])


def _parameter(
    which: Literal["layers", "gradients"], kind: refs.ParameterKind, snapshot: Snapshot, layer: float, *place: float
) -> float:
    """Return the entry of a weight, (to, from), or of a bias, (to,), all counted from 1; NaN if there is none."""
    layers: tuple[forward.Layer, ...] = getattr(snapshot, which)
    if layer not in range(1, len(layers) + 1):
        return math.nan
    array = getattr(layers[int(layer) - 1], kind)
    if any(at not in range(1, size + 1) for at, size in zip(place, array.shape, strict=True)):
        return math.nan
    return float(array[tuple(int(at) - 1 for at in place)])


MEASUREMENTS: dict[str, Callable[[Snapshot, Run | None], float]] = {
    "step": lambda snapshot, _run: snapshot.step,
    "unchanged_steps": _unchanged_steps,
    "loss": _loss,
    "first_loss": _first_loss,
    "held_out_loss": _held_out_loss,
    "dead": lambda snapshot, _run: len(dead_neurons(snapshot)),
    "diverged": lambda snapshot, _run: snapshot.diverged_at is not None,
    "kinks": _kinks,
    "directions": lambda snapshot, _run: _or_nan(neurons.directions_of(snapshot)),
    "curve_cost": partial(_curve_cost, 0),
    "paid": partial(_curve_cost, 1),
    "kinks_moved": _kinks_moved,
    "last_x": lambda snapshot, _run: points_of(snapshot.config.data).x_range[1],
    "within": partial(_error, "within"),
    "outside": partial(_error, "outside"),
    "stable_rate": _stable_rate,
    "sharpness": _sharpness,
    "ticked": lambda _snapshot, run: run is not None and run.is_shown,
    **{name: partial(_setting, name) for name in SETTINGS},
    "learning_rate": lambda snapshot, _run: rate_at(snapshot.config.training, snapshot.step),
}
BARRIERS: dict[str, Callable[[Valley], float]] = {
    "barrier": lambda valley: valley.as_they_are.barrier,
    "barrier_matched": lambda valley: valley.matched.barrier,
}
OF_OTHERS: dict[str, Callable[[Trained, Sequence[Trained]], float]] = {
    "others": lambda _, ends: len(ends),
    "other_step": lambda _, ends: ends[0].state.step if len(ends) == 1 else math.nan,
    "other_loss": lambda one, ends: loss_at(one.config, one.dataset, ends[0].state) if len(ends) == 1 else math.nan,
}
FUNCTIONS: dict[str, Callable[..., float]] = {  # of the snapshot, and then of the function's arguments
    "output": _output,
    "target": _target,
    "weight": partial(_parameter, "layers", "weight"),
    "bias": partial(_parameter, "layers", "bias"),
    "gradient_weight": partial(_parameter, "gradients", "weight"),
    "gradient_bias": partial(_parameter, "gradients", "bias"),
}


def of_experiment(name: str, result: ExperimentResult) -> dict[str, float]:
    """Return the numbers of an experiment, named by the lesson's name for it, a dot and their own name.

    The values of a function have their argument in their names, like ``ladder.loss(5)``: so all of them are numbers,
    which can be stored as JSON. `with_functions` turns them into functions.
    """
    numbers: dict[str, float] = {}
    for own, number in EXPERIMENTS[result.experiment].numbers.items():
        value = number.of(result)
        if isinstance(value, Mapping):
            numbers |= {f"{name}.{own}({argument})": float(one) for argument, one in value.items()}
        else:
            numbers[f"{name}.{own}"] = math.nan if value is None else float(value)
    return numbers


def with_functions(numbers: Mapping[str, float]) -> dict[str, Value]:
    """Turn names with an argument, such as ``ladder.loss(5)``, into functions; NaN for an unknown argument."""
    values: dict[str, Value] = {}
    tables: dict[str, dict[float, float]] = {}
    for name, number in numbers.items():
        function, bracket, argument = name.partition("(")
        if bracket:
            tables.setdefault(function, {})[float(argument.removesuffix(")"))] = number
        else:
            values[name] = number
    return values | {name: partial(_looked_up, table) for name, table in tables.items()}


def scope_with(known: Mapping[str, float], measured: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return the scope of expressions: measured values, and the known ones, which take precedence."""
    return ChainMap(with_functions(known), cast(MutableMapping[str, Value], measured))  # never written to


def _looked_up(table: Mapping[float, float], argument: float) -> float:
    return table.get(argument, math.nan)
