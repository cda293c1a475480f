"""A lazy twin at moment after moment of a run, however often its rate was changed."""

from collections.abc import Sequence

from tinynet_gui.core.lazy_twin.twin import LazyTwin, Rates, TwinState

EVERY = 16  # changes of the rate: the state after so many is kept


class TwinCourse:
    """Finds the states of a twin on ways that begin alike, from those that are kept."""

    def __init__(self, twin: LazyTwin) -> None:
        self._twin = twin
        self._kept: list[tuple[Sequence[Rates], TwinState]] = []  # the last of the way to there, and the state

    def after(self, way: Sequence[Rates]) -> TwinState:
        """Return what `LazyTwin.after` does."""
        state, begin = None, 0
        for place in range((len(way) - 1) // EVERY):  # what is complete: the last may go on
            part, begin = way[begin : begin + EVERY], begin + EVERY
            if place == len(self._kept) or self._kept[place][0] != part:
                self._kept[place:] = [(part, self._twin.after(part, state))]
            state = self._kept[place][1]
        return self._twin.after(way[begin:], state)
