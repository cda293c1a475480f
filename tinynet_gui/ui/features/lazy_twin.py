"""The lazy twin of the run in view: its curve in the function plot, and its loss in modes over the network's."""

import math
from collections.abc import Callable, Hashable
from functools import partial
from operator import is_
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import told_apart
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.engine.jobs.jobs import with_stop
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.views.function_plot.other_curves import TwinShown
from tinynet_gui.ui.views.loss_plot.scene import MAX_MODES
from tinynet_gui.ui.window.actions import Action
from tinynet_gui.ui.window.context import Context, Controller, Feature

if TYPE_CHECKING:
    from tinynet_gui.core.lazy_twin.of_run import TwinFound, TwinModes, TwinPlan
    from tinynet_gui.core.lazy_twin.twin import LazyTwin


KEY, MOVED_KEY = "lazy twin", "kernel moved"
REMEMBERED, LARGEST = 4, 8_000_000  # of the cache: its twins; the float64 numbers in all but the latest
SMALL = 3_000_000  # multiplications: up to so many the kernel's movement is measured synchronously
READ_S = 0.3  # update interval of its movement while moments follow each other
IDLE_MS = 150  # after this long without a new moment its movement is exact
EDGE_DIGITS = 3  # of the largest stable learning rate, or as many as tell it from the run's
SLOW_MS = 400  # report longer computations
Asked = tuple[Hashable, bytes]  # a twin's key, and the x to evaluate it at
WATCHED = ("snapshot", "run", "shows_twin", "shows_modes")


def _plan_at(state: AppState) -> "TwinPlan | None":
    """Return the plan of the twin for the moment in view; None while the moment is another run's."""
    from tinynet_gui.core.lazy_twin.of_run import plan_at

    snapshot, run = state.snapshot, state.run
    is_there = snapshot is not None and snapshot.run_id == run.id and snapshot.step <= run.step and run.checkpoints
    return plan_at(run, snapshot.step) if snapshot is not None and is_there else None


def _size(found: "TwinFound") -> int:
    """Return roughly how many numbers a found twin holds."""
    return 0 if found.twin is None else 2 * found.twin.kernel.size + found.twin.start.state.nbytes // 8


