"""The user's samples, as an immutable value that can be part of a configuration."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from functools import cached_property
from typing import Any, Self

import numpy as np

from tinynet_gui.core.network.forward import Layer, as_layers
from tinynet_gui.core.text.language import N_, gettext as _, with_signs
from tinynet_gui.core.text.numbers import MINUS, count_text, plain
from tinynet_gui.core.text.shortened import on_one_line, shortened, written
from tinynet_gui.core.values import Array, ArrayLike, Flags, Floats, Ints, as_python, frozen_dataclass, without_graph

MAX_POINTS = 10_000
LARGEST_X, LARGEST_Y = 1e6, float(np.finfo(np.float32).max)  # in absolute terms: the limits of the plot and of float32
MAX_NAME = 80  # characters
GIVEN = N_("given as x and y")  # the origin of points of which nobody says what they were made from

_FIELDS = ("x", "y", "held_out", "origin", "x_name", "y_name")  # of plain values


class PointsError(ValueError):
    """Invalid samples; the message names the point, its value and what is allowed."""


class Points:
    """The user's samples. A value: equal to another with the same numbers.

    `PointsError` if there are none to train on, too many, or one too large to plot.

    Parameters
    ----------
    x, y
        As given, of shape (points,) or (points, 1); finite. Lists, tuples, arrays, or tensors of PyTorch.
    held_out
        Which of them are held out, of shape (points,); by default none.
    origin
        Where they come from, for the reader, such as ``made from x²`` or a file's name, which may contain invalid text.
    x_name, y_name
        Axis names with units, such as ``Zeit [min]``; empty if unknown.

    Attributes
    ----------
    x, y
        float64 of shape (points,), read-only.
    held_out
        bool of shape (points,), read-only.
    """

    def __init__(
        self,
        x: ArrayLike,
        y: ArrayLike,
        held_out: ArrayLike | None = None,
        origin: str = "",
        x_name: str = "",
        y_name: str = "",
    ) -> None:
        self.x, self.y = _column("x", x), _column("y", y)
        self.held_out: Flags = np.array(np.zeros(len(self.x)) if held_out is None else held_out, dtype=np.bool_)
        for name, values in (("y", self.y), ("held_out", self.held_out)):
            if len(values) != len(self.x):
                words = _("{count} x and {others} {name}: there must be as many of each")
                others = count_text(len(values))
                raise PointsError(words.format(count=count_text(len(self.x)), others=others, name=name))
        if not 1 <= len(self.x) <= MAX_POINTS:
            words = _("{count} points are not allowed: 1 to {most}")
            raise PointsError(words.format(count=count_text(len(self.x)), most=count_text(MAX_POINTS)))
        if self.held_out.all():
            raise PointsError(_("all points are held out: at least one is needed to train on"))
        self.origin = shortened(origin, MAX_NAME)
        self.x_name, self.y_name = (shortened(on_one_line(name), MAX_NAME) for name in (x_name, y_name))
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
        """The known names of x and y, as keyword arguments for another `Points`."""
        names = {"x_name": self.x_name, "y_name": self.y_name}
        return {name: text for name, text in names.items() if text}

    @property
    def axes(self) -> tuple[str, str]:
        """What the axes of x and y are called, those of the program's own samples in the current language."""
        x, y = self.x_name or "x", self.y_name or "y"
        return _(x), _(y)

    @cached_property
    def x_range(self) -> tuple[float, float]:
        """The range of x to train on: from the smallest to the largest sample that is not held out."""
        x = self.x[~self.held_out]
        return float(x.min()), float(x.max())

    def at(self, places: Flags | Ints) -> "Points":
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
        """Read the result of `to_dict`, or somebody's own x and y; PointsError if it is invalid."""
        if not isinstance(values, Mapping):
            raise PointsError(_("{value} is not an object with x and y").format(value=written(values)))
        if unknown := set(values) - set(_FIELDS):
            words, first = _("{value} is not one of {names}"), sorted(map(str, unknown))[0]
            raise PointsError(words.format(value=written(first), names=", ".join(_FIELDS)))
        x, y = _column("x", values.get("x")), _column("y", values.get("y"))
        places = as_python(values.get("held_out", []))
        held_out = np.zeros(len(x), dtype=np.bool_)
        for place in places if isinstance(places, list | tuple) else [places]:
            if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < len(x):
                words = _("held_out: {value} is not a place of a point: 0 to {most}")
                raise PointsError(words.format(value=written(place), most=count_text(len(x) - 1)))
            held_out[place] = True
        about = {"origin": GIVEN, **values}  # as nobody says that they were made from the target
        return cls(x, y, held_out, *(str(about.get(name, "")) for name in _FIELDS[3:]))


