"""What map the user wants to see: as a value, and as one of five with names."""

from collections.abc import Callable

from tinynet_gui.core.maps.axes import LOGARITHMIC, RATE, SCALE, WIDTH, Along, Axis, Direction, MapError, limits
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.training.side_by_side import WIDEST_SIDE_BY_SIDE
from tinynet_gui.core.values import dataclass

USUAL_LIMIT = 0.1  # of a loss


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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
