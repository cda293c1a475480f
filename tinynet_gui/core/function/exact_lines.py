"""The best lines with 0, 1, ... kinks through a few samples, exactly: by dynamic programming from left to right.

A best line consists of kinks at samples, kinks between two samples, and steps (two kinks between two samples). For
given gaps and directions of bend, finding the line is a convex problem: two pieces cross between their samples, or at
one of these. At a corner of its solutions a kink between two samples does not constrain the pieces beside it. So kinks
between samples and steps split the samples into blocks of two or more. Each block is fitted independently, with kinks
at its own samples alone; the next block begins beside it, with a step, or with one kink where its first piece happens
to cross the last piece of the block before. The best line is the best such chain of blocks.

Within a block, the part left of a kink at a sample affects the part right of it only through the line's value v at that
sample, and its cost is a parabola in v. For each sample and number of kinks only the parabolas that are the lowest for
some v are kept: a few dozen out of exponentially many.

R. Maidstone, P. Fearnhead, A. Letchford, Detecting changes in slope with an L0 penalty (2019), do so for kinks at
samples.
"""

import numpy as np

from tinynet_gui.core.values import Floats, StructuredArray

States = StructuredArray

KNOT, CROSSING, STEP = 1, 2, 4  # marks: a kink at a sample; a kink, or a step, between it and the next
ROUNDING = 1e-12  # errors may be off by this much
CELLS = 64  # of v, in which parabolas are compared
MAX_STATES = 200_000  # kept at one sample: beyond it the search takes too long


