"""The course of a run: its settings and the changes made on its way, to be taken again from other seeds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.trained_runs import group_size, stacked_layers
from tinynet_gui.core.network.frozen import frozen_masks
from tinynet_gui.core.numerics.arrays import Stop, owned
from tinynet_gui.core.run.events import EngineChanged, Event, ParameterSet, StepRule
from tinynet_gui.core.run.replay import with_parameters_set
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.system.ui_priority import give_way
from tinynet_gui.core.training.initial_parameters import generator_for
from tinynet_gui.core.training.passes import held_out_loss, training_loss
from tinynet_gui.core.training.state import TrainerState, initial_state
from tinynet_gui.core.values import dataclass

FROZEN_GROUP = 2  # trainings at a time where something is frozen: each step is then a call


@dataclass(frozen=True)
class CourseSegment:
    """From this step on: the values set by hand there, and the rule of the steps that follow."""

    step: int
    rule: StepRule
    by_hand: tuple[ParameterSet, ...] = ()


@dataclass(frozen=True)
class Course:
    """How a run is trained to its stop step: the first segment begins at step 0."""

    segments: tuple[CourseSegment, ...]

    @property
    def config(self) -> Config:
        """The settings of the first step."""
        return self.segments[0].rule.config

    @property
    def end(self) -> StepRule:
        """The rule at the end, whose samples and loss the result is measured by."""
        return self.segments[-1].rule

    @property
    def has_frozen(self) -> bool:
        """Whether anything is frozen on its way: those steps take much longer."""
        return any(segment.rule.frozen for segment in self.segments)

    @property
    def is_plain(self) -> bool:
        """Whether it follows from the settings alone: nothing is changed, set by hand or frozen on its way."""
        return len(self.segments) == 1 and not self.segments[0].by_hand and not self.has_frozen

    def with_changes(self, changes: Mapping[str, Any]) -> "Course":
        """Return the course with other settings at every step."""
        rules = [replace(segment.rule, config=segment.rule.config.with_changes(changes)) for segment in self.segments]
        return Course(tuple(replace(segment, rule=rule) for segment, rule in zip(self.segments, rules, strict=True)))

    def is_like(self, other: "Course") -> bool:
        """Whether both do the same at each step."""
        return len(self.segments) == len(other.segments) and all(
            (a.step, a.by_hand) == (b.step, b.by_hand) and a.rule.acts_like(b.rule)
            for a, b in zip(self.segments, other.segments, strict=True)
        )


@dataclass(frozen=True)
class CourseEnd:
    """The end of one training; its losses are infinite if it diverged, the held-out one None without such samples."""

    final_loss: float
    validation_loss: float | None
    has_diverged: bool


def acting_events(run: Run) -> list[Event]:
    """Return the changes that made a difference to a run: a step was taken with each, or a number was set."""
    return [
        event
        for event in run.events
        if not isinstance(event, EngineChanged)
        and event.step <= run.config.training.stop_step
        and (event.step < run.step or not run.step or isinstance(event, ParameterSet))
    ]


def course_of(run: Run) -> Course:
    """Return the course of a run, to its stop step, without its engines."""
    events, segments = acting_events(run), list[CourseSegment]()
    for step in sorted({0, *(event.step for event in events)}):
        rule = run.start.after(event for event in events if event.step <= step)
        config = rule.config.replace("training.stop_step", run.config.training.stop_step)
        rule = replace(rule, config=config, engine="Compiled")
        by_hand = tuple(event for event in events if event.step == step and isinstance(event, ParameterSet))
        if not segments or by_hand or not rule.acts_like(segments[-1].rule):
            segments.append(CourseSegment(step, rule, by_hand))
    return Course(tuple(segments))


def train_course(course: Course, seeds: Sequence[Config], stop: Stop) -> Iterator[list[CourseEnd]]:
    """Take a course from the first weights of several seeds; yield the ends, some at a time.

    `seeds` are its first settings with other network seeds. `stop` is checked before each slow operation.
    """
    draws = generator_for(course.config.network)
    size = FROZEN_GROUP if course.has_frozen else group_size(course.config)
    for first in range(0, len(seeds), size):
        give_way()
        states = [initial_state(config, draws) for config in seeds[first : first + size]]
        going = list(range(len(states)))
        last = course.config.training.stop_step
        for segment, end in pairwise([*course.segments, CourseSegment(last, course.end)]):
            began = [with_parameters_set(states[k], segment.by_hand) for k in going]
            after = _advanced(segment.rule, began, end.step - segment.step, stop)
            if stop[0]:
                return
            for k, (state, _) in zip(going, after, strict=True):
                states[k] = state
            going = [k for k, (_, has_diverged) in zip(going, after, strict=True) if not has_diverged]
        yield _ends(course.end, states, going)


def _advanced(
    rule: StepRule, states: Sequence[TrainerState], steps: int, stop: Stop
) -> list[tuple[TrainerState, bool]]:
    """Take steps from several states; say of each whether it has diverged."""
    from tinynet_gui.core.training.compiled import kernel

    give_way()
    if stop[0] or not steps or not states:
        return [(state, False) for state in states]
    if rule.frozen:
        return [_advanced_around(rule, state, steps, stop) for state in states]
    starts = [kernel.Start(rule.config, rule.dataset, state) for state in states]
    return [(done.state, done.diverged_at is not None) for done in kernel.run_many(starts, steps, steps, stop=stop)]


def _advanced_around(rule: StepRule, state: TrainerState, steps: int, stop: Stop) -> tuple[TrainerState, bool]:
    """Take steps one by one, and put what is frozen back after each, as the trainer does."""
    from tinynet_gui.core.training.compiled import kernel

    config, dataset = rule.config, rule.dataset
    masks = frozen_masks(rule.frozen, [array.shape for array in state.parameters])
    assert masks is not None
    for _ in range(steps):
        give_way()
        done = kernel.run(config, dataset, state, 1, stop=stop)
        if stop[0] or done.diverged_at is not None:
            return done.state, done.diverged_at is not None
        pairs = zip(masks, state.parameters, done.state.parameters, strict=True)
        kept = tuple(owned(np.where(mask, before, after)) for mask, before, after in pairs)
        state = replace(done.state, parameters=kept)
    return state, False


def _ends(rule: StepRule, states: Sequence[TrainerState], finite: Sequence[int]) -> list[CourseEnd]:
    config, dataset, layers = rule.config, rule.dataset, stacked_layers(states)
    losses, held_out = training_loss(config, dataset, layers), held_out_loss(config, dataset, layers)
    diverged = ~np.isin(np.arange(len(states)), finite)
    known = [None] * len(states) if held_out is None else np.where(diverged, np.inf, held_out).tolist()
    ends = zip(np.where(diverged, np.inf, losses).tolist(), known, diverged.tolist(), strict=True)
    return [CourseEnd(*end) for end in ends]
