"""One training step taken apart into its four phases: forward, loss, backward, update.

`core.training.trainer.Trainer` takes the step, in a copy of the run; the phases are its intermediate values.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tinynet_gui.core.choices import gradient_changes, loops, losses, schedules
from tinynet_gui.core.choices.activations import Activation
from tinynet_gui.core.choices.optimizers import OPTIMIZERS, PLAIN
from tinynet_gui.core.config import Config, TrainingConfig
from tinynet_gui.core.data.points import AS_THEY_ARE, Scaling, scaling_texts
from tinynet_gui.core.network.forward import Layer, as_layers
from tinynet_gui.core.network.refs import ParameterKind
from tinynet_gui.core.step.flow import NOTE_DIGITS, Boxes, Flow, by_column, forward_boxes
from tinynet_gui.core.step.update_terms import Update, take_apart
from tinynet_gui.core.text.formula import number
from tinynet_gui.core.text.language import gettext as _, with_signs
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.training.snapshot import forward_and_back
from tinynet_gui.core.training.start import Dataset, Pass, TrainerState, batch_samples
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.values import AnyFloats, Array, Flags, Floats, Ints, frozen_dataclass, owned


@frozen_dataclass
class Dissection(Pass):
    """One step from `before` to `after`. Every array is read-only, float32 unless it says otherwise.

    The inherited `values` are the first phase, errors and losses the second, the gradients the third.

    Attributes
    ----------
    config, before
        The run and its current state: the step is number ``before.step + 1``.
    samples
        Indices of the batch's training samples, in its order, int64 of shape (n,).
    training_samples
        How many there are in all.
    x, y
        The batch, shape (n,).
    layers
        The parameters before the step.
    output_by_activation
        ∂ŷ/∂h for each hidden layer, shape (width, n).
    activation_slopes
        ∂h/∂u for each hidden layer, shape (width, n).
    update
        Fourth phase: the optimiser's terms; None if the loss was not finite, so that no step was taken.
    after
        The state after one step of `Trainer.run`, bit for bit; None likewise.
    """

    config: Config
    before: TrainerState
    samples: Ints
    training_samples: int
    x: Array
    y: Array
    layers: tuple[Layer, ...]
    output_by_activation: tuple[Array, ...]
    activation_slopes: tuple[Array, ...]
    update: Update | None
    after: TrainerState | None
    scaling: Scaling = AS_THEY_ARE


@frozen_dataclass
class Chain:
    """The chain rule for one weight or bias, sample by sample; each array has shape (n,).

    For a weight w into hidden neuron h: ∂L/∂w = ∂L/∂ŷ · ∂ŷ/∂h · ∂h/∂u · ∂u/∂w. In the output layer the two factors in
    between are None: ∂L/∂w' = ∂L/∂ŷ · ∂ŷ/∂w'.

    Attributes
    ----------
    loss_by_output, output_by_activation, activation_by_pre, pre_by_parameter
        The factors in that order. The last is the value that the weight multiplies, 1 for a bias.
    products
        Their product, float64: each sample's share of the gradient.
    gradient
        The gradient of the batch: the sum of the products, up to float32 rounding.
    """

    loss_by_output: Array
    output_by_activation: Array | None
    activation_by_pre: Array | None
    pre_by_parameter: Array
    products: Floats
    gradient: float


def dissect(
    config: Config,
    state: TrainerState,
    frozen: tuple[Flags, ...] | None = None,
    take_step: Callable[[Trainer], object] = lambda trainer: trainer.run(1),
    by_torch: bool = True,
    dataset: Dataset | None = None,
) -> Dissection:
    """Take the next step of a run apart, in a copy of the run.

    Parameters
    ----------
    config, state, dataset
        As for `core.training.trainer.Trainer`.
    frozen
        As for `Trainer.set_frozen`.
    take_step
        Takes one step in the copy; by default `Trainer.run`.
    by_torch
        Whether PyTorch computes the step and all intermediate values.
    """
    trainer = Trainer(config, dataset)
    trainer.load(state)
    trainer.set_frozen(frozen)
    samples = batch_samples(config, state.step, len(trainer.dataset.x_train))
    samples.flags.writeable = False
    x, y = (owned(a[samples, 0]) for a in (trainer.dataset.x_train, trainer.dataset.y_train))
    here = forward_and_back(config, state.parameters, x, y, by_torch=by_torch)
    take_step(trainer)
    after = trainer.state() if trainer.step > state.step else None
    layers, us = as_layers(state.parameters), here.values.pre_activations
    slopes, by_activation = _backwards(layers, config.network.activations, us, len(samples))
    return Dissection(
        **vars(here),
        config=config,
        before=state,
        samples=samples,
        training_samples=len(trainer.dataset.x_train),
        x=x,
        y=y,
        layers=layers,
        output_by_activation=by_activation,
        activation_slopes=slopes,
        update=None if after is None else take_apart(config.training, state, here.gradients, after, frozen),
        after=after,
        scaling=trainer.dataset.scaling,
    )


def chain(dissection: Dissection, layer: int, kind: ParameterKind, neuron: int, column: int = 0) -> Chain:
    """Return the chain rule's factors for a weight, or for a bias (which has no column)."""
    d = dissection
    n = len(d.samples)
    if kind == "bias":
        inputs = np.ones(n, np.float32)
        gradient = float(d.gradients[layer].bias[neuron])
    else:
        inputs = d.x if layer == 0 else d.values.activations[layer - 1][column]
        gradient = float(d.gradients[layer].weight[neuron, column])
    by_activation, slope = None, None
    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        products = d.output_gradients.astype(np.float64) * inputs
        if layer < len(d.layers) - 1:
            by_activation, slope = d.output_by_activation[layer][neuron], d.activation_slopes[layer][neuron]
            products = products * by_activation * slope
    return Chain(d.output_gradients, by_activation, slope, inputs, products, gradient)


