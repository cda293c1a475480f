"""Events that change a run from outside, and the rule that they make for the next step."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import accumulate

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting_text import differing_paths
from tinynet_gui.core.data.points import Scaling
from tinynet_gui.core.network.refs import ParameterRef, Ref
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.start import Dataset, make_dataset
from tinynet_gui.core.values import frozen_dataclass

LARGEST = float(np.finfo(np.float32).max)  # of values set by hand, in absolute terms


@frozen_dataclass
class LiveSettingsChanged:
    """From this step on the run has these settings; only live fields or points differ from the previous ones."""

    step: int
    config: Config


@frozen_dataclass
class ParameterSet:
    """One weight or bias was set by hand, to a value that is finite as a float32."""

    step: int
    ref: ParameterRef
    value: float


@frozen_dataclass
class FrozenChanged:
    """From this step on exactly these parameters keep their values."""

    step: int
    frozen: frozenset[Ref]


@frozen_dataclass
class EngineChanged:
    """From this step on another engine takes the steps."""

    step: int
    engine: EngineName


Event = LiveSettingsChanged | ParameterSet | FrozenChanged | EngineChanged


@frozen_dataclass
class StepRule:
    """Everything but the state that decides how the next step is taken.

    The scaling is that of the run's initial samples; None if they are not standardised, or have not changed.
    """

    config: Config
    frozen: frozenset[Ref] = frozenset()
    engine: EngineName = "PyTorch"
    scaling: Scaling | None = None

    @property
    def dataset(self) -> Dataset:
        return make_dataset(self.config.data, self.scaling)

    def acts_like(self, other: "StepRule") -> bool:
        """Whether both take the same step, whichever engine takes it and wherever the run stops."""
        differing = set(differing_paths(self.config, other.config)) - {"training.stop_step"}
        return not differing and (self.frozen, self.scaling) == (other.frozen, other.scaling)

    def after(self, events: Iterable[Event]) -> "StepRule":
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
    """Return the rule of a run's first step; it also fixes the scaling of the samples."""
    scaling = None if config.data.standardise == "none" else make_dataset(config.data).scaling
    return StepRule(config, engine=engine, scaling=scaling)


def with_event(start: StepRule, events: tuple[Event, ...], event: Event) -> tuple[Event, ...]:
    """Return the events of a run that began with `start`, with one more.

    It replaces an event of its kind at the same step, which no step has used yet (for values set by hand: of the same
    parameter). An event that changes nothing is dropped.
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
    """Yield the steps at which the samples of a run that began with `start` changed."""
    data = start.config.data
    for event in events:
        if isinstance(event, LiveSettingsChanged) and event.config.data != data:
            data = event.config.data
            yield event.step


def alike_since(start: StepRule, events: Iterable[Event]) -> int:
    """Return the step since which all steps have acted alike, with no value set by hand after it."""
    events = tuple(events)
    rules = [*accumulate(events, lambda rule, event: rule.after((event,)), initial=start)]
    for event, before, after in zip(reversed(events), rules[-2::-1], reversed(rules), strict=False):
        if isinstance(event, ParameterSet) or not after.acts_like(before):
            return event.step
    return 0


def in_force_since(start: StepRule, events: Iterable[Event], rule: StepRule) -> int:
    """Return the step since which a rule's settings have been in force, with no value set by hand after it."""
    since, config = 0, start.config
    for event in events:
        match event:
            case LiveSettingsChanged():
                since = event.step if event.config == rule.config != config else since
                config = event.config
            case ParameterSet():
                since = event.step
    return since
