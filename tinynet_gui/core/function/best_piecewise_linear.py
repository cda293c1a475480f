"""The best line with a given number of kinks: the limit for a network with that many neurons.

Here a *line* is a continuous piecewise linear function with its kinks anywhere: a + b·x + Σ c·max(x − t, 0). For given
kinks t least squares finds the best one; placing them is the hard part. Two kinks between two neighbouring samples can
make any step, so on the samples every limit of lines is a line again, and a best one exists.

Two bounds enclose its loss. From above: lines found by a search. From below: pieces that need not meet, the best of
which dynamic programming finds. Where they happen to meet between their samples, the bounds are equal and the line is
proven best; that holds for nearly all smooth functions. Other cases are solved exactly for few samples (`exact_lines`).
For many noisy samples the result is an upper bound, which in sets of 60 to 100 noisy samples was up to 1.4 times the
least with 34 kinks, and up to 1.07 times with 20.
"""

from collections.abc import Callable, Iterator

import numpy as np

from tinynet_gui.core.function.exact_lines import LineCandidates
from tinynet_gui.core.system.background import StoppedError, raise_if_stopped, yield_to_window
from tinynet_gui.core.values import ArrayLike, Floats, Ints, Stop, frozen_dataclass

ROUNDING = 1e-20  # share of the squares: rounding of a perfect fit in double precision
RESTS = 1e-14  # share of the variance that rounding leaves of a perfect fit
CANCELLED = 1e-13  # relative error of sums over the samples by cancellation
PROVEN = 1e-6  # how close to the lower bound counts as equal
FEW_SAMPLES = 60  # up to this many, the best line is found exactly
ROUNDS = 60  # of improving one line, a quarter of it with more samples


@frozen_dataclass
class LineLosses:
    """Bounds on the mean squared error of the best line with 0, 1, ... kinks.

    Attributes
    ----------
    found
        Of the best lines found, float64 of shape (kinks + 1,), never rising.
    at_least
        Of pieces that need not meet, in the same shape: no line with this many kinks is below.
    """

    found: Floats
    at_least: Floats


def best_lines(
    x: ArrayLike,
    y: ArrayLike,
    most_kinks: int,
    stop: Stop | None = None,
    report: Callable[[float], None] = lambda share: None,
) -> LineLosses | None:
    """Look for the best lines with 0, 1, ..., `most_kinks` kinks.

    Parameters
    ----------
    x, y
        The samples, of any shape.
    stop
        When another thread sets ``stop[0]``, the search ends and None is returned.
    report
        Called with the share done.
    """
    samples = _Samples(np.asarray(x, dtype=np.float64).ravel(), np.asarray(y, dtype=np.float64).ravel())
    useful = min(most_kinks, max(0, len(samples.x) - 2))  # this many pass through every mean
    try:
        pieces = _piece_errors(samples, stop)
        search = _Search(samples, pieces, list(_torn_lines(pieces, useful, stop)), stop)
        for share in search.run():
            report(share)
    except StoppedError:
        return None
    found, at_least = (np.pad(e, (0, most_kinks - useful), mode="edge") for e in (search.errors, search.at_least))
    return LineLosses(samples.mean(found), samples.mean(at_least))


class _Samples:
    """Samples merged by x, both axes scaled to about 1; `root` is √(samples at that x)."""

    def __init__(self, x: Floats, y: Floats) -> None:
        places, where, counts = np.unique(x, return_inverse=True, return_counts=True)
        means = np.bincount(where, y) / counts
        self._count, self._within = len(x), float(np.sum((y - means[where]) ** 2))
        self._scale = float(np.max(np.abs(means - means.mean()))) or 1.0
        self.root = np.sqrt(counts)
        self.x = (places - (places[0] + places[-1]) / 2) / ((places[-1] - places[0]) / 2 or 1.0)
        self.y = (means - means.mean()) / self._scale * self.root
        weights = self.root**2
        self.squares = _sums_right_of(weights * self.x**2), _sums_right_of(weights * self.x), _sums_right_of(weights)

    def mean(self, errors: ArrayLike) -> Floats:
        """Convert sums of squared errors of the scaled samples to mean squared errors of the originals."""
        rounded = np.where(np.asarray(errors) < ROUNDING, 0.0, errors)
        return (rounded * self._scale**2 + self._within) / self._count

    def columns(self, kinks: Floats) -> Floats:
        """Return the basis functions of a line with these kinks, a column each: 1, x and max(x − t, 0)."""
        ones = np.ones_like(self.x)
        hinges = np.maximum(self.x[:, None] - kinks[None, :], 0.0)
        return np.column_stack([ones, self.x, hinges]) * self.root[:, None]

    def error(self, kinks: Floats) -> float:
        columns = self.columns(kinks)
        return float(np.sum((columns @ _least_squares(columns, self.y) - self.y) ** 2))


