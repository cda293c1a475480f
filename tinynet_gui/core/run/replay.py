"""Exact replay: any past moment of a run, by repeating steps from a checkpoint, to view it or to branch from it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import ParameterRef, Ref, frozen_masks
from tinynet_gui.core.run.events import EngineChanged, Event, LiveSettingsChanged, ParameterSet, StepRule, with_event
from tinynet_gui.core.run.loss_history import HeldOutLosses, LossHistory
from tinynet_gui.core.run.run import BranchPoint, Run
from tinynet_gui.core.system.background import raise_if_stopped
from tinynet_gui.core.training.engines import ENGINES, EngineName, run_compiled
from tinynet_gui.core.training.snapshot import Snapshot, make_snapshot
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.values import Array, Stop, frozen_dataclass, owned


class Stepper:
    """Takes steps from any state with the rule's engine, reproducibly to the bit."""

    def __init__(self, stop: Stop | None = None) -> None:
        self._stop = stop
        self._trainer: Trainer | None = None
        self._frozen: Collection[Ref] = ()
        self._reached: TrainerState | None = None  # where the trainer is

    def take(self, rule: StepRule, state: TrainerState, steps: int) -> TrainerState:
        """Return the state after `steps` steps, or the last one before the run diverges."""
        return self.take_with_losses(rule, state, steps)[0]

    def take_with_losses(self, rule: StepRule, state: TrainerState, steps: int) -> tuple[TrainerState, Array]:
        """Like `take`; also return the loss of each step's batch before its update, float32 of shape (steps taken,)."""
        if steps == 0:
            return state, owned(np.empty(0))
        if rule.engine == "PyTorch":
            after, losses = self._by_torch(rule, state, steps)
        else:
            done = run_compiled(rule.engine, rule.config, rule.dataset, state, steps, self._stop)
            after, losses = done.state, done.losses
        raise_if_stopped(self._stop)
        return after, losses

    def take_each(self, rule: StepRule, state: TrainerState, steps: int) -> tuple[TrainerState, tuple[Array, ...]]:
        """Like `take`; also return each parameter after every step: float32, the steps as a new first axis."""
        if rule.engine == "Compiled":
            from tinynet_gui.core.training.compiled import kernel

            after = kernel.run_each(rule.config, rule.dataset, state, steps, self._stop)
            raise_if_stopped(self._stop)
            return after
        states = [state]
        for _ in range(steps):
            next_state = self.take(rule, states[-1], 1)
            if next_state.step == states[-1].step:
                break  # diverged
            states.append(next_state)
        each = zip(*(s.parameters for s in states[1:]), strict=True)
        return states[-1], tuple(np.stack(arrays) for arrays in each)

    def _by_torch(self, rule: StepRule, state: TrainerState, steps: int) -> tuple[TrainerState, Array]:
        trainer, dataset = self._trainer, rule.dataset
        if trainer is None or trainer.config != rule.config or trainer.dataset is not dataset:
            self._trainer = trainer = Trainer(rule.config, dataset)
            self._frozen, self._reached = (), None
        if state is not self._reached:
            trainer.load(state)
        if rule.frozen != self._frozen:
            trainer.set_frozen(frozen_masks(rule.frozen, state.parameters))
            self._frozen = rule.frozen
        losses = trainer.run(steps, self._stop)
        if trainer.step < state.step:
            trainer.load(state)  # its loss is not finite, so no step begins there
        self._reached = trainer.state()
        return self._reached, losses


@frozen_dataclass
class Moment:
    """A state of a run, and the rule of the step that follows."""

    state: TrainerState
    rule: StepRule


def state_at(run: Run, step: int, *, before_events: bool = False, stop: Stop | None = None) -> TrainerState:
    """Return the state of a run at a step: exact to the bit on the machine and with the versions that trained it.

    Each step is taken with its original engine, settings and frozen parameters. Elsewhere the last digits may differ
    (`core.run.run.Provenance`).

    `ValueError` if the run has not reached the step.

    Parameters
    ----------
    step
        From 0 to ``run.step``.
    before_events
        Whether to return the state before any changes made at the step.
    """
    return Replay(run, stop).state_at(step, before_events=before_events)


class Replay:
    """Replays one run by its `stepper`, and caches the last state it reached."""

    def __init__(self, run: Run, stop: Stop | None = None) -> None:
        self.run = run
        self._stop, self.stepper = stop, Stepper(stop)
        self._reached: TrainerState | None = None  # before any changes made there

    def state_at(self, step: int, *, before_events: bool = False) -> TrainerState:
        """Return the state at a step, as the function `state_at` does."""
        states = (*self.run.checkpoints, *(() if self._reached is None else (self._reached,)))
        known = [state for state in states if state.step <= step]
        if not known or step > self.run.step:
            raise ValueError(f"step {step} is not allowed: 0 to {self.run.step:,}, where the run has been")
        state = max(known, key=lambda state: state.step)
        for after, _losses in self.walk(state, step):
            state = after
        self._reached = state
        return state if before_events else self.after_events(state)

    def after_events(self, state: TrainerState) -> TrainerState:
        """Return a state with the changes by hand made at its step."""
        return with_parameters_set(state, self.run.events_at(state.step))

    def check_stop(self) -> None:
        raise_if_stopped(self._stop)

    def losses(self, first: int, last: int) -> Array:
        """Return the loss of each step's batch before its update.

        float32 of shape (last − first,); shorter only if the run diverged before.
        """
        found = [owned(np.empty(0))]
        for after, losses in self.walk(self.state_at(first, before_events=True), last):
            self._reached = after
            found.append(losses)
        return owned(np.concatenate(found))

    def walk(self, state: TrainerState, last: int) -> Iterator[tuple[TrainerState, Array]]:
        """Take the steps from a state, before any changes made there, to another; end early if they diverge.

        Yields the state at each event and at the end, before any changes there, and the losses on the way to it.
        """
        for rule, begin, end in stretches(self.run, state.step, last):
            state, losses = self.stepper.take_with_losses(rule, self.after_events(state), end - begin)
            yield state, losses
            if state.step < end:
                return


