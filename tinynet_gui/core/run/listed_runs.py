"""The listed runs of a session: those trained or kept, each once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

from tinynet_gui.core.run.equality import are_equal
from tinynet_gui.core.run.run import Run, checkpoints_bytes

MOST_RUNS = 20  # besides the starred ones and the current one


class OtherRuns:
    """The runs of a session other than the current one.

    They do not change while that one is trained. Their properties are computed once and handed on, so that the cost of
    a frame does not depend on their number.

    Parameters
    ----------
    runs
        All of them, in the order in which they were begun.
    current
        The number of the current run.
    """

    def __init__(self, runs: Sequence[Run], current: int) -> None:
        place = [run.id for run in runs].index(current)
        self._before, self._after = tuple(runs[:place]), tuple(runs[place + 1 :])

    def with_run(self, current: Run) -> tuple[Run, ...]:
        """Return all runs, with a new value of the current one in its place."""
        return (*self._before, current, *self._after)

    @cached_property
    def checkpoints_bytes(self) -> int:
        """The memory taken by all their checkpoints."""
        return checkpoints_bytes((*self._before, *self._after))

    def listed_with(self, current: Run) -> tuple[Run, ...]:
        """Return the listed runs of the session, in the order in which they were begun.

        A run is listed if it has taken a step, is kept or is starred, and is not deleted. Of equal runs one is listed:
        the current one, else one that the user has changed, else the latest. Of the runs without a star the latest
        twenty are listed, and the current one.
        """
        mine = [current] if _can_be_listed(current) else []
        listed = {*mine, *(run for run in self._listed if not mine or not are_equal(run, current))}
        latest = _in_order(run for run in listed if not run.is_starred)[-MOST_RUNS:]
        return tuple(_in_order({*mine, *latest, *(run for run in listed if run.is_starred)}))

    @cached_property
    def _listed(self) -> list[Run]:
        """The runs that may be listed, plus one in case one of them equals the current run."""

        def rank(run: Run) -> tuple[int, ...]:
            return run.is_starred, run.name != "", run.is_shown, run.is_kept, run.id

        alike: dict[tuple[object, ...], list[Run]] = defaultdict(list)
        for run in sorted(filter(_can_be_listed, (*self._before, *self._after)), key=rank, reverse=True):
            known = alike[_key(run)]
            if not any(are_equal(run, other) for other in known):
                known.append(run)
        distinct = [run for known in alike.values() for run in known]
        latest = _in_order(run for run in distinct if not run.is_starred)[-MOST_RUNS - 1 :]
        return [*latest, *(run for run in distinct if run.is_starred)]


def _can_be_listed(run: Run) -> bool:
    return not run.is_deleted and bool(run.step or run.is_kept or run.is_starred)


def _key(run: Run) -> tuple[object, ...]:
    """A key shared by equal runs, and by hardly any others."""
    return run.step, run.diverged_at, *(state.parameters[0].tobytes() for state in run.checkpoints[-1:])


def _in_order(runs: Iterable[Run]) -> list[Run]:
    return sorted(runs, key=lambda run: run.id)
