"""Setting or luck? Runs retrained from other seeds separate the effect of the seed from that of the setting."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from itertools import pairwise
from typing import Any

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting_text import FIRST_WEIGHTS, differing_paths
from tinynet_gui.core.experiments.base import GROUP, group_size, seeds_of, stacked_layers, train_all
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.network.refs import frozen_masks
from tinynet_gui.core.run.events import EngineChanged, Event, ParameterSet, StepRule
from tinynet_gui.core.run.replay import with_parameters_set
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.statistics import CONFIDENCE, PairedShare, paired_share, quantiles
from tinynet_gui.core.system.background import yield_to_window
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.training.snapshot import held_out_loss, training_loss
from tinynet_gui.core.training.start import TrainerState, initial_state, make_dataset
from tinynet_gui.core.values import Array, Stop, frozen_dataclass, owned

FROZEN_GROUP = 2  # trainings at a time if anything is frozen, as each step is then a separate call


@frozen_dataclass
class CourseSegment:
    """The values set by hand at a step, and the rule of the steps that follow."""

    step: int
    rule: StepRule
    by_hand: tuple[ParameterSet, ...] = ()


@frozen_dataclass
class Course:
    """A run's recipe up to its stop step; the first segment begins at step 0."""

    segments: tuple[CourseSegment, ...]

    @property
    def config(self) -> Config:
        """The settings of the first step."""
        return self.segments[0].rule.config

    @property
    def end(self) -> StepRule:
        """The final rule, whose samples and loss measure the result."""
        return self.segments[-1].rule

    @property
    def has_frozen(self) -> bool:
        """Whether anything is ever frozen, which makes steps much slower."""
        return any(segment.rule.frozen for segment in self.segments)

    @property
    def is_plain(self) -> bool:
        """Whether it follows from the settings alone, without changes, numbers set by hand or frozen parameters."""
        return len(self.segments) == 1 and not self.segments[0].by_hand and not self.has_frozen

    def with_changes(self, changes: Mapping[str, Any]) -> "Course":
        rules = [replace(segment.rule, config=segment.rule.config.with_changes(changes)) for segment in self.segments]
        return Course(tuple(replace(segment, rule=rule) for segment, rule in zip(self.segments, rules, strict=True)))

    def is_like(self, other: "Course") -> bool:
        """Whether both courses do the same at each step."""
        return len(self.segments) == len(other.segments) and all(
            (a.step, a.by_hand) == (b.step, b.by_hand) and a.rule.acts_like(b.rule)
            for a, b in zip(self.segments, other.segments, strict=True)
        )


@frozen_dataclass
class CourseEnd:
    """The end of one training; its losses are infinite if it diverged, the held-out one None without such samples."""

    final_loss: float
    validation_loss: float | None
    has_diverged: bool


def acting_events(run: Run) -> list[Event]:
    """Return the events that affected a run: a step was taken after each, or a number was set."""
    return [
        event
        for event in run.events
        if not isinstance(event, EngineChanged)
        and event.step <= run.config.training.stop_step
        and (event.step < run.step or not run.step or isinstance(event, ParameterSet))
    ]


def course_of(run: Run) -> Course:
    """Return the course of a run to its stop step, ignoring engines."""
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
    """Train a course from several seeds' first weights; yield the ends, in groups.

    `seeds` are its first settings with other network seeds. `stop` is checked before each slow operation.
    """
    size = FROZEN_GROUP if course.has_frozen else group_size(course.config)
    for first in range(0, len(seeds), size):
        yield_to_window()
        states = [initial_state(config) for config in seeds[first : first + size]]
        going = list(range(len(states)))
        last = course.config.training.stop_step
        for segment, end in pairwise([*course.segments, CourseSegment(last, course.end)]):
            began = [with_parameters_set(states[k], segment.by_hand) for k in going]
            after = _advanced(segment.rule, began, end.step - segment.step, stop)
            if stop[0]:
                return
            for k, (state, _diverged) in zip(going, after, strict=True):
                states[k] = state
            going = [k for k, (_, has_diverged) in zip(going, after, strict=True) if not has_diverged]
        yield _ends(course.end, states, going)


def _advanced(
    rule: StepRule, states: Sequence[TrainerState], steps: int, stop: Stop
) -> list[tuple[TrainerState, bool]]:
    """Take steps from several states; return each with whether it has diverged."""
    from tinynet_gui.core.training.compiled import kernel

    yield_to_window()
    if stop[0] or not steps or not states:
        return [(state, False) for state in states]
    if rule.frozen:
        return [_advanced_with_frozen(rule, state, steps, stop) for state in states]
    starts = [kernel.Start(rule.config, rule.dataset, state) for state in states]
    return [(done.state, done.diverged_at is not None) for done in kernel.run_many(starts, steps, steps, stop=stop)]


def _advanced_with_frozen(rule: StepRule, state: TrainerState, steps: int, stop: Stop) -> tuple[TrainerState, bool]:
    """Take steps one by one, restoring frozen values after each, as the trainer does."""
    from tinynet_gui.core.training.compiled import kernel

    config, dataset = rule.config, rule.dataset
    masks = frozen_masks(rule.frozen, state.parameters)
    assert masks is not None
    for _step in range(steps):
        yield_to_window()
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


SEEDS = 256
SEEDS_OF_FROZEN = 32  # fewer if anything is frozen, as each step is then a separate call, which is much slower


@frozen_dataclass
class SettingOrLuck:
    """Two runs, retrained from the same seeds, with the same changes at the same steps.

    Attributes
    ----------
    configs
        The initial settings of the two, with the first of the seeds.
    training, held_out
        How many seeds end with a lower loss under the first: over the training samples, and over the held-out ones
        (None without any). If there are both, their intervals have the usual confidence jointly.
    diverged
        How many trainings of each diverged; their losses count as infinite.
    """

    configs: tuple[Config, Config]
    training: PairedShare
    held_out: PairedShare | None
    diverged: tuple[int, int]