def carried(dissection: Dissection, position: int | None) -> tuple[Floats, ...]:
    """Return what each edge carries forward, w·v, at one sample of the batch or as the mean over it.

    float64, in the shape of each layer's weight.
    """
    d = dissection
    inputs = (values.astype(np.float64) for values in (d.x[None, :], *d.values.activations))
    pairs = zip(d.layers, inputs, strict=True)
    with np.errstate(all="ignore"):
        return tuple(layer.weight * (v.mean(axis=1) if position is None else v[:, position]) for layer, v in pairs)


def output_by_pre_activation(dissection: Dissection) -> tuple[Floats, ...]:
    """Return ∂ŷ/∂u = ∂ŷ/∂h · ∂h/∂u of each hidden layer at each sample, float64 of shape (width, n)."""
    pairs = zip(dissection.output_by_activation, dissection.activation_slopes, strict=True)
    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        return tuple(by_activation.astype(np.float64) * slope for by_activation, slope in pairs)


def pre_activation_gradients(dissection: Dissection) -> tuple[Floats, ...]:
    """Return ∂L/∂u of each affine layer at each sample, float64 of shape (neurons, n); the last is ∂L/∂ŷ.

    Its sum over the samples is the gradient of the bias, as ∂u/∂b = 1.
    """
    by_output = dissection.output_gradients.astype(np.float64)
    with np.errstate(all="ignore"):
        return (*(by_output * by_pre for by_pre in output_by_pre_activation(dissection)), by_output[None, :])


def activation_gradients(dissection: Dissection) -> tuple[Floats, ...]:
    """Return ∂L/∂h of each hidden layer at each sample, float64 of shape (neurons, n)."""
    d = dissection
    with np.errstate(all="ignore"):
        return tuple(d.output_gradients.astype(np.float64) * ways for ways in d.output_by_activation)


