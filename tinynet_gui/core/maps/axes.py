"""The two sides of a map: what changes along each, and from where to where."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.config import SETTINGS, Config
from tinynet_gui.core.config.active_settings import paths_in_effect
from tinynet_gui.core.network.refs import ParameterRef

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DirectionKind = Literal["gradient", "sharpest", "second", "run", "towards"]

RATE, DECAY, SCALE = "training.learning_rate", "training.weight_decay", "network.weight_scale"
WIDTH = "network.hidden"  # the number of neurons of the only hidden layer
LOGARITHMIC = frozenset(
    {
        *("training.learning_rate", "training.weight_decay", "training.epsilon", "training.stop_step"),
        *("network.weight_scale", "data.sample_count", WIDTH),
    }
)
SPARE_DIGITS = 1  # of a coordinate, beyond those that tell a pixel from the next


class MapError(ValueError):
    """A map that cannot be drawn; the message says why, in a sentence."""


@dataclass(frozen=True)
class Direction:
    """A direction in the space of all weights and biases, through the moment that a map looks from.

    Attributes
    ----------
    kind
        ``gradient``, that of the loss; ``sharpest`` and ``second``, the eigenvectors of the two largest eigenvalues of
        its Hessian; ``run``, from the run's start to its latest step; ``towards``, to the latest step of another run.
    run_id
        The other run.
    """

    kind: DirectionKind
    run_id: int = 0


Along = str | ParameterRef | Direction  # a string is the dotted path of a setting


@dataclass(frozen=True)
class Axis:
    """One side of a map.

    Attributes
    ----------
    along
        What changes: a setting, a weight or bias, or the distance along a direction. That has length 1 in the space of
        the parameters, but for ``towards``, which is as long as the way to the other run.
    low, high
        The two ends, outermost edges of pixels.
    """

    along: Along
    low: float
    high: float

    @property
    def is_log(self) -> bool:
        """Whether equal distances are equal ratios."""
        return self.along in LOGARITHMIC

    @property
    def is_whole(self) -> bool:
        """Whether it has whole numbers only."""
        return isinstance(self.along, str) and is_whole(self.along)

    @property
    def starts_anew(self) -> bool:
        """Whether it is a setting that takes new data or a new network."""
        return isinstance(self.along, str) and SETTINGS[self.along].effect == "reset"

    def scaled(self, values: Floats | float) -> Floats:
        """Return the places of values on the axis: their logarithms to base 10, or the values themselves."""
        return np.asarray(np.log10(values) if self.is_log else values, dtype=np.float64)

    def at(self, place: float) -> float:
        """Return the value at a place, the inverse of `scaled`."""
        return 10.0**place if self.is_log else place

    def grid(self, size: int) -> tuple[Floats, Ints]:
        """Return the values that an axis of so many pixels has, and the index of each pixel's.

        They are the middles of the pixels, in as few decimals as tell each from the next; whole numbers occur once.

        Returns
        -------
        values : float64 of shape (values,)
        places : int64 of shape (size,)
        """
        low, high = self.scaled(self.low), self.scaled(self.high)
        middles = low + (np.arange(size) + 0.5) / size * (high - low)
        if self.is_log:
            digits = _digits((10 ** float((high - low) / size)) - 1)
            values = np.array([float(f"{10**middle:.{digits}e}") for middle in middles])
        else:
            values = np.round(middles, min(_digits(float((high - low) / size)), 17))
        if self.is_whole:
            values = np.round(values)
        unique, places = np.unique(values, return_inverse=True)
        return unique, places.astype(np.int64)


def _digits(step: float) -> int:
    """Return how many decimals tell numbers apart that differ by a step."""
    return math.ceil(-math.log10(step)) + SPARE_DIGITS if step > 0 else 17


def is_whole(path: str) -> bool:
    """Whether a setting is a whole number, or the width of a layer."""
    return path == WIDTH or isinstance(Config().get(path), int)


def value_of(config: Config, path: str) -> float:
    """Return a setting's number, such as the width of the only hidden layer."""
    value = config.get(path)
    return float(value[0] if path == WIDTH else value)


def change_to(path: str, value: float) -> object:
    """Return a number as the value of a setting."""
    return (int(value),) if path == WIDTH else int(value) if is_whole(path) else value


VARIED = tuple(
    path for path, setting in SETTINGS.items() if path == WIDTH or (setting.minimum is not None and not setting.choices)
)


def settings_to_vary(config: Config) -> Iterator[str]:
    """Yield the dotted paths of the numbers among the settings that affect a training of this configuration."""
    in_effect = paths_in_effect(config)
    return (path for path in VARIED if path in in_effect and (path != WIDTH or len(config.network.hidden) == 1))
