"""Hides controls and views from students as the teacher chose: part of the session, not of the setting."""

from PySide6.QtCore import QObject, Slot

from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.controllers.hideable_controls import CONTROLS
from tinynet_gui.ui.views.experiments.experiments_view import ExperimentsView
from tinynet_gui.ui.views.experiments.table import SHOWN
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.inspector.inspector import Inspector
from tinynet_gui.ui.views.panel.parameter_panel import ParameterPanel
from tinynet_gui.ui.views.panel.parameter_rows import SECTIONS
from tinynet_gui.ui.window.context import Context
from tinynet_gui.ui.window.dialogs.visible_dialog import VisibleDialog, ask_to_show_all


class VisibleController(QObject):
    """Follows the list of hidden items."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.session)
        self._context, self._session = context, context.session
        self._panel, self._experiments = context.find(ParameterPanel), context.find(ExperimentsView)
        self._inspector, self._status = context.find(Inspector), context.frame.status
        self._views = [record for record in context.table if record.hidden_as]
        self._tabs = {record.hidden_as for record in self._views if record.place == "inside"}  # of the inspector
        self._is_used = False  # the experiments' view, since the list was changed
        self._dialog: VisibleDialog | None = None
        context.session.changed.connect(self._follow)
        context.frame.layout.brought.connect(self.show)
        context.actions.connect(actionVisible=self.choose)
        self._status.show_all_wanted.connect(self._on_show_all_wanted)
        self._experiments.running_changed.connect(self._on_running_changed)
        self.show()

    @Slot()
    def choose(self) -> None:
        """Open the list."""
        if self._dialog is None:
            self._dialog = VisibleDialog(self._sections(), self._context.window)
            self._dialog.hidden_chosen.connect(self._on_hidden_chosen)
        self._dialog.show_hidden(self._session.state.session.view.hidden)
        self._dialog.show()
        self._dialog.activateWindow()

    def _sections(self) -> dict[str, dict[str, str]]:
        fields = {title: {row.path: row.title for row in rows} for title, rows in SECTIONS}
        return {
            **fields,
            "Controls": {control.name: control.label for control in CONTROLS},
            "Views": {record.hidden_as: record.listed_as for record in self._views},
            "Experiments": {f"experiment.{name}": shown.label for name, shown in SHOWN.items()},
        }

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        if new.session.view.hidden != old.session.view.hidden:
            self._is_used = self._experiments.is_running
            self.show()

    @Slot(bool)
    def _on_running_changed(self, is_running: bool) -> None:
        """Show the experiments while one is running, so that it can be stopped, and its result seen."""
        self._is_used = is_running or self._experiments.result is not None
        self.show()

    @Slot()
    def show(self) -> None:
        """Show and hide again: a hidden view may only just have appeared."""
        hidden = self._session.state.session.view.hidden
        self._panel.show_hidden(hidden)
        self._experiments.show_hidden({name for name in SHOWN if f"experiment.{name}" in hidden})
        influence = {"view.experiments", "experiment.influence"}
        self._context.find(FunctionPlot).layers.editor.offers_difference = not influence & hidden
        for control in CONTROLS:
            control.offer(self._context, control.name not in hidden)
        has_no_tab = hidden >= self._tabs
        self._inspector.show_role_only(has_no_tab)
        for record in self._views:
            view, is_hidden = self._context.views[record.name], record.hidden_as in hidden
            tabs = self._context.frame.layout.tabs_of(view)
            is_shown = not is_hidden or (view is self._experiments and self._is_used)
            is_shown |= has_no_tab and view is self._inspector.numbers
            if not is_shown:
                self._context.frame.stage.leave(view)
            if (place := tabs.indexOf(view)) >= 0:
                tabs.setTabVisible(place, is_shown)
            if record.action is not None:
                self._context.actions[record.action.name].setEnabled(not is_hidden)
        self._status.show_hidden(len(hidden))
        if self._dialog is not None and self._dialog.hidden() != hidden:
            self._dialog.show_hidden(hidden)

    @Slot(object)
    def _on_hidden_chosen(self, hidden: frozenset[str]) -> None:
        self._session.set_view(hidden=hidden)

    @Slot()
    def _on_show_all_wanted(self) -> None:
        box = ask_to_show_all(self._context.window, len(self._session.state.session.view.hidden))
        box.accepted.connect(self._session.show_all)
