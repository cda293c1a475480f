"""The user's samples, as an immutable value that can be part of a configuration."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.numerics.arrays import Flags, Floats, Ints
from tinynet_gui.core.text.shortened import on_one_line, shortened, written

MOST_POINTS = 10_000
LARGEST_X, LARGEST_Y = 1e6, float(np.finfo(np.float32).max)  # in absolute terms: the limits of the plot and of float32
MOST_NAME = 80  # characters

_FIELDS = ("x", "y", "held_out", "origin", "x_name", "y_name")  # of plain values


class PointsError(ValueError):
    """These cannot be samples; the message names the point, its value and what is allowed."""


class Points:
    """The user's samples. A value: equal to another with the same numbers.

    `PointsError` if there are none to train on, too many, or one that cannot be shown.

    Parameters
    ----------
    x, y
        As given, of shape (points,); finite.
    held_out
        Which of them are held out, of shape (points,); by default none.
    origin
        Their origin, for the reader, such as ``made from x²`` or a file's name, which may contain invalid text.
    x_name, y_name
        What they are, with units, such as ``Zeit [min]``; empty if nobody has said.

    Attributes
    ----------
    x, y
        float64 of shape (points,), read-only.
    held_out
        bool of shape (points,), read-only.
    """

    def __init__(
        self,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        held_out: npt.ArrayLike | None = None,
        origin: str = "",
        x_name: str = "",
        y_name: str = "",
    ) -> None:
        self.x, self.y = _column("x", x), _column("y", y)
        self.held_out: Flags = np.array(np.zeros(len(self.x)) if held_out is None else held_out, dtype=np.bool_)
        if not len(self.x) == len(self.y) == len(self.held_out):
            raise PointsError(
                f"{len(self.x):,} x, {len(self.y):,} y and {len(self.held_out):,} held out are not points: "
                "their numbers must be equal"
            )
        if not 1 <= len(self.x) <= MOST_POINTS:
            raise PointsError(f"{len(self.x):,} points are not allowed: 1 to {MOST_POINTS:,}")
        if self.held_out.all():
            raise PointsError("all points are held out: at least one is needed to train on")
        self.origin = shortened(origin, MOST_NAME)
        self.x_name, self.y_name = (shortened(on_one_line(name), MOST_NAME) for name in (x_name, y_name))
        for array in (self.x, self.y, self.held_out):
            array.flags.writeable = False

    def __len__(self) -> int:
        return len(self.x)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Points) and self._digest == other._digest)

    def __hash__(self) -> int:
        return hash(self._digest)

    def __deepcopy__(self, _memo: object) -> Self:
        return self  # it is immutable

    def __repr__(self) -> str:
        return f"Points({len(self)}, {self.origin!r})"

    @cached_property
    def _digest(self) -> bytes:
        texts = "|".join((self.origin, *self.names.values())).encode()
        parts = (self.x.tobytes(), self.y.tobytes(), self.held_out.tobytes(), texts)
        return hashlib.blake2b(b"|".join(parts), digest_size=16).digest()

    @property
    def names(self) -> dict[str, str]:
        """What x and y are, as arguments for others of the same kind; without those that are not known."""
        names = {"x_name": self.x_name, "y_name": self.y_name}
        return {name: text for name, text in names.items() if text}

    @property
    def format(self) -> int:
        """The lowest format of files that has all of its fields (`core.config.formats`)."""
        return 2 if self.names else 1

    @cached_property
    def x_range(self) -> tuple[float, float]:
        """The range of x to train on: from the smallest to the largest sample that is not held out."""
        x = self.x[~self.held_out]
        return float(x.min()), float(x.max())

    def at(self, places: Flags | Ints) -> "Points":
        """Return some of them, by an array of indices or flags."""
        return Points(self.x[places], self.y[places], self.held_out[places], self.origin, **self.names)

    def with_held_out(self, held_out: Flags) -> "Points":
        """Return them with another choice of held-out samples."""
        return Points(self.x, self.y, held_out, self.origin, **self.names)

    def with_share_held_out(self, share: float, seed: int) -> "Points":
        """Return them with a share of them held out, drawn from a seed; at least one is trained on."""
        held_out = np.zeros(len(self), dtype=np.bool_)
        count = min(round(share * len(self)), len(self) - 1)
        held_out[np.random.default_rng(seed).permutation(len(self))[:count]] = True
        return self.with_held_out(held_out)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON; the held-out ones as indices."""
        held_out = np.flatnonzero(self.held_out).tolist()
        return {"x": self.x.tolist(), "y": self.y.tolist(), "held_out": held_out, "origin": self.origin, **self.names}

    @classmethod
    def from_dict(cls, values: object) -> Self:
        """Read the result of `to_dict`; PointsError if it is invalid."""
        if not isinstance(values, Mapping):
            raise PointsError(f"{written(values)} is not an object with x and y")
        if unknown := set(values) - set(_FIELDS):
            raise PointsError(f"{written(sorted(map(str, unknown))[0])} is not one of {', '.join(_FIELDS)}")
        x, y, places = values.get("x"), values.get("y"), values.get("held_out", [])
        if not (isinstance(x, list) and isinstance(y, list) and isinstance(places, list)):
            raise PointsError("x, y and held_out must be lists of numbers")
        held_out = np.zeros(len(x), dtype=np.bool_)
        for place in places:
            if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < len(x):
                raise PointsError(f"held_out: {written(place)} is not a place of a point: 0 to {len(x) - 1:,}")
            held_out[place] = True
        return cls(x, y, held_out, *(str(values.get(name, "")) for name in _FIELDS[3:]))


def allowed(most: float) -> str:
    """Say which numbers are allowed, given the largest absolute value."""
    return f"{-most:,.7g} to {most:,.7g}"


def _column(name: str, values: npt.ArrayLike) -> Floats:
    if isinstance(values, Sequence):
        for place, value in enumerate(values):
            if isinstance(value, bool) or not isinstance(value, int | float | np.number):
                raise PointsError(f"{name} of point {place + 1:,}: {written(value)} is not a number")
    try:
        column = np.array(values, dtype=np.float64)
    except (ValueError, TypeError, OverflowError):
        raise PointsError(f"{name}: {written(values)} are not numbers that can be shown") from None
    if column.ndim != 1:
        raise PointsError(f"{name} has {column.ndim} dimensions: one is allowed")
    most = LARGEST_X if name == "x" else LARGEST_Y
    bad = np.flatnonzero(~(np.abs(column) <= most))  # also catches NaN
    if len(bad):
        raise PointsError(f"{name} of point {bad[0] + 1:,}: {column[bad[0]]:.6g} is not allowed: {allowed(most)}")
    return column