class LazyTwinController(Controller):
    """Computes the twin of a run once, in the background, draws it at each moment, and has its modes shown."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._plot = context.views.function_plot
        self._layer, self._ghost = self._plot.layers.lazy_twin, self._plot.layers.ghost
        self._known: dict[Hashable, TwinFound] = {}
        self._asked: Asked | None = None  # being computed
        self._failed: set[Asked] = set()  # ended by errors; tried again after the next command
        self._drawn: tuple[tuple[object, ...], TwinFound, TrainerState] | None = None
        self._pending: dict[Callable[[str], None], Hashable] = {}  # by receiver, the key of the twin it waits for
        self._moved: tuple[LazyTwin, TrainerState, float] | None = None  # how far the kernel has moved to a state
        self._unmeasured: tuple[LazyTwin, TrainerState] | None = None  # pending measurement in the background
        self._read_at = 0.0
        self._slow = single_shot(self, SLOW_MS, self._report_slow, "twinLate")
        self._idle = single_shot(self, IDLE_MS, self._measure, "twinStill")
        self._plot.view.menu.menu.addAction(context.bind("shows_twin", "actionLazyTwin"))
        self._plot.x_range_changed.connect(self._update)
        self._ghost.changed.connect(self._update)
        self._session.changed.connect(self._follow)
        self._modes = TwinModesController(context)

    def _follow(self, old: AppState, new: AppState) -> None:
        if new.session_number != old.session_number:
            self._forget()
        if new.session.history is not old.session.history:
            self._failed.clear()
        if any(getattr(new, name) is not getattr(old, name) for name in WATCHED):
            self._update()

    def _forget(self) -> None:
        self._slow.stop()
        self._jobs.cancel(KEY)
        self._asked, self._moved = None, None
        self._known.clear()
        self._failed.clear()
        self._pending.clear()
        self._draw_none("")
        self._modes.show_none("")

    def _update(self) -> None:
        """Draw and emit the twin in view, or request it; until it is computed the old one stays."""
        state = self._session.state
        if not (state.session.view.shows_twin or state.session.view.shows_modes):
            self._forget()
            return
        from tinynet_gui.core.lazy_twin.twin import NoTwinError

        before, self._pending = self._pending, {}
        ways = (
            (state.shows_twin, self._draw, self._draw_none),
            (state.shows_modes, self._show_modes, self._modes.show_none),
        )
        for is_wanted, show, show_none in ways:
            try:
                if is_wanted:
                    show(state)
                else:
                    show_none("")
            except NoTwinError as none:
                show_none(_("no lazy twin: {reason}").format(reason=none))
        if not self._pending:
            self._slow.stop()
        elif self._pending != before:
            self._slow.start()

    def _draw(self, state: AppState) -> None:
        """Draw the twin of the ghost if there is one, else of the moment."""
        from tinynet_gui.core.lazy_twin.of_run import plan_of

        preview = self._ghost.preview
        plan = _plan_at(state) if preview is None else plan_of(preview.start.run or state.run, preview)
        known = None if plan is None else self._find(plan, self._draw_none)
        if plan is None or known is None or state.snapshot is None:
            return
        twin, curve, course = known.twin, known.curve, known.course
        if twin is None or curve is None or course is None:
            return
        reached = state.snapshot.state if preview is None else preview.reached
        moved = self._movement(twin, reached)
        moved = moved if moved is not None and math.isfinite(moved) else None  # 0/0 if all is frozen
        drawn = (plan.way, moved, preview is None), known, reached
        if self._drawn is not None and drawn[0] == self._drawn[0] and all(map(is_, drawn[1:], self._drawn[1:])):
            return
        self._drawn = drawn
        rates = plan.way[-1] if plan.way else None
        edge = None
        if rates is not None and rates.learning_rate > (largest := twin.largest_rate(rates.weight_decay)):
            edge, _ = told_apart(largest, rates.learning_rate, EDGE_DIGITS)
        y = curve.at(course.after(plan.way))
        self._layer.show_twin(TwinShown(curve.x, y, moved, edge, preview is not None))

    def _draw_none(self, why: str) -> None:
        self._idle.stop()
        self._jobs.cancel(MOVED_KEY)
        self._unmeasured = self._drawn = None
        self._layer.show_twin(why)

    def _show_modes(self, state: AppState) -> None:
        """Show the modes of the run's twin, even while the ghost's is drawn."""
        if (plan := _plan_at(state)) is not None:
            known = self._find(plan, self._modes.show_none)
            if known is not None and known.twin is not None:
                self._modes.show(plan, known.twin)

    def _find(self, plan: "TwinPlan", show_none: Callable[[str], None]) -> "TwinFound | None":
        """Return what is cached of a twin, and request the rest; the request for the twin to draw replaces another."""
        from tinynet_gui.core.lazy_twin.of_run import find_twin
        from tinynet_gui.core.lazy_twin.twin import NoTwinError

        known, x = self._known.get(plan.key), self._plot.scene.grid()
        twin = None if known is None else known.twin
        asked = plan.key, x.tobytes()
        if asked in self._failed:
            raise NoTwinError(_("an error ended its computation"))
        if known is None:
            self._pending[show_none] = plan.key
        is_there = known is not None and (twin is None or np.array_equal(known.x, x))
        if not is_there and self._asked != asked and (show_none == self._draw_none or self._asked is None):
            self._asked = asked
            compute, fail = with_stop(find_twin), partial(self._fail, asked)
            self._jobs.submit(KEY, compute, plan, twin, x, on_result=self._on_twin, on_error=fail, replaces="when slow")
        if known is not None and known.twin is None:
            raise NoTwinError(known.why)
        return known

    def _on_twin(self, found: "TwinFound | None") -> None:
        self._asked = None
        if found is not None:
            self._known.pop(found.key, None)
            while self._known and (len(self._known) >= REMEMBERED or sum(map(_size, self._known.values())) > LARGEST):
                del self._known[next(iter(self._known))]
            self._known[found.key] = found
            self._update()

    def _fail(self, asked: Asked, _traceback: str) -> None:
        self._asked = None
        self._failed.add(asked)
        self._update()

    def _report_slow(self) -> None:
        for show_none in self._pending:
            show_none(_("its lazy twin is being computed"))

    def _movement(self, twin: "LazyTwin", reached: TrainerState) -> float | None:
        """Return how far the kernel has moved, or the last known value, throttled; None if there is none yet."""
        is_read = perf_counter() - self._read_at < READ_S
        of_twin, state, share = self._moved or (None, None, None)
        if of_twin is not twin:
            share = None
        elif state is reached:
            return share
        if twin.work <= SMALL and not (is_read and share is not None):
            self._read_at = perf_counter()
            self._moved = twin, reached, twin.kernel_movement(reached.parameters)
            return self._moved[2]
        if self._unmeasured is None or self._unmeasured[1] is not reached:
            self._unmeasured = twin, reached
            self._idle.start()
        return share if twin.work <= SMALL else None

    def _measure(self) -> None:
        """Measure the kernel's movement once the moment rests."""
        if self._unmeasured is not None:
            twin, state = self._unmeasured
            take = partial(self._on_movement, twin, state)
            self._jobs.submit(MOVED_KEY, with_stop(twin.kernel_movement), state.parameters, on_result=take)

    def _on_movement(self, twin: "LazyTwin", state: TrainerState, share: float | None) -> None:
        if share is not None:
            self._moved = twin, state, share
            self._update()


