"""One run, as an immutable value: its start, its events, and the records of its way."""

from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from functools import cached_property

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.events import Event, ParameterSet, StepRule, in_force_since, with_event
from tinynet_gui.core.run.held_out import HeldOutLosses
from tinynet_gui.core.run.loss_history import LossChunk, LossHistory
from tinynet_gui.core.run.provenance import Provenance
from tinynet_gui.core.training.dataset import Dataset
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.values import dataclass

MOST_CHECKPOINTS = 512


@dataclass(frozen=True)
class BranchPoint:
    """The origin of a branch: another run, and a step of it."""

    run_id: int
    step: int


@dataclass(frozen=True, eq=False)
class Run:
    """A run. New results and changes give a new value.

    Attributes
    ----------
    id, name
        Its number in the session, and the user's name for it; "" if there is none.
    parent
        Where it branched off; its events and states up to there are those of that run.
    is_starred, is_kept
        Whether it is kept in any case, and whether it is kept although it has taken no step.
    is_shown
        Whether it is drawn over the current run.
    is_deleted
        Whether it is kept only for undo.
    start
        The rule of its first step: its settings and samples at the beginning, nothing frozen, and an engine.
    wanted
        The settings and the frozen parameters that the user requested last. The events follow as soon as the worker has
        named the step at which they acted.
    events
        In order; those of one step act before the step that follows it.
    checkpoints
        States that its steps led to (or its first one), before any changes made there; float32, read-only. The first is
        the initial state, the last the latest. Empty until the first network has been made.
    losses, held_out_losses
        By step, bounded.
    diverged_at
        The step at which the loss was not finite, or None.
    diverged_by
        The rule of the step that led there, whatever has been changed since.
    diverged_since
        The step since which it had those settings, with no value set by hand.
    """

    id: int
    start: StepRule
    name: str = ""
    parent: BranchPoint | None = None
    is_starred: bool = False
    is_kept: bool = False
    is_shown: bool = False
    is_deleted: bool = False
    wanted: StepRule = field(default=StepRule(Config()))
    events: tuple[Event, ...] = ()
    checkpoints: tuple[TrainerState, ...] = ()
    losses: LossHistory = field(default_factory=LossHistory)
    held_out_losses: HeldOutLosses = field(default_factory=HeldOutLosses)
    diverged_at: int | None = None
    diverged_by: StepRule | None = None
    diverged_since: int = 0
    made_by: Provenance | None = None

    @property
    def step(self) -> int:
        """The number of steps taken."""
        return self.checkpoints[-1].step if self.checkpoints else 0

    @property
    def config(self) -> Config:
        """The settings that the user requested last."""
        return self.wanted.config

    @property
    def dataset(self) -> Dataset:
        """The samples that the user requested last."""
        return self.wanted.dataset

    @cached_property
    def checkpoint_bytes(self) -> int:
        """The memory taken by one of its checkpoints."""
        return self.checkpoints[0].nbytes if self.checkpoints else 0

    @cached_property
    def rule_of_first_step(self) -> StepRule:
        """The rule of its first step, taken or yet to come: choices replaced before it never acted."""
        return self.rule_at(0) if self.step else self.wanted

    @cached_property
    def rule_of_last_step(self) -> StepRule:
        """The rule of its last step; if it has taken none itself, of the first to come."""
        began = 0 if self.parent is None else self.parent.step
        return self.rule_at(self.step - 1) if self.step > began else self.wanted

    def rule_at(self, step: int) -> StepRule:
        """Return the rule of the step after `step` updates, taken or yet to come."""
        return self.start.after(event for event in self.events if event.step <= step)

    def events_at(self, step: int) -> tuple[Event, ...]:
        """Return the events at a step."""
        return tuple(event for event in self.events if event.step == step)

    def extended(
        self,
        snapshot: Snapshot,
        losses: LossChunk,
        events: Sequence[Event] = (),
        checkpoints: Sequence[TrainerState] = (),
        diverged_by: StepRule | None = None,
        held_out: Iterable[tuple[int, float]] = (),
    ) -> "Run":
        """Return the run with the progress since its last report.

        Parameters
        ----------
        snapshot
            Its current moment.
        losses
            Of the steps on the way.
        events
            Its events on the way, in order.
        checkpoints
            States on the way, each as the steps led to it; for an event that sets a parameter there is one of that
            step, unless it is known already.
        diverged_by
            If it has diverged, the rule of the step that led there.
        held_out
            Step and held-out loss of states on the way.
        """
        all_events = self.events
        for event in events:
            all_events = with_event(self.start, all_events, event)
        now = () if snapshot.validation_loss is None else ((snapshot.step, snapshot.validation_loss),)
        states = list(self.checkpoints)
        is_set_by_hand = any(isinstance(e, ParameterSet) and e.step == snapshot.step for e in all_events)
        for state in (*checkpoints, *(() if is_set_by_hand else (snapshot.state,))):
            if not states or state.step > states[-1].step:
                states.append(state)
        while len(states) > MOST_CHECKPOINTS:
            del states[_closest(states)]
        since = self.diverged_since
        if diverged_by is not None and diverged_by is not self.diverged_by:
            since = in_force_since(self.start, all_events, diverged_by)
        return replace(
            self,
            events=all_events,
            checkpoints=tuple(states),
            losses=self.losses.with_chunk(losses),
            held_out_losses=self.held_out_losses.with_losses((*held_out, *now)),
            diverged_at=snapshot.diverged_at,
            diverged_by=diverged_by,
            diverged_since=since,
        )

    def thinned(self) -> "Run":
        """Return the run with one checkpoint less, where they are closest; never the first or the last."""
        states = list(self.checkpoints)
        del states[_closest(states)]
        return replace(self, checkpoints=tuple(states))


def checkpoints_bytes(runs: Iterable[Run]) -> int:
    """Return the memory taken by all checkpoints of some runs."""
    return sum(run.checkpoint_bytes * len(run.checkpoints) for run in runs)


def within_budget(runs: Sequence[Run], budget: int) -> tuple[Run, ...]:
    """Thin out checkpoints until they take at most `budget` bytes together, as far as possible.

    The run whose middle takes most is thinned first; the first and the last checkpoint of each run stay.
    """
    thinned = list(runs)
    while checkpoints_bytes(thinned) > budget:
        sizes = [run.checkpoint_bytes * (len(run.checkpoints) - 2) for run in thinned]
        place = int(np.argmax(sizes))
        if sizes[place] <= 0:
            break
        thinned[place] = thinned[place].thinned()
    return tuple(thinned)


def _closest(states: Sequence[TrainerState]) -> int:
    """Return the index of the inner state whose neighbours are closest together."""
    steps = np.array([state.step for state in states])
    return int(np.argmin(steps[2:] - steps[:-2])) + 1