def why_not_compared(one: Run, other: Run) -> str:
    """Return a sentence saying why two runs cannot be compared; "" if they can."""
    a, b = course_of(one), course_of(other)
    if a.config.training.loss != b.config.training.loss:
        return _("The two have different losses, which cannot be compared: they measure in different units.")
    if not _have_same_samples(a.end, b.end):
        return _("The two learn different samples, so that their losses cannot be compared.")
    differing = set(differing_paths(a.config, b.config)) - {"network.first_weights"}
    weights = {path: a.config.get(path) for path in FIRST_WEIGHTS}
    if differing <= {*FIRST_WEIGHTS} and a.with_changes(weights).is_like(b.with_changes(weights)):
        if differing:
            return _("The two differ only in their first weights: there is nothing to compare but luck.")
        return _("The two differ in no setting: there is nothing to compare but luck.")
    return ""


def seeds_for(one: Course, other: Course) -> int:
    """Return the number of seeds to train two courses from: fewer if anything is frozen."""
    return SEEDS_OF_FROZEN if one.has_frozen or other.has_frozen else SEEDS


def setting_or_luck(
    one: Course, other: Course, seeds: int, stop: Stop, report: Callable[[float], object]
) -> SettingOrLuck | None:
    """Train both courses to their stop steps, from the same network seeds, by the compiled loop.

    The first seed is the smaller of the two settings' seeds, with the smaller of their `drawn_before`; so the order of
    the two makes no difference. When stopped, returns the result so far, or None.
    """
    weights = {path: min(one.config.get(path), other.config.get(path)) for path in FIRST_WEIGHTS}
    courses = one.with_changes(weights), other.with_changes(weights)
    starts = [seeds_of(course.config, seeds) for course in courses]
    ends: tuple[list[CourseEnd], list[CourseEnd]] = [], []
    size = FROZEN_GROUP if one.has_frozen or other.has_frozen else GROUP
    for first in range(0, seeds, size):
        for place in range(2):
            wanted, done = starts[place][first : first + size], list[CourseEnd]()
            for group in train_course(courses[place], wanted, stop):
                done += group
                report((first * 2 + place * len(wanted) + len(done)) / (2 * seeds))
            ends[place].extend(done)
        if stop[0]:
            break
    pairs = min(map(len, ends))
    return _compared(courses, ends[0][:pairs], ends[1][:pairs]) if pairs else None


def setting_or_luck_of(
    one: Run, other: Run, stop: Stop, report: Callable[[float], object]
) -> SettingOrLuck | str | None:
    """Train two runs again from many seeds; a text says why they cannot be compared; None if it was stopped."""
    if why := why_not_compared(one, other):
        return why
    courses = course_of(one), course_of(other)
    return setting_or_luck(*courses, seeds_for(*courses), stop, report)


def _compared(courses: tuple[Course, Course], ones: Sequence[CourseEnd], others: Sequence[CourseEnd]) -> SettingOrLuck:
    held_out, confidence = None, CONFIDENCE
    if len(courses[0].end.dataset.x_held_out):
        confidence = 1 - (1 - CONFIDENCE) / 2  # two verdicts, together wrong no more often than one
        a, b = (np.array([run.validation_loss for run in runs], np.float64) for runs in (ones, others))
        held_out = paired_share(a, b, confidence)
    return SettingOrLuck(
        (courses[0].config, courses[1].config),
        paired_share([run.final_loss for run in ones], [run.final_loss for run in others], confidence),
        held_out,
        (sum(run.has_diverged for run in ones), sum(run.has_diverged for run in others)),
    )


def _have_same_samples(one: StepRule, other: StepRule) -> bool:
    """Whether both losses have the same unit: the same samples, and the same scale of y."""
    plain = [make_dataset(replace(rule.config.data, standardise="none")) for rule in (one, other)]
    scales = [rule.dataset.scaling for rule in (one, other)]
    arrays = [(d.x_train, d.y_train, d.x_held_out, d.y_held_out) for d in plain]
    is_same_y = (scales[0].y_mean, scales[0].y_deviation) == (scales[1].y_mean, scales[1].y_deviation)
    return is_same_y and all(np.array_equal(a, b) for a, b in zip(*arrays, strict=True))


SHARES = (0.1, 0.5, 0.9)


@frozen_dataclass(eq=False)
class SeedBand:
    """The final curves of many seeds: at each x their median, and the band of the middle 80 %.

    Attributes
    ----------
    seeds, diverged
        How many were trained, and how many of these diverged and have no curve.
    x, low, median, high
        float32 of shape (points,), read-only; all but x are empty if every training diverged.
    """

    config: Config
    seeds: int
    diverged: int
    x: Array = field(repr=False)
    low: Array = field(repr=False)
    median: Array = field(repr=False)
    high: Array = field(repr=False)


def seed_band(config: Config, seeds: int, x: Array, stop: Stop) -> SeedBand | None:
    """Train `seeds` seeds, starting with the configuration's own, to its stop step; None if stopped."""
    curves = list[Array]()
    for group in train_all(seeds_of(config, seeds), stop, keep_every=1):
        outputs = (output_curve(run.layers, config.network.activation, x) for run in group if run.diverged_at is None)
        curves += [output for output in outputs if np.isfinite(output).all()]
    if stop[0]:
        return None
    if curves:
        low, median, high = (owned(q) for q in quantiles(np.stack(curves), SHARES))
    else:
        low = median = high = owned(np.empty(0))
    return SeedBand(config, seeds, seeds - len(curves), owned(x), low, median, high)
