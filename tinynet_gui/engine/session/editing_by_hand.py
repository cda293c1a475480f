"""Changes to a network by hand: numbers are set, frozen, or neurons switched off in the plot."""

import math
from collections.abc import Hashable
from dataclasses import replace

from tinynet_gui.core.network.refs import NeuronRef, ParameterRef, Ref, fits_widths
from tinynet_gui.core.run.events import LARGEST
from tinynet_gui.core.run.history import FrozenEdit, ParameterEdit, SwitchedOffEdit
from tinynet_gui.engine.session.current_run import CurrentRun, when_exact
from tinynet_gui.engine.session.dispatcher import command


class EditingByHand(CurrentRun):
    """The part of the session's controller for the run's weights and neurons."""

    @command
    @when_exact
    def set_parameter(self, ref: ParameterRef, value: float, gesture: Hashable | None = None) -> None:
        """Set one weight or bias by hand; a running training continues from there. It can be undone.

        A value beyond float32 becomes its largest. A value that is not finite is ignored, and one that is not finite
        cannot be changed: undo could not restore it.
        """
        snapshot = self._state.snapshot
        if snapshot is None or snapshot.run_id != self._state.run.id:
            return
        before = float(snapshot.state.parameters[ref.array][ref.index])
        if not (math.isfinite(before) and math.isfinite(value)):
            return
        value = min(max(value, -LARGEST), LARGEST)
        self._remember(ParameterEdit(ref, before, value), gesture)
        self._training.set_parameter(ref, value)

    @command
    @when_exact
    def freeze(self, ref: Ref, frozen: bool) -> None:
        """Freeze a weight, a neuron or a layer of the current run, or unfreeze it. It can be undone."""
        if not fits_widths(self.config.network.widths, ref):
            return  # of a network still on screen while its successor is being made
        self._flush_restart()
        before = self._state.session.rule.frozen
        after = before | {ref} if frozen else before - {ref}
        if after != before:
            self._remember(FrozenEdit(before, after))
            self._set_frozen(after)

    @command
    def switch_off(self, ref: NeuronRef, off: bool) -> None:
        """Draw the curve without a neuron, or with it again. It can be undone."""
        view, network = self._state.session.view, self.config.network
        if ref.layer >= len(network.hidden) or not fits_widths(network.widths, ref):
            return
        after = view.switched_off | {ref} if off else view.switched_off - {ref}
        if after != view.switched_off:
            self._remember(SwitchedOffEdit(view.switched_off, after))
            self._put_session(view=replace(view, switched_off=after))

    def _set_frozen(self, frozen: frozenset[Ref]) -> None:
        self._put_run(wanted=replace(self._state.run.wanted, frozen=frozen))
        self._training.freeze(frozen)
