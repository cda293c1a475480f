"""The inspector: one neuron, weight or layer as numbers, as PyTorch prints it and as mathematics."""

from collections.abc import Sequence, Set
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from tinynet_gui.core.network.refs import NeuronRef, ParameterRef, Ref, WeightRef, fits
from tinynet_gui.core.run.run import LoadPhase
from tinynet_gui.core.text.language import gettext as _, pgettext
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.wording.neurons import title_of
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import is_touched, whole_px
from tinynet_gui.ui.views.inspector import numbers_view, parameter_table
from tinynet_gui.ui.widgets.accessibility import caption, in_role, named, small
from tinynet_gui.ui.widgets.cards import CardFrame, MaximizeButton, add_buttons, compact_button, filled
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.widgets.text import ElidedLabel, FittingTabs

if TYPE_CHECKING:
    from tinynet_gui.ui.views.inspector.mathematics_view import MathematicsView
    from tinynet_gui.ui.views.inspector.torch_view import TorchView

REFRESH_MS = 90  # text is for reading: it changes more slowly than the curves
PAUSE_FACTOR = 4  # the pause after writing, in durations of writing: torch prints a thousand neurons slowly
TABS = (
    (_("Numbers"), _("Weights, bias, gradients, and how they have moved")),
    ("PyTorch", _("Each layer as PyTorch prints it, with its shapes explained")),
    (_("Mathematics"), _("u = W·v + b with all numbers in, at the x of the probe")),
    (_("Data"), _("Every sample in a table that can be edited")),
)


