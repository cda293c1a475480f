"""Answers to "why?", found by repeating the run's steps and by trial trainings."""

import math
from contextlib import suppress
from dataclasses import replace

import numpy as np

from tinynet_gui.core.choices.gradient_changes import CLIP, active_changes
from tinynet_gui.core.choices.schedules import at_step
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import is_better_standardised
from tinynet_gui.core.failures import diagnosis
from tinynet_gui.core.failures.dead_neuron import DeathSearch, explain_dead_neuron
from tinynet_gui.core.failures.diagnosis import Explanation, Trials, with_rate
from tinynet_gui.core.failures.plateau_explained import best_constant_loss, explain_plateau, is_failure
from tinynet_gui.core.failures.symptoms import Death, DeathBetween, dead_neurons, find_plateau, is_mostly_dead
from tinynet_gui.core.run.events import ParameterSet
from tinynet_gui.core.run.replay import Replay
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.step.curvature import stable_learning_rate
from tinynet_gui.core.system.background import StoppedError
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text, plain
from tinynet_gui.core.training.snapshot import Snapshot, make_snapshot
from tinynet_gui.core.training.start import Dataset, TrainerState, initial_state, make_dataset, points_of
from tinynet_gui.core.values import Stop

STANDARDISE_BOTH = _("Standardise x and y")


def warning_of_scale(snapshot: Snapshot, stop: Stop) -> Explanation | None:
    """Explain that the samples make the learning rate too large, or need a larger one, or should be standardised.

    None if none of this holds, or it was stopped.
    """
    trials = Trials(stop)
    start = snapshot.config, snapshot.dataset, snapshot.state, trials
    return explain_scale(*start) or explain_small_rate(*start) or explain_size(snapshot.config, trials)


def explain_scale(
    config: Config, dataset: Dataset, state: TrainerState, trials: Trials, now: Config | None = None
) -> Explanation | None:
    """Say that the learning rate is too large for the data at the start of a run; None if it is not.

    It is too large if the curvature at the first weights says so and a trial training confirms it: the curvature alone
    proves nothing, either way. The suggestion was tried as well.

    `now` are the settings that a suggestion changes, by default `config`.
    """
    now = config if now is None else now
    used, limit = config.training.learning_rate, stable_learning_rate(config, dataset, state, trials.stop).rate
    if limit is None or used <= limit:
        return None
    steps = trials.steps(config, len(dataset.x_train), config.training.stop_step)
    failure, *_rest = trial(config, dataset, state, steps, trials)
    if not failure:
        return None
    scale, holes = config.network.weight_scale, {"steps": count_text(steps)}
    what = _("Learning rate {rate} is too large for these data, as a trial shows.")
    if scale != 1 and config.network.first_weights is None:
        what = _("Learning rate {rate} is too large for these data and an initial scale of {scale}, as a trial shows.")
    what = what.format(rate=plain(used), scale=plain(scale))
    # Translators: {failure} is such as “the loss is no longer finite at step 12”.
    why = _(
        "Tried out, {failure}. At the first weights the limit by curvature is {limit}: above it a step overshoots "
        "farther than it was off, in the steepest direction. The larger x and y are, the lower it is."
    )
    if CLIP in active_changes(config.training):
        why = _(
            "Tried out, {failure}. At the first weights the limit by curvature is {limit}: above it an unclipped step "
            "overshoots farther than it was off, in the steepest direction. The larger x and y are, the lower it is."
        )
    why = why.format(failure=failure, limit=plain(diagnosis.round_down(limit), 2))
    scaled = now.replace("data.standardise", "xy")
    if now.data.standardise != "xy":
        failure, went, _loss = trial(scaled, make_dataset(scaled.data), initial_state(scaled), steps, trials)
        if not failure:
            # Translators: {went} is such as “the loss goes from 9 to 0.1”.
            means = _("Tried out for {steps} steps with x and y standardised, {went}.").format(**holes, went=went)
            return Explanation((what, why, means), {"data.standardise": "xy"}, STANDARDISE_BOTH)
    samples, first = make_dataset(now.data), initial_state(now)

    def try_out(rate: float) -> tuple[str, str, float]:
        return trial(now.replace("training.learning_rate", rate), samples, first, steps, trials)

    rate = diagnosis.tried_rate(min(limit, used) / 2, lambda rate: not try_out(rate)[0])
    if rate is None:
        means = _("Tried out for {steps} steps, no smaller rate works either.").format(**holes)
        return Explanation((what, why, means))
    # Translators: {went} is such as “the loss goes from 9 to 0.1”.
    means = _("Tried out for {steps} steps with {rate}, {went}.")
    return with_rate(now, (what, why, means.format(**holes, rate=plain(rate), went=try_out(rate)[1])), rate)


