"""Draws the lazy twin of the network in the function plot: at the moment in sight, or the ghost's while it is there."""

from collections.abc import Hashable
from operator import is_
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.engine.jobs.computations import KernelMoved, TwinFound, kernel_moved, lazy_twin
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.single_shot import single_shot
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.function_plot.lazy_twin import TwinShown
from tinynet_gui.ui.window.context import Context

if TYPE_CHECKING:
    from tinynet_gui.core.lazy_twin.of_run import TwinPlan
    from tinynet_gui.core.lazy_twin.twin import LazyTwin

KEY, MOVED_KEY = "lazy twin", "kernel moved"
REMEMBERED = 4  # twins: of a thousand samples each has 20 MB
SMALL = 3_000_000  # multiplications: with so few the movement of the kernel is measured at once
READ_S = 0.3  # the number is read: while moments follow each other it changes no faster,
STILL_MS = 150  # and without a new one for this long it is that of the moment
LATE_MS = 400  # what takes longer is said
LOOKED_AT = ("snapshot", "run", "shows_twin", "shows_modes")


def _plan_at(state: AppState) -> "TwinPlan | None":
    """Return how the twin of the moment in sight is found; None while that is another run's."""
    from tinynet_gui.core.lazy_twin.of_run import plan_at

    snapshot, run = state.snapshot, state.run
    is_there = snapshot is not None and snapshot.run_id == run.id and snapshot.step <= run.step and run.checkpoints
    return plan_at(run, snapshot.step) if snapshot is not None and is_there else None


