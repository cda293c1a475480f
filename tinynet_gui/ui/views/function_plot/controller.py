"""The band of many seeds: what varies with the seed, and what with data and settings?"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tinynet_gui.engine.jobs.computations import band
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.window.context import Context

if TYPE_CHECKING:
    from tinynet_gui.core.experiments.luck import SeedBand

KEY = "band"
MOVING, AT_REST = 64, 256  # seeds while settings change, and after
DEBOUNCE_MS = 300
SLOW_MS = 400  # longer computations are reported


class BandController(QObject):
    """Requests a band of few seeds at each change, and, debounced, one of more seeds."""

    def __init__(self, plot: FunctionPlot, context: Context) -> None:
        session = context.session
        super().__init__(session)
        self._session, self._jobs, self._plot = session, context.jobs, plot
        self._debounce = single_shot(self, DEBOUNCE_MS, self._ask_for_more, "bandRest")
        self._pending_timer = single_shot(self, SLOW_MS, plot.layers.band.show_pending, "bandLate")
        plot.switches.seeds.toggled.connect(self._switch)
        plot.x_range_changed.connect(self._ask)
        session.watch(self, lambda state: state.question_is_open, self._switch)
        session.watch(self, lambda state: (state.config, state.status.compiled), self._ask)

    @property
    def _is_on(self) -> bool:
        return self._plot.switches.seeds.isChecked() and not self._session.state.question_is_open

    def _switch(self, _: bool) -> None:
        if self._is_on:
            self._ask()
        else:
            self._debounce.stop()
            self._pending_timer.stop()
            self._jobs.cancel(KEY)
            self._plot.layers.band.show_band(None)

    def _ask(self, _: object = None) -> None:
        if self._is_on and self._session.state.status.compiled == "ready":
            self._submit(MOVING)
            self._debounce.start()

    def _ask_for_more(self) -> None:
        if self._jobs.is_running(KEY):  # the band of few seeds comes first
            self._debounce.start()
        else:
            self._submit(AT_REST)

    def _submit(self, seeds: int) -> None:
        config, x = self._session.config, self._plot.scene.grid()
        self._pending_timer.start()
        self._jobs.submit(KEY, band, config, seeds, x, on_result=self._show, replaces="when slow")

    def _show(self, found: "SeedBand | None") -> None:
        if found is not None:
            self._pending_timer.stop()
            self._plot.layers.band.show_band(found)
