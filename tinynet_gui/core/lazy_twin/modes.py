"""The error of the lazy twin in its modes: why it learns the smooth part first, and seems to stop.

Without weight decay the error along an eigenvector of the kernel, of eigenvalue λ, shrinks by the factor |1 − 2ηλ/N|
with each step, and the loss is the sum of the squares of all these errors over N (Jacot et al. 2018, as in
`tangent_kernel`, section 5). So a mode's error has halved after ln 2/−ln|1 − 2ηλ/N| steps, its loss after half of them.
Where 2ηλ/N is above 2 it grows, and where λ is 0 it stays.
"""

from collections.abc import Callable, Sequence

import numpy as np

from tinynet_gui.core.lazy_twin.twin import LazyTwin, Rates, TwinState
from tinynet_gui.core.numerics.arrays import Floats, Ints, Stop
from tinynet_gui.core.system.stopping import go_on
from tinynet_gui.core.values import dataclass

POINTS = 120  # of a line, besides those that follow a change closely
HORIZON = 30  # binary digits of the steps within which it is told when an error has halved: a billion
SAME = 1e-9  # of an eigenvector's largest number: what is smaller has no sign

Way = Callable[[int, int], Sequence[Rates]]  # by which rates the steps from one to another are taken


@dataclass(frozen=True, eq=False)
class Mode:
    """One mode of a twin's error.

    Attributes
    ----------
    sign_changes
        How often its eigenvector changes sign from the least x to the largest.
    halved_at
        The step at which its error has halved; infinite if that takes more than a billion.
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


def modes_of(twin: LazyTwin, first: int, last: int, way: Way, most: int, stop: Stop | None = None) -> TwinModes:
    """Return the modes of a twin that begins with step `first` of a run, up to step `last`; at most so many singly.

    When another thread makes the element of `stop` nonzero, `StoppedError` is raised soon.
    """
    course = _Course(twin, way, _steps(first, last, way), stop)
    is_shown = course.steps <= last
    with np.errstate(over="ignore", invalid="ignore"):  # a diverged twin is a state, not an error
        losses = course.errors[is_shown] ** 2 / len(twin.eigenvalues)
    is_fixed = twin.eigenvalues == 0
    largest = np.argsort(-np.where(is_fixed, -1.0, losses[0]), kind="stable")[:most]
    chosen = sorted(place for place in largest.tolist() if not is_fixed[place])
    is_rest = ~is_fixed
    is_rest[chosen] = False
    now = way(last, last + 1)[-1]
    x = twin.start.rule.dataset.x_train[:, 0]
    modes = tuple(
        Mode(
            eigenvalue=(value := float(twin.eigenvalues[place])),
            sign_changes=_sign_changes(twin.vectors[np.argsort(x, kind="stable"), place]),
            halved_at=course.halved_at(place),
            grows=now.learning_rate * (2 * value / len(x) + now.weight_decay) > 2,
            losses=losses[:, place],
        )
        for place in chosen
    )
    fixed = float(losses[0, is_fixed].sum()) if is_fixed.any() else None
    return TwinModes(course.steps[is_shown].astype(np.float64), modes, losses[:, is_rest].sum(axis=1), fixed)


class _Course:
    """The errors of a twin in its modes at some steps, shape (steps, modes), and between two of them as asked for."""

    def __init__(self, twin: LazyTwin, way: Way, steps: Ints, stop: Stop | None) -> None:
        self._twin, self._way, self.steps = twin, way, steps
        self._states = [twin.after(())]
        for before, after in zip(steps.tolist(), steps[1:].tolist(), strict=False):
            go_on(stop)
            self._states.append(self._between(before, after, self._states[-1]))
        self.errors = np.array([state.errors for state in self._states])

    def _between(self, before: int, after: int, state: TwinState) -> TwinState:
        return self._twin.after(self._way(before, after), state)

    def halved_at(self, mode: int) -> float:
        """Return the step at which the error of a mode has halved, between two steps as if it shrank evenly."""
        errors = np.abs(self.errors[:, mode])
        half = errors[0] / 2
        place = int(np.argmax(errors <= half))
        if place == 0:  # it has none, or it has not halved at any of these steps
            return float(self.steps[0]) if half == 0 else np.inf
        low, high, state = int(self.steps[place - 1]), int(self.steps[place]), self._states[place - 1]
        while high - low > 1:
            middle = (low + high) // 2
            there = self._between(low, middle, state)
            if abs(there.errors[mode]) <= half:
                high = middle
            else:
                low, state = middle, there
        before, after = (abs(each.errors[mode]) for each in (state, self._between(low, high, state)))
        with np.errstate(divide="ignore"):
            return float(low + np.log(before / half) / np.log(before / after))


def _steps(first: int, last: int, way: Way) -> Ints:
    """Return steps evenly from one to another, and after each change of rate and the last one twice as far each."""
    changes = np.cumsum([first, *(rates.steps for rates in way(first, last))])
    after = 2 ** np.arange(HORIZON)
    close = (changes[:, None] + after).ravel()
    shown = np.concatenate([np.linspace(first, last, POINTS).astype(np.int64), changes, close[close <= last]])
    steps: Ints = np.unique(np.concatenate([shown, last + after]))
    return steps


def _sign_changes(vector: Floats) -> int:
    signs = np.sign(vector[np.abs(vector) > SAME * np.abs(vector).max()])
    return int(np.count_nonzero(np.diff(signs)))
