"""The loss along the straight line between two networks, as they are and matched: are they in one valley?"""

import math
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting_text import setting_value
from tinynet_gui.core.failures.plateau_explained import best_constant_loss
from tinynet_gui.core.maps.matching import match
from tinynet_gui.core.network.forward import as_layers
from tinynet_gui.core.run.replay import state_at
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.system.background import raise_if_stopped
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.training.snapshot import Snapshot, training_loss
from tinynet_gui.core.training.start import Dataset, TrainerState
from tinynet_gui.core.values import Array, Floats, Ints, Stop, frozen_dataclass, owned

ValleyVerdict = Literal["one network", "one valley", "two"]

POINTS = 101
LINE, LAYER = 0.1, 0.05  # shares of the progress: a line; and a layer's assignment, of what is left
SAME = 1e-6  # relative distance up to which two networks differ by float32 rounding alone
LOW = 0.01  # of the best constant's loss: smaller barriers and differences of loss do not count
ROUNDING = 1e-4  # of the highest loss: smaller hills are rounding


@frozen_dataclass(eq=False)
class Line:
    """The straight line from one network to another.

    Attributes
    ----------
    losses
        The full-batch training loss at each `Valley.t`, without weight decay, float32, read-only.
    distance
        The Euclidean distance of the two ends' parameters, as a share of the longer one's length: 0 to 2.
    """

    losses: Array
    distance: float

    @property
    def ends(self) -> tuple[float, float]:
        """The losses of the two networks."""
        return float(self.losses[0]), float(self.losses[-1])

    @property
    def highest(self) -> float:
        """The highest loss on the line, ends included; infinite or NaN if a loss is."""
        return float(np.max(self.losses))

    @property
    def barrier(self) -> float:
        """The excess of the highest loss over the higher end's, at least 0."""
        return self.highest - max(self.ends)


@frozen_dataclass(eq=False)
class Valley:
    """The loss along straight lines between two networks: do both lie in one valley?

    Attributes
    ----------
    t
        Where the losses are, from 0, the first network, to 1, the second: float64 of shape (points,), read-only.
    as_they_are
        The line between their parameters.
    matched
        The line after `core.maps.matching.match`. Its ends are the same two functions, so their losses differ from
        those of `as_they_are` by float32 rounding only.
    places
        As in `core.maps.matching.Match`.
    constant
        The loss of the best constant.
    """

    t: Floats
    as_they_are: Line
    matched: Line
    places: tuple[Ints, ...]
    constant: float

    @property
    def same_network(self) -> bool:
        """Whether the two are equal up to the symmetries of `match`."""
        return self.matched.distance <= SAME

    @property
    def lowest(self) -> Line:
        """The line with the lower barrier; as they are, if equal."""
        barriers = [math.inf if math.isnan(line.barrier) else line.barrier for line in (self.as_they_are, self.matched)]
        return self.matched if barriers[1] < barriers[0] else self.as_they_are

    @property
    def verdict(self) -> ValleyVerdict:
        """Whether the two are one network, or two in one valley, or two solutions.

        It is one valley if the barrier of `lowest` is at most `LOW` of `constant`; infinite or NaN is not. Frankle et
        al., "Linear mode connectivity and the lottery ticket hypothesis" (2020), likewise allow for 2 % more errors.
        """
        if self.same_network:
            return "one network"
        return "one valley" if has_no_hill(self.lowest) or self.lowest.barrier <= LOW * self.constant else "two"

    @property
    def are_as_good(self) -> bool:
        """Whether both are solutions, no worse than the best constant, and differ by at most `LOW` of its loss."""
        low, high = sorted(self.as_they_are.ends)
        return high <= (1 + LOW) * self.constant and high - low <= LOW * self.constant

    @property
    def moved(self) -> int:
        """How many of the second network's neurons change place when matched."""
        return sum(int(np.count_nonzero(places != np.arange(len(places)))) for places in self.places)


def has_no_hill(line: Line) -> bool:
    """Whether nothing on a line is higher than its higher end, up to rounding."""
    return line.barrier <= ROUNDING * line.highest < math.inf


def is_downhill(line: Line) -> bool:
    """Whether the loss falls monotonically from a line's higher end to its lower one, up to rounding."""
    rises = np.diff(line.losses) if line.ends[0] > line.ends[1] else np.diff(line.losses[::-1])
    return bool(np.max(rises) <= ROUNDING * line.highest < math.inf)


