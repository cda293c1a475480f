"""Connects the views that look into a run, and change it by hand, with the lab."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QTabWidget

from tinynet_gui.core.network.frozen import places_of
from tinynet_gui.core.network.refs import NeuronRef, Ref
from tinynet_gui.engine.lab import Lab
from tinynet_gui.ui.controllers.microscope_controller import MicroscopeController
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.inspector.inspector import Inspector
from tinynet_gui.ui.views.microscope.microscope_view import MicroscopeView
from tinynet_gui.ui.views.plots.function_plot import FunctionPlot


class EditingController(QObject):
    """Knows what is frozen and what is switched off in the current run, and shows it everywhere.

    A new run holds nothing: frozen parameters and neurons that are switched off are the run's, not the settings'.
    """

    def __init__(
        self,
        lab: Lab,
        *,
        diagram: NetworkDiagram,
        plot: FunctionPlot,
        inspector: Inspector,
        microscope: MicroscopeView,
        tabs: QTabWidget,
    ) -> None:
        super().__init__(lab)
        self._lab = lab
        self._diagram, self._plot = diagram, plot
        self._inspector = inspector
        self.microscope = MicroscopeController(lab, microscope, diagram, plot, tabs)
        self._frozen: frozenset[Ref] = frozenset()
        self._switched_off: frozenset[NeuronRef] = frozenset()

        lab.run_began.connect(self._clear_run)
        for view in (diagram, plot.handles, inspector):
            view.parameter_edited.connect(lab.edit_parameter)
        plot.linear_regions_wanted.connect(lab.piece_finder.find)
        lab.piece_finder.found.connect(plot.show_linear_regions)
        plot.handles.probed.connect(self._on_probed)
        inspector.frozen_toggled.connect(self._on_frozen_toggled)
        inspector.switched_off_toggled.connect(self._on_switched_off_toggled)

    @Slot()
    def _clear_run(self) -> None:
        self._inspector.clear_run()
        self._frozen, self._switched_off = frozenset(), frozenset()
        self._show_by_hand()

    def _show_by_hand(self) -> None:
        self._diagram.show_frozen(self._frozen)
        self._inspector.show_frozen(self._frozen)
        self._inspector.show_switched_off(self._switched_off)
        self._diagram.show_switched_off(self._switched_off)
        self._plot.show_without(self._switched_off)

    @Slot(object, bool)
    def _on_frozen_toggled(self, ref: Ref, frozen: bool) -> None:
        self._frozen = self._frozen | {ref} if frozen else self._frozen - {ref}
        self._lab.freeze(frozenset(place for held in self._frozen for place in places_of(held)))
        self.microscope.renew()
        self._show_by_hand()

    @Slot(object, bool)
    def _on_switched_off_toggled(self, ref: NeuronRef, off: bool) -> None:
        self._switched_off = self._switched_off | {ref} if off else self._switched_off - {ref}
        self._show_by_hand()

    @Slot(object)
    def _on_probed(self, x: float | None) -> None:
        self._diagram.show_probe(x)
        if x is not None:
            self._inspector.show_input(x)