def with_tried_scale(
    found: Explanation, config: Config, loss: float, steps: int, try_out: diagnosis.Try
) -> Explanation | None:
    """Suggest standardising samples that are large, tiny or far from 0 if a trial ends clearly lower; else None.

    Standardised y has another unit, so both losses are compared as shares of the best constant's.
    """
    points, scaled = points_of(config.data), config.replace("data.standardise", "xy")
    if not found.suggestion or config.data.standardise == "xy" or not is_better_standardised(points):
        return None
    constant, other = (best_constant_loss(c.training, make_dataset(c.data).y_train) for c in (config, scaled))
    if not (constant > 0 and math.isfinite(loss)):
        return None
    if not (reached := try_out(scaled, steps) / other) < diagnosis.HELPS * (share := loss / constant):
        return None
    x, y = (f"{plain(float(v.mean()))} ± {plain(float(v.std()))}" for v in (points.x, points.y))
    why = _("The samples are large, tiny or far from 0: x is {x}, y is {y} (mean ± standard deviation).")
    means = _(
        "“{label}” was tried out: in {steps} steps the loss comes to {reached} % of what the best constant has (mean "
        "over the last tenth of the steps); as they are, to {share} %."
    ).format(
        label=STANDARDISE_BOTH, steps=count_text(steps), reached=plain(100 * reached, 3), share=plain(100 * share, 3)
    )
    why = why.format(x=x, y=y)
    return Explanation((found.sentences[0], why, means), {"data.standardise": "xy"}, STANDARDISE_BOTH)


def explain_size(config: Config, trials: Trials) -> Explanation | None:
    """Suggest standardising the samples before the first step; None if that does not clearly help."""
    what = _("These samples are learned better standardised, as a trial shows.")
    offer = Explanation((what, "", ""), {"data.standardise": "xy"})
    if not is_better_standardised(points_of(config.data)):
        return None
    steps = trials.steps(config, len(make_dataset(config.data).x_train), config.training.stop_step)
    found = with_tried_scale(offer, config, trials.loss_after(config, steps), steps, trials.loss_after)
    return None if found is None else replace(found, is_alarm=False)


def trial(config: Config, dataset: Dataset, state: TrainerState, steps: int, trials: Trials) -> tuple[str, str, float]:
    """Take steps; return how they failed ("" if not) and how the loss changed, as phrases, and the final loss."""
    after, _losses = trials.take(config, state, steps, dataset)
    if after.step < state.step + steps:
        return _("the loss is no longer finite at step {step}").format(step=count_text(after.step + 1)), "", math.inf
    first, last = (make_snapshot(1, config, dataset, each) for each in (state, after))
    holes = {"first": plain(first.train_loss), "last": plain(last.train_loss), "steps": count_text(steps)}
    went = _("the loss goes from {first} to {last}").format(**holes)
    if not last.train_loss <= first.train_loss:
        return _("the loss goes from {first} to {last} in {steps} steps").format(**holes), went, last.train_loss
    alive = sum(config.network.hidden) - len(dead_neurons(first))
    died = len(set(dead_neurons(last)) - set(dead_neurons(first)))
    if alive and 2 * died >= alive:
        words = _("{died} of {count} neurons die within {steps} steps")
        return words.format(**holes, died=count_text(died), count=count_text(alive)), went, last.train_loss
    return "", went, last.train_loss


def was_destabilised(snapshot: Snapshot, first_loss: float) -> bool:
    """Whether steps that were too long undid a training: its loss is above its first, or most neurons are dead."""
    return not snapshot.train_loss <= first_loss or is_mostly_dead(snapshot)


Neuron = tuple[int, int]  # its layer and its index there


def explanation_of(
    run: Run, snapshot: Snapshot, neuron: Neuron | None = None, stop: Stop | None = None
) -> Explanation | None:
    """Return why a neuron is dead, a run diverged or its loss does not move; None if there is nothing to explain.

    Parameters
    ----------
    run, snapshot
        A run and its current moment.
    neuron
        A dead one, or None for the run as a whole.
    """
    config, trials, samples = snapshot.config, Trials(stop), len(snapshot.dataset.x_train)
    if neuron is not None:
        layer, index = neuron
        death = DeathSearch(run, stop=stop).find(layer, index)
        found = explain_dead_neuron(config, layer, index, death)
        if isinstance(death, Death) and not death.is_by_hand and death.culprit != "the samples":
            by_scale = _with_its_scale(found, run, trials, is_why_said=True)
            if by_scale is not found:
                return by_scale
        steps = trials.steps(config, samples, max(config.training.stop_step, snapshot.step))
        return diagnosis.with_tried_cure(found, config, steps, trials.loss_after)
    if snapshot.diverged_at is not None:
        return _explain_divergence(run, snapshot, trials, stop)
    plateau = find_plateau(run.losses)
    if plateau is None:
        return None
    found = explain_plateau(snapshot, plateau, stable_learning_rate(config, snapshot.dataset, snapshot.state, stop))
    if is_failure(snapshot, plateau):
        by_scale = _with_its_scale(found, run, trials, is_why_said=is_mostly_dead(snapshot))
        if by_scale is not found:
            return by_scale
    steps = trials.steps(config, samples, snapshot.step)
    if (by_size := with_tried_scale(found, config, plateau.loss, steps, trials.loss_after)) is not None:
        return by_size
    return diagnosis.with_tried_advice(found, config, plateau.loss, steps, trials.loss_after)


