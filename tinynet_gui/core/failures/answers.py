"""Answers to "why?", found by repeating the run's steps."""

from contextlib import suppress
from dataclasses import replace

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.failures.data_scale import behind, explain_scale, with_tried_scale
from tinynet_gui.core.failures.dead_neuron import explain_dead_neuron
from tinynet_gui.core.failures.diagnosis import Explanation
from tinynet_gui.core.failures.divergence import explain_divergence, tried_rate
from tinynet_gui.core.failures.dying_relu import Death, DeathBetween, dead_neurons, is_mostly_dead
from tinynet_gui.core.failures.dying_relu_search import DeathSearch
from tinynet_gui.core.failures.infinite_start import explain_infinite_start
from tinynet_gui.core.failures.plateau import find_plateau
from tinynet_gui.core.failures.plateau_explained import explain_plateau, is_failure
from tinynet_gui.core.failures.trials import Trials
from tinynet_gui.core.failures.verified_suggestion import with_tried_advice, with_tried_cure
from tinynet_gui.core.numerics.arrays import Stop
from tinynet_gui.core.run.events import ParameterSet
from tinynet_gui.core.run.replay import Replay
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.step.curvature import stable_learning_rate
from tinynet_gui.core.system.stopping import StoppedError
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.snapshot import Snapshot

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
        A dead neuron, or None for the run as a whole.
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
        return with_tried_cure(found, config, steps, trials.loss_after)
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
    return with_tried_advice(found, config, plateau.loss, steps, trials.loss_after)


def _with_its_scale(found: Explanation, run: Run, trials: Trials, *, is_why_said: bool) -> Explanation:
    """Put the cause first if the run began with steps too long for its data.

    Parameters
    ----------
    is_why_said
        Whether to keep the reason that was found, too.
    """
    rule = run.rule_of_first_step
    scale = explain_scale(rule.config, rule.dataset, run.checkpoints[0], trials, now=run.config)
    if scale is None:
        return found
    return replace(behind(" ".join(found.sentences[: 1 + is_why_said]), scale), update=found.update)


def _explain_divergence(run: Run, snapshot: Snapshot, trials: Trials, stop: Stop | None) -> Explanation:
    """Blame the settings it diverged with, whatever has been changed since."""
    assert snapshot.diverged_at is not None
    rule = run.rule_at(run.step) if run.diverged_by is None else run.diverged_by
    config, since, now = rule.config, run.diverged_since, run.config  # advice restarts, with current settings
    steps = trials.steps(now, len(run.dataset.x_train), max(now.training.stop_step, snapshot.diverged_at))
    if snapshot.diverged_at == snapshot.step:
        is_by_hand = any(isinstance(e, ParameterSet) for e in run.events_at(snapshot.step))
        return _if_finite(explain_infinite_start(snapshot, is_by_hand), now, steps, trials)
    stability = stable_learning_rate(config, rule.dataset, Replay(run, stop).state_at(since), stop)
    first = run.checkpoints[0]
    limit = stable_learning_rate(now, run.dataset, first, stop).rate
    used = config.training.learning_rate

    def stays_finite(rate: float) -> bool:  # one step more, to see the loss after the last
        state, _ = trials.take(now.replace("training.learning_rate", rate), first, steps + 1)
        return state.step == first.step + steps + 1

    tried = tried_rate(min(used if limit is None else limit, used) / 2, stays_finite)
    return explain_divergence(config, snapshot.diverged_at, stability, tried, steps, since=since)


def _if_finite(found: Explanation, now: Config, steps: int, trials: Trials) -> Explanation:
    """Keep the suggestion only if the loss stays finite with it."""
    if not found.suggestion:
        return found
    if not np.isfinite(trials.loss_after(now.with_changes(dict(found.suggestion)), steps)):
        return Explanation(found.sentences)
    what, why, means = found.sentences
    tried = f"Tried out, the loss stays finite for {count_text(steps)} steps."
    return replace(found, sentences=(what, why, f"{means} {tried}"))


def find_deaths(run: Run, snapshot: Snapshot, stop: Stop | None = None) -> dict[Neuron, Death | DeathBetween | None]:
    """Return how each neuron that is now dead died; None if it was dead from the first weights on.

    When another thread makes the element of `stop` nonzero, it soon returns those found so far.
    """
    search = DeathSearch(run, stop=stop)
    deaths: dict[Neuron, Death | DeathBetween | None] = {}
    with suppress(StoppedError):
        for place in dead_neurons(snapshot):
            deaths[place] = search.find(*place)
    return deaths