class Inspector(CardFrame):
    """Shows the pinned neuron, weight or layer, else the hovered one, else the output; live during training.

    `parameter_edited` has a `ParameterRef` and the typed value; `nudge_wanted` asks for the loss along a parameter.
    """

    torch_text: "TorchView"  # made late, as is the next
    mathematics: "MathematicsView"

    def __init__(self, selection: Selection) -> None:
        says = _("Inspector: one neuron, weight or layer in numbers, in PyTorch and in mathematics")
        super().__init__("inspector", says)
        self._selection = selection
        self._snapshot: Snapshot | None = None
        self.ref: Ref | None = None  # the inspected element; None before the first snapshot
        self._x = 1.0
        self._frozen: Set[Ref] = frozenset()
        self._off: Set[Ref] = frozenset()
        self._states: Sequence[TrainerState] = ()
        self._alike_since = 0
        self._pytorch: LoadPhase = "ready"
        self._title = in_role(named(ElidedLabel(), "inspectorTitle", _("Inspected element")), "title")
        self._mark = small(named(caption(), "inspectorMark", _("Whether it is pinned")))
        tooltip = _("Let go: follow the mouse again. The training is not touched.")
        self._unpin = compact_button(_("let go"), "inspectorLetGo", _("Let go: unpin"), tooltip)
        self.numbers = numbers_view.NumbersView()
        self.tabs = FittingTabs("inspectorTabs", _("As numbers, as PyTorch prints it, as mathematics"))
        self._refresh = single_shot(self, REFRESH_MS, self._write, "inspectorRefresh")
        self._lay_out()

        selection.pinned_changed.connect(self._on_selection_changed)
        selection.hovered_changed.connect(self._on_selection_changed)
        self._unpin.clicked.connect(lambda: selection.pin(None))
        self.tabs.currentChanged.connect(self._write)
        numbers = self.numbers
        self.parameter_edited, self.nudge_wanted = numbers.parameter_edited, numbers.nudge_wanted
        self.frozen_toggled, self.switched_off_toggled = numbers.frozen_toggled, numbers.switched_off_toggled
        self.numbers.rewriting_wanted.connect(self._write)
        self.show_theme()

    def _lay_out(self) -> None:
        self.add_tab(self.numbers)
        maximize = MaximizeButton(_("inspector"), self, self._title)
        header = filled(QHBoxLayout(), (self._title, 1), self._mark, self._unpin, maximize)
        self._title.setMinimumHeight(2 * self.fontMetrics().height() + 2)  # same height without the button
        filled(QVBoxLayout(self), header, (self.tabs, 1), margins=(10, 8, 8, 8), spacing=2)

    def sizeHint(self) -> QSize:
        return QSize(whole_px(300), whole_px(380))

    def minimumSizeHint(self) -> QSize:
        """Narrow, with scroll bars for everything, but still usable by touch."""
        return QSize(whole_px(240), super().minimumSizeHint().height() if is_touched() else whole_px(136))

    def add_tab(self, view: QWidget) -> None:
        """Add the next of the tabs: all but the first are made elsewhere, when they are first shown."""
        title, tooltip = TABS[self.tabs.count()]
        self.tabs.setTabToolTip(self.tabs.addTab(view, title), tooltip)

    def take(self, name: str, page: QWidget) -> None:
        """Keep a page that was made late, by its attribute's name, up to date, too."""
        setattr(self, name, page)
        self._write()

    def show_role_only(self, is_wanted: bool) -> None:
        """Show only what the part does, without the tab bar; or the tabs again."""
        self.tabs.tabBar().setVisible(not is_wanted)
        self.numbers.show_role_only(is_wanted)

    def show_snapshot(self, snapshot: Snapshot, states: Sequence[TrainerState] = (), alike_since: int = 0) -> None:
        """Show the numbers of another moment, throttled.

        `states` are the run's recorded states, by default the moments shown so far; `alike_since` is the step of the
        last edit, or 0.
        """
        before, self._snapshot, self._alike_since = self._snapshot, snapshot, alike_since
        if states or before is None or before.run_id != snapshot.run_id:
            self._states = states or [snapshot.state]
        self._choose()
        if before is None:
            self._write()
        elif self.isVisible() and not self._refresh.isActive():
            self._refresh.start()

    def show_input(self, x: float) -> None:
        if x != self._x:
            self._x = x
            if self.isVisible() and not self._refresh.isActive():
                self._refresh.start()

    def show_pytorch(self, phase: LoadPhase) -> None:
        """Enable what needs PyTorch once it is loaded; hide it if loading fails."""
        self._pytorch = phase
        self.numbers.show_pytorch(phase)
        self._write()

    def show_frozen(self, refs: frozenset[Ref]) -> None:
        self._frozen = refs
        self._write()

    def show_switched_off(self, refs: frozenset[NeuronRef]) -> None:
        self._off = refs
        self._write()

    def fill_menu(self, menu: QMenu) -> None:
        """Add the actions on the inspected part, whichever tab is in front."""
        offers_numbers = self.tabs.isTabVisible(0) and not self.tabs.tabBar().isHidden()
        if offers_numbers and self._snapshot is not None and self.ref is not None:
            self._write_numbers(self._snapshot, self.ref)
            add_buttons(menu, self.numbers.switches)
            menu.addAction(_("Copy numbers"), self.numbers.copy)
            if isinstance(weight := self.ref, WeightRef):
                place = ParameterRef(weight.layer, "weight", (weight.output, weight.input))
                menu.addAction(parameter_table.NUDGE, partial(self.nudge_wanted.emit, place))
        menu.addAction(_("Let go"), partial(self._selection.pin, None))

    def clear_run(self) -> None:
        """Forget the run's initial numbers and their movement; the next snapshot begins another."""
        self._snapshot = self.ref = None
        self._states = ()
        self._refresh.stop()
        for name in {"numbers", "torch_text", "mathematics"} & vars(self).keys():
            vars(self)[name].clear()
        self._write()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._write()

    def _choose(self) -> None:
        """Choose the inspected part: the pinned one, else the hovered one, else the output."""
        if (snapshot := self._snapshot) is not None:
            wanted = self._selection.pinned, self._selection.hovered, NeuronRef(len(snapshot.layers) - 1, 0)
            self.ref = next(ref for ref in wanted if ref is not None and fits(snapshot.layers, ref))

    def _write(self) -> None:
        snapshot, ref = self._snapshot, self.ref
        is_pinned = ref is not None and ref == self._selection.pinned
        if self.tabs.currentIndex() == len(TABS) - 1:
            self._title.show_text(pgettext("heading", "Samples"))
            self._mark.setText("")
            self._unpin.hide()
            return
        self._mark.setText(_("pinned") if is_pinned else "" if is_touched() else _("follows the mouse"))
        self._unpin.setVisible(self._selection.pinned is not None)
        self.numbers.setEnabled(ref is not None)
        if snapshot is None or ref is None:
            self._title.show_text(_("Nothing yet"))
            return
        points, title = snapshot.config.data.points, title_of(snapshot, ref)
        is_output = ref == NeuronRef(len(snapshot.layers) - 1, 0)
        self._title.show_text(f"{title}: {_(points.y_name)}" if is_output and points and points.y_name else title)
        started = perf_counter()
        match self.tabs.currentIndex():
            case 0:
                self._write_numbers(snapshot, ref)
            case 1 if "torch_text" in vars(self):
                self.torch_text.show_pytorch(self._pytorch)
                self.torch_text.show_snapshot(snapshot, ref)
            case 2 if "mathematics" in vars(self):
                pinned = ref if is_pinned else None
                self.mathematics.show_snapshot(snapshot, self._x, self.numbers.precision.digits(), pinned)
        self._refresh.setInterval(max(REFRESH_MS, round(1e3 * PAUSE_FACTOR * (perf_counter() - started))))

    show_theme = _write

    def _write_numbers(self, snapshot: Snapshot, ref: Ref) -> None:
        is_chosen = ref in (self._selection.pinned, self._selection.hovered)
        self.numbers.show_snapshot(snapshot, ref, self._states, self._frozen, is_chosen, self._alike_since)
        self.numbers.show_switched_off(ref in self._off)

    def _on_selection_changed(self) -> None:
        self._choose()
        self._write()
