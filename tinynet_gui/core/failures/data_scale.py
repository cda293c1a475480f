"""Does the size of the samples make the learning rate too large? Found before the first step."""

import math
from dataclasses import replace

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.scaling import is_better_standardised
from tinynet_gui.core.failures.diagnosis import Explanation, round_down, with_rate
from tinynet_gui.core.failures.divergence import tried_rate
from tinynet_gui.core.failures.dying_relu import dead_neurons, is_mostly_dead
from tinynet_gui.core.failures.plateau_explained import best_constant_loss
from tinynet_gui.core.failures.trials import Trials
from tinynet_gui.core.failures.verified_suggestion import HELPS, MEAN, Try
from tinynet_gui.core.step.curvature import stable_learning_rate
from tinynet_gui.core.text.numbers import count_text, plain
from tinynet_gui.core.training.dataset import Dataset, make_dataset, points_of
from tinynet_gui.core.training.snapshot import Snapshot, make_snapshot
from tinynet_gui.core.training.state import TrainerState, initial_state

STANDARDISE_BOTH = "Standardise x and y"


def explain_scale(
    config: Config, dataset: Dataset, state: TrainerState, trials: Trials, now: Config | None = None
) -> Explanation | None:
    """Say that the learning rate is too large for the data a run begins with; None if it is not.

    It is too large if the curvature at the first weights says so and a trial training goes wrong: the curvature alone
    proves nothing, either way. The suggestion was tried as well.

    Parameters
    ----------
    config, dataset, state
        The start of the run, or of the run that would begin now.
    now
        The settings that a suggestion changes; by default `config`.
    """
    now = config if now is None else now
    used, limit = config.training.learning_rate, stable_learning_rate(config, dataset, state, trials.stop).rate
    if limit is None or used <= limit:
        return None
    steps = trials.steps(config, len(dataset.x_train), config.training.stop_step)
    failure, *_ = tried(config, dataset, state, steps, trials)
    if not failure:
        return None
    scale = config.network.weight_scale
    weights = (
        "" if scale == 1 or config.network.first_weights is not None else f" and an initial scale of {plain(scale)}"
    )
    what = f"Learning rate {plain(used)} is too large for these data{weights}, as a trial shows."
    why = (
        f"Tried out, {failure}. At the first weights the limit by curvature is {plain(round_down(limit), 2)}: above it "
        "a step overshoots farther than it was off, in the steepest direction. The larger x and y are, the lower it is."
    )
    means = f"Tried out for {count_text(steps)} steps"
    scaled = now.replace("data.standardise", "xy")
    if now.data.standardise != "xy":
        failure, went, _ = tried(scaled, make_dataset(scaled.data), initial_state(scaled), steps, trials)
        if not failure:
            return Explanation(
                (what, why, f"{means} with x and y standardised, {went}."), {"data.standardise": "xy"}, STANDARDISE_BOTH
            )
    samples, first = make_dataset(now.data), initial_state(now)

    def try_out(rate: float) -> tuple[str, str, float]:
        return tried(now.replace("training.learning_rate", rate), samples, first, steps, trials)

    rate = tried_rate(min(limit, used) / 2, lambda rate: not try_out(rate)[0])
    if rate is None:
        return Explanation((what, why, f"{means}, no smaller rate works either."))
    return with_rate(now, (what, why, f"{means} with {plain(rate)}, {try_out(rate)[1]}."), rate)


def with_tried_scale(found: Explanation, config: Config, loss: float, steps: int, try_out: Try) -> Explanation | None:
    """Suggest to standardise samples that are large, tiny or far from 0 if a trial ends clearly lower; else None.

    The loss of standardised y has another unit, so both losses are compared as shares of the best constant's.
    """
    points, scaled = points_of(config.data), config.replace("data.standardise", "xy")
    if not found.suggestion or config.data.standardise == "xy" or not is_better_standardised(points):
        return None
    constant, other = (best_constant_loss(c.training.loss, make_dataset(c.data).y_train) for c in (config, scaled))
    if not (constant > 0 and math.isfinite(loss)):
        return None
    if not (reached := try_out(scaled, steps) / other) < HELPS * (share := loss / constant):
        return None
    x, y = (f"{plain(float(v.mean()))} ± {plain(float(v.std()))}" for v in (points.x, points.y))
    why = f"The samples are large, tiny or far from 0: x is {x}, y is {y} (mean ± standard deviation)."
    means = (
        f"“{STANDARDISE_BOTH}” was tried out: in {count_text(steps)} steps the loss comes to {plain(100 * reached, 3)} "
        f"% of what the best constant has{MEAN}; as they are, to {plain(100 * share, 3)} %."
    )
    return Explanation((found.sentences[0], why, means), {"data.standardise": "xy"}, STANDARDISE_BOTH)


def explain_size(config: Config, trials: Trials) -> Explanation | None:
    """Suggest to standardise the samples before the first step; None if that does not clearly help."""
    what = "These samples are learned better standardised, as a trial shows."
    offer = Explanation((what, "", ""), {"data.standardise": "xy"})
    if not is_better_standardised(points_of(config.data)):
        return None
    steps = trials.steps(config, len(make_dataset(config.data).x_train), config.training.stop_step)
    found = with_tried_scale(offer, config, trials.loss_after(config, steps), steps, trials.loss_after)
    return None if found is None else replace(found, is_alarm=False)


def tried(config: Config, dataset: Dataset, state: TrainerState, steps: int, trials: Trials) -> tuple[str, str, float]:
    """Take steps; return in words how they failed, or "", and how the loss changed; and the loss they came to."""
    after, _ = trials.take(config, state, steps, dataset)
    if after.step < state.step + steps:
        return f"the loss is no longer finite at step {count_text(after.step + 1)}", "", math.inf
    first, last = (make_snapshot(1, config, dataset, each) for each in (state, after))
    went = f"the loss goes from {plain(first.train_loss)} to {plain(last.train_loss)}"
    if not last.train_loss <= first.train_loss:
        return f"{went} in {count_text(steps)} steps", went, last.train_loss
    alive = sum(config.network.hidden) - len(dead_neurons(first))
    died = len(set(dead_neurons(last)) - set(dead_neurons(first)))
    if alive and 2 * died >= alive:
        return f"{died} of {alive} neurons die within {count_text(steps)} steps", went, last.train_loss
    return "", went, last.train_loss


def has_come_true(snapshot: Snapshot, first_loss: float) -> bool:
    """Whether steps that were too long threw a run off: its loss is above its first, or most neurons are dead."""
    return not snapshot.train_loss <= first_loss or is_mostly_dead(snapshot)


def behind(seen: str, scale: Explanation) -> Explanation:
    """Name the scale of the data as the cause of what was seen; the suggestion is the scale's."""
    what, why, means = scale.sentences
    return replace(scale, sentences=(what, f"{seen} {why}", means))
