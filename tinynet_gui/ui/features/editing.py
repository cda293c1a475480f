"""Passes the user's edits in the views to the session: settings, numbers, freezing, switching off, pinning."""

from PySide6.QtCore import QObject

from tinynet_gui.core.config import ConfigError
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.refs import ParameterRef, Ref
from tinynet_gui.core.training.pace import TUTORIAL_PACE
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.inspector.inspector import Inspector
from tinynet_gui.ui.views.panel.parameter_panel import ParameterPanel
from tinynet_gui.ui.window.context import Context, Feature
from tinynet_gui.ui.window.menus import Action


class EditingController(QObject):
    """Makes each gesture one command, or one series that is undone together."""

    def __init__(self, context: Context) -> None:
        session, selection, regions = context.session, context.selection, context.regions
        super().__init__(session)
        panel, diagram = context.find(ParameterPanel), context.find(NetworkDiagram)
        plot, inspector = context.find(FunctionPlot), context.find(Inspector)
        self._session, self._panel, self._gestures = session, panel, context.gestures
        self._diagram, self._inspector = diagram, inspector
        panel.edited.connect(self._on_edited)
        panel.source_wanted.connect(self._on_source_wanted)
        panel.tutorial_wanted.connect(self._on_tutorial_wanted)
        context.actions.connect(actionTutorial=self._on_tutorial_wanted)
        switch, action = plot.switches.edit, context.actions["actionEditData"]
        action.toggled.connect(switch.setChecked)
        switch.toggled.connect(action.setChecked)
        diagram.menu_wanted.connect(inspector.fill_menu)
        for view in (diagram, plot.layers.handles, inspector):
            view.parameter_edited.connect(self._on_parameter_edited)
        plot.layers.editor.points_edited.connect(self._on_points_edited)
        plot.linear_regions_wanted.connect(regions.find)
        regions.found.connect(plot.show_linear_regions)
        plot.layers.handles.probed.connect(self._on_probed)
        inspector.frozen_toggled.connect(session.freeze)
        inspector.switched_off_toggled.connect(session.switch_off)
        selection.pinned_changed.connect(self._on_pinned_changed)

    def _on_edited(self, changes: dict[str, object]) -> None:
        try:
            self._session.edit(changes, self._gestures.current())
        except ConfigError as error:
            self._panel.show_error(error, changes)

    def _on_source_wanted(self, changes: dict[str, object]) -> None:
        try:
            self._session.begin_with(changes)
        except ConfigError as error:  # a formula that was unused with the user's samples
            self._panel.show_error(error, changes)

    def _on_tutorial_wanted(self) -> None:
        self._session.restore_tutorial()
        self._panel.discard_errors()
        self._session.set_pace(TUTORIAL_PACE)

    def _on_points_edited(self, points: Points) -> None:
        self._session.edit({"data.points": points}, self._gestures.current())

    def _on_parameter_edited(self, ref: ParameterRef, value: float) -> None:
        self._session.set_parameter(ref, value, self._gestures.current())

    def _on_pinned_changed(self, ref: Ref | None) -> None:
        if ref != self._session.state.session.view.pinned:
            self._session.pin(ref)

    def _on_probed(self, x: float | None) -> None:
        self._diagram.show_probe(x)
        if x is not None:
            self._inspector.show_input(x)


FEATURE = Feature(
    "editing",
    EditingController,
    Action(
        "actionEditData",
        "E&dit data",
        "Change the samples with the mouse; training continues with them.",
        "samples",
        "D",
        is_checkable=True,
    ),
    Action(
        "actionTutorial",
        "Defaul&t settings",
        "Go back to the settings of the first start, and show everything; this can be undone.",
        "tutorial",
        "Ctrl+T",
        takes_typing=True,
    ),
)
