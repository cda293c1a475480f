"""The choice of a map: what varies along each of its two sides, and over what range."""

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Literal

import numpy as np

from tinynet_gui.core.config import MAX_WIDTH, SETTINGS, Config, ConfigError, Setting
from tinynet_gui.core.config.sections import did_you_mean, full_path
from tinynet_gui.core.config.setting_text import paths_in_effect
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.text.language import NC_, gettext as _
from tinynet_gui.core.text.numbers import exact
from tinynet_gui.core.text.shortened import shortened, written
from tinynet_gui.core.training.start import WIDEST_SIDE_BY_SIDE
from tinynet_gui.core.values import Floats, Ints, frozen_dataclass

DirectionKind = Literal["gradient", "sharpest", "second", "run", "towards"]
DIRECTIONS: dict[DirectionKind, str] = {  # the kinds that need no other run
    "gradient": NC_("direction", "Gradient"),
    "sharpest": NC_("direction", "Sharpest direction"),
    "second": NC_("direction", "Second sharpest direction"),
    "run": NC_("direction", "Along the run"),
}

RATE, DECAY, SCALE = "training.learning_rate", "training.weight_decay", "network.weight_scale"
WIDTH = "network.hidden"  # the number of neurons of the only hidden layer
LOGARITHMIC = frozenset({WIDTH, *(path for path, setting in SETTINGS.items() if setting.is_logarithmic)})
SMALLEST, LARGEST = 1e-12, 1e6  # of log axes and losses; LARGEST also of weights, biases and distances
SPARE_DIGITS = 1  # of a coordinate, beyond those that distinguish neighbouring pixels


class MapError(ValueError):
    """A map that cannot be drawn; the message is a sentence saying why."""


@frozen_dataclass
class Direction:
    """A direction in parameter space, through the moment that a map looks from.

    Attributes
    ----------
    kind
        ``gradient``, that of the loss; ``sharpest`` and ``second``, the eigenvectors of the two largest eigenvalues of
        its Hessian; ``run``, from the run's start to its latest step; ``towards``, to the latest step of run `run_id`.
    """

    kind: DirectionKind
    run_id: int = 0


Along = str | ParameterRef | Direction  # a string is the dotted path of a setting


def limits(along: Along) -> tuple[float, float]:
    """Return the outermost ends of an axis: those of its setting, above 0 if it is logarithmic."""
    if not isinstance(along, str):
        return -LARGEST, LARGEST
    low, high = (1, MAX_WIDTH) if along == WIDTH else SETTINGS[along].bounds or (0.0, LARGEST)
    return max(low, SMALLEST) if along in LOGARITHMIC else low, high


def exists_in(along: Along, config: Config) -> bool:
    """Whether this network has the weight, bias or single hidden width of the axis; True for other axes."""
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
        What varies: a setting, a weight or bias, or the distance along a direction, in parameter space, or for
        ``towards`` as a share of the way to the other run.
    low, high
        The outer edges of the outermost pixels: within `limits`, and distinct in float32.
    """

    along: Along
    low: float
    high: float

    def __post_init__(self) -> None:
        least, most = limits(self.along)
        said = {"name": self.name, "low": exact(self.low), "high": exact(self.high)}
        if not least <= self.low < self.high <= most:
            words = _("{name} from {low} to {high} is not allowed: the lower end first, both from {least} to {most}")
            raise MapError(words.format(**said, least=exact(least), most=exact(most)))
        is_wide = self.is_whole and self.high - self.low >= 1
        if not (is_wide or are_told_apart(self.low, self.high)):
            words = _("{name} from {low} to {high} is not allowed: float32 does not tell these ends apart")
            raise MapError(words.format(**said))

    @property
    def name(self) -> str:
        """What it goes along, in the user's words."""
        if isinstance(self.along, str):
            return SETTINGS[self.along].label
        return self.along.kind if isinstance(self.along, Direction) else str(self.along)

    @property
    def is_log(self) -> bool:
        return self.along in LOGARITHMIC

    @property
    def is_whole(self) -> bool:
        return isinstance(self.along, str) and is_whole(self.along)

    @property
    def needs_reset(self) -> bool:
        """Whether it is a setting that requires new data or a new network."""
        return isinstance(self.along, str) and SETTINGS[self.along].effect == "reset"

    @property
    def least_step(self) -> float:
        """The smallest change, of the logarithm if it is logarithmic, that float32 can represent anywhere on it."""
        if self.is_log:
            return float(np.finfo(np.float32).eps / np.log(10))
        return float(np.spacing(np.float32(max(abs(self.low), abs(self.high)))))

    @property
    def least_width(self) -> float:
        """The narrowest range that can be drawn, of logarithms if it is logarithmic; about three whole numbers."""
        if self.is_whole:
            return math.log10(1 + 2 / self.high) if self.is_log else 2.0
        return 2 * self.least_step

    def part(self, low: float, high: float) -> "Axis":
        """Return the part between two places, clipped to `limits`; MapError if it is too narrow."""
        least, most = limits(self.along)
        ends = (min(max(self.at(place), least), most) for place in (low, high))
        return Axis(self.along, *ends)

    def scaled(self, values: Floats | float) -> Floats:
        """Return values as places on the axis: their base-10 logarithms, or the values themselves."""
        return np.asarray(np.log10(values) if self.is_log else values, dtype=np.float64)

    def at(self, place: float) -> float:
        """Return the value at a place, the inverse of `scaled`."""
        return 10.0**place if self.is_log else place

    def grid(self, size: int, known: Floats | None = None) -> tuple[Floats, Ints]:
        """Return the values of an axis of this many pixels, and for each pixel the index of its value.

        They are the middles of the pixels, rounded to as few decimals as keep them distinct; whole numbers occur once.
        A pixel that contains one of the known values takes it.

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
    """Validate a caller's (along, low, high) and return its axis; else `ConfigError`.

    `along` is a setting's path, a parameter, or the kind of a direction.
    """
    if isinstance(given, Axis):
        return given
    if not (isinstance(given, tuple | list) and len(given) == 3):
        raise ConfigError(name, f'{written(given)} is not a tuple such as ("{RATE}", 0.001, 1)')
    along, *ends = given
    path = along if isinstance(along, str) else ""
    if not isinstance(along, ParameterRef) and path not in DIRECTIONS:
        with suppress(ConfigError):
            along = path = full_path(path)
    if path in DIRECTIONS:
        along = Direction(path)
    elif not isinstance(along, ParameterRef) and path not in VARIED:
        hint = did_you_mean(shortened(path, 60), [*DIRECTIONS, *VARIED]) or f"settings are {', '.join(VARIED)}"
        kinds = f"neither a direction ({', '.join(DIRECTIONS)}) nor a setting that is a number"
        raise ConfigError(name, f"{written(along)} is {kinds}; {hint}")
    for end in ends:
        Setting("", "live", limits(along)).check(name, end)
    try:
        return Axis(along, *map(float, ends))
    except MapError as error:
        raise ConfigError(name, str(error)) from None


def are_told_apart(low: float, high: float) -> bool:
    """Whether float32 distinguishes two numbers, the first below the second."""
    return bool(np.float32(low) < np.float32(high))


def _digits(step: float) -> int:
    """Return how many decimals distinguish numbers that differ by a step."""
    return math.ceil(-math.log10(step)) + SPARE_DIGITS if step > 0 else 17


def is_whole(path: str) -> bool:
    """Whether a setting is a whole number, or the width of a layer."""
    return path == WIDTH or isinstance(Config().get(path), int)


def value_of(config: Config, path: str) -> float:
    """Return a setting's number; the only hidden layer's width for `WIDTH`."""
    value = config.get(path)
    return float(value[0] if path == WIDTH else value)


def as_setting(path: str, value: float) -> object:
    return (int(value),) if path == WIDTH else int(value) if is_whole(path) else value


VARIED = tuple(path for path, setting in SETTINGS.items() if path == WIDTH or setting.bounds)


def settings_to_vary(config: Config) -> Iterator[str]:
    """Yield the paths of numeric settings that affect this configuration's training."""
    in_effect = paths_in_effect(config)
    return (path for path in VARIED if path in in_effect and (path != WIDTH or len(config.network.hidden) == 1))


