"""A map that is to be drawn, and what there is of it; no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

from tinynet_gui.core.maps.choice import MapChoice
from tinynet_gui.core.maps.off_plane import OffPlane
from tinynet_gui.core.maps.outcome_map import Picture
from tinynet_gui.core.maps.standpoint import Standpoint, is_same_map
from tinynet_gui.core.training.state import TrainerState


@dataclass(frozen=True, eq=False)
class Wanted:
    """A map to be drawn: where it looks from, what it shows, and its size in pixels."""

    here: Standpoint
    choice: MapChoice
    size: tuple[int, int]
    states: Sequence[TrainerState] = ()  # of the run, to say how far it is from the plane


@dataclass(frozen=True, eq=False)
class Drawn:
    """What there is of a map."""

    wanted: Wanted
    picture: Picture
    off_plane: OffPlane | None


def is_of_settings(choice: MapChoice) -> bool:
    """Whether both axes are settings: then it does not depend on the moment."""
    return isinstance(choice.x.along, str) and isinstance(choice.y.along, str)


def is_same_picture(one: Wanted, other: Wanted) -> bool:
    """Whether two maps have the same picture."""
    return (one.choice, one.size) == (other.choice, other.size) and is_same_map(
        one.here, other.here, one.choice.x, one.choice.y
    )