def weight_gradients(dissection: Dissection, position: int | None) -> tuple[AnyFloats, ...]:
    """Return the gradient of each weight, or one sample's share of it, in the shape of each layer's weight.

    The gradient of the whole batch is float32; a sample's share, ∂L/∂u · v, is float64.
    """
    d = dissection
    if position is None:
        return tuple(layer.weight for layer in d.gradients)
    pairs = zip(pre_activation_gradients(d), (d.x[None, :], *d.values.activations), strict=True)
    with np.errstate(all="ignore"):
        return tuple(g[:, position, None] * v[None, :, position] for g, v in pairs)


def _backwards(
    layers: tuple[Layer, ...], activations: tuple[Activation, ...], pre_activations: tuple[Array, ...], samples: int
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Return ∂h/∂u and ∂ŷ/∂h of each hidden layer, (width, samples), by going back from the output."""
    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        slopes = tuple(owned(a.derivative(u)) for a, u in zip(activations, pre_activations, strict=True))
        by_activation: list[Array] = []
        by_pre = np.ones((1, samples), np.float32)
        for layer, slope in zip(layers[:0:-1], reversed(slopes), strict=True):
            by_activation.append(owned(layer.weight.T @ by_pre))
            by_pre = by_activation[-1] * slope
    return slopes, tuple(reversed(by_activation))


FORWARD, LOSS, BACKWARD, UPDATE = range(4)
PHASES = ("Forward", "Loss", "Backward", "Update")
TOOLTIPS = (
    _("First: x goes forward through the network to the output ŷ."),
    _("Second: the loss, from the outputs ŷ and the samples' y."),
    _("Third: the gradients, back from the loss by the chain rule."),
    _("Fourth: what the optimiser makes of the gradients."),
)


def explanation(dissection: Dissection, phase: int) -> str:
    """Say in a sentence or two what a phase does."""
    training = dissection.config.training
    if phase == FORWARD:
        return " ".join((_forward_sentence(dissection), *_standardised(dissection)))
    if phase == LOSS:
        # Translators: {formula} is such as “mean of (ŷ − y)²”.
        return _(
            "The loss L tells how far the outputs ŷ are from the samples' y. It is the one number that the step is to "
            "make smaller: the {formula}."
        ).format(formula=losses.batch_loss_formula(training))
    if phase == BACKWARD:
        return _(
            "The gradient tells how much the loss grows when a weight grows a little. It comes back from the loss "
            "along the edges, slope times slope: the chain rule."
        )
    words = _("The rule is {name}, with the learning rate η = {rate}.")
    if schedules.is_scheduled(training):
        words = _("The rule is {name}, with this step's learning rate η = {rate}.")
    rate = with_signs(number(schedules.rate_at(training, dissection.before.step), None).plain)
    return f"{_update_sentence(training)} {words.format(name=OPTIMIZERS[training.optimizer].label, rate=rate)}"


def _update_sentence(training: TrainingConfig) -> str:
    if OPTIMIZERS[training.optimizer].rule(training) is PLAIN and not loops.training_loop(training).keeps_gradients:
        if gradient_changes.active_pulls(training):
            return _("Each weight moves a little against its gradient, and towards 0: the loss need not fall.")
        return _("Each weight moves a little against its gradient: the loss falls, if that is not too far.")
    return _("Each weight moves by what the rule makes of its gradient and of those before: the loss need not fall.")


def _standardised(dissection: Dissection) -> tuple[str, ...]:
    """Return a sentence saying that x and y are standardised here, if they are."""
    seen, meant = scaling_texts(dissection.scaling)
    words = _("Samples are standardised here: {seen}, of the data's x; {meant}, in the data's units.")
    if not meant:
        words = _("Samples are standardised here: {seen}, of the data's x.")
    if not seen:
        words = _("Samples are standardised here: {meant}, in the data's units.")
    return (words.format(seen=seen.replace("x̃", _("its input")), meant=meant),) if seen or meant else ()


def _forward_sentence(dissection: Dissection) -> str:
    if len(dissection.layers) == 1:
        return _("The input x goes through the network: multiplied by its weight and with the bias added it is ŷ.")
    network = dissection.config.network
    words = _(
        "The input x goes through the network. Each neuron multiplies what comes in by its weights and adds its bias: "
        "that is u; its layer's activation makes h of it. The last layer gives the output ŷ."
    )
    if isinstance(network.activation, str) and network.activations[0].symbol:
        words = _(
            "The input x goes through the network. Each neuron multiplies what comes in by its weights and adds its "
            "bias: that is u; {activation} makes h of it. The last layer gives the output ŷ."
        )
    elif isinstance(network.activation, str):
        words = _(
            "The input x goes through the network. Each neuron multiplies what comes in by its weights and adds its "
            "bias: that is u; h is the same. The last layer gives the output ŷ."
        )
    return words.format(activation=network.activations[0].label)


def step_flow(dissection: Dissection, phase: int, position: int | None) -> Flow | None:
    """Return the flow in a phase of a step, at one sample of its batch or over the whole batch.

    None for the fourth phase of a step that cannot be taken.
    """
    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        if phase in (FORWARD, LOSS):
            forward = _mean_forward(dissection) if position is None else _sample_forward(dissection, position)
            if phase == FORWARD:
                return replace(forward, output_note="")
            # Translators: {caption} is such as “w·v: what each carries”, Forward the phase of a step.
            return replace(forward, caption=_("{caption}, as in Forward").format(caption=forward.caption), way="")
        return _backward(dissection, position) if phase == BACKWARD else _update(dissection)


def _sample_forward(d: Dissection, position: int) -> Flow:
    us = [u[:, position] for u in d.values.pre_activations]
    hs = [h[:, position] for h in d.values.activations]
    offs = [u <= 0 if a.switches_off else None for a, u in zip(d.config.network.activations, us, strict=True)]
    x, y, loss = (plain(float(values[position]), NOTE_DIGITS) for values in (d.x, d.y, d.sample_losses))
    return Flow(
        layers=d.layers,
        edges=carried(d, position),
        boxes=forward_boxes([*zip(us, hs, offs, strict=True)], d.values.output[None, position]),
        caption=_("w·v: what each carries"),
        way="forward",
        input_note=f"x = {x}",
        output_note=_("y = {y}\nloss {loss}").format(y=y, loss=loss),
    )


def _mean_forward(d: Dissection) -> Flow:
    mean = _("mean {symbol}")
    boxes = by_column(
        [Boxes(mean.format(symbol="u"), _mean(u)) for u in d.values.pre_activations],
        [Boxes(mean.format(symbol="h"), _mean(h)) for h in d.values.activations],
        Boxes(mean.format(symbol="ŷ"), _mean(d.values.output[None, :])),
    )
    return Flow(
        layers=d.layers,
        edges=carried(d, None),
        boxes=boxes,
        caption=_("w·v, mean over the batch"),
        way="forward",
        input_note=f"{mean.format(symbol='x')} = {plain(float(_mean(d.x[None, :])[0]), NOTE_DIGITS)}",
        output_note=f"L = {plain(d.loss, NOTE_DIGITS)}",
    )


def _backward(d: Dissection, position: int | None) -> Flow:
    if position is None:
        before = [Boxes("∂L/∂b", layer.bias) for layer in d.gradients]
        after = [Boxes("Σ ∂L/∂h", h.sum(axis=1)) for h in activation_gradients(d)]
        caption = _("gradient ∂L/∂w of each weight")
    else:
        *us, output = (values[:, position] for values in pre_activation_gradients(d))
        before = [*(Boxes("∂L/∂u", u) for u in us), Boxes("∂L/∂ŷ", output)]
        after = [Boxes("∂L/∂h", h[:, position]) for h in activation_gradients(d)]
        caption = _("this sample’s share of ∂L/∂w")
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
    return Flow(d.layers, tuple(deltas[::2]), boxes, _("Δw: the change of each weight"))


def _mean(values: AnyFloats) -> AnyFloats:
    means: AnyFloats = values.mean(axis=1, dtype=np.float64)
    return means
