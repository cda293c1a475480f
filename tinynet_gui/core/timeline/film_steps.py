"""Which steps of a run a film shows: it follows the curve where it moves, and does not wait where it stands."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array

STANDS = 0.02  # of the film at least goes evenly over the steps, so that what hardly moves is not left out
MOST_LOOKED_AT = 400  # steps of which the curve is taken, to find out how far it moves between them


def looked_at_steps(last: int, count: int = MOST_LOOKED_AT) -> tuple[int, ...]:
    """Return steps from 0 to the last at which to look at the curve, close at the beginning, where most happens.

    Half of them lie evenly on a logarithmic axis, half on a linear one.
    """
    even = np.linspace(0, last, max(2, count // 2))
    growing = np.geomspace(1, max(1, last), max(2, count - count // 2))
    wanted = np.rint(np.concatenate([[0, last], even, growing])).astype(np.int64)
    return tuple(np.unique(np.clip(wanted, 0, last)).tolist())


def film_steps(steps: Sequence[int], curves: Sequence[Array], frames: int) -> tuple[int, ...]:
    """Choose the steps of a film's frames, so that the curve moves about as far from each to the next.

    Parameters
    ----------
    steps
        At which the curve is known, growing, from the first to the last of the film.
    curves
        The network's output at each of them, each of shape (points,); what is not finite counts as standing.
    frames
        How many there are to be; fewer where the run has fewer steps.

    Returns
    -------
    tuple of int
        Growing, with the first and the last step.
    """
    known = np.asarray(steps, dtype=np.float64)
    way = np.concatenate([[0.0], np.cumsum(_lengths(curves))])
    time = (known - known[0]) / max(known[-1] - known[0], 1.0)
    moved = way / way[-1] if way[-1] > 0 else time
    pace = (1 - STANDS) * moved + STANDS * time  # grows from 0 to 1, everywhere at least a little
    wanted = np.rint(np.interp(np.linspace(0, 1, max(2, frames)), pace, known)).astype(np.int64)
    return tuple(np.unique(np.concatenate([wanted, [steps[0], steps[-1]]])).tolist())


def _lengths(curves: Sequence[Array]) -> npt.NDArray[np.float64]:
    """How far the curve moves from each step to the next: the root mean square of its change."""
    table = np.asarray(curves, dtype=np.float64)
    change = np.diff(table, axis=0)
    lengths = np.sqrt(np.mean(np.square(change), axis=1))
    return np.where(np.isfinite(lengths), lengths, 0.0)
