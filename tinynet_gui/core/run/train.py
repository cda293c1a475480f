"""Training from a script: `train`, its result, from which training continues, and the preview of a training's end."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.config import SETTINGS, Config, changed_paths
from tinynet_gui.core.config.setting import ConfigError, Setting, whole_number
from tinynet_gui.core.network.forward import Layer, as_layers, output_curve
from tinynet_gui.core.network.refs import frozen_masks
from tinynet_gui.core.run.events import EngineChanged, FrozenChanged, LiveSettingsChanged, with_event
from tinynet_gui.core.run.loss_history import LossHistory, advance_watching, condense, held_out_losses
from tinynet_gui.core.run.replay import Replay, branch, past_moment, with_parameters_set
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import new_run
from tinynet_gui.core.text.numbers import count_text, loss_text
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.snapshot import held_out_loss, loss_at
from tinynet_gui.core.training.start import Dataset, TrainerState, initial_state, make_dataset, plot_grid
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.values import Array, Floats, Stop, as_table, frozen_dataclass, owned, without_graph

MAX_STEPS = int(SETTINGS["training.stop_step"].bounds[1])
ENGINE_NAMES: dict[str, EngineName] = {"compiled": "Compiled", "pytorch": "PyTorch"}
ELSEWHERE = {  # what users of SciPy, scikit-learn and PyTorch look for
    "x": "state.parameters for the weights, and dataset.x_train for the samples",
    "y": "dataset.y_train for the samples, and predict(x) for the network's output",
    **dict.fromkeys(("weights", "parameters", "params", "coefs_"), "state.parameters"),
    "fun": "loss",
    "nit": "steps",
    "success": "diverged_at, None if it did not",
    "history": "losses",
    "fit": "tiny.train",
}
RECORDS = 16  # states that are kept of the steps of one call


@frozen_dataclass(eq=False, repr=False)
class TrainingResult:
    """A trained network. `train` and `open` return it, and `train` can continue from it.

    Attributes
    ----------
    loss, held_out_loss : float
        Over all training samples and over the held-out ones, None without any; infinite if training diverged.
    steps : int
        How many updates have been made.
    diverged_at : int or None
        The step at which the loss was no longer finite. `state` is then that of the last step where it was.
    losses : float32 of shape (steps,)
        The loss of each step's batch before its update; of a run that was opened, by taking its steps again.
    state : TrainerState
        Its ``parameters`` are a tuple of weight, bias, weight, bias, ..., float32, read-only; ``slots`` is what the
        optimiser remembers.
    config, dataset, run
        The settings, the samples, and the run as the window has it.
    """

    run: Run
    _losses: Array | None = None

    if not TYPE_CHECKING:  # mypy would accept any name

        def __getattr__(self, name: str) -> None:
            paths = (f"config.{path}" for path in SETTINGS if path.endswith(f".{name}"))
            there = ELSEWHERE.get(name) or " or ".join(paths)
            raise AttributeError(f"a TrainingResult has no attribute {name!r}{there and f': see {there}'}")

    @property
    def config(self) -> Config:
        return self.run.config

    @property
    def dataset(self) -> Dataset:
        return self.run.dataset

    @property
    def steps(self) -> int:
        return self.run.step

    @property
    def diverged_at(self) -> int | None:
        return self.run.diverged_at

    @cached_property
    def state(self) -> TrainerState:
        return with_parameters_set(self.run.checkpoints[-1], self.run.events_at(self.steps))

    @cached_property
    def loss(self) -> float:
        return loss_at(self.config, self.dataset, self.state) if self.diverged_at is None else np.inf

    @cached_property
    def held_out_loss(self) -> float | None:
        loss = held_out_loss(self.config, self.dataset, as_layers(self.state.parameters))
        return None if loss is None else float(loss) if self.diverged_at is None else np.inf

    @cached_property
    def losses(self) -> Array:
        return Replay(self.run).losses(0, self.steps) if self._losses is None else self._losses

    @cached_property
    def best(self) -> "TrainingResult | None":
        """The training up to its best step: the one with the lowest recorded held-out loss; None without any.

        These are the step before training and about 16 of each call of `train`, or with ``patience`` every step. What
        chose the step judges it too well: that loss is lower than the loss on new samples.
        """
        if self.run.best_held_out is None:
            return None
        return TrainingResult(branch(self.run, past_moment(self.run, self.run.best_held_out[0]), self.run.id))

    def __repr__(self) -> str:
        parts = [f"steps={self.steps}, loss={self.loss:.4g}"]
        parts += [] if self.held_out_loss is None else [f"held_out_loss={self.held_out_loss:.4g}"]
        parts += [] if self.diverged_at is None else [f"diverged_at={self.diverged_at}"]
        parts += [] if self.config == Config() else [repr(self.config)]
        return f"TrainingResult({', '.join(parts)})"

    def _repr_html_(self) -> str:
        from tinynet_gui.core.text.chart import BLUE, ORANGE, Panel, as_html

        data, grid = self.dataset, plot_grid(self.config.data)
        curve, units = self.predict(grid), data.scaling
        sets = (data.x_train, data.y_train, BLUE), (data.x_held_out, data.y_held_out, ORANGE)
        fit = Panel("x", "y", grid, np.concatenate([curve, *(units.y_of(y).ravel() for _, y, _ in sets)]))
        for x, y, color in sets:
            fit.dots(units.x_of(x), units.y_of(y), color)
        fit.line(grid, curve)
        steps, losses = self.run.losses.curve(CURVE_POINTS)
        fall = Panel("step", "loss", steps, losses, log="y")
        fall.line(steps, losses)
        numbers = {"steps": count_text(self.steps), "loss": loss_text(self.loss)}
        numbers |= {} if self.held_out_loss is None else {"held-out loss": loss_text(self.held_out_loss)}
        numbers |= {} if self.diverged_at is None else {"diverged at step": count_text(self.diverged_at)}
        return as_html(repr(self), {**numbers, "settings": repr(self.config)}, fit, fall)

    def table(self) -> npt.NDArray[np.void]:
        """Return a structured array of shape (steps,) with the fields ``step`` and ``loss``, before its update."""
        return as_table({"step": np.arange(self.steps), "loss": self.losses})

    def replay(self) -> "TrainingResult":
        """Take all steps again from the settings and events of `run`: no stored result is trusted.

        On the same machine, with the same versions, an honest run comes out the same to the bit. `ConfigError` if it
        claims more than 100,000,000 steps.

        Examples
        --------
        >>> import tinynet_gui.core as tiny
        >>> run = tiny.train(steps=100)
        >>> run.replay().loss == run.loss
        True
        """
        run, first = self.run, initial_state(self.run.start.config)
        whole_number("steps", self.steps, 0, MAX_STEPS)
        walked = list(Replay(run).walk(first, self.steps))
        states = [first, *(state for state, _losses in walked)]
        losses = owned(np.concatenate([[], *(taken for _state, taken in walked)]))
        diverged_at = run.diverged_at if states[-1].step == self.steps else states[-1].step + 1
        history = LossHistory().with_losses(0, losses)
        again = replace(run, checkpoints=tuple(states), losses=history, diverged_at=diverged_at)
        return TrainingResult(again, losses)

    def predict(self, x: npt.ArrayLike) -> Array:
        """Return the network's output at x, float32 of the shape of x; both are in the units of the data.

        Raises
        ------
        ConfigError
            If x holds anything but numbers.

        Examples
        --------
        >>> import tinynet_gui.core as tiny
        >>> tiny.train().predict([[0.0, 1.0], [-1.0, -2.0]]).shape
        (2, 2)
        """
        try:
            values = np.asarray(without_graph(x))
        except ValueError:  # rows of different lengths
            values = np.empty(0, dtype=object)
        if values.dtype.kind not in "iuf":
            raise ConfigError("x", f"{written(x)} is not allowed: a number, or an array or a list of numbers")
        layers = self.dataset.scaling.in_units_of_data(as_layers(self.state.parameters))
        with np.errstate(over="ignore"):
            flat = values.astype(np.float32).ravel()
        return output_curve(layers, self.config.network.activation, flat).reshape(values.shape)


def train(
    start: Config | TrainingResult = Config(),
    steps: int | None = None,
    *,
    x: npt.ArrayLike | None = None,
    y: npt.ArrayLike | None = None,
    engine: Literal["compiled", "pytorch"] = "compiled",
    **settings: Any,
) -> TrainingResult:
    """Train a network, or continue an earlier training.

    Parameters
    ----------
    start
        Settings, by default the tutorial's: 20 samples of y = x², 10 ReLU neurons. Or an earlier result, which is not
        changed.
    steps
        How many steps to take, from 0 to 100,000,000; by default the setting ``training.stop_step``, the tutorial's
        10,000. Training ends at the first loss that is not finite, or where the setting ``patience`` ends it.
    x, y
        Your own samples: lists, tuples, arrays or tensors of shape (n,) or (n, 1). Of them, ``held_out`` is drawn.
    engine
        ``"compiled"``, the fast loop, or ``"pytorch"``, the tutorial's own, which agrees with it up to rounding. The
        first call on a machine compiles for about ten seconds; the result is cached.
    settings
        Changes to the settings, by the names in `Config`, such as ``hidden=10, learning_rate=0.01``; one without an
        effect is an error. A training that goes on takes those that act on its next step.

    Returns
    -------
    TrainingResult
        ``loss`` is the loss over all training samples at the end; ``losses``, float32 of shape (steps,), that of each
        step before its update; ``predict(x)`` the network's output. It also has ``config``, ``dataset``, ``state``,
        ``steps``, ``held_out_loss``, ``best`` and ``diverged_at``.

        If training diverged, ``loss`` is infinite, and ``steps``, ``losses``, ``state`` and ``predict`` are those of
        the last step at which the loss was finite, the one before ``diverged_at``. Training on from such a result takes
        no step and returns it.

    Raises
    ------
    ConfigError
        If an argument is not allowed.

    Examples
    --------
    >>> import tinynet_gui.core as tiny
    >>> run = tiny.train()
    >>> round(run.loss, 3), run.predict([2.3]).round(1)  # x² is 5.29 there
    (0.065, array([4.6], dtype=float32))
    >>> longer = tiny.train(run, 5_000)
    >>> longer.steps, longer.losses.shape, longer.loss < run.loss
    (15000, (15000,), True)

    Your own samples, with eight neurons and Adam:

    >>> run = tiny.train(x=[0, 1, 2, 3], y=[0, 1, 4, 9], hidden=8, optimizer="adam", learning_rate=0.01)
    >>> run.steps, run.loss < 0.01
    (10000, True)
    """
    Setting("", "live", choices=ENGINE_NAMES).check("engine", engine)
    name = ENGINE_NAMES[engine]
    if not isinstance(start, TrainingResult | Config):
        raise ConfigError("start", f"{written(start)} is neither a Config nor a result of train; samples are x=…, y=…")
    if isinstance(start, Config):
        run, losses = new_run(1, _changed(start, settings, x, y), name), owned([])
        state = initial_state(run.config)
    else:
        run, losses, state = start.run, start.losses, start.state
        config = _changed(run.config, settings, x, y)
        for path in changed_paths(run.config, config):
            if SETTINGS[path].effect == "reset":
                change = f"from {written(run.config.get(path))} to {written(config.get(path))}"
                raise ConfigError(
                    path, f"cannot change {change} as a training goes on; train(run.config, …) begins anew"
                )
        run = replace(run, wanted=replace(run.wanted, config=config))
    count = run.config.training.stop_step if steps is None else whole_number("steps", steps, 0, MAX_STEPS)
    frozen = run.wanted.frozen
    rule = replace(run.wanted, engine="PyTorch" if frozen else name)  # only PyTorch can freeze
    trainer = Trainer(run.config, run.dataset)
    trainer.load(state)
    trainer.set_frozen(frozen_masks(frozen, state.parameters))
    step, first, record_every = state.step, held_out_losses(run.config, run.dataset, [state]), max(1, count // RECORDS)
    changed = LiveSettingsChanged(step, run.config)
    watch = replace(run, events=with_event(run.start, run.events, changed)).watch_held_out()
    watch.see(first)
    taken, states, held_out = advance_watching(trainer, rule.engine, count, watch, record_every=record_every)
    now = trainer.snapshot(run.id)
    grown = replace(run, wanted=rule).extended(
        now,
        condense(step, taken),
        [changed, FrozenChanged(step, frozen), EngineChanged(step, rule.engine)],
        [state, *states],
        None if now.diverged_at is None else rule,
        [*first, *held_out],
    )
    return TrainingResult(grown, owned(np.concatenate([losses, taken])))


def _changed(config: Config, settings: Mapping[str, Any], x: npt.ArrayLike | None, y: npt.ArrayLike | None) -> Config:
    """Return a copy with the caller's settings and samples, of which the configured share is held out."""
    if x is None and y is None:
        return config.with_settings(settings)
    if x is None or y is None:
        raise ConfigError("x" if x is None else "y", "is missing: samples have both, x and y")
    if not {"points", "data.points"}.isdisjoint(settings):
        raise ConfigError("points", "are given beside x and y: one of them is allowed")
    return config.with_settings({**settings, "data.points": {"x": x, "y": y}})


