"""The lazy twin of a run: where it begins, the rates of its steps, and its error by modes."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np

from tinynet_gui.core.lazy_twin.twin import LazyTwin, NoTwinError, Rates, TwinCurve, TwinState, check_config
from tinynet_gui.core.run.events import FrozenChanged, LiveSettingsChanged, ParameterSet, StepRule, samples_changed_at
from tinynet_gui.core.run.replay import Moment, state_at
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.train import Preview
from tinynet_gui.core.system.background import raise_if_stopped
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.values import Array, Floats, Ints, Stop, frozen_dataclass


def twin_start(run: Run, step: int) -> int:
    """Return the step from which the twin for a step of the run is made.

    That is the last change before it that the linear model's training cannot follow (a weight set by hand, parameters
    frozen or unfrozen, other samples), or 0.
    """
    return max((at for at in _twin_starts(run) if at <= step), default=0)


def _twin_starts(run: Run) -> Iterator[int]:
    """Yield the steps at which a new twin begins."""
    yield from (event.step for event in run.events if isinstance(event, ParameterSet | FrozenChanged))
    yield from samples_changed_at(run.start, run.events)


def twin_end(run: Run, first: int) -> int | None:
    """Return the step at which the twin from step `first` ends, or None if it continues."""
    samples, end = _samples(run, first), min((at for at in _twin_starts(run) if at > first), default=None)
    for event in _changes(run, first, end):
        try:
            check_config(event.config, samples)
        except NoTwinError:
            return event.step
    return end


def _changes(run: Run, first: int, last: int | None) -> Iterator[LiveSettingsChanged]:
    """Yield the changes of settings between two steps, up to the end if `last` is None."""
    for event in run.events:
        if isinstance(event, LiveSettingsChanged) and event.step > first and (last is None or event.step < last):
            yield event


def _samples(run: Run, first: int) -> int:
    return len(run.rule_at(first).dataset.x_train)


def twin_at(run: Run, first: int, stop: Stop | None = None) -> LazyTwin:
    """Return the twin from a step of a run on; `NoTwinError` if it has none.

    `StoppedError` soon after another thread sets ``stop[0]``.
    """
    try:
        state = state_at(run, first, stop=stop)
    except ImportError:  # the run comes from another program or version
        raise NoTwinError(_("without PyTorch, which took the steps to its start")) from None
    return LazyTwin(Moment(state, run.rule_at(first)), stop)


def rates_of(run: Run, first: int, last: int) -> tuple[Rates, ...]:
    """Return the rates of a run's steps from one to another; `NoTwinError` if the twin cannot take them."""
    samples, begun = _samples(run, first), [(first, run.rule_at(first).config)]
    for event in _changes(run, first, last):
        check_config(event.config, samples)
        begun.append((event.step, event.config))
    ends = [*(step for step, _ in begun[1:]), last]
    rates = [
        Rates(config.training.learning_rate, config.training.weight_decay, end - begin)
        for (begin, config), end in zip(begun, ends, strict=True)
    ]
    alike = groupby(rates, lambda each: (each.learning_rate, each.weight_decay))
    return tuple(Rates(*kind, sum(each.steps for each in group)) for kind, group in alike)


def all_rates(run: Run, first: int, stop_at: int) -> tuple[tuple[Rates, ...], Rates]:
    """Return the rates of all steps of the twin from step `first` on, and those that would follow its end.

    It ends with the run, where the run will stop, or at `twin_end`.
    """
    end = twin_end(run, first)
    last = max(run.step, stop_at, first + 1) if end is None else end
    way = rates_of(run, first, last)
    return way, way[-1] if end is not None else rates_of(run, last, last)[-1]


@frozen_dataclass(eq=False)
class TwinPlan:
    """How to find the twin of a moment, and its steps to there.

    Attributes
    ----------
    key
        Equal for moments that have the same twin.
    run, first
        The run and its step from which the twin is made, unless `start` is given.
    """

    key: Hashable
    way: tuple[Rates, ...]
    run: Run
    first: int
    start: Moment | None = None

    def find(self, stop: Stop | None = None) -> LazyTwin:
        return twin_at(self.run, self.first, stop) if self.start is None else LazyTwin(self.start, stop)


def plan_at(run: Run, step: int) -> TwinPlan:
    """Return how to find the twin of a run at one of its steps; `NoTwinError` if there is none."""
    first = twin_start(run, step)
    check_config(run.rule_at(first).config, _samples(run, first))
    done = tuple(event for event in run.events if event.step <= first)
    return TwinPlan((run.id, run.start, first, done), rates_of(run, first, step), run, first)


