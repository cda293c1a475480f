"""How far a run is from a plane through one of its moments: a picture of the plane must not claim to show its path."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tinynet_gui.core.maps.axes import Floats
from tinynet_gui.core.maps.standpoint import Plane, as_arrays, flat
from tinynet_gui.core.network.forward import as_layers
from tinynet_gui.core.training.passes import network_loss
from tinynet_gui.core.training.state import TrainerState


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


def farthest_off(plane: Plane, states: Iterable[TrainerState]) -> OffPlane | None:
    """Return that of a run's states at which the plane's loss differs from the run's by the largest factor.

    None if there are no finite ones.
    """
    here = plane.here
    basis = np.stack([_direction(plane, side) for side in (0, 1)], axis=1)
    found: list[OffPlane] = []
    for state in states:
        apart = flat(state) - here.flat
        coordinates, *_ = np.linalg.lstsq(basis, apart, rcond=None)
        nearest = basis @ coordinates
        points = np.stack([here.flat + nearest, flat(state)]).astype(np.float32)
        plane_loss, loss = _losses(plane, as_arrays(points, here.state.parameters))
        if np.isfinite(loss) and np.isfinite(plane_loss):
            distance = float(np.linalg.norm(apart - nearest))
            found.append(OffPlane(state.step, distance, float(loss), float(plane_loss)))
    return max(found, key=lambda one: one.factor, default=None)


def _direction(plane: Plane, side: int) -> Floats:
    vector = plane.vectors[side]
    return vector / np.linalg.norm(vector)


def _losses(plane: Plane, parameters: list[np.ndarray]) -> np.ndarray:
    here, x, y = plane.here, plane.here.dataset.x_train[:, 0], plane.here.dataset.y_train[:, 0]
    return network_loss(as_layers(parameters), here.config.network.activation, here.config.training.loss, x, y)
