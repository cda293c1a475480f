"""The values on their way through the network, which the diagram shows in place of weights and curves.

Either one x goes forward, or a training step through its four phases (`core.step.dissection.step_flow`).
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from tinynet_gui.core.network.forward import Layer, Probe
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import AnyFloats, Flags, frozen_dataclass

ColumnKind = Literal["input", "linear", "activation", "both", "output"]

NOTE_DIGITS = 4


@frozen_dataclass(eq=False)
class Boxes:
    """The numbers in one column's boxes, one per neuron.

    Attributes
    ----------
    symbol
        Empty if the column's formula already begins with it.
    off
        Which neurons let nothing through, like a ReLU at u ≤ 0; None if no neuron does.
    """

    symbol: str
    values: AnyFloats
    off: Flags | None = None


@frozen_dataclass(eq=False)
class Flow:
    """The numbers on the diagram's edges and in its boxes.

    Attributes
    ----------
    edges
        For each affine layer an array of shape (outputs, inputs).
    boxes
        By the kind of a column and its affine layer; other columns keep their curves.
    caption
        The meaning of the numbers on the edges.
    way
        The direction of the flow, if any.
    input_note, output_note
        Shown below the input and the output.
    layers
        The parameters it was computed with; when they change, it is outdated.
    is_of_the_past
        Whether to draw it nevertheless.
    """

    layers: tuple[Layer, ...]
    edges: tuple[AnyFloats, ...]
    boxes: Mapping[tuple[ColumnKind, int], Boxes]
    caption: str
    way: Literal["forward", "backward", ""] = ""
    input_note: str = ""
    output_note: str = ""
    is_of_the_past: bool = False

    def fits(self, snapshot: Snapshot) -> bool:
        """Whether it can be drawn with a snapshot: same shapes and, unless `is_of_the_past`, same parameters."""
        if [layer.weight.shape for layer in self.layers] != [layer.weight.shape for layer in snapshot.layers]:
            return False
        if self.is_of_the_past:
            return True
        pairs = zip(self.layers, snapshot.layers, strict=True)
        return all(_same(ours.weight, theirs.weight) and _same(ours.bias, theirs.bias) for ours, theirs in pairs)


def probe_flow(probe: Probe, x_of_data: float | None = None) -> Flow:
    """Return the flow of one x through the network; `x_of_data` is the same x in the units of the data, if known."""
    *hidden, output = probe.layers
    values = [(here.pre_activations, here.activations, here.off) for here in hidden]
    seen, caption = plain(probe.x, NOTE_DIGITS), _("w·v at x = {x}: what each carries")
    is_scaled = x_of_data is not None and np.float32(x_of_data) != probe.x
    if is_scaled:
        caption = _("w·v at x = {x}, seen as {seen}: what each carries")
    x = plain(probe.x if x_of_data is None else x_of_data, NOTE_DIGITS)
    return Flow(
        layers=tuple(here.layer for here in probe.layers),
        edges=tuple(here.edges for here in probe.layers),
        boxes=forward_boxes(values, output.activations),
        caption=caption.format(x=x, seen=seen),
        way="forward",
        input_note=f"{'x̃' if is_scaled else 'x'} = {seen}",
    )


def _same(a: AnyFloats, b: AnyFloats) -> bool:
    return np.array_equal(a, b, equal_nan=True)


def forward_boxes(
    hidden: Sequence[tuple[AnyFloats, AnyFloats, Flags | None]], output: AnyFloats
) -> dict[tuple[ColumnKind, int], Boxes]:
    """Return the boxes of u, h and which neurons are off, of each hidden layer, and of the output."""
    us, hs = [Boxes("", u) for u, _, _ in hidden], [Boxes("", h, off) for _, h, off in hidden]
    return by_column(us, hs, Boxes("", output), shared=[Boxes("h", h, off) for _, h, off in hidden])


def by_column(
    linear: Sequence[Boxes], activation: Sequence[Boxes], output: Boxes, shared: Sequence[Boxes] | None = None
) -> dict[tuple[ColumnKind, int], Boxes]:
    """Sort boxes by column; `shared` are for layers whose Linear and activation share one."""
    both = activation if shared is None else shared
    kinds: dict[ColumnKind, Sequence[Boxes]] = {"linear": linear, "activation": activation, "both": both}
    of_hidden = {(kind, layer): boxes for kind, some in kinds.items() for layer, boxes in enumerate(some)}
    return {("output", len(linear)): output, **of_hidden}