MODES_KEY = "twin's modes"


class TwinModesController(Controller):
    """Shows the modes of a twin, up to the step at which the training stops."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._layer = context.views.loss_plot.layers.modes
        self._twin: tuple[TwinPlan, LazyTwin] | None = None
        self._asked: tuple[object, ...] = ()
        context.views.loss_plot.view.menu.menu.addAction(context.bind("shows_modes", "actionTwinModes"))
        self._session.changed.connect(self._update)

    def show(self, plan: "TwinPlan", twin: "LazyTwin") -> None:
        self._twin = plan, twin
        self._update()

    def show_none(self, why: str) -> None:
        self._jobs.cancel(MODES_KEY)
        self._twin, self._asked = None, ()
        self._layer.show_modes(why)

    def _update(self) -> None:
        """Request the modes, unless they are drawn or pending."""
        from tinynet_gui.core.lazy_twin.of_run import all_rates, modes_of

        if self._twin is None or self._twin[0].run.id != self._session.state.run.id:
            return
        (plan, twin), state = self._twin, self._session.state
        stop_at = max(state.run.step, state.status.stop_at)
        asked = twin, state.run.events, stop_at
        if asked != self._asked:
            self._asked = asked
            given = twin, plan.first, *all_rates(state.run, plan.first, stop_at), MAX_MODES
            self._jobs.submit(MODES_KEY, with_stop(modes_of), *given, on_result=self._on_modes, on_error=self._fail)

    def _fail(self, _traceback: str) -> None:
        self._layer.show_modes(_("an error ended the computation of its modes"))

    def _on_modes(self, found: "TwinModes | None") -> None:
        if found is not None:
            self._layer.show_modes(found)


FEATURE = Feature(
    "lazy_twin",
    LazyTwinController,
    Action(
        "actionLazyTwin",
        _("Show its la&zy twin"),
        _("Draw the same network made linear in its weights around its start: training does not move its kinks."),
        "plots",
        is_checkable=True,
    ),
    Action(
        "actionTwinModes",
        _("What the &twin learns when"),
        _("Draw the loss of its lazy twin, and the parts that it is the sum of: which part is learned when."),
        "plots",
        is_checkable=True,
    ),
)