def _with_its_scale(found: Explanation, run: Run, trials: Trials, *, is_why_said: bool) -> Explanation:
    """Name the scale as the cause if the run began with steps too long for its data.

    `is_why_said` keeps the reason that was found, too.
    """
    rule = run.rule_of_first_step
    scale = explain_scale(rule.config, rule.dataset, run.checkpoints[0], trials, now=run.config)
    if scale is None:
        return found
    what, why, means = scale.sentences
    seen = " ".join(found.sentences[: 1 + is_why_said])
    return replace(scale, sentences=(what, f"{seen} {why}", means), update=found.update)


def _explain_divergence(run: Run, snapshot: Snapshot, trials: Trials, stop: Stop | None) -> Explanation:
    """Explain it by the settings at the divergence, whatever has changed since."""
    assert snapshot.diverged_at is not None
    rule = run.rule_at(run.step) if run.diverged_by is None else run.diverged_by
    config, since, now = rule.config, run.diverged_since, run.config  # a suggestion restarts with the current settings
    steps = trials.steps(now, len(run.dataset.x_train), max(now.training.stop_step, snapshot.diverged_at))
    if snapshot.diverged_at == snapshot.step:
        is_by_hand = any(isinstance(e, ParameterSet) for e in run.events_at(snapshot.step))
        return _if_finite(diagnosis.explain_infinite_start(snapshot, is_by_hand), now, steps, trials)
    stability = stable_learning_rate(config, rule.dataset, Replay(run, stop).state_at(since), stop)
    first = run.checkpoints[0]
    limit = stable_learning_rate(now, run.dataset, first, stop).rate
    used = config.training.learning_rate
    config = replace(config, training=at_step(config.training, snapshot.diverged_at - 1))

    def stays_finite(rate: float) -> bool:  # one step more, to see the loss after the last
        state, _losses = trials.take(now.replace("training.learning_rate", rate), first, steps + 1)
        return state.step == first.step + steps + 1

    tried = diagnosis.tried_rate(min(used if limit is None else limit, used) / 2, stays_finite)
    return diagnosis.explain_divergence(config, snapshot.diverged_at, stability, tried, steps, since=since)


def _if_finite(found: Explanation, now: Config, steps: int, trials: Trials) -> Explanation:
    """Keep the suggestion only if the loss stays finite with it."""
    if not found.suggestion:
        return found
    if not np.isfinite(trials.loss_after(now.with_changes(dict(found.suggestion)), steps)):
        return Explanation(found.sentences)
    what, why, means = found.sentences
    tried = _("Tried out, the loss stays finite for {steps} steps.").format(steps=count_text(steps))
    return replace(found, sentences=(what, why, f"{means} {tried}"))


def find_deaths(run: Run, snapshot: Snapshot, stop: Stop | None = None) -> dict[Neuron, Death | DeathBetween | None]:
    """Return how each neuron that is now dead died; None if dead from the first weights on.

    Soon after another thread sets ``stop[0]`` it returns those found so far.
    """
    search = DeathSearch(run, stop=stop)
    deaths: dict[Neuron, Death | DeathBetween | None] = {}
    with suppress(StoppedError):
        for place in dead_neurons(snapshot):
            deaths[place] = search.find(*place)
    return deaths


FACTORS = (10, 30, 100)
LARGEST = 0.1  # the largest rate that may be called small
LARGER_RATE_HELPS = 0.5  # a larger rate is offered if the loss comes below this share: else it hardly matters


def explain_small_rate(config: Config, dataset: Dataset, state: TrainerState, trials: Trials) -> Explanation | None:
    """Offer a larger learning rate for a run from its start, with standardised samples; None if none clearly helps."""
    used = config.training.learning_rate
    if config.data.standardise == "none" or not 0 < used <= LARGEST:
        return None
    steps = trials.steps(config, len(dataset.x_train), config.training.stop_step)

    def loss_with(rate: float) -> float:
        failure, _went, loss = trial(config.replace("training.learning_rate", rate), dataset, state, steps, trials)
        return math.inf if failure else loss

    losses = {rate: loss_with(rate) for rate in (used, *(float(f"{factor * used:.3g}") for factor in FACTORS))}
    now, best = losses[used], min(losses, key=losses.__getitem__)
    if not losses[best] < LARGER_RATE_HELPS * now < math.inf:
        return None
    what = _("Learning rate {rate} is small for these data, as a trial shows.").format(rate=plain(used))
    why = _("A rate that was chosen for larger x and y can be small for standardised ones.")
    means = _("Tried out for {steps} steps, the loss comes to {loss} with {rate}, and to {now} with {used}.")
    holes = {"loss": plain(losses[best]), "rate": plain(best), "now": plain(now), "used": plain(used)}
    means = means.format(steps=count_text(steps), **holes)
    return replace(with_rate(config, (what, why, means), best), is_alarm=False)
