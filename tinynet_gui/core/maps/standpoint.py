"""The moment that a map looks from, and the network at each of its points."""

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from tinynet_gui.core.config import SETTINGS, Config, ConfigError
from tinynet_gui.core.config.setting_text import differing_paths
from tinynet_gui.core.maps.axes import Along, Axis, Direction, MapError, as_setting, exists_in, value_of
from tinynet_gui.core.network.forward import as_layers, unflattened
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.run.train import TrainingResult
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.training.snapshot import training_loss
from tinynet_gui.core.training.start import Dataset, TrainerState, initial_state, make_dataset
from tinynet_gui.core.values import Array, Floats, frozen_dataclass, owned

PARALLEL = 1e-3  # two directions span a plane if at least this share of one is perpendicular to the other


@frozen_dataclass(eq=False)
class Standpoint:
    """The moment that a map looks from, and the states that its directions lead to.

    Attributes
    ----------
    config, dataset, state
        Of the moment; `state` is the origin of weights and directions.
    start, latest, other
        The first and the latest state of its run, and the latest of another one; None if no direction needs it.
    """

    config: Config
    dataset: Dataset
    state: TrainerState
    start: TrainerState | None = None
    latest: TrainerState | None = None
    other: TrainerState | None = None

    @classmethod
    def of(cls, start: object) -> "Standpoint":
        """Return the moment before a configuration's first step, or after a training's last; else `ConfigError`."""
        match start:
            case Standpoint():
                return start
            case Config():
                return cls(start, make_dataset(start.data), initial_state(start))
            case TrainingResult():
                first, latest = start.run.checkpoints[0], start.state
                return cls(start.config, start.dataset, latest, start=first, latest=latest)
        raise ConfigError("start", f"{written(start)} is neither a Config nor a result of train")

    @cached_property
    def flat(self) -> Floats:
        """All parameters, float64 of shape (parameters,), in the order of `TrainerState.parameters`."""
        return flat(self.state)

    def index_of(self, ref: ParameterRef) -> int:
        """Return the index of a parameter in `flat`; MapError if there is none."""
        arrays = self.state.parameters
        try:
            inside = int(np.ravel_multi_index(ref.index, arrays[ref.array].shape))
        except (IndexError, ValueError):
            # Translators: {name} is such as “weight 1 of neuron 2 of layer 3”.
            raise MapError(_("This network has no {name}.").format(name=ref)) from None
        return sum(array.size for array in arrays[: ref.array]) + inside

    def direction(self, direction: Direction) -> Floats:
        """Return a direction, float64 of shape (parameters,), of length 1 except for ``towards``.

        `MapError` if there is no such direction here.
        """
        if direction.kind in ("sharpest", "second"):
            vector: Floats = self._sharpest[int(direction.kind == "second")]
            return vector
        if direction.kind == "gradient":
            found = self._gradient
        elif direction.kind == "run":
            found = _between(self.start, self.latest, _("This run has taken no step yet: it leads nowhere."))
        else:
            found = _between(self.state, self.other, _("There is no other run of this shape: tick one in Runs."))
        length = float(np.linalg.norm(found))
        if not 0 < length < np.inf:
            is_gradient = direction.kind == "gradient"
            raise MapError(_("The gradient is 0 here.") if is_gradient else _("Both ends are the same."))
        return found if direction.kind == "towards" else np.asarray(found / length)

    @cached_property
    def _gradient(self) -> Floats:
        from tinynet_gui.core.step.curvature import LossDerivatives

        return LossDerivatives(self.config, self.dataset, self.state).gradient

    @cached_property
    def _sharpest(self) -> Floats:
        from tinynet_gui.core.step.curvature import sharpest_directions

        _curvatures, vectors = sharpest_directions(self.config, self.dataset, self.state, 2)
        if len(vectors) < 2 or not np.isfinite(vectors).all():
            raise MapError(_("The loss at this point is too large for its curvature to be computed."))
        return vectors


