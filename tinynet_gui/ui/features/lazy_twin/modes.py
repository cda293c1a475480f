"""Draws the loss of the lazy twin in modes over the network's: what it learns when, and why it seems to stop."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, SignalInstance

from tinynet_gui.engine.jobs.computations import twin_modes
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.views.loss_plot.loss_plot import LossPlot
from tinynet_gui.ui.views.loss_plot.modes import MOST_MODES
from tinynet_gui.ui.window.context import Context

if TYPE_CHECKING:
    from tinynet_gui.core.lazy_twin.modes import TwinModes
    from tinynet_gui.core.lazy_twin.of_run import TwinPlan
    from tinynet_gui.core.lazy_twin.twin import LazyTwin

KEY = "twin's modes"


class TwinModesController(QObject):
    """Follows the twin that is found, up to the step at which the training stops.

    Parameters
    ----------
    found
        The signal of `LazyTwinController`.
    """

    def __init__(self, context: Context, found: SignalInstance) -> None:
        session = context.session
        super().__init__(session)
        self._session, self._jobs = session, context.jobs
        self._layer = context.find(LossPlot).layers.modes
        self._twin: tuple[TwinPlan, LazyTwin] | None = None
        self._asked: tuple[object, ...] = ()
        self._action = context.actions["actionTwinModes"]
        self._action.triggered.connect(lambda wanted: session.set_view(shows_modes=wanted))
        context.find(LossPlot).view.menu.menu.addAction(self._action)
        found.connect(self._take_twin)
        session.changed.connect(self._follow)
        self._action.setChecked(session.state.session.view.shows_modes)

    def _follow(self, _: AppState, new: AppState) -> None:
        self._action.setChecked(new.session.view.shows_modes)
        self._look()

    def _take_twin(self, plan: "TwinPlan | None", found: "LazyTwin | str") -> None:
        if plan is None or isinstance(found, str):
            self._show_none(str(found))
        else:
            self._twin = plan, found
            self._look()

    def _show_none(self, why: str) -> None:
        self._jobs.cancel(KEY)
        self._twin, self._asked = None, ()
        self._layer.show_modes(why)

    def _look(self) -> None:
        """Ask for the modes, unless they are drawn, or on their way."""
        if self._twin is None or self._twin[0].run.id != self._session.state.run.id:
            return
        (plan, twin), state = self._twin, self._session.state
        stop_at = max(state.run.step, state.status.stop_at)
        asked = twin, state.run.events, stop_at
        if asked != self._asked:
            self._asked = asked
            self._jobs.submit(
                KEY,
                twin_modes,
                state.run,
                twin,
                plan.first,
                stop_at,
                MOST_MODES,
                on_result=self._take,
                on_error=lambda _: self._layer.show_modes("an error ended the computation of its modes"),
            )

    def _take(self, found: "TwinModes | None") -> None:
        if found is not None:
            self._layer.show_modes(found)