def allowed(most: float) -> str:
    """Say which numbers are allowed, given the largest absolute value."""
    return _("{low} to {high}").format(low=with_signs(f"{-most:,.7g}"), high=with_signs(f"{most:,.7g}"))


def _column(name: str, given: Any) -> Floats:
    """Return numbers as a row of float64; `PointsError` unless each is one, and of an allowed size."""
    values = without_graph(given)
    if isinstance(values, Sequence) and not {*map(type, values)} <= {int, float}:
        for place, each in enumerate(values):
            value = each[0] if isinstance(each, Sequence) and len(each) == 1 else each  # of a column
            if isinstance(value, bool) or not isinstance(value, int | float | np.number):
                words = _("{name} of point {number}: {value} is not a number")
                raise PointsError(words.format(name=name, number=count_text(place + 1), value=written(value)))
    try:
        column = np.array(values, dtype=np.float64)
    except (ValueError, TypeError, OverflowError):
        words = _("{name}: {value} are not numbers that can be shown")
        raise PointsError(words.format(name=name, value=written(values))) from None
    if column.ndim == 2 and column.shape[1] == 1:
        column = column[:, 0]
    if column.ndim == 0:
        raise PointsError(_("{name}: {value} is not a list of numbers").format(name=name, value=written(given)))
    if column.ndim != 1:
        words = _("{name} has the shape {shape}: (n,) or (n, 1) is allowed")
        raise PointsError(words.format(name=name, shape=column.shape))
    most = LARGEST_X if name == "x" else LARGEST_Y
    bad = np.flatnonzero(~(np.abs(column) <= most))  # also catches NaN
    if len(bad):
        words = _("{name} of point {number}: {value} is not allowed: {allowed}")
        number, value = count_text(int(bad[0]) + 1), with_signs(f"{column[bad[0]]:.6g}")
        raise PointsError(words.format(name=name, number=number, value=value, allowed=allowed(most)))
    return column


def draw_inputs(seed: int, count: int, x_min: float, x_max: float) -> tuple[Array, np.random.RandomState]:
    """Draw x as the tutorial does: ``np.random.seed(seed)``, then ``np.random.uniform(x_min, x_max)``.

    Returns x, float32 of shape (count,), and the separate generator in its state after the draw.
    """
    random = np.random.RandomState(seed)
    return random.uniform(x_min, x_max, size=(count, 1)).astype("float32")[:, 0], random


STANDARDISE = {"none": N_("no"), "x": "x", "xy": N_("x and y")}  # the standardised quantities, in words
USUAL_X, USUAL_Y = (0.2, 6.5), (0.2, 100.0)  # standard deviations that the tutorial's settings suit
FAR = 3  # standard deviations from 0


