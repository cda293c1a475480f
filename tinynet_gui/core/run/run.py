"""One run, as an immutable value: its start, its events, its recorded progress, and where it was made."""

import math
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.run import events as happened
from tinynet_gui.core.run.events import Event, LiveSettingsChanged, ParameterSet, StepRule, in_force_since, with_event
from tinynet_gui.core.run.loss_history import HeldOutLosses, HeldOutWatch, LossChunk, LossHistory
from tinynet_gui.core.system.machine import CHOSEN_PROCESSOR, instruction_sets
from tinynet_gui.core.text.language import N_, gettext as _
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import Dataset, TrainerState
from tinynet_gui.core.values import Array, frozen_dataclass

RETRACED, RECORDED = N_("{name}, retraced"), N_("{name}, recorded")  # names of runs of recorded trainings
AS_IT_SHOULD_BE = N_("as it should have been")
CHOICES = ("ATEN_CPU_CAPABILITY", *CHOSEN_PROCESSOR)  # environment variables that choose them


@frozen_dataclass
class Provenance:
    """A machine and its software versions, as text."""

    machine: str
    versions: str


@cache
def here() -> Provenance:
    """Return the provenance of this process, without importing torch or numba."""
    machine = f"{platform.system()} {platform.machine()} {_processor()}".strip()
    chosen = [f"{name}={os.environ[name]}" for name in CHOICES if name in os.environ]
    return Provenance(
        ", ".join([machine, *instruction_sets()[-1:], *chosen]), versions_of("torch", "numpy", "numba", "llvmlite")
    )


def versions_of(*names: str) -> str:
    """Return the versions of packages, such as ``torch 2.6.0, numpy 2.2.1``, without importing them."""
    return ", ".join(f"{name} {_version(name)}" for name in names)


def why_it_may_differ(made_by: Provenance | None) -> str:
    """Explain why a replay here may differ in the last digits; "" if it cannot."""
    if made_by is None or made_by == here():
        return ""
    if made_by.versions != here().versions:
        words = _("It was trained with {theirs}; here are {ours}. The last digits may differ.")
        return words.format(theirs=made_by.versions, ours=here().versions)
    words = _("It was trained on {theirs}; this is {ours}. The last digits may differ.")
    return words.format(theirs=made_by.machine, ours=here().machine)


def _version(name: str) -> str:
    if (known := _versions_from_folders().get(name)) is not None:
        return known
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


@cache
def _versions_from_folders() -> dict[str, str]:
    """Return packages' versions from their folders' names: `importlib.metadata` takes 12 ms."""
    found = {}
    for place in reversed(sys.path):  # the first one on it counts
        with suppress(OSError):
            for entry in os.listdir(place or os.curdir):
                if entry.endswith(".dist-info"):
                    package, _, found[package] = entry.removesuffix(".dist-info").partition("-")
    return found


