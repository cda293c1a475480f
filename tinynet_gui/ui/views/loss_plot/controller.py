"""The sharpness below the loss plot, computed in the background; export of the losses."""

from functools import partial
from time import thread_time

from PySide6.QtCore import QObject, QThread

from tinynet_gui.core.run.session import ViewState
from tinynet_gui.core.step import sharpness
from tinynet_gui.engine.jobs.jobs import with_stop
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.views.loss_plot.loss_plot import LossPlot
from tinynet_gui.ui.window.context import Context, SaveTable

KEY = "sharpness"
ROOM = 0.6  # the share of the height wanted with the sharpness below, or with many lines
MOVING_S, STILL_S = 0.005, 0.1  # of work per request, in training and at rest
INTERVAL_MS = 250  # between two requests in training
SHARE = 0.02  # of a processor that the sharpness may take in training


class SharpnessController(QObject):
    """Requests the sharpness while visible, and draws it.

    During training or playback only a little is computed at a time, latest moment first; the rest once the run pauses.
    """

    def __init__(self, view: LossPlot, context: Context) -> None:
        session = context.session
        super().__init__(session)
        self._session, self._jobs, self._view = session, context.jobs, view
        self._known = sharpness.KnownSharpness()
        self._rest = single_shot(self, INTERVAL_MS, self._update, "sharpnessRest")
        self._need = partial(context.frame.arranger.need, "loss_plot")
        session.watch(self, lambda state: state.session.view.shows_sharpness, view.show_sharpness)
        session.watch(self, lambda state: state.session.view, self._give_room)
        session.changed.connect(self._follow)
        view.shown.connect(self._update)

    def _follow(self, old: AppState, new: AppState) -> None:
        if new.session_number != old.session_number:
            self._known.clear()
        if new.is_moving and not old.is_moving:
            self._jobs.cancel(KEY)  # it takes more than there is time for now
        is_wanted, was_wanted = (state.session.view.shows_sharpness for state in (new, old))
        is_other = new.run.id != old.run.id or new.session_number != old.session_number
        if is_wanted != was_wanted or (is_wanted and (is_other or not new.is_moving)):
            self._update()
        elif is_wanted and not self._rest.isActive() and not self._jobs.is_running(KEY):
            self._rest.start(INTERVAL_MS)

    def _give_room(self, view: ViewState) -> None:
        self._need(ROOM if view.shows_sharpness or view.shows_modes else None, is_modest=not view.shows_sharpness)

    def _update(self, asks: bool = True) -> None:
        """Draw what is known, and request more; while training, results are drawn as they arrive."""
        state = self._session.state
        if not state.session.view.shows_sharpness or not self._view.isVisible():
            self._rest.stop()
            self._jobs.cancel(KEY)
            return
        if state.looks_back and state.past is None:
            return  # the moment is on its way
        if not state.is_moving:
            self._rest.stop()
        run, wanted = state.run_so_far, []
        recorded = list(sharpness.recorded_moments(run))
        if asks and not self._rest.isActive() and not self._jobs.is_running(KEY):
            wanted = [each for each in sharpness.from_coarse_to_fine(recorded) if self._known.find(run, each) is None]
        if not wanted or not state.is_moving:
            self._view.sharpness.show_curve(self._known.curve(run, recorded))
        if wanted:
            asked = run, wanted, MOVING_S if state.is_moving else STILL_S
            find, low = with_stop(sharpness.sharpness_within), QThread.Priority.LowPriority
            self._jobs.submit(KEY, find, *asked, on_result=self._on_part, priority=low)

    def _on_part(self, found: sharpness.SharpnessFound) -> None:
        started, is_moving = thread_time(), self._session.state.is_moving
        for recorded, known in found.found:
            self._known.add(found.run, recorded, known)
        self._update(asks=not is_moving)
        if is_moving:
            seconds = found.seconds + thread_time() - started
            self._rest.start(max(INTERVAL_MS, round(1e3 * seconds / SHARE)))


def save_losses(_: LossPlot, context: Context, save: SaveTable) -> None:
    from tinynet_gui.core.export.tables import loss_table

    save("losses.csv", loss_table(context.session.state.run_so_far))
