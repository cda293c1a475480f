"""Answers to "why?", found by taking the run's steps again."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tinynet_gui.core.analysis.curvature import stable_learning_rate
from tinynet_gui.core.analysis.data_scale import behind, explain_scale
from tinynet_gui.core.analysis.dead_neuron import explain_dead_neuron
from tinynet_gui.core.analysis.diagnosis import Explanation
from tinynet_gui.core.analysis.divergence import explain_divergence, steps_to_try, tried_rate
from tinynet_gui.core.analysis.dying_relu import Death, DeathBetween, dead_neurons, is_mostly_dead
from tinynet_gui.core.analysis.dying_relu_search import DeathSearch
from tinynet_gui.core.analysis.infinite_start import explain_infinite_start
from tinynet_gui.core.analysis.plateau import explain_plateau, find_plateau, is_failure
from tinynet_gui.core.analysis.tried_advice import Try, with_tried_advice
from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config
from tinynet_gui.core.run.events import ParameterSet
from tinynet_gui.core.run.replay import Replay, ReplayStoppedError
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.training.compiled.cache import is_compiled
from tinynet_gui.core.training.engines import EngineName, Stepper, Stop
from tinynet_gui.core.training.state import TrainerState, initial_state


@dataclass(frozen=True)
class WhyRequest:
    """What to explain about a moment of a run.

    Attributes
    ----------
    run, snapshot
        A run and the moment to which it has come.
    neuron
        (layer, index) of a dead neuron, or None for the run as a whole.
    """

    run: Run
    snapshot: Snapshot
    neuron: tuple[int, int] | None = None


def answer(request: WhyRequest, stop: Stop | None = None) -> Explanation | None:
    """Return why a neuron is dead, a run diverged or its loss does not move; None if there is nothing to explain.

    When another thread makes the element of `stop` nonzero, it soon ends, with None.
    """
    try:
        return _answer(request, np.zeros(1, dtype=np.uint8) if stop is None else stop)
    except ReplayStoppedError:
        return None


def _answer(request: WhyRequest, stop: Stop) -> Explanation | None:
    snapshot, run = request.snapshot, request.run
    config = snapshot.config
    if request.neuron is not None:
        layer, index = request.neuron
        death = DeathSearch(run, stop=stop).find(layer, index)
        found = explain_dead_neuron(config, layer, index, death)
        is_by_an_update = isinstance(death, Death) and not death.is_by_hand and death.culprit != "the samples"
        return _with_its_scale(found, run, is_why_said=True) if is_by_an_update else found
    if snapshot.diverged_at is not None:
        return _explain_divergence(run, snapshot, stop)
    plateau = find_plateau(run.losses)
    if plateau is None:
        return None
    found = explain_plateau(snapshot, plateau, stable_learning_rate(config, snapshot.dataset, snapshot.state))
    if is_failure(snapshot, plateau):
        by_scale = _with_its_scale(found, run, is_why_said=is_mostly_dead(snapshot))
        if by_scale is not found:
            return by_scale
    if snapshot.step > steps_to_try(config, len(snapshot.dataset.x_train), is_compiled=_fast_engine() != "PyTorch"):
        return found  # to try it would take too long
    return with_tried_advice(found, config, plateau.loss, _trial(snapshot.step, stop))


def _trial(steps: int, stop: Stop) -> Try:
    """Return what trains anew for so many steps, and says what the loss was in the last tenth of them."""
    take = _taking_steps(stop)

    def try_out(config: Config) -> float:
        state, losses = take(config, initial_state(config), steps)
        return float(losses[-max(1, steps // 10) :].mean(dtype=np.float64)) if state.step == steps else math.inf

    return try_out


def _taking_steps(stop: Stop) -> Callable[[Config, TrainerState, int], tuple[TrainerState, Array]]:
    """Return what takes steps to try something out; `ReplayStoppedError` if another thread has asked to stop."""
    stepper, engine = Stepper(), _fast_engine()

    def take(config: Config, state: TrainerState, steps: int) -> tuple[TrainerState, Array]:
        after = stepper.take_with_losses(engine, config, (), state, steps, stop)
        if stop[0]:
            raise ReplayStoppedError
        return after

    return take


def _with_its_scale(found: Explanation, run: Run, *, is_why_said: bool) -> Explanation:
    """Name what comes first, where the run began with steps that were too long for its data.

    Parameters
    ----------
    is_why_said
        Whether what was found to be the reason is said too.
    """
    rule = run.rule_of_first_step
    scale = explain_scale(rule.config, rule.dataset, run.checkpoints[0])
    if scale is None:
        return found
    return replace(behind(" ".join(found.sentences[: 1 + is_why_said]), scale), update=found.update)


def _explain_divergence(run: Run, snapshot: Snapshot, stop: Stop) -> Explanation:
    """Blame the settings with which it diverged, whatever has been changed since."""
    assert snapshot.diverged_at is not None
    rule = run.rule_at(run.step) if run.diverged_by is None else run.diverged_by
    config, since = rule.config, run.diverged_since
    if snapshot.diverged_at == snapshot.step:
        return explain_infinite_start(snapshot, any(isinstance(e, ParameterSet) for e in run.events_at(snapshot.step)))
    stability = stable_learning_rate(config, rule.dataset, Replay(run, stop).state_at(since))
    first, now = run.checkpoints[0], run.config  # the suggestion begins anew, with what is set now
    limit = stable_learning_rate(now, run.dataset, first).rate
    used = config.training.learning_rate
    take = _taking_steps(stop)

    def try_out(tried: Config, state: TrainerState, steps: int) -> TrainerState:
        return take(tried, state, steps)[0]

    steps = steps_to_try(now, len(run.dataset.x_train), is_compiled=_fast_engine() != "PyTorch")
    tried = tried_rate(now, first, min(used if limit is None else limit, used) / 2, steps, try_out)
    return explain_divergence(config, snapshot.diverged_at, stability, tried, since=since, tried_steps=steps)


def find_deaths(request: WhyRequest, stop: Stop | None = None) -> dict[tuple[int, int], Death | DeathBetween | None]:
    """Return how each dead neuron, (layer, index), died; None if it was dead from the first weights on.

    When another thread makes the element of `stop` nonzero, it soon ends with those that it has found.
    """
    search = DeathSearch(request.run, stop=stop)
    deaths: dict[tuple[int, int], Death | DeathBetween | None] = {}
    try:
        for place in dead_neurons(request.snapshot):
            deaths[place] = search.find(*place)
    except ReplayStoppedError:
        pass
    return deaths


def _fast_engine() -> EngineName:
    """What takes steps that are only tried out: the compiled loop, unless it would have to be compiled first."""
    return "Compiled" if is_compiled() else "PyTorch"
