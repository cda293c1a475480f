"""The values that flow through the network, which the diagram shows in place of weights and curves.

An x goes forward, or a training step goes through its four phases; every number comes from the probe or the dissection.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.network.forward import Layer
from tinynet_gui.core.network.probe import Probe
from tinynet_gui.core.numerics.arrays import AnyFloats, Flags
from tinynet_gui.core.step.dissection import (
    Dissection,
    activation_gradients,
    carried,
    pre_activation_gradients,
    weight_gradients,
)
from tinynet_gui.core.step.phases import BACKWARD, FORWARD, LOSS
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.training.snapshot import Snapshot

ColumnKind = Literal["input", "linear", "activation", "both", "output"]

NOTE_DIGITS = 4


@dataclass(frozen=True, eq=False)
class Boxes:
    """The numbers in one column's boxes.

    Attributes
    ----------
    symbol
        Their symbol; empty if the column's formula already begins with it.
    values
        One number per neuron.
    off
        Which neurons let nothing through, like a ReLU at u ≤ 0; None if no neuron does.
    """

    symbol: str
    values: AnyFloats
    off: Flags | None = None


@dataclass(frozen=True, eq=False)
class Flow:
    """The numbers on the diagram's edges and in its boxes, and their meaning.

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
        The texts below the input and the output.
    layers
        The parameters it was computed with: further training changes the flow.
    is_of_the_past
        Whether to draw it although the network's parameters have changed.
    """

    layers: tuple[Layer, ...]
    edges: tuple[AnyFloats, ...]
    boxes: Mapping[tuple[ColumnKind, int], Boxes]
    caption: str
    way: Literal["forward", "backward", ""] = ""
    input_note: str = ""
    output_note: str = ""
    is_of_the_past: bool = False

    def is_of(self, snapshot: Snapshot) -> bool:
        """Whether it belongs to this network: it was computed with these very parameters, or is of the past."""
        if [layer.weight.shape for layer in self.layers] != [layer.weight.shape for layer in snapshot.layers]:
            return False
        if self.is_of_the_past:
            return True
        pairs = zip(self.layers, snapshot.layers, strict=True)
        return all(_same(ours.weight, theirs.weight) and _same(ours.bias, theirs.bias) for ours, theirs in pairs)


def probe_flow(probe: Probe, x_of_data: float | None = None) -> Flow:
    """Return the flow of one x through the network, which may see it standardised."""
    *hidden, output = probe.layers
    boxes = _boxes(
        [Boxes("", here.pre_activations) for here in hidden],
        [Boxes("", here.activations, here.off) for here in hidden],
        Boxes("", output.activations),
        shared=[Boxes("h", here.activations, here.off) for here in hidden],
    )
    x = seen = plain(probe.x, NOTE_DIGITS)
    is_scaled = x_of_data is not None and np.float32(x_of_data) != probe.x
    if x_of_data is not None and is_scaled:
        x = f"{plain(x_of_data, NOTE_DIGITS)}, seen as {seen}"
    return Flow(
        layers=tuple(here.layer for here in probe.layers),
        edges=tuple(here.edges for here in probe.layers),
        boxes=boxes,
        caption=f"w·v at x = {x}: what each carries",
        way="forward",
        input_note=f"{'x̃' if is_scaled else 'x'} = {seen}",
    )


def step_flow(dissection: Dissection, phase: int, position: int | None) -> Flow | None:
    """Return the flow in a phase of a step, at one sample of its batch or over the whole batch.

    None where there is nothing to show: a step that cannot be taken has no fourth phase.
    """
    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        if phase in (FORWARD, LOSS):
            forward = _mean_forward(dissection) if position is None else _forward(dissection, position)
            if phase == FORWARD:
                return replace(forward, output_note="")
            return replace(forward, caption=f"{forward.caption}, as in Forward", way="")
        return _backward(dissection, position) if phase == BACKWARD else _update(dissection)


def _forward(d: Dissection, position: int) -> Flow:
    us = [u[:, position] for u in d.values.pre_activations]
    hs = [h[:, position] for h in d.values.activations]
    switches_off = ACTIVATIONS[d.config.network.activation].switches_off
    offs = [u <= 0 if switches_off else None for u in us]
    boxes = _boxes(
        [Boxes("", u) for u in us],
        [Boxes("", h, off) for h, off in zip(hs, offs, strict=True)],
        Boxes("", d.values.output[None, position]),
        shared=[Boxes("h", h, off) for h, off in zip(hs, offs, strict=True)],
    )
    x, y, loss = (plain(float(values[position]), NOTE_DIGITS) for values in (d.x, d.y, d.sample_losses))
    return Flow(
        layers=d.layers,
        edges=carried(d, position),
        boxes=boxes,
        caption="w·v: what each carries",
        way="forward",
        input_note=f"x = {x}",
        output_note=f"y = {y}\nloss {loss}",
    )


def _mean_forward(d: Dissection) -> Flow:
    boxes = _boxes(
        [Boxes("mean u", _mean(u)) for u in d.values.pre_activations],
        [Boxes("mean h", _mean(h)) for h in d.values.activations],
        Boxes("mean ŷ", _mean(d.values.output[None, :])),
    )
    return Flow(
        layers=d.layers,
        edges=carried(d, None),
        boxes=boxes,
        caption="w·v, mean over the batch",
        way="forward",
        input_note=f"mean x = {plain(float(_mean(d.x[None, :])[0]), NOTE_DIGITS)}",
        output_note=f"L = {plain(d.loss, NOTE_DIGITS)}",
    )


def _backward(d: Dissection, position: int | None) -> Flow:
    if position is None:
        before = [Boxes("∂L/∂b", layer.bias) for layer in d.gradients]
        after = [Boxes("sum of ∂L/∂h", h.sum(axis=1)) for h in activation_gradients(d)]
        caption = "gradient ∂L/∂w of each weight"
    else:
        *us, output = (values[:, position] for values in pre_activation_gradients(d))
        before = [*(Boxes("∂L/∂u", u) for u in us), Boxes("∂L/∂ŷ", output)]
        after = [Boxes("∂L/∂h", h[:, position]) for h in activation_gradients(d)]
        caption = "this sample’s share of ∂L/∂w"
    boxes = _boxes(before[:-1], after, before[-1], shared=before[:-1])
    return Flow(d.layers, weight_gradients(d, position), boxes, caption, "backward")


def _update(d: Dissection) -> Flow | None:
    if d.update is None:
        return None
    deltas: list[AnyFloats] = list(d.update.term("delta").values)
    if d.update.frozen is not None:
        deltas = [np.where(held, np.float32(0), delta) for held, delta in zip(d.update.frozen, deltas, strict=True)]
    biases = [Boxes("Δb", delta) for delta in deltas[1::2]]
    boxes = _boxes(biases[:-1], [], biases[-1], shared=biases[:-1])
    return Flow(d.layers, tuple(deltas[::2]), boxes, "Δw: the change of each weight")


def _same(a: AnyFloats, b: AnyFloats) -> bool:
    return np.array_equal(a, b, equal_nan=True)


def _mean(values: AnyFloats) -> AnyFloats:
    """Return each neuron's mean over the samples."""
    means: AnyFloats = values.mean(axis=1, dtype=np.float64)
    return means


def _boxes(
    linear: Sequence[Boxes], activation: Sequence[Boxes], output: Boxes, shared: Sequence[Boxes] | None = None
) -> dict[tuple[ColumnKind, int], Boxes]:
    """Sort boxes by column; `shared` are for a layer whose Linear and activation share one column."""
    both = activation if shared is None else shared
    kinds: dict[ColumnKind, Sequence[Boxes]] = {"linear": linear, "activation": activation, "both": both}
    of_hidden = {(kind, layer): boxes for kind, some in kinds.items() for layer, boxes in enumerate(some)}
    return {("output", len(linear)): output, **of_hidden}
