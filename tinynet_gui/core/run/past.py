"""A past moment of a run, recomputed: to view it, or to branch from it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.numerics.arrays import Array, Stop, owned
from tinynet_gui.core.run.events import EngineChanged, Event, LiveSettingsChanged, ParameterSet, with_event
from tinynet_gui.core.run.held_out import HeldOutLosses
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.replay import Replay, engines_between, with_parameters_set
from tinynet_gui.core.run.run import BranchPoint, Run
from tinynet_gui.core.training.engines import ENGINES, EngineName
from tinynet_gui.core.training.snapshot import Snapshot, make_snapshot
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True)
class PastMoment:
    """A run at a step, bit for bit.

    Attributes
    ----------
    asked
        The requested step. If the engine to reach it is missing, `snapshot` is the nearest known moment.
    snapshot
        After any changes made at that step.
    arrived
        The state that the steps led to, before those changes.
    losses
        Of the steps before it.
    """

    asked: int
    snapshot: Snapshot
    arrived: TrainerState
    losses: LossHistory


def past_moment(run: Run, step: int, usable: Collection[EngineName] = ENGINES, stop: Stop | None = None) -> PastMoment:
    """Return a run's moment at a step that it has reached.

    Parameters
    ----------
    usable
        The engines that can take steps. If they cannot reach the step, the result is the nearest known moment, and its
        latest losses may be missing.

    Raises
    ------
    ValueError
        If the run has not reached the step.
    StoppedError
        Soon after another thread has made the element of `stop` nonzero.
    """
    replay, asked = Replay(run, stop), step
    if not engines_needed(run, step) <= set(usable):
        step = _nearest_known(run, step)
    first, latest = run.losses.bucket_start(step), owned(np.empty(0))
    if engines_between(run, _known_before(run, first), step) <= set(usable):
        latest = replay.losses(first, step)
    arrived = replay.state_at(step, before_events=True)
    snapshot = _snapshot(run, replay.after_events(arrived), usable)
    return PastMoment(asked, snapshot, arrived, run.losses.until(step, latest))


def engines_needed(run: Run, step: int) -> frozenset[EngineName]:
    """Return the engines needed to reach a step from the nearest known moment before it."""
    return engines_between(run, _known_before(run, step), step)


def moments(
    run: Run, steps: Iterable[int], usable: Collection[EngineName] = ENGINES, stop: Stop | None = None
) -> Iterator[Snapshot]:
    """Yield the moments of a run at steps that it has reached, after any changes made there; like `past_moment`."""
    replay = Replay(run, stop)
    for step in steps:
        can_be_taken = engines_needed(run, step) <= set(usable)
        yield _snapshot(run, replay.state_at(step if can_be_taken else _nearest_known(run, step)), usable)


def nearest_moment(run: Run, step: int, usable: Collection[EngineName] = ENGINES) -> Snapshot | None:
    """Return the known moment nearest to a step, without repeating steps; None if there is none."""
    if not run.checkpoints:
        return None
    known = Replay(run).state_at(_nearest_known(run, step))
    return _snapshot(run, known, usable)


def _known_before(run: Run, step: int) -> int:
    return max(state.step for state in run.checkpoints if state.step <= step)


def _nearest_known(run: Run, step: int) -> int:
    return min((state.step for state in run.checkpoints), key=lambda known: abs(known - step))


def _snapshot(run: Run, state: TrainerState, usable: Collection[EngineName]) -> Snapshot:
    rule = run.rule_at(state.step)
    by_torch = rule.engine == "PyTorch" and "PyTorch" in usable
    return make_snapshot(run.id, rule.config, rule.dataset, state, by_torch=by_torch)


def branch(run: Run, moment: PastMoment, run_id: int) -> Run:
    """Return a new run that equals the other one up to a moment, and knows nothing of what came later."""
    step = moment.arrived.step
    events = tuple(event for event in run.events if event.step <= step)
    known = run.held_out_losses.steps <= step
    return Run(
        id=run_id,
        start=run.start,
        parent=BranchPoint(run.id, step),
        wanted=replace(run.start.after(events), engine=run.wanted.engine),
        events=events,
        checkpoints=(*(state for state in run.checkpoints if state.step < step), moment.arrived),
        losses=moment.losses,
        held_out_losses=HeldOutLosses(run.held_out_losses.steps[known], run.held_out_losses.losses[known]),
        made_by=run.made_by,
    )


def known_moment(run: Run, step: int, snapshot: Snapshot) -> PastMoment:
    """Return a run's first moment, or its latest, which are known without repeating a step."""
    arrived = run.checkpoints[0 if step == 0 else -1]
    losses = run.losses.until(0, owned([])) if step == 0 else run.losses
    return PastMoment(step, snapshot, arrived, losses)


def branch_from(
    run: Run, moment: PastMoment, run_id: int, config: Config, parameters: Sequence[Array], engine: EngineName
) -> Run:
    """Return a branch that goes on from a moment with other live settings, weights and biases, by another engine."""
    same = branch(run, moment, run_id)
    step, here = moment.arrived.step, with_parameters_set(moment.arrived, same.events_at(moment.arrived.step))
    by_hand = tuple(_values_set(step, here.parameters, parameters))
    refs = {event.ref for event in by_hand}
    events: tuple[Event, ...] = tuple(
        e for e in same.events if not (e.step == step and isinstance(e, ParameterSet) and e.ref in refs)
    )
    for event in (LiveSettingsChanged(step, config), EngineChanged(step, engine)):
        events = with_event(run.start, events, event)
    events = (*events, *by_hand)
    return replace(same, events=events, wanted=run.start.after(events))


def _values_set(step: int, before: Sequence[Array], after: Sequence[Array]) -> Iterator[ParameterSet]:
    """Yield an event for each weight and bias that differs."""
    for place, (one, other) in enumerate(zip(before, after, strict=True)):
        for index in np.argwhere(one.view(np.uint32) != other.view(np.uint32)).tolist():
            ref = ParameterRef(place // 2, "bias" if place % 2 else "weight", tuple(index))
            yield ParameterSet(step, ref, float(other[ref.index]))