class _Search:
    """The best kinks found for each number of them, improved until nothing helps."""

    def __init__(self, samples: _Samples, pieces: Floats, torn: list[tuple[float, Ints]], stop: Stop | None) -> None:
        self._samples, self._pieces, self._stop = samples, pieces, stop
        self.at_least = np.array([error for error, _ in torn])
        self._gaps = [gaps for _, gaps in torn]
        nothing = np.empty(0)
        self.kinks = [nothing] * len(torn)
        self.errors = np.full(len(torn), samples.error(nothing))

    def run(self) -> Iterator[float]:
        """Search, and yield the share done."""
        x, most = self._samples.x, len(self.errors) - 1
        for count in range(1, most + 1):
            self.kinks[count], self.errors[count] = self.kinks[count - 1], self.errors[count - 1]
            gaps = self._gaps[count]
            self._offer(count, (x[gaps] + x[gaps + 1]) / 2)
            if count == len(x) - 2:
                self._offer(count, x[1:-1])
            self._grow(count)
            yield 0.3 * count / most
        for count in range(most - 1, 0, -1):
            if not self._is_done(count) and len(self.kinks[count + 1]) == count + 1:
                _, _, worth = _best_move(self._samples, self.kinks[count + 1])
                for index in np.argsort(worth)[:3]:
                    self._offer(count, np.delete(self.kinks[count + 1], index))
            yield 0.3 + 0.1 * (most - count) / most
        for count in range(1, most + 1):
            self._grow(count)
            if self.errors[count] > self.errors[count - 1]:
                self.kinks[count], self.errors[count] = self.kinks[count - 1], self.errors[count - 1]
            yield 0.4 + 0.1 * count / most
        if len(x) <= FEW_SAMPLES:
            yield from self._prove()
        yield 1.0

    def _prove(self) -> Iterator[float]:
        """Find the best lines exactly where they are not yet proven best."""
        counts = [count for count in range(len(self.errors)) if not self._is_done(count)]
        if not counts:
            return
        known = np.full(len(self.errors), -np.inf)
        known[counts] = self.errors[counts]
        x, root = self._samples.x, self._samples.root
        at_least = _torn_from_each(self._pieces, len(known) - 1)
        candidates = LineCandidates(x, self._samples.y / root, root**2, known, at_least)
        for place in range(1, len(x)):
            raise_if_stopped(self._stop)
            if not candidates.extend(place):
                return
            yield 0.5 + 0.5 * place / len(x)
        for count in counts:
            self._offer(count, candidates.kinks(count))
            exact = min(self.errors[count], candidates.errors[-1, count])
            self.at_least[count] = max(self.at_least[count], exact - CANCELLED * len(x))

    def _grow(self, count: int) -> None:
        """Try adding one kink to the best line with one less, and a step to the one with two less."""
        if not self._is_done(count):
            one, _ = _best_additions(self._samples, self.kinks[count - 1])
            self._offer(count, np.append(self.kinks[count - 1], one))
        if count > 1 and not self._is_done(count):
            _, two = _best_additions(self._samples, self.kinks[count - 2])
            self._offer(count, np.append(self.kinks[count - 2], two))

    def _is_done(self, count: int) -> bool:
        return bool(self.errors[count] <= max(RESTS, (1 + PROVEN) * self.at_least[count]))

    def _offer(self, count: int, kinks: Floats) -> None:
        if not self._is_done(count):
            kinks, error = _improved(self._samples, kinks, self._stop)
            if error < self.errors[count]:
                self.kinks[count], self.errors[count] = kinks, error


