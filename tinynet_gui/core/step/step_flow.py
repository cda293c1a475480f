"""The values that flow through the network in a training step; every number comes from its dissection."""

from dataclasses import replace

import numpy as np

from tinynet_gui.core.numerics.arrays import AnyFloats
from tinynet_gui.core.step.dissection import (
    Dissection,
    activation_gradients,
    carried,
    pre_activation_gradients,
    weight_gradients,
)
from tinynet_gui.core.step.flow import NOTE_DIGITS, Boxes, Flow, by_column
from tinynet_gui.core.step.phases import BACKWARD, FORWARD, LOSS
from tinynet_gui.core.text.numbers import plain


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
    offs = [u <= 0 if a.switches_off else None for a, u in zip(d.config.network.activations, us, strict=True)]
    boxes = by_column(
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
    boxes = by_column(
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
        after = [Boxes("Σ ∂L/∂h", h.sum(axis=1)) for h in activation_gradients(d)]
        caption = "gradient ∂L/∂w of each weight"
    else:
        *us, output = (values[:, position] for values in pre_activation_gradients(d))
        before = [*(Boxes("∂L/∂u", u) for u in us), Boxes("∂L/∂ŷ", output)]
        after = [Boxes("∂L/∂h", h[:, position]) for h in activation_gradients(d)]
        caption = "this sample’s share of ∂L/∂w"
    boxes = by_column(before[:-1], after, before[-1], shared=before[:-1])
    return Flow(d.layers, weight_gradients(d, position), boxes, caption, "backward")


def _update(d: Dissection) -> Flow | None:
    if d.update is None:
        return None
    deltas: list[AnyFloats] = list(d.update.term("delta").values)
    if d.update.frozen is not None:
        deltas = [np.where(held, np.float32(0), delta) for held, delta in zip(d.update.frozen, deltas, strict=True)]
    biases = [Boxes("Δb", delta) for delta in deltas[1::2]]
    boxes = by_column(biases[:-1], [], biases[-1], shared=biases[:-1])
    return Flow(d.layers, tuple(deltas[::2]), boxes, "Δw: the change of each weight")


def _mean(values: AnyFloats) -> AnyFloats:
    """Return each neuron's mean over the samples."""
    means: AnyFloats = values.mean(axis=1, dtype=np.float64)
    return means
