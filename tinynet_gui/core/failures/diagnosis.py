"""Diagnoses: what went wrong in a training, in three sentences, and what to change."""

import math
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from math import floor, isfinite, log10
from typing import Any

import numpy as np

from tinynet_gui.core.choices import gradient_changes, losses, optimizers
from tinynet_gui.core.config import MAX_SEED, Config, ConfigError
from tinynet_gui.core.config.targets import FORMULA
from tinynet_gui.core.network.forward import forward
from tinynet_gui.core.run.events import StepRule
from tinynet_gui.core.run.replay import Moment, Stepper
from tinynet_gui.core.step.curvature import Stability, growth
from tinynet_gui.core.text.language import gettext as _, within_sentence
from tinynet_gui.core.text.numbers import count_text, plain
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import Dataset, TrainerState, batch_length, initial_state
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
    label = _("Set the learning rate to {rate}").format(rate=plain(rate))
    return Explanation(sentences, {"training.learning_rate": rate}, label)


def round_down(value: float) -> float:
    """Round down to two significant digits, so that a limit stays a limit."""
    if not isfinite(value) or value <= 0:
        return 0.0
    power = floor(log10(value)) - 1
    return float(f"{floor(round(value / 10.0**power, 9))}e{power}")


MIN_STEPS = 1_000  # for each trial; PyTorch takes a fifth of a second
MAX_ARITHMETIC = 2_000_000_000  # parameters x samples x steps: about a second of compiled code


def affordable_steps(config: Config, samples: int, *, is_compiled: bool) -> int:
    """Return how many steps a trial of about a second can take."""
    cheap = MAX_ARITHMETIC // (config.network.parameter_count * batch_length(config, samples)) if is_compiled else 0
    return max(cheap, MIN_STEPS)


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

Try = Callable[[Config, int], float]
"""Trains settings from the start for a number of steps; returns the final loss, infinite if it diverges."""


def with_tried_advice(found: Explanation, config: Config, loss: float, steps: int, try_out: Try) -> Explanation:
    """Keep a suggestion against a high loss if its trial ends clearly lower; else suggest a seed that does.

    More neurons are suggested only if no other seed of the same network does better. `loss` is what the settings ended
    with, and `steps` the length of each trial.
    """
    if not found.suggestion:
        return found
    what, why, _means = found.sentences
    seeds = range(config.network.seed + 1, min(config.network.seed + SEEDS, MAX_SEED) + 1)
    chance, label = (what, why, _("Where one training ends is chance too.")), _("Try the network of seed {seed}")
    others = [Explanation(chance, {"network.seed": seed}, label.format(seed=seed)) for seed in seeds]
    for idea in [*others, found] if "network.hidden" in found.suggestion else [found, *others]:
        reached = try_out(config.with_changes(dict(idea.suggestion)), steps)
        if reached < HELPS * loss:
            tried = _(
                "“{label}” was tried out: in {steps} steps the loss comes to {loss} (mean over the last tenth of the "
                "steps)."
            )
            tried = tried.format(label=idea.label, steps=count_text(steps), loss=plain(reached))
            return replace(idea, sentences=(what, why, f"{idea.sentences[2]} {tried}"))
    tried = _("Tried out for {steps} steps: “{label}”, and other seeds. None ends clearly lower.")
    return Explanation((what, why, tried.format(steps=count_text(steps), label=found.label)))


def with_tried_cure(found: Explanation, config: Config, steps: int, try_out: Try) -> Explanation:
    """Keep a suggestion against a dead neuron if a trial with it ends with a clearly lower loss than one without.

    `config` are the settings with which the neuron died, and `steps` the length of both trials.
    """
    what, why, means = found.sentences
    without, reached = (try_out(c, steps) for c in (config, config.with_changes(dict(found.suggestion))))
    if math.isfinite(reached) and math.isfinite(without):
        tried = _(
            "“{label}” was tried out from the start: in {steps} steps the loss comes to {loss}; without it, the loss "
            "comes to {without} (mean over the last tenth of the steps)."
        )
    elif math.isfinite(reached):
        tried = _(
            "“{label}” was tried out from the start: in {steps} steps the loss comes to {loss}; without it, it "
            "diverges (mean over the last tenth of the steps)."
        )
    elif math.isfinite(without):
        tried = _(
            "“{label}” was tried out from the start: in {steps} steps it diverges; without it, the loss comes to "
            "{without} (mean over the last tenth of the steps)."
        )
    else:
        tried = _("“{label}” was tried out from the start: in {steps} steps it diverges; without it, it diverges.")
    holes = {"label": found.label, "steps": count_text(steps), "loss": plain(reached), "without": plain(without)}
    sentences = [means, tried.format(**holes)]
    if reached < HELPS * without:
        return replace(found, sentences=(what, why, " ".join(sentences)))
    sentences.append(_("That is not clearly better."))
    return replace(found, sentences=(what, why, " ".join(sentences)), suggestion={}, label="")


