"""How far a run is from a plane through one of its moments: a picture of the plane must not claim to show its path."""

import math
from collections.abc import Sequence

import numpy as np

from tinynet_gui.core.maps.standpoint import Plane, as_arrays, flat
from tinynet_gui.core.network.forward import as_layers
from tinynet_gui.core.numerics.arrays import Floats
from tinynet_gui.core.training.passes import training_loss
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True)
class OffPlane:
    """A moment of a run, and the nearest point of a plane.

    Attributes
    ----------
    step
        The moment's.
    distance
        Between the two, in the space of all weights and biases.
    loss, plane_loss
        At the moment, and at the point of the plane.
    """

    step: int
    distance: float
    loss: float
    plane_loss: float

    @property
    def factor(self) -> float:
        """By what factor the two losses differ, at least 1."""
        low, high = sorted((self.loss, self.plane_loss))
        return high / low if low > 0 else np.inf


def farthest_off(plane: Plane, states: Sequence[TrainerState]) -> OffPlane | None:
    """Return that of a run's states at which the plane's loss differs from the run's by the largest factor.

    None if there are no finite ones.
    """
    here, basis = plane.here, np.stack(plane.vectors, axis=1)
    moments = np.stack([flat(state) for state in states])
    apart = moments - here.flat
    nearest = here.flat + apart @ (basis @ np.linalg.pinv(basis)).T
    losses, in_plane = (_losses(plane, points) for points in (moments, nearest))
    distances = np.linalg.norm(moments - nearest, axis=1)
    together = zip((state.step for state in states), distances.tolist(), losses, in_plane, strict=True)
    found = [OffPlane(*one) for one in together if all(map(math.isfinite, one))]
    return max(found, key=lambda one: one.factor, default=None)


def _losses(plane: Plane, points: Floats) -> list[float]:
    """Return the loss at each point, (points, parameters)."""
    layers = as_layers(as_arrays(points.astype(np.float32), plane.here.state.parameters))
    return [float(loss) for loss in training_loss(plane.here.config, plane.here.dataset, layers)]
