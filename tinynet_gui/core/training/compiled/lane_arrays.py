"""Many small networks side by side, from arrays of their starts: without an object for each."""

from collections.abc import Sequence

import numpy as np

from tinynet_gui.core.numerics.arrays import Array, Ints, Stop
from tinynet_gui.core.training.compiled.lanes import train_lanes
from tinynet_gui.core.training.compiled.layout import aligned_zeros
from tinynet_gui.core.training.compiled.vector import LANES
from tinynet_gui.core.values import dataclass

NO_LIMIT = -np.inf


@dataclass(frozen=True, eq=False)
class Starts:
    """The starts of many runs of one shape that go side by side (`core.training.side_by_side`); float32.

    Attributes
    ----------
    parameters
        Weight, bias, weight and bias of the networks, with a first axis for the runs.
    x, y
        The training samples, (runs, samples).
    rates, decays
        Learning rates and weight decays, (runs,).
    """

    parameters: Sequence[Array]
    x: Array
    y: Array
    rates: Array
    decays: Array


@dataclass(frozen=True, eq=False)
class Ends:
    """Where many runs came to.

    Attributes
    ----------
    parameters
        As in `Starts`; of a run that diverged they mean nothing.
    losses
        The recorded losses, float32 of shape (records, runs).
    taken, finite, above
        int64 of shape (runs,): the steps taken; those before the first loss that was not finite, and those before the
        first loss below the limit, which are all if there was none.
    """

    parameters: list[Array]
    losses: Array
    taken: Ints
    finite: Ints
    above: Ints


def train_side_by_side(
    starts: Starts,
    steps: int,
    stride: int = 0,
    limit: float = NO_LIMIT,
    *,
    stop: Stop | None = None,
    progress: Ints | None = None,
    places: Sequence[int] = (),
) -> Ends:
    """Take steps of many runs, sixteen at a time, on one core. What a run comes to depends on its own start alone.

    Parameters
    ----------
    stride
        Every `stride`-th loss is recorded; none if it is 0.
    limit
        Of the loss, for `Ends.above`.
    stop
        One element; when another thread makes it nonzero, the runs end where they are.
    progress, places
        The steps taken so far are written to `progress` at `places`, one for each run, to be read during the call.
    """
    w1, b1, w2, b2 = starts.parameters
    runs, neurons, samples = len(b1), b1.shape[1], starts.x.shape[1]
    groups = -(-runs // LANES)
    x, y = (_in_lanes(values, groups) for values in (starts.x, starts.y))
    parameters = aligned_zeros(groups * (3 * neurons + 1) * LANES).reshape(groups, -1)
    views = _views(parameters, groups, neurons)
    for view, array in zip(views, (w1[..., 0], b1, w2[:, 0], b2), strict=True):
        view[:] = _grouped(array, groups)
    rates, decays = (_grouped(values[:, None], groups)[:, 0].copy() for values in (starts.rates, starts.decays))
    limits = np.full(LANES, limit, np.float32)
    losses = aligned_zeros(groups * (-(-steps // stride) if stride else 0) * LANES).reshape(groups, -1)
    finite, above = np.zeros((groups, LANES), np.int64), np.zeros((groups, LANES), np.int64)
    taken = np.zeros(groups, np.int64)
    stop = np.zeros(1, np.uint8) if stop is None else stop
    progress = np.zeros(1, np.int64) if progress is None else progress
    where = np.array(places, dtype=np.int64)
    train_lanes(
        *(neurons, samples, rates, decays, limits, x, y, steps, max(stride, 1)),
        *(parameters, losses, finite, above, taken, stop, progress, where),
    )
    first, *others = (view.transpose(0, 2, 1).reshape(-1, view.shape[1])[:runs] for view in views)
    return Ends(
        [first[..., None], others[0], others[1][:, None], others[2]],
        losses.reshape(groups, -1, LANES).swapaxes(0, 1).reshape(-1, groups * LANES)[:, :runs],
        np.repeat(taken, LANES)[:runs],
        finite.ravel()[:runs],
        above.ravel()[:runs],
    )


def _in_lanes(values: Array, groups: int) -> Array:
    """Return samples, (runs, samples), as (groups, rows · 16), where the rows are a multiple of 4."""
    rows = -(-values.shape[1] // 4) * 4
    lanes = aligned_zeros(groups * rows * LANES).reshape(groups, rows, LANES)
    lanes[:, : values.shape[1]] = _grouped(values, groups)
    return lanes.reshape(groups, -1)


def _grouped(values: Array, groups: int) -> Array:
    """Return values, (runs, n), as (groups, n, 16); lanes left over are copies of the first run."""
    missing = groups * LANES - len(values)
    if missing:
        values = np.concatenate([values, np.broadcast_to(values[:1], (missing, values.shape[1]))])
    return values.reshape(groups, LANES, -1).swapaxes(1, 2)


def _views(parameters: Array, groups: int, neurons: int) -> list[Array]:
    """Return views of w₁, b₁, w₂ and b₂ in the layout of `lanes`, each (groups, n, 16)."""
    lanes = parameters.reshape(groups, -1, LANES)
    hidden = lanes[:, :-1].reshape(groups, neurons, 3, LANES)
    return [hidden[:, :, 0], hidden[:, :, 1], hidden[:, :, 2], lanes[:, -1:]]
