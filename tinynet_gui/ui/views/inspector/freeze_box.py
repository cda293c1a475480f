"""The switch that freezes the inspected element."""

from collections.abc import Set

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox

from tinynet_gui.core.network.frozen import holder_of, is_partly_frozen
from tinynet_gui.core.network.refs import Ref
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.wording.neuron_names import title_of
from tinynet_gui.ui.widgets.naming import named

HINT = "Hold it at its present numbers: training changes everything else.\nOf a neuron: its weights in and its bias."

WITHOUT_PYTORCH = "Only PyTorch trains around what is frozen, and it cannot be loaded here."


class FreezeBox(QCheckBox):
    """Checked: frozen; half checked: partly. Parts of a frozen neuron or layer are unfrozen there.

    Attributes
    ----------
    has_pytorch
        Without it nothing can be frozen; what is, in a session from elsewhere, can be unfrozen.
    """

    def __init__(self) -> None:
        super().__init__("freeze")
        named(self, "inspectorFreeze", "Freeze it", HINT)
        self.has_pytorch = True

    def show_frozen(self, snapshot: Snapshot, ref: Ref, frozen: Set[Ref]) -> None:
        """Show whether an element is frozen, by itself, with an enclosing one, or in part."""
        holder = holder_of(ref, frozen)
        is_partial = holder is None and is_partly_frozen(ref, frozen)
        self.setEnabled(holder == ref or (holder is None and self.has_pytorch))
        self.setTristate(is_partial)  # a click on a half checked box checks it
        hint = HINT
        if is_partial:
            self.setCheckState(Qt.CheckState.PartiallyChecked)
            hint = "Some of its numbers are frozen already. Check it to hold all of them."
        else:
            self.setChecked(holder is not None)
        if holder is not None and holder != ref:
            hint = f"Frozen with {title_of(snapshot, holder)}. Release it there."
        elif holder is None and not self.has_pytorch:
            hint = WITHOUT_PYTORCH
        self.setToolTip(hint)
