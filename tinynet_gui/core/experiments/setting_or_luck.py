"""Setting or luck? Trains two runs again from the same seeds and counts how often each ends with the lower loss."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.config.active_settings import FIRST_WEIGHTS, differing_paths
from tinynet_gui.core.experiments.course import FROZEN_GROUP, Course, CourseEnd, course_of, train_course
from tinynet_gui.core.experiments.trained_runs import GROUP, seeds_of
from tinynet_gui.core.numerics.arrays import Stop
from tinynet_gui.core.numerics.paired_share import CONFIDENCE, PairedShare, paired_share
from tinynet_gui.core.run.events import StepRule
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.training.dataset import make_dataset
from tinynet_gui.core.values import dataclass

SEEDS = 256
SEEDS_OF_FROZEN = 32  # where something is frozen: each step is then a call, which takes much longer


@dataclass(frozen=True)
class SettingOrLuck:
    """Two runs, trained again from the same seeds, with the same changes at the same steps.

    Attributes
    ----------
    configs
        The settings of the two in their first step, with the first of the seeds.
    training, held_out
        How many seeds end with a lower loss under the first: over the training samples, and over the held-out ones
        (None without any). If there are both, their intervals hold jointly as often as a single one would.
    diverged
        How many trainings of each diverged; those count as infinitely bad.
    """

    configs: tuple[Config, Config]
    training: PairedShare
    held_out: PairedShare | None
    diverged: tuple[int, int]


def why_not_compared(one: Run, other: Run) -> str:
    """Return a sentence saying why two runs cannot be compared; "" if they can."""
    a, b = course_of(one), course_of(other)
    if a.config.training.loss != b.config.training.loss:
        return "The two have different losses, which cannot be compared: they measure in different units."
    if not _have_same_samples(a.end, b.end):
        return "The two learn different samples, so that their losses cannot be compared."
    differing = set(differing_paths(a.config, b.config)) - {"network.first_weights"}
    weights = {path: a.config.get(path) for path in FIRST_WEIGHTS}
    if differing <= {*FIRST_WEIGHTS} and a.with_changes(weights).is_like(b.with_changes(weights)):
        what = "only in their first weights" if differing else "in no setting"
        return f"The two differ {what}: there is nothing to compare but luck."
    return ""


def seeds_for(one: Course, other: Course) -> int:
    """Return from how many seeds two courses are trained: fewer where something is frozen."""
    return SEEDS_OF_FROZEN if one.has_frozen or other.has_frozen else SEEDS


def setting_or_luck(
    one: Course, other: Course, seeds: int, stop: Stop, report: Callable[[float], object]
) -> SettingOrLuck | None:
    """Train both courses to their stop steps, from the same network seeds, by the compiled loop.

    The seeds start at the smaller of the two settings' seeds, after the smaller of their two counts of numbers drawn
    before; so the order of the two makes no difference.

    With fewer seeds if `stop` became nonzero; None if there are none yet.
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


def _compared(courses: tuple[Course, Course], ones: Sequence[CourseEnd], others: Sequence[CourseEnd]) -> SettingOrLuck:
    held_out, confidence = None, CONFIDENCE
    if len(courses[0].end.dataset.x_held_out):
        confidence = 1 - (1 - CONFIDENCE) / 2  # two verdicts, together wrong no more often than one
        a, b = ([_held_out_loss(run) for run in runs] for runs in (ones, others))
        held_out = paired_share(a, b, confidence)
    return SettingOrLuck(
        (courses[0].config, courses[1].config),
        paired_share([run.final_loss for run in ones], [run.final_loss for run in others], confidence),
        held_out,
        (sum(run.has_diverged for run in ones), sum(run.has_diverged for run in others)),
    )


def _held_out_loss(run: CourseEnd) -> float:
    assert run.validation_loss is not None  # both hold samples out
    return run.validation_loss


def _have_same_samples(one: StepRule, other: StepRule) -> bool:
    """Return True if both losses are in the same units: the same samples, and the same scale of y."""
    plain = [make_dataset(replace(rule.config.data, standardise="none")) for rule in (one, other)]
    scales = [rule.dataset.scaling for rule in (one, other)]
    arrays = [(d.x_train, d.y_train, d.x_held_out, d.y_held_out) for d in plain]
    is_same_y = (scales[0].y_mean, scales[0].y_deviation) == (scales[1].y_mean, scales[1].y_deviation)
    return is_same_y and all(np.array_equal(a, b) for a, b in zip(*arrays, strict=True))
