"""The steps of a run that a film shows: more where the curve moves, few where it stands still."""

from collections.abc import Sequence

import numpy as np

from tinynet_gui.core.numerics.arrays import Array, Floats

STANDS = 0.02  # of the film at least follows the steps evenly, so that slow changes are not skipped
MOST_LOOKED_AT = 400  # steps at which the curve is computed, to see how far it moves


def looked_at_steps(last: int, count: int = MOST_LOOKED_AT) -> tuple[int, ...]:
    """Return steps from 0 to the last at which to compute the curve, denser at the beginning, where most happens.

    Half of them are spaced evenly on a logarithmic axis, half on a linear one.
    """
    even = np.linspace(0, last, max(2, count // 2))
    growing = np.geomspace(1, max(1, last), max(2, count - count // 2))
    wanted = np.rint(np.concatenate([[0, last], even, growing])).astype(np.int64)
    return tuple(np.unique(np.clip(wanted, 0, last)).tolist())


def film_steps(steps: Sequence[int], curves: Sequence[Array], frames: int) -> tuple[int, ...]:
    """Choose the steps of a film's frames, so that the curve moves about equally far between frames.

    They increase, and include the first and the last step.

    Parameters
    ----------
    steps
        Steps with a known curve, increasing, from the first to the last of the film.
    curves
        The network's output at each of them, each of shape (points,); values that are not finite count as unmoved.
    frames
        The number of frames wanted; fewer if the run has fewer steps.
    """
    known = np.asarray(steps, dtype=np.float64)
    way = np.concatenate([[0.0], np.cumsum(_lengths(curves))])
    time = (known - known[0]) / max(known[-1] - known[0], 1.0)
    moved = way / way[-1] if way[-1] > 0 else time
    pace = (1 - STANDS) * moved + STANDS * time  # grows from 0 to 1, everywhere at least a little
    wanted = np.rint(np.interp(np.linspace(0, 1, max(2, frames)), pace, known)).astype(np.int64)
    return tuple(np.unique(np.concatenate([wanted, [steps[0], steps[-1]]])).tolist())


def _lengths(curves: Sequence[Array]) -> Floats:
    """Return how far the curve moves from each step to the next: the root mean square of its change."""
    table = np.asarray(curves, dtype=np.float64)
    change = np.diff(table, axis=0)
    lengths = np.sqrt(np.mean(np.square(change), axis=1))
    return np.where(np.isfinite(lengths), lengths, 0.0)
