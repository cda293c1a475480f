"""Map pictures as computations for `Jobs`, refined from coarse to fine."""

from collections.abc import Sequence
from dataclasses import replace

from tinynet_gui.core.maps import axes, colors, networks, outcome_map, standpoint
from tinynet_gui.core.system.background import WINDOW
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.engine.jobs.jobs import Job

HURRY_S = 0.03  # a slice runs this long without giving way to the window
SLOW_PIXELS = 4  # side of the finest points of a map whose runs are trained one by one


@frozen_dataclass(eq=False)
class Wanted:
    """A map to draw: its viewpoint, its quantity, and its size in pixels."""

    here: standpoint.Standpoint
    choice: axes.MapChoice
    size: tuple[int, int]


@frozen_dataclass(eq=False)
class Drawn:
    wanted: Wanted
    picture: outcome_map.OutcomeMap
    off_plane: standpoint.OffPlane | None


def is_of_settings(choice: axes.MapChoice) -> bool:
    """Whether both axes are settings, so that the map does not depend on the moment."""
    return isinstance(choice.x.along, str) and isinstance(choice.y.along, str)


def is_same_picture(one: Wanted, other: Wanted) -> bool:
    """Whether two maps have the same picture, regardless of size."""
    return one.choice == other.choice and standpoint.is_same_map(one.here, other.here, one.choice.x, one.choice.y)


def has_pixels_of(one: Wanted, other: Wanted) -> bool:
    """Whether one map's picture has enough pixels for the other, to be scaled down."""
    return is_same_picture(one, other) and all(has >= needs for has, needs in zip(one.size, other.size, strict=True))


def first_picture(
    wanted: Wanted, earlier: outcome_map.OutcomeMap | None, states: Sequence[TrainerState], job: Job
) -> Drawn | str | None:
    """Compute the first, coarsest picture of a map; a text says why there is none, None that the job was stopped.

    It includes the distances of `states` from its plane, and reuses an earlier picture of the same map in another size.
    """
    choice = wanted.choice
    if not colors.COLORS[choice.color].is_trained:
        WINDOW.hurry(HURRY_S)  # a slice must keep up with the time line
    try:
        plane = standpoint.Plane(wanted.here, choice.x, choice.y) if earlier is None else earlier.plane
    except axes.MapError as error:
        return str(error)
    quick = networks.is_quick(plane, colors.COLORS[choice.color])
    width, height = (max(1, pixels // (1 if quick else SLOW_PIXELS)) for pixels in wanted.size)
    empty = outcome_map.blank_map(plane, choice.color, (width, height), choice.limit, earlier)

    def report(share: float, picture: outcome_map.OutcomeMap) -> None:
        job.report(share * (2 / empty.spacing) ** 2, Drawn(wanted, picture, None))

    picture = outcome_map.refined(empty, job.stop, None if quick and earlier is None else report)
    is_landscape = plane.is_of_parameters and not colors.COLORS[choice.color].is_trained
    off = standpoint.farthest_off(plane, states) if is_landscape else None
    return None if job.stop[0] else Drawn(wanted, picture, off)


def finer(drawn: Drawn, job: Job) -> Drawn | None:
    """Return the next finer picture; None if it was stopped."""
    before, after = (1 / (drawn.picture.spacing / part) ** 2 for part in (1, 2))

    def report(share: float, picture: outcome_map.OutcomeMap) -> None:
        job.report(before + share * (after - before), replace(drawn, picture=picture))

    picture = outcome_map.refined(drawn.picture, job.stop, report)
    return None if job.stop[0] else replace(drawn, picture=picture)


def network_at(plane: standpoint.Plane, color: str, x: float, y: float, job: Job) -> colors.Networks | None:
    """Return the network at a point, trained if the colour needs it; None if there is none, or it was stopped."""
    found = networks.network_at(plane, x, y, is_trained=colors.COLORS[color].is_trained, stop=job.stop)
    return None if job.stop[0] else found
