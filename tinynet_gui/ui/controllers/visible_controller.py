"""Hides from students what a teacher has chosen: part of the session, not of the setting."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QTabWidget, QWidget

from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.session.session_controller import SessionController
from tinynet_gui.ui.views.experiments.experiments_view import ExperimentsView
from tinynet_gui.ui.views.experiments.kinds import KINDS
from tinynet_gui.ui.views.panel.parameter_panel import ParameterPanel
from tinynet_gui.ui.views.panel.parameter_rows import SECTIONS
from tinynet_gui.ui.window.dialogs.visible_dialog import VisibleDialog
from tinynet_gui.ui.window.frame.stage import Stage
from tinynet_gui.ui.window.frame.status import StatusLine


class VisibleController(QObject):
    """Follows the list of what is hidden.

    Parameters
    ----------
    tabs
        By name: what a view that can be hidden is called, where it stands, and the view.
    stage
        What is hidden leaves it.
    actions
        By name: what goes to a view, and rests while that is hidden.
    """

    def __init__(
        self,
        session: SessionController,
        *,
        panel: ParameterPanel,
        experiments: ExperimentsView,
        status: StatusLine,
        tabs: Mapping[str, tuple[str, QTabWidget, QWidget]],
        stage: Stage,
        actions: Mapping[str, QAction],
        window: QWidget,
    ) -> None:
        super().__init__(session)
        self._session, self._panel, self._experiments, self._status = session, panel, experiments, status
        self._tabs, self._stage, self._actions, self._window = tabs, stage, actions, window
        self._is_used = False  # the view of the experiments, since the list was changed
        self._dialog: VisibleDialog | None = None
        session.changed.connect(self._follow)
        status.show_all_wanted.connect(self._on_show_all_wanted)
        experiments.running_changed.connect(self._on_running_changed)
        self.show()

    @Slot()
    def choose(self) -> None:
        """Open the list."""
        if self._dialog is None:
            self._dialog = VisibleDialog(self._sections(), self._window)
            self._dialog.hidden_chosen.connect(self._on_hidden_chosen)
        self._dialog.show_hidden(self._session.state.session.view.hidden)
        self._dialog.show()
        self._dialog.activateWindow()

    def _sections(self) -> dict[str, dict[str, str]]:
        fields = {title: {row.path: row.title for row in rows} for title, rows in SECTIONS}
        return {
            **fields,
            "Views": {name: title for name, (title, _, _) in self._tabs.items()},
            "Experiments": {f"experiment.{name}": kind.label for name, kind in KINDS.items()},
        }

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        if new.session.view.hidden != old.session.view.hidden:
            self._is_used = self._experiments.is_running
            self.show()

    @Slot(bool)
    def _on_running_changed(self, is_running: bool) -> None:
        """Let the experiments be seen while one is under way, so that it can be stopped, and what comes of it."""
        self._is_used = is_running or self._experiments.result is not None
        self.show()

    def show(self) -> None:
        """Show and hide anew: a view that is hidden may have come only now."""
        hidden = self._session.state.session.view.hidden
        self._panel.show_hidden(hidden)
        self._experiments.show_hidden({name for name in KINDS if f"experiment.{name}" in hidden})
        for name, (_, tabs, view) in self._tabs.items():
            is_shown = name not in hidden or (view is self._experiments and self._is_used)
            if not is_shown:
                self._stage.leave(view)
            if (place := tabs.indexOf(view)) >= 0:
                tabs.setTabVisible(place, is_shown)
        for name, action in self._actions.items():
            action.setEnabled(name not in hidden)
        self._status.show_hidden(len(hidden))
        if self._dialog is not None and self._dialog.hidden() != hidden:
            self._dialog.show_hidden(hidden)

    @Slot(object)
    def _on_hidden_chosen(self, hidden: frozenset[str]) -> None:
        self._session.set_view(hidden=hidden)

    @Slot()
    def _on_show_all_wanted(self) -> None:
        self._session.set_view(hidden=frozenset())
