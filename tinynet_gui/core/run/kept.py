"""Which runs of a session are listed: those that were trained or kept, each once."""

from collections.abc import Sequence

from tinynet_gui.core.run.equality import are_equal
from tinynet_gui.core.run.run import Run

MOST_RUNS = 20  # besides those that are starred, and the one that is looked at


def kept_among(runs: Sequence[Run], current: int) -> tuple[Run, ...]:
    """Return the runs of a session that are listed, in the order in which they were begun.

    A run is listed that has taken a step, is kept or is starred, and is not deleted; of equal ones the one that is
    looked at, else one that the user did something to, else the latest. Of those that are not starred there are the
    latest twenty, and the one that is looked at.

    Parameters
    ----------
    current
        The number of the run that is looked at.
    """
    candidates = [run for run in runs if not run.is_deleted and (run.step or run.is_kept or run.is_starred)]

    def rank(run: Run) -> tuple[int, ...]:
        return run.id == current, run.is_starred, run.name != "", run.is_shown, run.is_kept, run.id

    distinct: list[Run] = []
    for run in sorted(candidates, key=rank, reverse=True):
        if not any(are_equal(run, other) for other in distinct):
            distinct.append(run)
    distinct.sort(key=lambda run: run.id)
    latest = {run.id for run in [run for run in distinct if not run.is_starred][-MOST_RUNS:]}
    return tuple(run for run in distinct if run.is_starred or run.id in latest or run.id == current)
