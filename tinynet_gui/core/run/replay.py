"""Repeating a run's steps: any past state, exactly."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from tinynet_gui.core.numerics.arrays import Array, Stop, owned
from tinynet_gui.core.run.events import Event, ParameterSet, StepRule
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.stepper import Stepper
from tinynet_gui.core.system.stopping import go_on
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True)
class Moment:
    """A state of a run, and the rule of the step that follows."""

    state: TrainerState
    rule: StepRule


@dataclass(frozen=True)
class Stretch:
    """Consecutive steps taken by one rule, from one state to the next event or the end of the run.

    Attributes
    ----------
    rule
        How each of them was taken.
    first, last
        The steps of the two states; never equal.
    """

    rule: StepRule
    first: int
    last: int


def state_at(run: Run, step: int, *, before_events: bool = False, stop: Stop | None = None) -> TrainerState:
    """Return the state of a run at a step: exact to the bit on the machine and with the versions that trained it.

    Each step is taken with its original engine, settings and frozen parameters. Elsewhere the last digits may differ
    (`core.run.provenance`).

    `ValueError` if the run has not reached the step.

    Parameters
    ----------
    step
        From 0 to ``run.step``.
    before_events
        Whether to return the state that the steps led to, before any changes made there.
    """
    return Replay(run, stop).state_at(step, before_events=before_events)


class Replay:
    """Repeats the steps of one run by its `stepper`, and remembers the last state it reached."""

    def __init__(self, run: Run, stop: Stop | None = None) -> None:
        self.run = run
        self._stop, self.stepper = stop, Stepper(stop)
        self._reached: TrainerState | None = None  # before any changes made there

    def state_at(self, step: int, *, before_events: bool = False) -> TrainerState:
        """Return the state at a step, like the function of the same name."""
        states = (*self.run.checkpoints, *(() if self._reached is None else (self._reached,)))
        known = [state for state in states if state.step <= step]
        if not known or step > self.run.step:
            raise ValueError(f"step {step} is not allowed: 0 to {self.run.step:,}, where the run has been")
        state = max(known, key=lambda state: state.step)
        for stretch in stretches(self.run, state.step, step):
            state = self.stepper.take(stretch.rule, self.after_events(state), stretch.last - stretch.first)
        self._reached = state
        return state if before_events else self.after_events(state)

    def after_events(self, state: TrainerState) -> TrainerState:
        """Return a state that the steps led to, with the changes made there by hand."""
        return with_parameters_set(state, self.run.events_at(state.step))

    def check_stop(self) -> None:
        """Raise `StoppedError` if another thread has asked to stop."""
        go_on(self._stop)

    def losses(self, first: int, last: int) -> Array:
        """Return the loss of each step's batch before its update, from one step of the run to another.

        float32 of shape (last − first,); shorter only where the run diverged before.
        """
        state, found = self.state_at(first, before_events=True), [owned(np.empty(0))]
        for stretch in stretches(self.run, first, last):
            state, steps = self.after_events(state), stretch.last - stretch.first
            state, losses = self.stepper.take_with_losses(stretch.rule, state, steps)
            found.append(losses)
        self._reached = state
        return owned(np.concatenate(found))


def engines_between(run: Run, first: int, last: int) -> frozenset[EngineName]:
    """Return the engines that took the steps between two steps of a run."""
    return frozenset(stretch.rule.engine for stretch in stretches(run, first, last))


def stretches(run: Run, first: int, last: int) -> Iterator[Stretch]:
    """Yield the stretches between two steps, in order: they meet where the run was changed."""
    cuts = sorted({first, last, *(event.step for event in run.events if first < event.step < last)})
    for begin, end in pairwise(cuts):
        yield Stretch(run.rule_at(begin), begin, end)


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
