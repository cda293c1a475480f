"""What map is wanted: what changes along each of its two sides, and from where to where."""

import math
from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np

from tinynet_gui.core.arrays import Floats, Ints
from tinynet_gui.core.config import MAX_WIDTH, SETTINGS, Config, ConfigError, Setting
from tinynet_gui.core.config.sections import did_you_mean
from tinynet_gui.core.config.setting_text import paths_in_effect
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.text.numbers import exact
from tinynet_gui.core.text.shortened import shortened, written
from tinynet_gui.core.training.dataset import WIDEST_SIDE_BY_SIDE
from tinynet_gui.core.values import frozen_dataclass

DirectionKind = Literal["gradient", "sharpest", "second", "run", "towards"]
DIRECTIONS: dict[DirectionKind, str] = {  # that need no other run
    "gradient": "Gradient",
    "sharpest": "Sharpest direction",
    "second": "Second sharpest direction",
    "run": "Along the run",
}

RATE, DECAY, SCALE = "training.learning_rate", "training.weight_decay", "network.weight_scale"
WIDTH = "network.hidden"  # the number of neurons of the only hidden layer
LOGARITHMIC = frozenset(
    {
        *("training.learning_rate", "training.weight_decay", "training.l1", "training.epsilon"),
        *("training.stop_step", "network.weight_scale", "data.sample_count", WIDTH),
    }
)
SMALLEST, LARGEST = 1e-12, 1e6  # on a logarithmic axis, and of a loss; of a weight, a bias or a distance
SPARE_DIGITS = 1  # of a coordinate, beyond those that tell a pixel from the next


class MapError(ValueError):
    """A map that cannot be drawn; the message says why, in a sentence."""


@frozen_dataclass
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


def limits(along: Along) -> tuple[float, float]:
    """Return the ends that no axis goes beyond: those of its setting, above 0 where it is logarithmic."""
    if not isinstance(along, str):
        return -LARGEST, LARGEST
    setting = SETTINGS[along]
    low, high = (1, MAX_WIDTH) if along == WIDTH else (setting.minimum or 0.0, setting.maximum or LARGEST)
    return max(low, SMALLEST) if along in LOGARITHMIC else low, high


def is_there(along: Along, config: Config) -> bool:
    """Whether a network has a weight or bias, or one number of neurons; other axes are there for every network."""
    widths = config.network.widths
    if isinstance(along, ParameterRef):
        ends = widths[along.layer + 1 : along.layer + 2] + widths[along.layer : along.layer + 1]
        return len(ends) == 2 and all(at < end for at, end in zip(along.index, ends, strict=False))
    return along != WIDTH or len(config.network.hidden) == 1


@frozen_dataclass
class Axis:
    """One side of a map.

    `MapError` if such ends cannot be drawn.

    Attributes
    ----------
    along
        What changes: a setting, a weight or bias, or the distance along a direction. That has length 1 in the space of
        the parameters, but for ``towards``, which is as long as the way to the other run.
    low, high
        The two ends, outermost edges of pixels: within `limits`, and so far apart that float32 can tell them.
    """

    along: Along
    low: float
    high: float

    def __post_init__(self) -> None:
        least, most = limits(self.along)
        ends = f"{self.name} from {exact(self.low)} to {exact(self.high)} is not allowed"
        if not least <= self.low < self.high <= most:
            raise MapError(f"{ends}: the lower end first, both from {exact(least)} to {exact(most)}")
        is_wide = self.is_whole and self.high - self.low >= 1
        if not (is_wide or are_told_apart(self.low, self.high)):
            raise MapError(f"{ends}: float32 does not tell these ends apart")

    @property
    def name(self) -> str:
        """What it goes along, as the user reads it."""
        return _name(self.along)

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

    @property
    def least_step(self) -> float:
        """The smallest change that float32 can tell anywhere on it; that of the logarithm if it is logarithmic."""
        if self.is_log:
            return float(np.finfo(np.float32).eps / np.log(10))
        return float(np.spacing(np.float32(max(abs(self.low), abs(self.high)))))

    @property
    def least_width(self) -> float:
        """The narrowest range that can be drawn, of logarithms if it is logarithmic; of whole numbers about three."""
        if self.is_whole:
            return math.log10(1 + 2 / self.high) if self.is_log else 2.0
        return 2 * self.least_step

    def part(self, low: float, high: float) -> "Axis":
        """Return the part between two places, as far as it is allowed; MapError if it is too narrow."""
        least, most = limits(self.along)
        ends = (min(max(self.at(place), least), most) for place in (low, high))
        return Axis(self.along, *ends)

    def scaled(self, values: Floats | float) -> Floats:
        """Return the places of values on the axis: their logarithms to base 10, or the values themselves."""
        return np.asarray(np.log10(values) if self.is_log else values, dtype=np.float64)

    def at(self, place: float) -> float:
        """Return the value at a place, the inverse of `scaled`."""
        return 10.0**place if self.is_log else place

    def grid(self, size: int, known: Floats | None = None) -> tuple[Floats, Ints]:
        """Return the values that an axis of this many pixels has, and the index of each pixel's.

        They are the middles of the pixels, in as few decimals as tell each from the next; whole numbers occur once. A
        pixel that has one of the known values in it takes that.

        Returns
        -------
        values : float64 of shape (values,)
        places : int64 of shape (size,)
        """
        low, high = self.scaled(self.low), self.scaled(self.high)
        middles = low + (np.arange(size) + 0.5) / size * (high - low)
        if self.is_log:
            digits = max(SPARE_DIGITS, _digits((10 ** float((high - low) / size)) - 1))
            values = np.array([float(f"{10**middle:.{digits}e}") for middle in middles])
        else:
            values = np.round(middles, min(_digits(float((high - low) / size)), 17))
        if self.is_whole:
            values = np.round(values)
        if known is not None:
            pixels = np.floor((self.scaled(known) - low) / (high - low) * size).astype(np.int64)
            values[np.clip(pixels, 0, size - 1)] = known
        unique, places = np.unique(values, return_inverse=True)
        return unique, places.astype(np.int64)