def _improved(samples: _Samples, kinks: Floats, stop: Stop | None) -> tuple[Floats, float]:
    """Move kinks, all together and one by one, until nothing helps."""
    kinks, error = np.sort(kinks), samples.error(kinks)
    if not len(kinks):  # a straight line
        return kinks, error
    for _ in range(ROUNDS if len(samples.x) <= FEW_SAMPLES else ROUNDS // 4):
        raise_if_stopped(stop)
        before = error
        for move in (_together, lambda s, t: _best_move(s, t)[0]):
            if error > RESTS:
                moved = move(samples, kinks)
                if (moved_error := samples.error(moved)) < error:
                    kinks, error = moved, moved_error
        if error > (1 - 1e-7) * before:
            break
    return kinks, error


def _together(samples: _Samples, kinks: Floats) -> Floats:
    """Move each kink, within its gap, to where the separately fitted pieces beside it cross.

    If they cross outside, the kink goes to the sample at that end, and the others are fitted again.
    """
    x, kinks = samples.x, kinks.copy()
    gaps = np.clip(np.searchsorted(x, kinks, side="right") - 1, 0, len(x) - 2)
    at_sample = np.isin(kinks, x)
    for first in np.flatnonzero(np.diff(gaps) == 0):  # two kinks in one gap make the same step anywhere in it
        kinks[first], kinks[first + 1] = x[gaps[first]], x[gaps[first] + 1]
        at_sample[first : first + 2] = True
    for _ in range(len(kinks) + 1):
        free = np.flatnonzero(~at_sample)
        right = (np.arange(len(x))[:, None] > gaps[free]) * samples.root[:, None]
        columns = np.column_stack([samples.columns(kinks[at_sample]), right * x[:, None], right])
        slopes, shifts = np.split(_least_squares(columns, samples.y)[len(columns[0]) - 2 * len(free) :], 2)
        low, high = x[gaps[free]], x[gaps[free] + 1]
        crossings = np.divide(-shifts, slopes, out=low.copy(), where=slopes != 0)
        kinks[free] = np.clip(crossings, low, high)
        outside = (crossings < low) | (crossings > high)
        if not outside.any():
            break
        at_sample[free[outside]] = True
    return np.sort(kinks)


def _best_additions(samples: _Samples, kinks: Floats) -> tuple[float, Floats]:
    """Return where one more kink helps most, and where two in one gap do."""
    basis, _, residual = _fitted(samples, kinks)
    _, squares, products = _explained(samples, basis, residual)
    gains, places, step_gains = _places(samples.x, squares, products)
    gap = int(np.argmax(step_gains))
    return float(places[np.argmax(gains)]), samples.x[gap : gap + 2]


def _best_move(samples: _Samples, kinks: Floats) -> tuple[Floats, float, Floats]:
    """Return the kinks after the most useful move, its gain, and the gain of each kink.

    Removing a kink removes one direction from the span of the columns: the one in which its column differs from all
    others, Q·R⁻ᵀ·e. So one decomposition gives the best new place of every kink.
    """
    basis, triangle, residual = _fitted(samples, kinks)
    inner, squares, products = _explained(samples, basis, residual)
    directions = np.linalg.inv(triangle)[2:]
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    slope, shift = directions @ inner[0], directions @ inner[1]  # (kinks, gaps)
    y = (directions @ (basis.T @ samples.y))[:, None]
    uu, us, ss = squares
    freed = uu + slope**2, us + slope * shift, ss + shift**2  # without the kink, whose direction is free again
    gains, places, _ = _places(samples.x, freed, (products[0] + y * slope, products[1] + y * shift))
    worth = y[:, 0] ** 2
    net = gains - worth[:, None]
    index, gap = np.unravel_index(np.argmax(net), net.shape)
    moved = kinks.copy()
    moved[index] = places[index, gap]
    return np.sort(moved), float(net[index, gap]), worth


def _fitted(samples: _Samples, kinks: Floats) -> tuple[Floats, Floats, Floats]:
    """Return an orthonormal basis of the columns, R of their QR decomposition, and the residual of y."""
    yield_to_window()
    basis, triangle = np.linalg.qr(samples.columns(kinks))
    size = np.abs(np.diag(triangle))
    triangle = triangle + np.diag(np.where(size < 1e-13, 1e-13, 0.0))  # two kinks at one place
    residual = samples.y - basis @ (basis.T @ samples.y)
    return basis, triangle, residual - basis @ (basis.T @ residual)


def _explained(
    samples: _Samples, basis: Floats, residual: Floats
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats, Floats], tuple[Floats, Floats]]:
    """For each gap, project the basis out of two columns, 0 left of the gap: u = x and s = 1 to the right of it.

    A hinge at t in the gap is u − t·s on the samples. Returned are the products of both with the basis, the remainders'
    products uu, us, ss, and their products with the residual.
    """
    weighted = (basis * samples.root[:, None]).T
    u, s = _sums_right_of(weighted * samples.x), _sums_right_of(weighted)
    uu, us, ss = samples.squares
    squares = uu - np.sum(u * u, axis=0), us - np.sum(u * s, axis=0), ss - np.sum(s * s, axis=0)
    weighted_residual = residual * samples.root
    return (u, s), squares, (_sums_right_of(weighted_residual * samples.x), _sums_right_of(weighted_residual))


