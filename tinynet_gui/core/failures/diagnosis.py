"""Diagnoses: what went wrong in a training, in three sentences, and what to change."""

import math
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from math import floor, isfinite, log10
from typing import Any

import numpy as np

from tinynet_gui.core.choices.gradient_changes import CLIP, active_changes
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import MAX_SEED, Config, ConfigError
from tinynet_gui.core.config.targets import FORMULA
from tinynet_gui.core.network.forward import forward
from tinynet_gui.core.run.events import StepRule
from tinynet_gui.core.run.replay import Moment, Stepper
from tinynet_gui.core.step.curvature import Stability, growth
from tinynet_gui.core.text.numbers import count_text, plain
from tinynet_gui.core.training.dataset import Dataset, batch_length
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.state import TrainerState, initial_state
from tinynet_gui.core.values import Array, Stop, frozen_dataclass


@frozen_dataclass
class Explanation:
    """What happened, why, and what would help.

    Attributes
    ----------
    sentences
        The symptom, its cause, and its meaning or a remedy.
    suggestion
        Valid changes for `Config.replace`, by dotted path. Empty if there is nothing to fix.
    label
        Of the button that applies the changes; "" if there are none.
    update
        The moment before the update that caused it, for the microscope; None if no single update did.
    is_alarm
        Whether something is wrong, rather than improvable.
    """

    sentences: tuple[str, str, str]
    suggestion: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    update: Moment | None = None
    is_alarm: bool = True


def with_rate(config: Config, sentences: tuple[str, str, str], rate: float) -> Explanation:
    """Suggest another learning rate, unless it rounds to 0 or is not allowed."""
    try:
        config.replace("training.learning_rate", rate)
    except ConfigError:
        return Explanation(sentences)
    if rate == 0:  # too small: it rounds to 0
        return Explanation(sentences)
    return Explanation(sentences, {"training.learning_rate": rate}, f"Set the learning rate to {plain(rate)}")


def round_down(value: float) -> float:
    """Round down to two significant digits, so that a limit stays a limit."""
    if not isfinite(value) or value <= 0:
        return 0.0
    power = floor(log10(value)) - 1
    return float(f"{floor(round(value / 10.0**power, 9))}e{power}")


FEWEST_STEPS = 1_000  # for each trial; PyTorch takes a fifth of a second
MOST_ARITHMETIC = 2_000_000_000  # parameters x samples x steps: about a second of compiled code


def affordable_steps(config: Config, samples: int, *, is_compiled: bool) -> int:
    """Return how many steps a trial of about a second can take."""
    cheap = MOST_ARITHMETIC // (config.network.parameter_count * batch_length(config, samples)) if is_compiled else 0
    return max(cheap, FEWEST_STEPS)