def is_same_map(one: Standpoint, other: Standpoint, x: Axis, y: Axis) -> bool:
    """Whether two standpoints show the same map over two axes: they differ at most in what it varies."""
    axes = x.along, y.along
    if any(exists_in(along, one.config) != exists_in(along, other.config) for along in axes):
        return False
    varied = [along for along in axes if isinstance(along, str)]
    if any(path not in varied for path in differing_paths(one.config, other.config)):
        return False
    if len(varied) == len(axes):
        return True
    ends = (one.start, other.start), (one.latest, other.latest), (one.other, other.other)
    needs_ends = any(isinstance(along, Direction) and along.kind in ("run", "towards") for along in axes)
    if needs_ends and not all(_are_equal(*pair) for pair in ends):
        return False
    free = [one.index_of(along) for along in axes if isinstance(along, ParameterRef) and exists_in(along, one.config)]
    return one.dataset is other.dataset and _are_equal(one.state, other.state, free)


def _are_equal(one: TrainerState | None, other: TrainerState | None, free: Sequence[int] = ()) -> bool:
    """Whether two states are equal, ignoring the parameters at the `free` indices."""
    if one is other or one is None or other is None:
        return one is other
    a, b = flat(one), flat(other)
    if a.shape != b.shape or one.step != other.step:
        return False
    a[list(free)] = b[list(free)] = 0.0
    slots = zip(one.slots, other.slots, strict=True)
    return np.array_equal(a, b) and all(np.array_equal(p, q) for s, t in slots for p, q in zip(s, t, strict=True))


def flat(state: TrainerState) -> Floats:
    """Return all parameters concatenated, float64 of shape (parameters,)."""
    return np.concatenate([array.ravel() for array in state.parameters]).astype(np.float64)


def _between(one: TrainerState | None, other: TrainerState | None, trouble: str) -> Floats:
    if one is None or other is None:
        raise MapError(trouble)
    if [a.shape for a in one.parameters] != [a.shape for a in other.parameters]:
        raise MapError(_("The other run's network has another shape."))
    return flat(other) - flat(one)