class LazyTwinController(QObject):
    """Has the twin of a run found once, in the background, and draws it at each moment.

    Signals
    -------
    found : TwinPlan or None, LazyTwin or str
        The twin of the moment in sight, and how the run came there from its start; or why there is none.
    """

    found = Signal(object, object)

    def __init__(self, context: Context) -> None:
        session = context.session
        super().__init__(session)
        self._session, self._jobs, self._plot = session, context.jobs, context.find(FunctionPlot)
        self._layer, self._ghost = self._plot.layers.lazy_twin, self._plot.layers.ghost
        self._known: dict[Hashable, TwinFound] = {}
        self._asked: tuple[Hashable, bytes] | None = None  # the key and the x of what is being found
        self._drawn: tuple[tuple[object, ...], TwinFound, TrainerState] | None = None
        self._moved: KernelMoved | None = None
        self._unmeasured: tuple[LazyTwin, TrainerState] | None = None  # whose kernel is to be measured aside
        self._read_at = 0.0
        self._late = single_shot(self, LATE_MS, self._say_late, "twinLate")
        self._still = single_shot(self, STILL_MS, self._measure, "twinStill")
        self._action = context.actions["actionLazyTwin"]
        self._action.triggered.connect(lambda wanted: session.set_view(shows_twin=wanted))
        self._plot.view.menu.menu.addAction(self._action)
        self._plot.x_range_changed.connect(self._look)
        self._ghost.changed.connect(self._look)
        session.changed.connect(self._follow)
        self._action.setChecked(session.state.session.view.shows_twin)

    def _follow(self, old: AppState, new: AppState) -> None:
        self._action.setChecked(new.session.view.shows_twin)
        if new.session_number != old.session_number:
            self._known.clear()
        if any(getattr(new, name) is not getattr(old, name) for name in LOOKED_AT):
            self._look()

    def _look(self) -> None:
        """Draw the twin of what is in sight, and tell the run's, or have them found; until then all stays."""
        state = self._session.state
        if not (state.shows_twin or state.shows_modes):
            self._draw_none("")
            self.found.emit(None, "")
            return
        from tinynet_gui.core.lazy_twin.twin import NoTwinError

        ways = (state.shows_twin, self._draw, self._draw_none), (state.shows_modes, self._tell, self._tell_none)
        for is_wanted, show, show_none in ways:
            try:
                if is_wanted:
                    show(state)
                else:
                    show_none("")
            except NoTwinError as none:
                show_none(f"no lazy twin: {none}")

    def _draw(self, state: AppState) -> None:
        """Draw the twin of the ghost if it is there, or of the moment."""
        from tinynet_gui.core.lazy_twin.of_run import plan_of

        preview = self._ghost.preview
        plan = _plan_at(state) if preview is None else plan_of(state.run, preview)
        known = None if plan is None else self._find(plan, is_drawn=True)
        if plan is None or known is None or known.twin is None or known.curve is None or state.snapshot is None:
            return
        reached = state.snapshot.state if preview is None else preview.reached
        drawn = (plan.way, self._movement(known.twin, reached), preview is None), known, reached
        if self._drawn is not None and drawn[0] == self._drawn[0] and all(map(is_, drawn[1:], self._drawn[1:])):
            return
        self._drawn, (_, moved, _) = drawn, drawn[0]
        rates = plan.way[-1] if plan.way else None
        edge = None if rates is None else known.twin.largest_rate(rates.weight_decay)
        is_beyond = rates is not None and edge is not None and rates.learning_rate > edge
        y = known.curve.at(known.twin.after(plan.way))
        self._layer.show_twin(TwinShown(known.curve.x, y, moved, edge if is_beyond else None, preview is not None))

    def _draw_none(self, why: str) -> None:
        """Draw no twin, for a reason that is said."""
        self._late.stop()
        self._still.stop()
        self._jobs.cancel(MOVED_KEY)
        if not self._session.state.shows_modes:
            self._jobs.cancel(KEY)
            self._asked = None
        self._unmeasured = self._drawn = None
        self._layer.show_twin(why)

    def _tell(self, state: AppState) -> None:
        """Tell the twin of the run, also while that of the ghost is drawn."""
        plan = _plan_at(state)
        known = None if plan is None else self._find(plan, is_drawn=False)
        if known is not None and known.twin is not None:
            self.found.emit(plan, known.twin)

    def _tell_none(self, why: str) -> None:
        self.found.emit(None, why)

    def _find(self, plan: "TwinPlan", *, is_drawn: bool) -> TwinFound | None:
        """Return a twin as far as it is known, and have it found if it is not; what is drawn comes first."""
        from tinynet_gui.core.lazy_twin.twin import NoTwinError

        known, x = self._known.get(plan.key), self._plot.scene.grid()
        asked = plan.key, x.tobytes()
        is_there = known is not None and (known.twin is None or np.array_equal(known.x, x))
        if not is_there and self._asked != asked and (is_drawn or self._asked is None):
            self._asked = asked
            if is_drawn:
                self._late.start()
            twin = None if known is None else known.twin
            self._jobs.submit(KEY, lazy_twin, plan, twin, x, on_result=self._take, replaces="when slow")
        if known is not None and known.twin is None:
            raise NoTwinError(known.why)
        return known

    def _take(self, found: TwinFound | None) -> None:
        self._asked = None
        self._late.stop()
        if found is not None:
            self._known.pop(found.key, None)
            self._known[found.key] = found
            for key in [*self._known][:-REMEMBERED]:
                del self._known[key]
            self._look()

    def _say_late(self) -> None:
        self._drawn = None
        self._layer.show_twin("its lazy twin is being computed")

    def _movement(self, twin: "LazyTwin", reached: TrainerState) -> float | None:
        """Return how far the kernel has moved, or had when it was last read; None if that is not known yet."""
        known, is_read = self._moved, perf_counter() - self._read_at < READ_S
        share = known.share if known is not None and known.twin is twin else None
        if known is not None and share is not None and known.state is reached:
            return share
        if twin.work <= SMALL and not (is_read and share is not None):
            self._read_at = perf_counter()
            self._moved = KernelMoved(twin, reached, twin.kernel_movement(reached.parameters))
            return self._moved.share
        if self._unmeasured is None or self._unmeasured[1] is not reached:
            self._unmeasured = twin, reached
            self._still.start()
        return share if twin.work <= SMALL else None

    def _measure(self) -> None:
        """Measure it where the moment rests."""
        if self._unmeasured is not None:
            self._jobs.submit(MOVED_KEY, kernel_moved, *self._unmeasured, on_result=self._take_movement)

    def _take_movement(self, moved: KernelMoved | None) -> None:
        if moved is not None:
            self._moved = moved
            self._look()