@frozen_dataclass
class Scaling:
    """The mean and the standard deviation that samples are standardised by; 0 and 1 for no change."""

    x_mean: float = 0.0
    x_deviation: float = 1.0
    y_mean: float = 0.0
    y_deviation: float = 1.0

    @property
    def has_x(self) -> bool:
        """Whether the network sees x in other units than the data's."""
        return (self.x_mean, self.x_deviation) != (0.0, 1.0)

    @property
    def has_y(self) -> bool:
        """Whether the network outputs y in other units than the data's."""
        return (self.y_mean, self.y_deviation) != (0.0, 1.0)

    def x_seen(self, x: ArrayLike) -> Array:
        """Return x as the network sees it, float32 of the same shape."""
        return _as_float32((np.asarray(x, dtype=np.float64) - self.x_mean) / self.x_deviation)

    def y_seen(self, y: ArrayLike) -> Array:
        """Return y as the network should output it, float32 of the same shape."""
        return _as_float32((np.asarray(y, dtype=np.float64) - self.y_mean) / self.y_deviation)

    def x_of(self, seen: ArrayLike) -> Floats:
        """Return the data's x from the network's, float64 of the same shape."""
        return np.asarray(seen, dtype=np.float64) * self.x_deviation + self.x_mean

    def y_of(self, given: ArrayLike) -> Floats:
        """Return the data's y from the network's output, float64 of the same shape."""
        return np.asarray(given, dtype=np.float64) * self.y_deviation + self.y_mean

    def in_units_of_data(self, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        """Return the network that computes the same from the data's x as these layers do from the standardised x.

        Hidden values stay the same; the first weights and biases and the last ones absorb the scales. Many networks
        at once may have a new first axis in each weight and bias. Without scaling it is unchanged.
        """
        if not (self.has_x or self.has_y):
            return layers
        arrays = [array.astype(np.float64) for layer in layers for array in (layer.weight, layer.bias)]
        arrays[0] = arrays[0] / self.x_deviation
        arrays[1] = arrays[1] - arrays[0][..., 0] * self.x_mean
        arrays[-2] = arrays[-2] * self.y_deviation
        arrays[-1] = arrays[-1] * self.y_deviation + self.y_mean
        return as_layers([_as_float32(array) for array in arrays])


AS_THEY_ARE = Scaling()


def scaling_of(standardise: str, x: Array, y: Array) -> Scaling:
    """Return the mean and the standard deviation (over all, not all but one) of the samples' axes to standardise.

    For a single value, whose deviation is 0, only the mean is subtracted.
    """
    parts: list[float] = []
    for values, is_wanted in ((x, standardise in ("x", "xy")), (y, standardise == "xy")):
        exact = values.astype(np.float64)
        parts += [float(exact.mean()), float(exact.std()) or 1.0] if is_wanted else [0.0, 1.0]
    return Scaling(**dict(zip((f.name for f in fields(Scaling)), parts, strict=True)))


def is_better_standardised(points: Points) -> bool:
    """Whether training is mostly better with x and y standardised: one of them is large, tiny or far from 0.

    Found by training 41 sets of data, most as from a school, with 32 seeds each at the tutorial's settings: of the 20
    where this holds, 624 of 640 trainings ended lower standardised; of the 21 others, three were clearly better so.
    """
    samples = ((points.x, USUAL_X), (points.y, USUAL_Y))
    for values, (least, most) in ((values[~points.held_out], usual) for values, usual in samples):
        deviation = float(values.std())
        if not least <= deviation <= most or abs(float(values.mean())) > FAR * deviation:
            return True
    return False


def _as_float32(values: ArrayLike) -> Array:
    array = np.asarray(values, dtype=np.float32)
    array.flags.writeable = False
    return array


def scaling_texts(scaling: Scaling) -> tuple[str, str]:
    """Write what the network sees of x and what its ŷ means, such as “x̃ = (x − 1.2)/0.5”; "" where unscaled."""
    x_mean, x_deviation, y_mean, y_deviation = map(plain, astuple(scaling))
    seen = f"x̃ = (x {MINUS} {x_mean})/{x_deviation}".replace(f"{MINUS} {MINUS}", "+ ") if scaling.has_x else ""
    meant = f"y = {y_deviation}·ŷ + {y_mean}".replace(f"+ {MINUS}", f"{MINUS} ") if scaling.has_y else ""
    return seen, meant