def _places(
    x: Floats, squares: tuple[Floats, Floats, Floats], products: tuple[Floats, Floats]
) -> tuple[Floats, Floats, Floats]:
    """For each gap, return the gain of one kink in it, its best place, and the gain of a step.

    The gain of a hinge u − t·s is (a − t·b)² / (uu − 2t·us + t²·ss). Its only maximum is where u and s would fit best
    with separate factors; if that is outside the gap, one of the gap's ends is best.
    """
    (uu, us, ss), (a, b) = squares, products
    determinant = uu * ss - us * us
    sound = (determinant > 1e-13 * uu * ss) & (uu > 1e-13) & (ss > 1e-13)
    with np.errstate(all="ignore"):
        slope, shift = (a * ss - b * us) / determinant, (b * uu - a * us) / determinant
        crossing = -shift / slope
        step_gains = np.where(sound, a * slope + b * shift, 0.0)
    inside = sound & (crossing >= x[:-1]) & (crossing <= x[1:])
    gains, places = np.where(inside, step_gains, 0.0), np.where(inside, crossing, x[:-1])
    for end in (x[:-1], x[1:]):
        size = uu - 2 * end * us + end**2 * ss
        gain = np.where(size > 1e-11, (a - end * b) ** 2 / np.maximum(size, 1e-11), 0.0)
        places, gains = np.where(gain > gains, end, places), np.maximum(gain, gains)
    return gains, places, step_gains


def _piece_errors(samples: _Samples, stop: Stop | None) -> Floats:
    """Return the sum of squared errors of one piece from sample i up to, and excluding, sample j: a square matrix."""
    x, weights, y, count = samples.x, samples.root**2, samples.y / samples.root, len(samples.x)
    sums = [np.append(0.0, np.cumsum(weights * v)) for v in (x**0, x, y, x * x, x * y, y * y)]
    errors = np.full((count + 1, count + 1), np.inf)
    for first in range(count):
        raise_if_stopped(stop)
        n, sx, sy, sxx, sxy, syy = (s[first + 1 :] - s[first] for s in sums)
        slopes = (sxy - sx * sy / n) ** 2 / np.maximum(sxx - sx * sx / n, 1e-300)
        errors[first, first + 1 :] = np.maximum(syy - sy * sy / n - slopes, 0.0)
        errors[first, first + 1 : first + 3] = 0.0
    return errors


def _torn_lines(pieces: Floats, most_kinks: int, stop: Stop | None) -> Iterator[tuple[float, Ints]]:
    """For 0, 1, ... tears, yield the least sum of squared errors of pieces that need not meet, and the torn gaps."""
    count, best, befores = len(pieces) - 1, pieces[0], []
    yield float(best[-1]), np.empty(0, dtype=np.int64)
    for _ in range(most_kinks):
        raise_if_stopped(stop)
        sums_of_two = best[:, None] + pieces
        before = np.argmin(sums_of_two, axis=0)
        better = np.take_along_axis(sums_of_two, before[None], axis=0)[0]
        befores.append(before)
        best = np.minimum(better, best)
        end, gaps = count, []
        for ends in reversed(befores):
            end = int(ends[end])
            gaps += [end - 1] if 0 < end < count else []
        # Subtract the most that rounding may add, so that this stays a lower bound.
        yield max(0.0, float(best[-1]) - CANCELLED * count), np.unique(np.array(gaps, dtype=np.int64))


def _torn_from_each(pieces: Floats, most_kinks: int) -> Floats:
    """Return the least sums of squared errors of pieces that need not meet, from each sample to the last.

    The shape is (tears + 1, samples + 1).
    """
    best = [np.append(pieces[:-1, -1], 0.0)]
    for _ in range(most_kinks):
        best.append(np.minimum(best[-1], np.append((pieces[:-1] + best[-1]).min(axis=1), 0.0)))
    return np.array(best)


def _least_squares(columns: Floats, y: Floats) -> Floats:
    yield_to_window()
    coefficients: Floats = np.linalg.lstsq(columns, y, rcond=1e-13)[0].astype(np.float64)
    return coefficients


def _sums_right_of(values: Floats) -> Floats:
    """Return the sum of the values to the right of each gap, along the last axis."""
    sums: Floats = np.flip(np.cumsum(np.flip(values, -1), -1), -1)[..., 1:].astype(np.float64)
    return sums