MAX_TRIES = 20


def tried_rate(rate: float, goes_well: Callable[[float], bool]) -> float | None:
    """Return a learning rate that goes well in a trial: `rate`, halved until it does; None after twenty halvings.

    The curvature at one point does not bound later ones, and on most ways down it grows at first.
    """
    for _try in range(MAX_TRIES):
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
    rate, holes = config.training.learning_rate, {"step": count_text(diverged_at), "since": count_text(since)}
    holes |= {"rate": plain(rate), "steps": count_text(tried_steps), "tried": plain(tried or 0.0)}
    what, why = _("The loss was no longer finite at step {step}, with a learning rate of {rate}."), stability.why
    if since:
        what = _("The loss was no longer finite at step {step}, with a learning rate of {rate}, set at step {since}.")
        why = _("At step {step}: {why}").format(step=holes["since"], why=within_sentence(why))
    help_ = _("Smaller ones were tried out, and none stays finite for {steps} steps.")
    if tried is not None:
        help_ = _("{tried} was tried out and stays finite for {steps} steps.")
    if stability.rate is None:
        means = _("Smaller steps are the usual remedy.")
    elif gradient_changes.CLIP in gradient_changes.active_changes(config.training):
        means = _("Clipping keeps the gradient within a norm of {norm}, but not the learning rate times it.")
        holes["norm"] = plain(config.training.max_norm)
    elif rate > stability.rate:
        holes |= {"times": plain(rate / stability.rate), "limit": plain(stability.rate)}
        holes["factor"] = plain(growth(config.training, stability.curvature))
        holes["memory"] = optimizers.OPTIMIZERS[config.training.optimizer].moves_on(config.training)
        means = _(
            "{rate} is {times} times that: around there each step multiplies the error along that direction by "
            "{factor}, where below {limit} it would have shrunk."
        )
        if holes["memory"]:
            # Translators: {memory} is “momentum” or “Adam's memory”.
            means = _(
                "{rate} is {times} times that: around there each step multiplies the error along that direction by "
                "{factor}, once {memory} has built up, where below {limit} it would have shrunk."
            )
    else:
        means = _(
            "{rate} is below that, so the error along that direction shrank at first. Further on the loss can curve "
            "more, and so can that of a single batch."
        )
    sentences = (what.format(**holes), help_.format(**holes), f"{why} {means.format(**holes)}")
    return Explanation(sentences) if tried is None else with_rate(config, sentences, tried)


def explain_infinite_start(snapshot: Snapshot, is_by_hand: bool) -> Explanation:
    """Say why the loss is not finite at a state that no step of this run led to."""
    config, dataset = snapshot.config, snapshot.dataset
    what = _("At step {step} the loss is already not finite: no step led there, so no learning rate helps.")
    what = what.format(step=count_text(snapshot.step))
    beyond = _("the sum of such errors is beyond 3.4·10³⁸, where float32 ends.")
    if losses.LOSSES[config.training.loss].is_square:
        beyond = _("the squares of such errors are beyond 3.4·10³⁸, where float32 ends.")
    y = _largest(dataset.y_train)
    output = _largest(forward(snapshot.layers, config.network.activation, dataset.x_train[:, 0]).output)
    if output > y:
        if is_by_hand:
            # Translators: {beyond} is “the squares of such errors are beyond 3.4·10³⁸, where float32 ends.”
            why = _("The numbers that were set by hand make the output infinite: {beyond}")
            if np.isfinite(output):
                why = _("The numbers that were set by hand make the output as large as {size}: {beyond}")
            means = _("Undo takes the change back.")
        else:
            why = _("The weights make the output infinite: {beyond}")
            if np.isfinite(output):
                why = _("The weights make the output as large as {size}: {beyond}")
            means = _("Smaller weights to begin with are the remedy.")
        return Explanation((what, why.format(size=plain(output), beyond=beyond), means))
    why = _("The samples' y are as large as {size}: {beyond}").format(size=plain(y), beyond=beyond)
    scale = f"1e{int(np.floor(np.log10(y)))}"
    changes = {"data.formula": f"({config.data.target_formula})/{scale}", "data.target": FORMULA}
    try:
        config.with_changes(changes)
    except ConfigError:
        return Explanation((what, why, _("Networks are made for smaller samples, of about 1.")))
    means = _("Divided by {scale}, they are below 10.").format(scale=scale)
    return Explanation((what, why, means), changes, _("Divide the target by {scale}").format(scale=scale))


def _largest(values: Array) -> float:
    return float(np.max(np.nan_to_num(np.abs(values), nan=np.inf, posinf=np.inf)))