def plan_of(run: Run, preview: Preview) -> TwinPlan:
    """Return how to find the twin of the end of a preview; `NoTwinError` if there is none."""
    config, step, started = preview.config, preview.start_step, preview.start
    rule = StepRule(config, scaling=started.dataset.scaling)
    check_config(config, len(rule.dataset.x_train))
    last = Rates(config.training.learning_rate, config.training.weight_decay, preview.end_step - step)
    if step and config.data == run.rule_at(step).config.data:
        plan = plan_at(run, step)
        return replace(plan, way=(*plan.way, last))
    return TwinPlan((config.network, config.data, started.state), (last,), run, step, Moment(started.state, rule))


EVERY = 16  # changes of the rate between cached states


class TwinCourse:
    """A cache of a twin's states, for sequences of rates that begin alike."""

    def __init__(self, twin: LazyTwin) -> None:
        self._twin = twin
        self._kept: list[tuple[Sequence[Rates], TwinState]] = []  # the last `EVERY` rates, and the state after them

    def after(self, way: Sequence[Rates]) -> TwinState:
        """Like `LazyTwin.after`."""
        state, begin = None, 0
        for place in range((len(way) - 1) // EVERY):  # only what is complete: the last rate may continue
            part, begin = way[begin : begin + EVERY], begin + EVERY
            if place == len(self._kept) or self._kept[place][0] != part:
                self._kept[place:] = [(part, self._twin.after(part, state))]
            state = self._kept[place][1]
        return self._twin.after(way[begin:], state)


POINTS = 120  # of a line, besides those that follow a change closely
CLOSELY = 4  # the latest changes that are followed closely
HORIZON = 1_000_000_000  # steps after which an error counts as never halved
SAME = 1e-9  # of an eigenvector's largest component: smaller ones count as 0


@frozen_dataclass(eq=False)
class TwinFound:
    """A lazy twin by its key, its curve over the range of x, and its state finder; or why there is none."""

    key: Hashable
    x: Array
    twin: LazyTwin | None = None
    curve: TwinCurve | None = None
    course: TwinCourse | None = None
    why: str = ""


def find_twin(plan: TwinPlan, known: LazyTwin | None, x: Array, stop: Stop) -> TwinFound:
    """Find the twin of a plan, unless it is known, and its curve at x, shape (points,)."""
    try:
        twin = known or plan.find(stop)
    except NoTwinError as none:
        return TwinFound(plan.key, x, why=str(none))
    return TwinFound(plan.key, x, twin, twin.line(x, stop), TwinCourse(twin))


@frozen_dataclass(eq=False)
class Mode:
    """One mode of a twin's error.

    Attributes
    ----------
    sign_changes
        How often its eigenvector changes sign from the smallest x to the largest.
    halved_at
        The step at which its error has halved; infinite if not within a billion steps after the last point.
    grows
        Whether its error grows with each step, at the latest rate.
    losses
        Its share of the loss, shape (points,).
    """

    eigenvalue: float
    sign_changes: int
    halved_at: float
    grows: bool
    losses: Floats


@frozen_dataclass(eq=False)
class TwinModes:
    """The loss of a twin as a sum over the modes of its error.

    Without weight decay each step multiplies the error along an eigenvector of the kernel, of eigenvalue λ, by
    1 − 2ηλ/N, and the loss is the sum of the squares of these errors over N. So the twin learns the modes of large λ,
    the smooth ones, first: a mode's error halves in ln 2/−ln|1 − 2ηλ/N| steps.

    Attributes
    ----------
    steps
        Steps of the run, from the twin's first, shape (points,).
    modes
        Those with the largest errors at its start, by descending eigenvalue.
    rest
        The loss of all others that it can learn, shape (points,).
    fixed
        The loss of the modes with eigenvalue 0, which no step changes; None if there are none.
    """

    steps: Floats
    modes: tuple[Mode, ...]
    rest: Floats
    fixed: float | None

    @property
    def total(self) -> Floats:
        """The loss of the twin, shape (points,)."""
        return sum((mode.losses for mode in self.modes), self.rest + (self.fixed or 0.0))


def modes_of(
    twin: LazyTwin, first: int, way: Sequence[Rates], then: Rates, most: int, stop: Stop | None = None
) -> TwinModes:
    """Return the modes of a twin's error, at most `most` of them one by one.

    `StoppedError` soon after another thread sets ``stop[0]``.

    Parameters
    ----------
    first, way
        The step of the run with which the twin begins, and the rates of its steps from there.
    then
        The rates with which it would continue.
    """
    course = _Course(twin, np.cumsum([first, *(rates.steps for rates in way)], dtype=np.int64), (*way, then), stop)
    x, is_fixed = twin.start.rule.dataset.x_train[:, 0], twin.eigenvalues == 0
    with np.errstate(over="ignore", invalid="ignore"):  # a diverged twin is a state, not an error
        initial = twin.after(()).errors ** 2 / len(x)
        largest = np.argsort(-np.where(is_fixed, -1.0, initial), kind="stable")[:most]
        chosen = np.sort(largest[~is_fixed[largest]])
        is_rest = ~is_fixed
        is_rest[chosen] = False
        steps = course.steps[course.steps <= course.begun[-1]]
        states = list(course.states(course.steps, chosen))
        rest = np.array([np.sum(state.errors**2) for state in course.states(steps, np.flatnonzero(is_rest))]) / len(x)
        losses = np.array([state.errors for state in states[: len(steps)]]) ** 2 / len(x)
    modes = tuple(
        Mode(
            eigenvalue=(value := float(twin.eigenvalues[place])),
            sign_changes=_sign_changes(twin.vectors[np.argsort(x, kind="stable"), place]),
            halved_at=course.halved_at(states, chosen, at),
            grows=then.learning_rate * (2 * value / len(x) + then.weight_decay) > 2,
            losses=losses[:, at],
        )
        for at, place in enumerate(chosen.tolist())
    )
    fixed = float(initial[is_fixed].sum()) if is_fixed.any() else None
    return TwinModes(steps.astype(np.float64), modes, rest, fixed)


class _Course:
    """A twin's states over its steps; `begun` has the step at which each of the rates begins."""

    def __init__(self, twin: LazyTwin, begun: Ints, rates: Sequence[Rates], stop: Stop | None) -> None:
        self._twin, self.begun, self._rates, self._stop = twin, begun, rates, stop
        self.steps = _steps(begun)

    def states(self, steps: Ints, modes: Ints) -> Iterator[TwinState]:
        """Yield the states, restricted to some modes, at ascending steps."""
        state = self._twin.after((), of=modes)
        yield state
        for before, after in pairwise(steps.tolist()):
            raise_if_stopped(self._stop)
            state = self._between(before, after, state, modes)
            yield state

    def _between(self, before: int, after: int, state: TwinState, modes: Ints) -> TwinState:
        rates = self._rates[int(np.searchsorted(self.begun, before, side="right")) - 1]
        return self._twin.after([Rates(rates.learning_rate, rates.weight_decay, after - before)], state, modes)

    def halved_at(self, states: Sequence[TwinState], modes: Ints, at: int) -> float:
        """Return the step at which a mode's error has halved, with exponential interpolation between two steps."""
        errors = np.array([abs(state.errors[at]) for state in states])
        half = errors[0] / 2
        place = int(np.argmax(errors <= half))
        if place == 0:  # no error, or not halved at any of these steps
            return float(self.steps[0]) if half == 0 else np.inf
        low, high, state = int(self.steps[place - 1]), int(self.steps[place]), states[place - 1]
        while high - low > 1:
            middle = (low + high) // 2
            there = self._between(low, middle, state, modes)
            if abs(there.errors[at]) <= half:
                high = middle
            else:
                low, state = middle, there
        before, after = (abs(each.errors[at]) for each in (state, self._between(low, high, state, modes)))
        with np.errstate(divide="ignore"):
            return float(low + np.log(before / half) / np.log(before / after))


def _steps(begun: Ints) -> Ints:
    """Return both ends, all changes, evenly spaced steps, and steps at doubling distances after the latest changes."""
    first, last = begun[0], begun[-1]
    after = np.minimum(2 ** np.arange(HORIZON.bit_length() + 1, dtype=np.int64), HORIZON)
    close = (np.array([first, *begun[-CLOSELY:]])[:, None] + after).ravel()
    even = np.linspace(first, last, POINTS).astype(np.int64)
    steps: Ints = np.unique(np.concatenate([even, begun, close[close <= last], last + after]))
    return steps


def _sign_changes(vector: Floats) -> int:
    signs = np.sign(vector[np.abs(vector) > SAME * np.abs(vector).max()])
    return int(np.count_nonzero(np.diff(signs)))