def axis_of(name: str, given: object) -> Axis:
    """Return an axis that a caller gave as what changes, from where and to where; else `ConfigError`.

    What changes is a setting's path, a parameter, or the kind of a direction.
    """
    if isinstance(given, Axis):
        return given
    if not (isinstance(given, tuple | list) and len(given) == 3):
        raise ConfigError(name, f'{written(given)} is not a tuple such as ("{RATE}", 0.001, 1)')
    along, *ends = given
    path = along if isinstance(along, str) else ""
    if path in DIRECTIONS:
        along = Direction(path)
    elif not isinstance(along, ParameterRef) and path not in VARIED:
        hint = did_you_mean(shortened(path, 60), [*DIRECTIONS, *VARIED]) or f"settings are {', '.join(VARIED)}"
        kinds = f"neither a direction ({', '.join(DIRECTIONS)}) nor a setting that is a number"
        raise ConfigError(name, f"{written(along)} is {kinds}; {hint}")
    for end in ends:
        Setting("", "live", *limits(along)).check(name, end)
    try:
        return Axis(along, *map(float, ends))
    except MapError as error:
        raise ConfigError(name, str(error)) from None


def are_told_apart(low: float, high: float) -> bool:
    """Whether float32 has the first of two numbers below the second."""
    return bool(np.float32(low) < np.float32(high))


def _name(along: Along) -> str:
    if isinstance(along, str):
        return SETTINGS[along].label
    return along.kind if isinstance(along, Direction) else str(along)


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


USUAL_LIMIT = 0.1  # of a loss


@frozen_dataclass
class MapChoice:
    """A map as the user wants it.

    Attributes
    ----------
    x, y
        The axes, to the right and upwards.
    color
        A name in `core.maps.colors.COLORS`.
    limit
        Of the loss, for the color ``reached``, from `SMALLEST` to `LARGEST`.
    from_start
        Whether lines along weights and directions cross at the run's start; else at the moment that is looked at.
    has_contours
        Whether lines of equal numbers are drawn.
    ends
        The lowest and the highest number on the scale of colours; None fits them to the picture.
    """

    x: Axis
    y: Axis
    color: str
    limit: float = USUAL_LIMIT
    from_start: bool = False
    has_contours: bool = False
    ends: tuple[float, float] | None = None


@frozen_dataclass
class NamedMap:
    """A map that has a name.

    Attributes
    ----------
    title, question
        As the user reads them.
    choice
        Returns the map, for two weights to vary and the number of another run to go to, or None.
    """

    title: str
    question: str
    choice: Callable[[tuple[ParameterRef, ParameterRef], int | None], MapChoice]


def _between(_: object, other: int | None) -> MapChoice:
    if other is None:
        raise MapError("There is no other run of this shape: tick one in Runs.")
    towards = Axis(Direction("towards", other), -0.25, 1.25)
    return MapChoice(towards, Axis(Direction("sharpest"), -1.0, 1.0), "loss")


NAMED_MAPS: dict[str, NamedMap] = {
    "failure": NamedMap(
        "Where training fails",
        "Which rates diverge, from small first weights and from large ones?",
        lambda _, __: MapChoice(Axis(RATE, 3e-4, 1.0), Axis(SCALE, 0.1, 10.0), "end"),
    ),
    "valley": NamedMap(
        "The valley",
        "What does the loss look like around this network?",
        lambda _, __: MapChoice(Axis(Direction("gradient"), -1.0, 1.0), Axis(Direction("sharpest"), -1.0, 1.0), "loss"),
    ),
    "starts": NamedMap(
        "Every start",
        "Where does training end from any start of two weights?",
        lambda refs, _: MapChoice(Axis(refs[0], -3.0, 3.0), Axis(refs[1], -3.0, 3.0), "end", from_start=True),
    ),
    "between": NamedMap("Between two runs", "Is there a way from one network to the other without a hill?", _between),
    "widths": NamedMap(
        "How many neurons, how fast",
        "What learning rate can each number of neurons take?",
        lambda _, __: MapChoice(Axis(WIDTH, 1, WIDEST_SIDE_BY_SIDE), Axis(RATE, 3e-4, 1.0), "end"),
    ),
}


def usual_map() -> MapChoice:
    """Return the map that is wanted before another is chosen."""
    return NAMED_MAPS["failure"].choice((ParameterRef(0, "weight", (0, 0)), ParameterRef(0, "bias", (0,))), None)


def usual_range(along: Along, value: float) -> tuple[float, float]:
    """Return the ends of an axis around a value, such as the present setting."""
    if isinstance(along, Direction):
        return (-0.25, 1.25) if along.kind == "towards" else (-1.0, 1.0)
    low, high = limits(along)
    if isinstance(along, ParameterRef):
        reach = min(max(3.0, 2 * abs(value)), high)
        return -reach, reach
    if along == WIDTH:
        return 1, WIDEST_SIDE_BY_SIDE
    if along in LOGARITHMIC:
        middle = max(value if value > 0 else 1e-3, low)
        return max(low, middle / 30), min(high, middle * 30)
    if along.endswith("seed"):
        return 0, 255
    reach = max(1.0, 2 * abs(value))
    return max(low, -reach), min(high, reach)