class Plane:
    """Two axes at a standpoint: maps a point (x, y) to settings and parameters.

    Two directions span a plane through the moment; the second is orthogonalised against the first.

    `MapError` if the axes cannot be combined, or one of them does not exist here.
    """

    def __init__(self, here: Standpoint, x: Axis, y: Axis) -> None:
        self.here, self.axes = here, (x, y)
        if x.along == y.along:
            raise MapError(_("Both axes are the same: choose another one."))
        self.is_of_settings = all(isinstance(axis.along, str) for axis in self.axes)
        new = [SETTINGS[str(axis.along)].label for axis in self.axes if axis.needs_reset]
        if new and not self.is_of_settings:
            words = _(
                "{setting} makes a new network: it goes with another setting. A direction goes with another direction "
                "or with a weight."
            )
            raise MapError(words.format(setting=new[0]))
        if any(isinstance(axis.along, str) and not exists_in(axis.along, here.config) for axis in self.axes):
            raise MapError(_("There is no one number of neurons: the network does not have exactly one hidden layer."))
        self.vectors = [self._vector(axis.along) for axis in self.axes]
        if all(isinstance(axis.along, Direction) for axis in self.axes):
            self.vectors[1] = _at_right_angle(*self.vectors)

    def _vector(self, along: Along) -> Floats:
        """Return the change of the parameters per unit of a parameter or direction; nothing for a setting."""
        if isinstance(along, Direction):
            return self.here.direction(along)
        vector = np.zeros_like(self.here.flat)
        if isinstance(along, ParameterRef):
            vector[self.here.index_of(along)] = 1.0
        return vector

    @property
    def most_held_out(self) -> int:
        """The largest number of held-out samples at any of its points."""
        varied = [axis for axis in self.axes if axis.along in ("data.held_out", "data.sample_count")]
        most = {str(axis.along): as_setting(str(axis.along), axis.high) for axis in varied}
        return len(make_dataset(self.here.config.with_changes(most).data).x_held_out)

    @property
    def is_of_parameters(self) -> bool:
        return not any(isinstance(axis.along, str) for axis in self.axes)

    def origin_of(self, here: Standpoint) -> tuple[float, float]:
        """Return the coordinates of a moment or its settings, for which `is_same_map` holds."""
        x, y = (self._origin(here, axis.along) for axis in self.axes)
        return x, y

    def _origin(self, here: Standpoint, along: Along) -> float:
        if isinstance(along, str):
            return value_of(here.config, along)
        return float(here.flat[here.index_of(along)]) if isinstance(along, ParameterRef) else 0.0

    def parameters_at(self, x: Floats, y: Floats) -> list[Array]:
        """Return the networks at points: float32 arrays with a new first axis, (points,)."""
        points = np.broadcast_to(self.here.flat, (len(x), len(self.here.flat))).copy()
        for axis, vector, values in zip(self.axes, self.vectors, (x, y), strict=True):
            if isinstance(axis.along, Direction):
                points += values[:, None] * vector
        for axis, values in zip(self.axes, (x, y), strict=True):
            if isinstance(axis.along, ParameterRef):  # set last, so that no direction changes it
                points[:, self.here.index_of(axis.along)] = values
        return unflattened(points.astype(np.float32), self.here.config.network.widths)

    def config_at(self, x: float, y: float) -> Config:
        """Return the settings at a point; ConfigError if they are not allowed."""
        places = zip((axis.along for axis in self.axes), (x, y), strict=True)
        changes = {along: as_setting(along, value) for along, value in places if isinstance(along, str)}
        return self.here.config.with_changes(changes) if changes else self.here.config

    def start_at(self, x: float, y: float) -> tuple[Config, Dataset, TrainerState]:
        """Return the settings, samples and state to train from at a point; ConfigError as in `config_at`."""
        config = self.config_at(x, y)
        if self.is_of_settings:
            return config, make_dataset(config.data), initial_state(config)
        arrays = (owned(array[0]) for array in self.parameters_at(np.array([x]), np.array([y])))
        return config, self.here.dataset, TrainerState(self.here.state.step, tuple(arrays), self.here.state.slots)

    def least_width(self, axis: int, pixels: int) -> float:
        """Return the narrowest range of an axis, 0 or 1, with distinct points in float32; about three whole numbers.

        For a logarithmic axis it is that of the logarithms.
        """
        return self.axes[axis].least_width if self.axes[axis].is_whole else pixels * self.least_step(axis)

    def least_step(self, axis: int) -> float:
        """Return the smallest change along an axis, 0 or 1, that float32 can represent at the standpoint.

        For a logarithmic axis it is that of the logarithm.
        """
        along = self.axes[axis].along
        if isinstance(along, Direction):
            moved = np.abs(self.vectors[axis])
            spacing = np.spacing(np.abs(self.here.flat).astype(np.float32)).astype(np.float64)
            return float(np.min(spacing[moved > 0] / moved[moved > 0]))
        return self.axes[axis].least_step


def _at_right_angle(x: Floats, y: Floats) -> Floats:
    """Orthonormalise y against x."""
    along = x / np.linalg.norm(x)
    rest = y - (y @ along) * along
    left = float(np.linalg.norm(rest))
    if left < PARALLEL * float(np.linalg.norm(y)):
        raise MapError(_("Both directions are the same here: choose another one."))
    return rest / left


@frozen_dataclass
class OffPlane:
    """A moment of a run, and the nearest point of a plane.

    Attributes
    ----------
    distance
        Between the two, in parameter space.
    loss, plane_loss
        At the moment, and at the point of the plane.
    """

    step: int
    distance: float
    loss: float
    plane_loss: float

    @property
    def factor(self) -> float:
        """The ratio of the two losses, at least 1."""
        low, high = sorted((self.loss, self.plane_loss))
        return high / low if low > 0 else np.inf


def farthest_off(plane: Plane, states: Sequence[TrainerState]) -> OffPlane | None:
    """Return the moment of a run at which the plane's loss differs from its own by the largest factor.

    None if no state is finite.
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
    layers = as_layers(unflattened(points.astype(np.float32), plane.here.config.network.widths))
    return [float(loss) for loss in training_loss(plane.here.config, plane.here.dataset, layers)]