CURVE_POINTS = 400  # losses in a preview's curve at most


@frozen_dataclass(eq=False)
class PreviewStart:
    """The current moment of a training, its samples, and the run that it continues; None for a new run."""

    state: TrainerState
    dataset: Dataset
    run: Run | None = None


def next_stop(config: Config, step: int) -> int:
    """Return where a training now at `step` stops: at the stop step or, beyond it, at its next multiple."""
    every = config.training.stop_step
    return (step // every + 1) * every


@frozen_dataclass
class Preview:
    """The predicted end of a training.

    Attributes
    ----------
    steps, losses
        The loss curve, thinned out: float64 and float32 of shape (points,).
    layers
        The trained network, in the units of the data.
    grid, output
        The plotted x and the trained network's output there, float32 of shape (401,).
    final_loss
        Over all training samples after the last step, or at the last step where it was finite.
    diverged_at
        The step at which the loss was no longer finite, or None.
    start, reached
        The moment it was trained from, and the weights it reached.
    """

    config: Config
    steps: Floats
    losses: Array
    layers: tuple[Layer, ...]
    grid: Array
    output: Array
    final_loss: float
    diverged_at: int | None
    start: PreviewStart
    reached: TrainerState

    @property
    def start_step(self) -> int:
        return self.start.state.step

    @property
    def end_step(self) -> int:
        return next_stop(self.config, self.start_step) if self.diverged_at is None else max(0, self.diverged_at - 1)


def preview_end(config: Config, start: PreviewStart | None, stop: Stop) -> Preview | None:
    """Train to where the training will stop, from `start` or the initial weights; None if `stop` became nonzero."""
    from tinynet_gui.core.training.compiled import kernel

    start = start or PreviewStart(initial_state(config), make_dataset(config.data))
    dataset, first = start.dataset, start.state.step
    total = next_stop(config, first) - first
    stride = max(1, total // CURVE_POINTS)
    done = kernel.run(config, dataset, start.state, total, stride, stop=stop)
    if stop[0]:
        return None
    layers = dataset.scaling.in_units_of_data(as_layers(done.state.parameters))
    grid = plot_grid(config.data)
    return Preview(
        config=config,
        steps=first + np.arange(len(done.losses), dtype=np.float64) * stride,
        losses=done.losses,
        layers=layers,
        grid=grid,
        output=output_curve(layers, config.network.activation, grid),
        final_loss=loss_at(config, dataset, done.state),
        diverged_at=done.diverged_at,
        start=start,
        reached=done.state,
    )
