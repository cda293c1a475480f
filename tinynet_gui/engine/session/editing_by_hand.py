"""What is done to a network by hand: numbers are set, held, or left out of the picture."""

import math
from collections.abc import Hashable
from dataclasses import replace

from tinynet_gui.core.network.refs import NeuronRef, ParameterRef, Ref, fits_widths
from tinynet_gui.core.run.events import LARGEST
from tinynet_gui.core.run.history import FrozenEdit, ParameterEdit, SwitchedOffEdit
from tinynet_gui.engine.session.keeping_runs import KeepingRuns
from tinynet_gui.engine.training.interface import Training


class EditingByHand(KeepingRuns):
    """The part of the session's controller that is about the run's weights and neurons."""

    _training: Training

    def set_parameter(self, ref: ParameterRef, value: float, gesture: Hashable | None = None) -> None:
        """Set one weight or bias by hand; a training that is running goes on from there. It can be undone.

        A value beyond float32 is its largest. One that is not finite changes nothing, and none can be changed: undo
        could not bring it back.
        """
        self._do(lambda: self._when_exact(lambda: self._edit_parameter(ref, value, gesture)))

    def freeze(self, ref: Ref, frozen: bool) -> None:
        """Hold a weight, a neuron or a layer of the current run at its values, or let it go. It can be undone."""
        self._do(lambda: self._when_exact(lambda: self._edit_frozen(ref, frozen)))

    def switch_off(self, ref: NeuronRef, off: bool) -> None:
        """Draw the curve without a neuron, or with it again. It can be undone."""
        self._do(lambda: self._edit_switched_off(ref, off))

    def _edit_parameter(self, ref: ParameterRef, value: float, gesture: Hashable | None) -> None:
        snapshot = self._state.snapshot
        if snapshot is None or snapshot.run_id != self._state.run.id:
            return
        before = float(snapshot.state.parameters[ref.array][ref.index])
        if not (math.isfinite(before) and math.isfinite(value)):
            return
        value = min(max(value, -LARGEST), LARGEST)
        self._remember(ParameterEdit(ref, before, value), gesture)
        self._training.set_parameter(ref, value)

    def _edit_frozen(self, ref: Ref, frozen: bool) -> None:
        if not fits_widths(self.config.network.widths, ref):
            return  # of the network that is still on screen while its successor is being made
        self._flush_restart()
        before = self._state.session.rule.frozen
        after = before | {ref} if frozen else before - {ref}
        if after != before:
            self._remember(FrozenEdit(before, after))
            self._set_frozen(after)

    def _set_frozen(self, frozen: frozenset[Ref]) -> None:
        self._put_run(wanted=replace(self._state.run.wanted, frozen=frozen))
        self._training.freeze(frozen)

    def _edit_switched_off(self, ref: NeuronRef, off: bool) -> None:
        view, network = self._state.session.view, self.config.network
        if ref.layer >= len(network.hidden) or not fits_widths(network.widths, ref):
            return
        after = view.switched_off | {ref} if off else view.switched_off - {ref}
        if after != view.switched_off:
            self._remember(SwitchedOffEdit(view.switched_off, after))
            self._put_session(view=replace(view, switched_off=after))

    def _flush_restart(self) -> None:
        """Begin a run at once that is about to be begun."""
        raise NotImplementedError