def engines_between(run: Run, first: int, last: int) -> frozenset[EngineName]:
    """Return the engines that took the steps between two states of a run."""
    return frozenset(rule.engine for rule, _first, _last in stretches(run, first, last))


def stretches(run: Run, first: int, last: int) -> Iterator[tuple[StepRule, int, int]]:
    """Yield each rule between two steps, in order, and the states from which and to which it takes steps."""
    cuts = sorted({first, last, *(event.step for event in run.events if first < event.step < last)})
    for begin, end in pairwise(cuts):
        yield run.rule_at(begin), begin, end


def with_parameters_set(state: TrainerState, events: tuple[Event, ...]) -> TrainerState:
    """Return a state with the parameters that these events set by hand."""
    return state.with_parameters((event.ref, event.value) for event in events if isinstance(event, ParameterSet))


def known_states(run: Run) -> list[TrainerState]:
    """Return the states known without taking a step: each checkpoint, with the changes made there by hand."""
    states: list[TrainerState] = []
    by_hand = {event.step for event in run.events if isinstance(event, ParameterSet)}
    for state in run.checkpoints:
        states.append(state)
        if state.step in by_hand:
            states.append(with_parameters_set(state, run.events_at(state.step)))
    return states


@frozen_dataclass
class PastMoment:
    """A recomputed moment of a run, the same to the bit.

    Attributes
    ----------
    asked
        The requested step. If the engine to reach it is missing, `snapshot` is the nearest known moment.
    snapshot
        After any changes made at that step.
    arrived
        The state before those changes.
    losses
        Of the steps before it.
    """

    asked: int
    snapshot: Snapshot
    arrived: TrainerState
    losses: LossHistory


def past_moment(run: Run, step: int, usable: Collection[EngineName] = ENGINES, stop: Stop | None = None) -> PastMoment:
    """Return a run's moment at a step.

    `ValueError` if it has not reached the step, `StoppedError` soon after `stop` became nonzero.

    Parameters
    ----------
    usable
        The engines that can take steps. If they cannot reach the step, the result is the nearest known moment, and its
        latest losses may be missing.
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
    """Yield the moments of a run at some steps, after any changes made there; like `past_moment`."""
    replay = Replay(run, stop)
    for step in steps:
        can_be_taken = engines_needed(run, step) <= set(usable)
        yield _snapshot(run, replay.state_at(step if can_be_taken else _nearest_known(run, step)), usable)


def nearest_moment(run: Run, step: int, usable: Collection[EngineName] = ENGINES) -> Snapshot | None:
    """Return the known moment nearest to a step, without replaying; None if there is none."""
    if not run.checkpoints:
        return None
    return _snapshot(run, Replay(run).state_at(_nearest_known(run, step)), usable)


def _known_before(run: Run, step: int) -> int:
    return max(state.step for state in run.checkpoints if state.step <= step)


def _nearest_known(run: Run, step: int) -> int:
    return min((state.step for state in run.checkpoints), key=lambda known: abs(known - step))


def _snapshot(run: Run, state: TrainerState, usable: Collection[EngineName]) -> Snapshot:
    rule = run.rule_at(state.step)
    by_torch = rule.engine == "PyTorch" and "PyTorch" in usable
    return make_snapshot(run.id, rule.config, rule.dataset, state, by_torch=by_torch)


def branch(run: Run, moment: PastMoment, run_id: int) -> Run:
    """Return a new run that equals the other one up to a moment, without what came later."""
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
    """Return a run's first or latest moment, which need no replay."""
    arrived = run.checkpoints[0 if step == 0 else -1]
    losses = run.losses.until(0, owned([])) if step == 0 else run.losses
    return PastMoment(step, snapshot, arrived, losses)


def branch_from(
    run: Run, moment: PastMoment, run_id: int, config: Config, parameters: Sequence[Array], engine: EngineName
) -> Run:
    """Return a branch from a moment with other live settings, weights and biases, by another engine."""
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
    for place, (one, other) in enumerate(zip(before, after, strict=True)):
        for index in np.argwhere(one.view(np.uint32) != other.view(np.uint32)).tolist():
            ref = ParameterRef(place // 2, "bias" if place % 2 else "weight", tuple(index))
            yield ParameterSet(step, ref, float(other[ref.index]))