class Trials:
    """Takes steps as a trial; raises `StoppedError` once another thread sets ``stop[0]``."""

    def __init__(self, stop: Stop | None) -> None:
        from tinynet_gui.core.training.compiled.cache import is_compiled

        self.stop, self._stepper = stop, Stepper(stop)
        # the compiled loop, unless it would have to be compiled first
        self._engine: EngineName = "Compiled" if is_compiled() else "PyTorch"

    def steps(self, config: Config, samples: int, wanted: int) -> int:
        """Return how many steps to try settings for: `wanted`, or as many as about a second allows."""
        return min(wanted, affordable_steps(config, samples, is_compiled=self._engine != "PyTorch"))

    def take(
        self, config: Config, state: TrainerState, steps: int, dataset: Dataset | None = None
    ) -> tuple[TrainerState, Array]:
        rule = StepRule(config, engine=self._engine, scaling=None if dataset is None else dataset.scaling)
        return self._stepper.take_with_losses(rule, state, steps)

    def loss_after(self, config: Config, steps: int) -> float:
        """Train from the start; return the mean loss of the last tenth of the steps, infinite if it diverges."""
        state, losses = self.take(config, initial_state(config), steps)
        return float(losses[-max(1, steps // 10) :].mean(dtype="float64")) if state.step == steps else math.inf


SEEDS = 4  # other networks to try
HELPS = 0.9  # advice helps if the loss falls below this share; a smaller effect may be luck or rounding
MEAN = " (mean over the last tenth of the steps)"  # explains the difference to the last loss, shown elsewhere

Try = Callable[[Config, int], float]
"""Trains settings from the start for a number of steps; returns the final loss, infinite if it diverges."""


def with_tried_advice(found: Explanation, config: Config, loss: float, steps: int, try_out: Try) -> Explanation:
    """Keep a suggestion against a high loss if its trial ends clearly lower; else suggest a seed that does.

    More neurons are suggested only if no other seed of the same network does better. `loss` is what the settings ended
    with, and `steps` the length of each trial.
    """
    if not found.suggestion:
        return found
    what, why, _ = found.sentences
    seeds = range(config.network.seed + 1, min(config.network.seed + SEEDS, MAX_SEED) + 1)
    chance = what, why, "Where one training ends is chance too."
    others = [Explanation(chance, {"network.seed": seed}, f"Try the network of seed {seed}") for seed in seeds]
    for idea in [*others, found] if "network.hidden" in found.suggestion else [found, *others]:
        reached = try_out(config.with_changes(dict(idea.suggestion)), steps)
        if reached < HELPS * loss:
            tried = f"“{idea.label}” was tried out: in {count_text(steps)} steps {_comes_to(reached)}{MEAN}."
            return replace(idea, sentences=(what, why, f"{idea.sentences[2]} {tried}"))
    tried = f"Tried out for {count_text(steps)} steps: “{found.label}”, and other seeds. None ends clearly lower."
    return Explanation((what, why, tried))


def with_tried_cure(found: Explanation, config: Config, steps: int, try_out: Try) -> Explanation:
    """Keep a suggestion against a dead neuron if a trial with it ends with a clearly lower loss than one without.

    `config` are the settings with which the neuron died, and `steps` the length of both trials.
    """
    what, why, means = found.sentences
    without, reached = (try_out(c, steps) for c in (config, config.with_changes(dict(found.suggestion))))
    mean = MEAN if math.isfinite(min(reached, without)) else ""
    tried = (
        f"“{found.label}” was tried out from the start: in {count_text(steps)} steps {_comes_to(reached)}; "
        f"without it, {_comes_to(without)}{mean}."
    )
    if reached < HELPS * without:
        return replace(found, sentences=(what, why, f"{means} {tried}"))
    return replace(
        found, sentences=(what, why, f"{means} {tried} That is not clearly better."), suggestion={}, label=""
    )


def _comes_to(loss: float) -> str:
    return f"the loss comes to {plain(loss)}" if math.isfinite(loss) else "it diverges"


MOST_TRIES = 20


def tried_rate(rate: float, goes_well: Callable[[float], bool]) -> float | None:
    """Return a learning rate that goes well in a trial: `rate`, halved until it does; None after twenty halvings.

    The curvature at one point does not bound later ones, and on most ways down it grows at first.
    """
    for _ in range(MOST_TRIES):
        rate = round_down(rate)
        if rate and goes_well(rate):
            return rate
        rate /= 2
    return None


def explain_divergence(
    config: Config, diverged_at: int, stability: Stability, tried: float | None, tried_steps: int, *, since: int = 0
) -> Explanation:
    """Say why a training diverged.

    Parameters
    ----------
    config
        The settings it diverged with.
    stability
        From `core.step.curvature.stable_learning_rate`, at a state from before the loss rose: the run's first, or
        where the learning rate was changed.
    tried, tried_steps
        The suggestion, from `tried_rate`, and for how many steps it stayed finite in a trial; None if no rate did.
    since
        The step of `stability`, since which the settings have not changed.
    """
    rate = config.training.learning_rate
    used = f", set at step {since:,}" if since else ""
    what = f"The loss was no longer finite at step {diverged_at:,}, with a learning rate of {plain(rate)}{used}."
    finite = f"stays finite for {count_text(tried_steps)} steps."
    help_ = f"Smaller ones were tried out, and none {finite}"
    if tried is not None:
        help_ = f"{plain(tried)} was tried out and {finite}"
    why = f"At step {since:,}: {stability.why[0].lower()}{stability.why[1:]}" if since else stability.why
    if stability.rate is None:
        means = "Smaller steps are the usual remedy."
    elif CLIP in active_changes(config.training):
        longest = plain(config.training.max_norm)
        means = f"Clipping keeps the gradient within a norm of {longest}, but not the learning rate times it."
    elif rate > stability.rate:
        factor = plain(growth(config.training, stability.curvature))
        memory = OPTIMIZERS[config.training.optimizer].moves_on(config.training)
        built_up = f", once {memory} has built up" if memory else ""
        means = (
            f"{plain(rate)} is {plain(rate / stability.rate)} times that: around there each step multiplies the error "
            f"along that direction by {factor}{built_up}, where below {plain(stability.rate)} it would have shrunk."
        )
    else:
        means = (
            f"{plain(rate)} is below that, so the error along that direction shrank at first. Further on the loss can "
            "curve more, and so can that of a single batch."
        )
    sentences = (what, help_, f"{why} {means}")
    return Explanation(sentences) if tried is None else with_rate(config, sentences, tried)


def explain_infinite_start(snapshot: Snapshot, is_by_hand: bool) -> Explanation:
    """Say why the loss is not finite at a state that no step of this run led to."""
    config, dataset = snapshot.config, snapshot.dataset
    what = f"At step {snapshot.step:,} the loss is already not finite: no step led there, so no learning rate helps."
    squares = (
        "the squares of such errors are" if LOSSES[config.training.loss].is_square else "the sum of such errors is"
    )
    beyond = f"{squares} beyond 3.4·10³⁸, where float32 ends."
    y = _largest(dataset.y_train)
    output = _largest(forward(snapshot.layers, config.network.activation, dataset.x_train[:, 0]).output)
    if output > y:
        source = "The numbers that were set by hand" if is_by_hand else "The weights"
        size = f"as large as {plain(output)}" if np.isfinite(output) else "infinite"
        means = "Undo takes the change back." if is_by_hand else "Smaller weights to begin with are the remedy."
        return Explanation((what, f"{source} make the output {size}: {beyond}", means))
    why = f"The samples' y are as large as {plain(y)}: {beyond}"
    scale = f"1e{int(np.floor(np.log10(y)))}"
    changes = {"data.formula": f"({config.data.target_formula})/{scale}", "data.target": FORMULA}
    try:
        config.with_changes(changes)
    except ConfigError:
        return Explanation((what, why, "Networks are made for smaller samples, of about 1."))
    means = f"Divided by {scale}, they are below 10."
    return Explanation((what, why, means), changes, f"Divide the target by {scale}")


def _largest(values: Array) -> float:
    return float(np.max(np.nan_to_num(np.abs(values), nan=np.inf, posinf=np.inf)))
