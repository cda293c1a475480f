"""Standardised samples: the network sees (x − μ)/σ, and may give (y − μ)/σ."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.network.forward import Layer, as_layers

STANDARDISE = {"none": "no", "x": "x", "xy": "x and y"}  # what is standardised, in words
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scaling:
    """The mean and the standard deviation that samples are standardised by; 0 and 1 where they are as they are."""

    x_mean: float = 0.0
    x_deviation: float = 1.0
    y_mean: float = 0.0
    y_deviation: float = 1.0

    @property
    def has_x(self) -> bool:
        """Whether the network sees another x than the data have."""
        return (self.x_mean, self.x_deviation) != (0.0, 1.0)

    @property
    def has_y(self) -> bool:
        """Whether the network gives another y than the data have."""
        return (self.y_mean, self.y_deviation) != (0.0, 1.0)

    def x_seen(self, x: npt.ArrayLike) -> Array:
        """Return what the network sees of x, float32 of the same shape."""
        return _as_float32((np.asarray(x, dtype=np.float64) - self.x_mean) / self.x_deviation)

    def y_seen(self, y: npt.ArrayLike) -> Array:
        """Return what the network is to give for y, float32 of the same shape."""
        return _as_float32((np.asarray(y, dtype=np.float64) - self.y_mean) / self.y_deviation)

    def x_of(self, seen: npt.ArrayLike) -> Floats:
        """Return the x of which the network sees this, float64 of the same shape."""
        return np.asarray(seen, dtype=np.float64) * self.x_deviation + self.x_mean

    def y_of(self, given: npt.ArrayLike) -> Floats:
        """Return the y that is meant where the network gives this, float64 of the same shape."""
        return np.asarray(given, dtype=np.float64) * self.y_deviation + self.y_mean

    def in_units_of_data(self, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        """Return a network that makes of x itself what the network of these layers makes of what it sees of x.

        Its hidden values are the same; its first weights and biases and its last ones have taken up the scales. Many
        networks at once may have one axis more in each weight and bias, the first. Without scales it is the same.
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
    """Return the mean and the standard deviation (over all, not all but one) of samples, as far as they are wanted.

    Of one value alone, whose deviation is 0, only the mean is taken off.
    """
    parts: list[float] = []
    for values, is_wanted in ((x, standardise in ("x", "xy")), (y, standardise == "xy")):
        exact = values.astype(np.float64)
        parts += [float(exact.mean()), float(exact.std()) or 1.0] if is_wanted else [0.0, 1.0]
    return Scaling(**dict(zip((f.name for f in fields(Scaling)), parts, strict=True)))


def _as_float32(values: npt.ArrayLike) -> Array:
    array = np.asarray(values, dtype=np.float32)
    array.flags.writeable = False
    return array