USUAL_LIMIT = 0.1  # of a loss


@frozen_dataclass
class MapChoice:
    """The user's choice of a map.

    Attributes
    ----------
    color
        A name in `core.maps.colors.COLORS`.
    limit
        Of the loss, for the color ``reached``, from `SMALLEST` to `LARGEST`.
    from_start
        Whether lines along weights and directions cross at the run's start, or at the moment shown.
    ends
        The ends of the colour scale; None fits them to the picture.
    """

    x: Axis
    y: Axis
    color: str
    limit: float = USUAL_LIMIT
    from_start: bool = False
    has_contours: bool = False
    ends: tuple[float, float] | None = None

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """Both axes: x, y."""
        return self.x, self.y


@frozen_dataclass
class NamedMap:
    """A predefined map, offered by name.

    Attributes
    ----------
    title, question
        Shown to the user.
    choice
        Returns the map, for two weights to vary and the number of another run, or None.
    """

    title: str
    question: str
    choice: Callable[[tuple[ParameterRef, ParameterRef], int | None], MapChoice]


def _between(_refs: object, other: int | None) -> MapChoice:
    if other is None:
        raise MapError(_("There is no other run of this shape: tick one in Runs."))
    return MapChoice(Axis(Direction("towards", other), -0.25, 1.25), Axis(Direction("sharpest"), -1.0, 1.0), "loss")


NAMED_MAPS: dict[str, NamedMap] = {
    "failure": NamedMap(
        _("Where training fails"),
        _("Which rates diverge, from small first weights and from large ones?"),
        lambda _, __: MapChoice(Axis(RATE, 3e-4, 1.0), Axis(SCALE, 0.1, 10.0), "end"),
    ),
    "valley": NamedMap(
        _("The valley"),
        _("What does the loss look like around this network?"),
        lambda _, __: MapChoice(Axis(Direction("gradient"), -1.0, 1.0), Axis(Direction("sharpest"), -1.0, 1.0), "loss"),
    ),
    "starts": NamedMap(
        _("Every start"),
        _("Where does training end from any start of two weights?"),
        lambda refs, _other: MapChoice(Axis(refs[0], -3.0, 3.0), Axis(refs[1], -3.0, 3.0), "end", from_start=True),
    ),
    "between": NamedMap(
        _("Between two runs"), _("Is there a way from one network to the other without a hill?"), _between
    ),
    "widths": NamedMap(
        _("How many neurons, how fast"),
        _("What learning rate can each number of neurons take?"),
        lambda _, __: MapChoice(Axis(WIDTH, 1, WIDEST_SIDE_BY_SIDE), Axis(RATE, 3e-4, 1.0), "end"),
    ),
}


@cache
def usual_map() -> MapChoice:
    """Return the map shown until the user chooses another."""
    return NAMED_MAPS["failure"].choice((ParameterRef(0, "weight", (0, 0)), ParameterRef(0, "bias", (0,))), None)


def usual_range(along: Along, value: float) -> tuple[float, float]:
    """Return the ends of an axis around a value, such as the current setting."""
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