def find_valley(
    config: Config,
    dataset: Dataset,
    one: Sequence[Array],
    other: Sequence[Array],
    points: int = POINTS,
    stop: Stop | None = None,
    report: Callable[[float], object] = lambda _share: None,
) -> Valley:
    """Compute the loss on the straight lines between two networks of one setting.

    Parameters are interpolated in float64 and rounded to float32; the ends are the networks themselves.

    Parameters
    ----------
    config, dataset
        The activation, the loss and the samples.
    one, other
        Their parameters, in the order of ``TrainerState.parameters``.
    points
        On each line, ends included.
    report
        Called with the share done: a tenth for each line. The matching between them, whose length is unknown,
        approaches its end asymptotically.

    Raises
    ------
    StoppedError
        Soon after another thread sets ``stop[0]``.
    ValueError
        If the shapes differ, a parameter is not finite, or there are fewer than two points.
    """
    shapes, others = ([array.shape for array in arrays] for arrays in (one, other))
    if shapes != others:
        raise ValueError(f"networks of shapes {shapes} and {others}: they have to be the same")
    if not all(np.isfinite(array).all() for array in (*one, *other)):
        raise ValueError("a network has a parameter that is not finite")
    if points < 2:
        raise ValueError(f"{points} points on a line: at least its two ends are needed")
    t = np.linspace(0, 1, points)
    t.flags.writeable = False
    done = LINE

    def on_layer() -> None:
        nonlocal done
        done += LAYER * (1 - LINE - done)
        report(done)

    def line(one: Sequence[Array | Floats], other: Sequence[Array | Floats], share_before: float) -> Line:
        ends = [tuple(array.astype(np.float64) for array in arrays) for arrays in (one, other)]
        losses: list[float] = []
        for share in t:
            raise_if_stopped(stop)
            between = [((1 - share) * a + share * b).astype(np.float32) for a, b in zip(*ends, strict=True)]
            losses.append(float(training_loss(config, dataset, as_layers(between))))
            report(share_before + LINE * (len(losses) / len(t)))
        return Line(owned(losses), _distance(*ends))

    as_they_are = line(one, other, 0.0)
    matching = match(one, other, config.network.activation, stop, on_layer)
    matched = line(matching.one, matching.other, 1 - LINE)
    return Valley(t, as_they_are, matched, matching.places, best_constant_loss(config.training, dataset.y_train))


def _distance(one: Sequence[Floats], other: Sequence[Floats]) -> float:
    a, b = (np.concatenate([array.ravel() for array in arrays]) for arrays in (one, other))
    longer = max(np.linalg.norm(a), np.linalg.norm(b))
    return float(np.linalg.norm(a - b) / longer) if longer > 0 else 0.0


@frozen_dataclass(eq=False)
class Trained:
    """A network that has been trained, its settings and its samples."""

    config: Config
    dataset: Dataset
    state: TrainerState
    has_diverged: bool


def end_of(run: Run) -> Trained | None:
    """Return a run's network after its last step, without recomputing any; None before its first."""
    if not run.step:
        return None
    rule = run.rule_at(run.step)
    return Trained(rule.config, rule.dataset, state_at(run, run.step), run.diverged_at is not None)


def as_trained(snapshot: Snapshot) -> Trained:
    """Return the network at a moment of a run, even before its first step."""
    return Trained(snapshot.config, snapshot.dataset, snapshot.state, snapshot.diverged_at is not None)


def why_no_line(one: Trained | None, other: Trained | None, names: tuple[str, str] = ("one", "the other")) -> str:
    """Return a sentence saying why two networks cannot be compared; "" if they can."""
    if one is None or other is None:
        words = _("“{name}” has not been trained: let it take a step first.")
        return words.format(name=names[0] if one is None else names[1])
    for end, name in zip((one, other), names, strict=True):
        if end.has_diverged or not all(np.isfinite(array).all() for array in end.state.parameters):
            return _("“{name}” has diverged: no line leads to it.").format(name=name)
    shapes = [_shape(end.config) for end in (one, other)]
    if shapes[0] != shapes[1]:
        # Translators: {shape} and {other_shape} are such as “10 hidden neurons (ReLU)”.
        words = _("The two have different shapes, so no line joins them: “{one}” has {shape}, “{other}” {other_shape}.")
        return words.format(one=names[0], shape=shapes[0], other=names[1], other_shape=shapes[1])
    if not _have_same_samples(one.dataset, other.dataset):
        return _("The two were trained on different samples, so there is no one loss to look at between them.")
    return ""


def valley_between(
    one: Trained, other: Trained, stop: Stop | None = None, report: Callable[[float], object] = lambda _share: None
) -> Valley:
    """Return the valley between two networks that `why_no_line` allows, by the first one's loss.

    Parameters and exceptions are as in `find_valley`.
    """
    ends = one.state.parameters, other.state.parameters
    return find_valley(one.config, one.dataset, *ends, stop=stop, report=report)


def valley_of(
    runs: tuple[Run, Run], names: tuple[str, str], stop: Stop, report: Callable[[float], object]
) -> Valley | str:
    """Explore the path between the ends of two runs; a text says why that is impossible."""
    one, other = map(end_of, runs)
    why = why_no_line(one, other, names)
    return why if why or one is None or other is None else valley_between(one, other, stop, report)


def _shape(config: Config) -> str:
    if not config.network.hidden:
        return _("no hidden neurons")
    words, widths = _("{widths} hidden neurons ({activation})"), ", ".join(map(str, config.network.hidden))
    return words.format(widths=widths, activation=setting_value(config, "network.activation"))


def _have_same_samples(one: Dataset, other: Dataset) -> bool:
    """Whether the two see the same numbers, with the same scaling."""
    pairs = ((one.x_train, other.x_train), (one.y_train, other.y_train))
    return one.scaling == other.scaling and all(np.array_equal(a, b) for a, b in pairs)
