"""Names what has gone wrong in a run, and asks the advisor when and why."""

from PySide6.QtCore import QObject, Slot

from tinynet_gui.core.analysis.dying_relu import dead_neurons
from tinynet_gui.core.analysis.plateau import find_plateau
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.text.names import neuron_name
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.engine.lab import Lab
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.banner import Banner


class DiagnosisController(QObject):
    """Keeps the banner true: the run has diverged, the pinned neuron is dead, or the loss stands still."""

    def __init__(self, lab: Lab, selection: Selection, *, banner: Banner, diagram: NetworkDiagram) -> None:
        super().__init__(lab)
        self._lab, self._selection, self._banner = lab, selection, banner
        self._dead_neuron: tuple[int, int] | None = None
        self._asked: object = None  # of which moment the deaths were asked for last
        lab.run_state_changed.connect(self._on_stand_changed)
        lab.snapshot_changed.connect(self._on_stand_changed)
        selection.pinned_changed.connect(self._say)
        banner.why_wanted.connect(self._on_why_wanted)
        banner.advice_wanted.connect(lab.follow_advice)
        lab.advisor.answered.connect(banner.show_explanation)
        lab.advisor.deaths_found.connect(diagram.show_deaths)
        self._say()

    @Slot()
    def _say(self) -> None:
        snapshot, phase, pinned = self._lab.snapshot, self._lab.run_state.phase, self._selection.pinned
        self._dead_neuron = None
        message = ""
        if snapshot is None:
            pass
        elif phase == "diverged" and snapshot.diverged_at is not None:
            message = f"Diverged at step {count_text(snapshot.diverged_at)}: the loss is no longer finite. "
            message += f"Shown: step {count_text(snapshot.step)}. Try a smaller learning rate and Reset."
            if snapshot.diverged_at == snapshot.step:  # no step did it, so no learning rate helps
                message = f"The loss is not finite at step {count_text(snapshot.step)}, where it begins."
        elif isinstance(pinned, NeuronRef) and (pinned.layer, pinned.index) in dead_neurons(snapshot):
            self._dead_neuron = (pinned.layer, pinned.index)
            message = f"{neuron_name(snapshot, pinned)} is dead: it gives 0 on every sample."
        elif phase in ("paused", "finished") and self._has_plateau():
            message = "Plateau: the loss does not move any more."
        self._banner.say(message)

    def _has_plateau(self) -> bool:
        question = self._lab.question()
        return question is not None and find_plateau(question.losses, question.counts) is not None

    @Slot()
    def _on_stand_changed(self) -> None:
        """Look anew wherever the training stands still: also after a step, and after a change by hand."""
        state, snapshot = self._lab.run_state, self._lab.snapshot
        if state.phase == "running" and self._banner.isHidden():
            return
        self._say()
        if state.phase == "running" or state.kernel != "ready" or snapshot is None:
            return
        dead = dead_neurons(snapshot)
        moment, question = (snapshot.run_id, snapshot.step, dead), self._lab.question()
        if dead and moment != self._asked and question is not None:
            self._asked = moment
            self._lab.advisor.find_deaths(question)

    @Slot()
    def _on_why_wanted(self) -> None:
        question = self._lab.question(self._dead_neuron)
        if question is not None:
            self._lab.advisor.ask(question)
