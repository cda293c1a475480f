"""The error of the lazy twin in its modes: why it learns the smooth part first, and seems to stop.

Without weight decay the error along an eigenvector of the kernel, of eigenvalue λ, shrinks by the factor |1 − 2ηλ/N|
with each step, and the loss is the sum of the squares of all these errors over N (Jacot et al. 2018, as in
`tangent_kernel`, section 5). So a mode's error has halved after ln 2/−ln|1 − 2ηλ/N| steps, its loss after half of them.
Where 2ηλ/N is above 2 it grows, and where λ is 0 it stays.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from tinynet_gui.core.lazy_twin.twin import LazyTwin, Rates, TwinState
from tinynet_gui.core.numerics.arrays import Floats, Ints, Stop
from tinynet_gui.core.system.stopping import go_on
from tinynet_gui.core.values import dataclass

POINTS = 120  # of a line, besides those that follow a change closely
CLOSELY = 4  # the latest changes that are followed closely
HORIZON = 1_000_000_000  # steps within which it is told when an error has halved
SAME = 1e-9  # of an eigenvector's largest number: what is smaller has no sign


@dataclass(frozen=True, eq=False)
class Mode:
    """One mode of a twin's error.

    Attributes
    ----------
    sign_changes
        How often its eigenvector changes sign from the least x to the largest.
    halved_at
        The step at which its error has halved; infinite if it has not a billion steps after the last point.
    grows
        Whether its error grows with each step, at the latest of the rates.
    losses
        Its part of the loss, shape (points,).
    """

    eigenvalue: float
    sign_changes: int
    halved_at: float
    grows: bool
    losses: Floats


@dataclass(frozen=True, eq=False)
class TwinModes:
    """The loss of a twin as a sum over the modes of its error.

    Attributes
    ----------
    steps
        Steps of the run from that on with which the twin begins, shape (points,).
    modes
        Those with the largest errors at its start, in the order of their eigenvalues, the largest first.
    rest
        The loss of all others that it can learn, shape (points,).
    fixed
        The loss of those whose eigenvalue is 0: no step changes it. None if there are none.
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
    """Return the modes of a twin's error; at most so many singly.

    When another thread makes the element of `stop` nonzero, `StoppedError` is raised soon.

    Parameters
    ----------
    first, way
        The step of the run with which the twin begins, and its steps from there.
    then
        How it would go on, however many steps these are.
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
    """A twin on its way: `begun` has the step at which each of the rates begins; between two of `steps` one holds."""

    def __init__(self, twin: LazyTwin, begun: Ints, rates: Sequence[Rates], stop: Stop | None) -> None:
        self._twin, self.begun, self._rates, self._stop = twin, begun, rates, stop
        self.steps = _steps(begun)

    def states(self, steps: Ints, modes: Ints) -> Iterator[TwinState]:
        """Yield what has become of some modes at the first steps."""
        state = self._twin.after((), of=modes)
        yield state
        for before, after in pairwise(steps.tolist()):
            go_on(self._stop)
            state = self._between(before, after, state, modes)
            yield state

    def _between(self, before: int, after: int, state: TwinState, modes: Ints) -> TwinState:
        rates = self._rates[int(np.searchsorted(self.begun, before, side="right")) - 1]
        return self._twin.after([Rates(rates.learning_rate, rates.weight_decay, after - before)], state, modes)

    def halved_at(self, states: Sequence[TwinState], modes: Ints, at: int) -> float:
        """Return the step at which the error of a mode has halved, between two steps as if it shrank evenly."""
        errors = np.array([abs(state.errors[at]) for state in states])
        half = errors[0] / 2
        place = int(np.argmax(errors <= half))
        if place == 0:  # it has none, or it has not halved at any of these steps
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
    """Return steps evenly from one to another, each change between, and after the latest ones twice as far each."""
    first, last = begun[0], begun[-1]
    after = np.minimum(2 ** np.arange(HORIZON.bit_length() + 1, dtype=np.int64), HORIZON)
    close = (np.array([first, *begun[-CLOSELY:]])[:, None] + after).ravel()
    even = np.linspace(first, last, POINTS).astype(np.int64)
    steps: Ints = np.unique(np.concatenate([even, begun, close[close <= last], last + after]))
    return steps


def _sign_changes(vector: Floats) -> int:
    signs = np.sign(vector[np.abs(vector) > SAME * np.abs(vector).max()])
    return int(np.count_nonzero(np.diff(signs)))
