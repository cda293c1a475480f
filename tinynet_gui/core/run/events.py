"""What is done to a run from outside, each at the step at which it acted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import Dataset, make_dataset
from tinynet_gui.core.data.scaling import Scaling
from tinynet_gui.core.network.refs import ParameterRef, Ref
from tinynet_gui.core.training.engines import EngineName

LARGEST = float(np.finfo(np.float32).max)  # of what is set by hand, away from 0


@dataclass(frozen=True)
class LiveSettingsChanged:
    """From this step on the run has these settings; they differ in live fields, or in points, from those before."""

    step: int
    config: Config


@dataclass(frozen=True)
class ParameterSet:
    """One weight or bias was set by hand, to what is finite as a float32."""

    step: int
    ref: ParameterRef
    value: float


@dataclass(frozen=True)
class FrozenChanged:
    """From this step on these are held at their values, and no others."""

    step: int
    frozen: frozenset[Ref]


@dataclass(frozen=True)
class EngineChanged:
    """From this step on another engine takes the steps."""

    step: int
    engine: EngineName


Event = LiveSettingsChanged | ParameterSet | FrozenChanged | EngineChanged


@dataclass(frozen=True)
class StepRule:
    """All that decides how the next step is taken, besides the state.

    The scaling is that of the samples with which the run began, whatever has been done to them since; None where they
    are not standardised, or not changed.
    """

    config: Config
    frozen: frozenset[Ref] = frozenset()
    engine: EngineName = "PyTorch"
    scaling: Scaling | None = None

    @property
    def dataset(self) -> Dataset:
        """The samples that it is taken with."""
        return make_dataset(self.config.data, self.scaling)

    def after(self, events: Iterable[Event]) -> "StepRule":
        """Return the rule that holds once these events have acted."""
        rule = self
        for event in events:
            match event:
                case LiveSettingsChanged():
                    rule = replace(rule, config=event.config)
                case FrozenChanged():
                    rule = replace(rule, frozen=event.frozen)
                case EngineChanged():
                    rule = replace(rule, engine=event.engine)
        return rule


def first_rule(config: Config, engine: EngineName) -> StepRule:
    """Return how the first step of a run is taken; what its samples are scaled by is fixed by it."""
    scaling = None if config.data.standardise == "none" else make_dataset(config.data).scaling
    return StepRule(config, engine=engine, scaling=scaling)


def with_event(start: StepRule, events: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """Return the events of a run that began by `start` with one more.

    It takes the place of one of its kind at the same step, which no step has felt (of numbers set by hand: of the
    same parameter). If nothing is then another than before, there is no event.
    """
    for place in range(len(events) - 1, -1, -1):
        other = events[place]
        if other.step < event.step:
            break
        same_place = not isinstance(other, ParameterSet) or (isinstance(event, ParameterSet) and other.ref == event.ref)
        if type(other) is type(event) and same_place:
            events = (*events[:place], *events[place + 1 :])
            break
    if not isinstance(event, ParameterSet) and start.after(events) == start.after((*events, event)):
        return events
    return (*events, event)


def samples_changed_at(start: StepRule, events: Iterable[Event]) -> Iterator[int]:
    """Yield the steps at which a run that began by `start` got other samples."""
    data = start.config.data
    for event in events:
        if isinstance(event, LiveSettingsChanged) and event.config.data != data:
            data = event.config.data
            yield event.step


def in_force_since(start: StepRule, events: Iterable[Event], rule: StepRule) -> int:
    """Return the step from which on a run has had a rule's settings, with no number set by hand after it."""
    since, config = 0, start.config
    for event in events:
        match event:
            case LiveSettingsChanged():
                since = event.step if event.config == rule.config != config else since
                config = event.config
            case ParameterSet():
                since = event.step
    return since