class LineCandidates:
    """The lines that may still be the best, up to each sample; `extend` adds the next sample.

    Parameters
    ----------
    x, y, weights
        The samples, float64 of shape (samples,); x rises, all about 1.
    known
        Errors of known lines with 0, 1, ... kinks; −∞ where the best line is not needed.
    at_least
        Lower bounds on the errors over the samples from each on, with 0, 1, ... kinks: (kinks + 1, samples + 1).

    Attributes
    ----------
    knots
        For each sample: lines with a kink there, or blocks that begin there after a step: the cost of the samples
        before as p·v² − 2·r·v + rest, and the range of v in which the block begins with a crossing.
    ends
        For each sample: blocks that end there, the cost of all samples so far, and the heights of the last piece there
        and at the next sample.
    errors, marks
        The best line through the samples up to each, with 0, 1, ... kinks: (samples, kinks + 1), and its marks in the
        same shape.
    """

    def __init__(self, x: Floats, y: Floats, weights: Floats, known: Floats, at_least: Floats) -> None:
        self._x, self._y, self._weights = x, y, weights
        count, most = len(x), len(known) - 1
        self._most = most
        # The most that the samples before each may cost with 0, 1, ... kinks.
        left = [np.max(known[kinks:, None] - at_least[: most + 1 - kinks], axis=0) for kinks in range(most + 1)]
        self._allowed = np.stack(left) + ROUNDING
        common = [("rest", float), ("kinks", int), ("marks", np.uint8, (count,))]
        self._knot = np.dtype([("p", float), ("r", float), ("low", float), ("high", float), *common])
        self._end = np.dtype([("here", float), ("next", float), *common])
        self._within = float(np.sum(weights * (y - np.average(y, weights=weights)) ** 2))
        self.knots, self.ends = [self._knots(1)], [np.zeros(0, self._end)]
        self.errors = np.full((count, most + 1), np.inf)
        self.marks = np.zeros((count, most + 1, count), np.uint8)

    def extend(self, j: int) -> bool:
        """Add the next sample; return False if there are too many lines to continue."""
        new = [self._after_knot(i, j) for i in range(j)]
        new += [self._after_crossing(e, j, bend) for e in range(1, j - 1) for bend in (1, -1)]
        new.append(self._after_step(j))
        if sum(map(len, new)) > MAX_STATES:
            return False
        self.knots.append(self._lowest(np.concatenate(new), j))
        ends = [self._end_after_knot(i, j) for i in range(j)]
        self._keep_ends(np.concatenate([*ends, *(self._end_after_crossing(e, j) for e in range(1, j - 1))]), j)
        return True

    def kinks(self, count: int) -> Floats:
        """Return the places of the best line's `count` kinks: midway between samples, for a step at both samples."""
        x, marks = self._x, self.marks[-1, count]
        at, crossing, step = (np.flatnonzero(marks & mark) for mark in (KNOT, CROSSING, STEP))
        return np.sort(np.concatenate([x[at], (x[crossing] + x[crossing + 1]) / 2, x[step], x[step + 1]]))

    def _knots(self, count: int) -> States:
        knots: States = np.zeros(count, self._knot)
        knots["low"], knots["high"] = -np.inf, np.inf
        return knots

    def _moments(self, first: int, last: int, origin: int) -> tuple[float, ...]:
        """Return the sums that a line's cost over samples is made of, with x counted from the origin's."""
        samples = slice(first, last + 1)
        w, u, y = self._weights[samples], self._x[samples] - self._x[origin], self._y[samples]
        return tuple(float(np.sum(w * v)) for v in (np.ones_like(u), u, u * u, y, u * y, y * y))

    def _after_knot(self, i: int, j: int) -> States:
        """Extend lines from a kink at sample i to one at sample j, with the optimal height at i."""
        old = self.knots[i][self.knots[i]["kinks"] < self._most]
        n, u, uu, y, uy, yy = self._moments(i, j - 1, i)
        width = self._x[j] - self._x[i]
        both, right = (u - uu / width) / width, uu / width**2
        size = n - 2 * u / width + right + old["p"]
        shift, factor = (y - uy / width + old["r"]) / size, -both / size  # the best height is shift + factor·v
        new = old.copy()
        new["p"], new["r"] = np.maximum(right + factor * both, 0.0), uy / width - both * shift
        new["rest"] += yy - size * shift**2
        new["kinks"] += 1
        new["marks"][:, j] |= KNOT
        if j == i + 1:
            new["p"], new["r"], new["low"], new["high"] = 0.0, 0.0, -np.inf, np.inf
            begun: States = new[(old["low"] <= shift) & (shift <= old["high"])]
            return begun
        new["low"], new["high"] = (old["high"] - shift) / factor, (old["low"] - shift) / factor
        return new

    def _after_step(self, j: int) -> States:
        """Begin a block after a step: its height is free, and only the best line before it matters."""
        better = self.errors[j - 1] < np.append(np.inf, self.errors[j - 1, :-1])
        kinks = np.flatnonzero(better[: max(0, self._most - 1)])
        new = self._knots(len(kinks))
        new["rest"], new["kinks"], new["marks"] = self.errors[j - 1, kinks], kinks + 2, self.marks[j - 1, kinks]
        new["marks"][:, j - 1] |= STEP
        return new

    def _after_crossing(self, e: int, j: int, bend: int) -> States:
        """Begin a block after the one ending at e, with a piece that crosses its last one, up to a kink."""
        old = self.ends[e][self.ends[e]["kinks"] < self._most - 1]
        n, u, uu, y, uy, yy = self._moments(e + 1, j - 1, j)
        slope, factor = uy / uu, -u / uu  # the best slope is slope + factor·v
        new = self._knots(len(old))
        new["p"], new["r"] = (max(0.0, n + u * factor), y - u * slope) if j > e + 2 else (0.0, 0.0)
        new["rest"], new["kinks"] = old["rest"] + (yy - uy * slope if j > e + 2 else 0.0), old["kinks"] + 2
        new["marks"] = old["marks"]
        new["marks"][:, e] |= CROSSING
        new["marks"][:, j] |= KNOT
        for sign, height, at in ((bend, old["here"], self._x[e]), (-bend, old["next"], self._x[e + 1])):
            behind = at - self._x[j]
            apart, by_v = sign * (height - slope * behind), -sign * (1 + factor * behind)  # apart + by_v·v ≥ 0
            if abs(by_v) < 1e-12:
                new["low"] = np.where(apart < -1e-12, np.inf, new["low"])
            else:
                end = "low" if by_v > 0 else "high"
                new[end] = (np.maximum if by_v > 0 else np.minimum)(new[end], -apart / by_v)
        return new[(new["low"] <= new["high"]) & (new["low"] < np.inf)]

    def _lowest(self, new: States, j: int) -> States:
        """Keep the parabolas that may be the lowest for some v, among those with as many kinks or fewer."""
        reach = np.sqrt(self._within / self._weights[j]) + 1e-9  # further away this sample alone costs too much
        ends = np.linspace(-1, 1, CELLS + 1)
        v = self._y[j] + reach * ends * np.abs(ends)
        kept, before = [], np.full(CELLS, np.inf)
        for kinks in range(self._most + 1):
            k = new[new["kinks"] == kinks]
            p, r, rest, low, high = (k[name][:, None] for name in ("p", "r", "rest", "low", "high"))
            first, last = np.maximum(v[:-1], low), np.minimum(v[1:], high)
            lowest = np.clip(r / np.maximum(p, 1e-300), first, np.maximum(first, last))
            lowest = np.where(first <= last, lowest, 0.0)
            least = np.where(first <= last, (p * lowest - 2 * r) * lowest + rest, np.inf)
            at_ends = (p * v - 2 * r) * v + rest
            most = np.where((low <= v[:-1]) & (v[1:] <= high), np.maximum(at_ends[:, 1:], at_ends[:, :-1]), np.inf)
            here = np.minimum(before, np.min(most, axis=0, initial=np.inf))
            kept.append(k[((least < before) & (least <= here) & (least <= self._allowed[kinks, j])).any(axis=1)])
            before = here
        return np.concatenate(kept)

    def _end_after_knot(self, i: int, j: int) -> States:
        """End a block at a sample, after a kink at an earlier one, with optimal height there and slope."""
        old = self.knots[i]
        n, u, uu, y, uy, yy = self._moments(i, j, i)
        size, product = n - u * u / uu + old["p"], y - u * uy / uu + old["r"]
        height = product / size
        slope = (uy - u * height) / uu
        new = self._ended(old, i, j, height, slope)
        new["rest"] += yy - uy * uy / uu - product * height
        return new[(old["low"] <= height) & (height <= old["high"])]

    def _end_after_crossing(self, e: int, j: int) -> States:
        """Add a block of a single piece that crosses the last piece of the block before."""
        old = self.ends[e][self.ends[e]["kinks"] < self._most]
        n, u, uu, y, uy, yy = self._moments(e + 1, j, e + 1)
        slope = (uy - u * y / n) / (uu - u * u / n)
        height = (y - u * slope) / n
        before = height + slope * (self._x[e] - self._x[e + 1])
        old = old[(old["here"] - before) * (old["next"] - height) <= 0]
        new = self._ended(old, e + 1, j, height, slope)
        new["rest"] += max(0.0, yy - y * height - uy * slope)
        new["kinks"] += 1
        new["marks"][:, e] |= CROSSING
        return new

    def _ended(self, old: States, i: int, j: int, height: Floats | float, slope: Floats | float) -> States:
        new = np.zeros(len(old), self._end)
        for name in ("rest", "kinks", "marks"):
            new[name] = old[name]
        following = min(j + 1, len(self._x) - 1)
        new["here"] = height + slope * (self._x[j] - self._x[i])
        new["next"] = height + slope * (self._x[following] - self._x[i])
        return new

    def _keep_ends(self, new: States, j: int) -> None:
        """Keep the ends that beat a step after the best line with one kink less."""
        kept, before = [], np.inf
        for kinks in range(self._most + 1):
            k = new[(new["kinks"] == kinks) & (new["rest"] < before)]
            if len(k):
                best = k[np.argmin(k["rest"])]
                self.errors[j, kinks], self.marks[j, kinks] = before, _ = max(0.0, best["rest"]), best["marks"]
                may_cross = k["rest"] <= self._allowed[min(kinks + 1, self._most), j + 1]
                kept.append(k[may_cross])
            else:
                self.errors[j, kinks], self.marks[j, kinks] = before, self.marks[j, kinks - 1]
        self.ends.append(np.concatenate(kept) if kept else new[:0])