def _processor() -> str:
    """The processor's name: compiled code uses its instructions."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


MAX_CHECKPOINTS = 512


@frozen_dataclass
class BranchPoint:
    """The origin of a branch: a run, and a step of it."""

    run_id: int
    step: int


@frozen_dataclass(eq=False, repr=False)
class Run:
    """A run; immutable: progress and changes give a new value.

    Attributes
    ----------
    id, name
        Its number in the session, and the user's name for it or "".
    parent
        Where it branched off; it shares that run's events and states up to there.
    is_starred, is_kept
        Whether it is never dropped, and whether it is listed although it has taken no step.
    is_shown, is_deleted
        Whether it is drawn over the current run, and whether it is kept only for undo.
    start
        The rule of its first step: initial settings and samples, nothing frozen, and an engine.
    wanted
        The settings and frozen parameters that the user requested last; the events follow once the worker has reported
        the step at which they acted.
    events
        In order; those of one step act before the step that follows it.
    checkpoints
        States before any changes made at their steps, from the initial to the latest; float32, read-only. Empty until
        the first network has been made.
    losses, held_out_losses
        By step, bounded.
    diverged_at
        The step at which the loss was not finite, or None.
    diverged_by, diverged_since
        The rule of the step that led there, and the step since which it was in force, with no value set by hand.
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

    def __repr__(self) -> str:
        events = f", events={len(self.events)}" if self.events else ""
        return f"Run(id={self.id}, step={self.step}{events}, {self.config!r})"

    @property
    def step(self) -> int:
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
    def best_held_out(self) -> tuple[int, float] | None:
        """The step with the lowest recorded held-out loss, and that loss; None if there is none.

        Only since the samples last changed, as losses over different samples are not comparable.
        """
        known = self.held_out_losses
        best = known.lowest(max(happened.samples_changed_at(self.start, self.events), default=-1))
        return None if best is None else (int(known.steps[best]), float(known.losses[best]))

    @cached_property
    def has_lost_patience(self) -> bool:
        """Whether its held-out loss has not got better for as many steps as the settings allow."""
        return self.watch_held_out().is_over(self.config, self.step)

    def watch_held_out(self) -> HeldOutWatch:
        """Return the watch at its latest step: patience counts from the best step or, if later, its last change."""
        (step, lowest), config = self.best_held_out or (0, math.inf), self.start.config
        for event in self.events:
            if isinstance(event, LiveSettingsChanged):
                is_other = event.config.training.patience != config.training.patience
                step, config = max(step, event.step) if is_other else step, event.config
        return HeldOutWatch(lowest, step)

    @cached_property
    def rule_of_first_step(self) -> StepRule:
        """The rule of its first step, taken or yet to come: settings replaced before it never acted."""
        return self.rule_at(0) if self.step else self.wanted

    @cached_property
    def rule_of_last_step(self) -> StepRule:
        """The rule of the last step that it has taken itself; if there is none, of its next step."""
        began = 0 if self.parent is None else self.parent.step
        return self.rule_at(self.step - 1) if self.step > began else self.wanted

    def rule_at(self, step: int) -> StepRule:
        """Return the rule of the step after `step` updates, taken or yet to come."""
        return self.start.after(event for event in self.events if event.step <= step)

    def events_at(self, step: int) -> tuple[Event, ...]:
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
            Of the steps since.
        events
            In order.
        checkpoints
            States before any changes made at their steps; for an event that sets a parameter there must be one of its
            step, unless it is known already.
        diverged_by
            If it has diverged, the rule of the step that led there.
        held_out
            Step and held-out loss of states since.
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
        while len(states) > MAX_CHECKPOINTS:
            del states[_closest(states)]
        since = self.diverged_since
        if diverged_by is not None and diverged_by is not self.diverged_by:
            since = in_force_since(self.start, all_events, diverged_by)
        return replace(
            self,
            events=all_events,
            checkpoints=tuple(states),
            losses=self.losses.with_chunk(losses),
            held_out_losses=self.held_out_losses.with_losses(
                (*held_out, *now), max(happened.samples_changed_at(self.start, all_events), default=-1)
            ),
            diverged_at=snapshot.diverged_at,
            diverged_by=diverged_by,
            diverged_since=since,
        )

    def thinned(self) -> "Run":
        """Drop the checkpoint whose neighbours are closest; never the first or the last."""
        states = list(self.checkpoints)
        del states[_closest(states)]
        return replace(self, checkpoints=tuple(states))


def checkpoints_bytes(runs: Iterable[Run]) -> int:
    return sum(run.checkpoint_bytes * len(run.checkpoints) for run in runs)


def within_budget(runs: Sequence[Run], budget: int) -> tuple[Run, ...]:
    """Drop checkpoints until all take at most `budget` bytes, as far as possible.

    The run whose inner checkpoints take most is thinned first; each run keeps its first and last.
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
    steps = np.array([state.step for state in states])
    return int(np.argmin(steps[2:] - steps[:-2])) + 1


def are_equal(one: Run, other: Run) -> bool:
    """Whether two runs started alike, had the same events, and reached the same state at the same step."""
    return (
        one.step == other.step
        and one.start == other.start
        and one.events == other.events
        and one.diverged_at == other.diverged_at
        and len(one.checkpoints[:1]) == len(other.checkpoints[:1])
        and all(same_state(*states) for states in zip(one.checkpoints[-1:], other.checkpoints[-1:], strict=True))
    )


def same_state(one: TrainerState, other: TrainerState) -> bool:
    """Whether two states agree bit for bit; slots are compared only between optimisers of one kind."""
    kinds = [(one.parameters, other.parameters)]
    if len(one.slots) == len(other.slots):
        kinds += zip(one.slots, other.slots, strict=True)
    return one.step == other.step and all(same_bits(*arrays) for arrays in kinds)


def same_bits(ones: Sequence[Array], others: Sequence[Array]) -> bool:
    return [(a.shape, a.tobytes()) for a in ones] == [(b.shape, b.tobytes()) for b in others]


LoadPhase = Literal["absent", "compiling", "ready", "failed"]
Phase = Literal["unusable", "loading", "ready", "running", "paused", "finished", "no better", "diverged"]


@frozen_dataclass
class TrainingStatus:
    """The state of a training.

    Attributes
    ----------
    stop_at
        The step at which it will stop by itself.
    steps_per_second
        Measured; 0 when it is not running.
    step_seconds
        What a step of the engine took at best, without the drawing; 0 before it is measured.
    compiled, pytorch
        Whether the compiled loop and PyTorch are available.
    trouble
        Why an engine is not available, a line each; else "".
    is_fast_forward
        Whether it runs to its stop at full speed, whatever the pace.
    """

    phase: Phase = "loading"
    stop_at: int = 0
    steps_per_second: float = 0.0
    step_seconds: float = 0.0
    engine: EngineName = "PyTorch"
    compiled: LoadPhase = "absent"
    pytorch: LoadPhase = "absent"
    is_fast_forward: bool = False
    trouble: str = ""
