"""A neuron, a weight or a layer in words: its formula with numbers filled in, a summary, its death; and its modules."""

import re
from collections.abc import Collection, Mapping, Sequence, Set
from typing import TYPE_CHECKING

from tinynet_gui.core.choices.activations import ACTIVATIONS, ActivationNames, names_by_layer
from tinynet_gui.core.choices.gradient_changes import active_changes, active_pulls
from tinynet_gui.core.choices.loops import training_loop
from tinynet_gui.core.choices.optimizers import OPTIMIZERS, PLAIN
from tinynet_gui.core.config import Config, DataConfig
from tinynet_gui.core.config.targets import FORMULA, TARGETS
from tinynet_gui.core.failures.symptoms import Death, DeathBetween, chance_of_the_dead
from tinynet_gui.core.function import neurons
from tinynet_gui.core.network.forward import Layer
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.step.cost import OPERATIONS, step_cost
from tinynet_gui.core.text.numbers import MINUS, counted, loss_text, numbered_layer, plain, signed, told_apart
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.training.dataset import make_dataset
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.values import frozen_dataclass, largest
from tinynet_gui.core.wording.neurons import input_name, neuron_name, vector_name

if TYPE_CHECKING:
    from torch import nn


MOST_NAMES = 3  # of neurons that are switched off
FACTS_EXPLAINED = (  # the lines of a neuron that need an explanation
    "What stays: the squares of a neuron's outgoing weights w′, minus those of its incoming weights w and its bias b. "
    "A step of plain SGD changes it by exactly η² times the same of the gradients, for any loss and batch. Float32 "
    "adds its rounding, which is the larger part where gradients are small. Weight decay λ first multiplies it by "
    "(1 − ηλ)², momentum moves it further; Adam, RMSprop and an L1 penalty do not keep it.\n"
    "What the curve costs: each change of its slope times √(1 + kink²), added up over all kinks, with x and y as the "
    "network sees them. What the weights pay is ½ Σ (w′² + w² + b²); it is never less. At a small learning rate long "
    "weight decay brings it down to the cost. The output's bias is in neither.\n"
    "What a step costs: counted as by hand, without the activations and the loss themselves; an engine may take short "
    "cuts. The time is that "
    "of the run's fastest stretch by this engine, with what is recorded of it, and without the drawing."
)


def formula_text(snapshot: Snapshot, ref: Ref, digits: int | None, limit: int) -> str:
    """Write a neuron with numbers filled in: h₃ = ReLU(0.2742·x − 0.8090); for a weight, the neuron that it leads to.

    `digits` are decimals, as for `signed`; of more than `limit` weights only the largest are written.
    """
    if isinstance(ref, LayerRef):
        return _layer_formula(snapshot, ref.layer)
    if isinstance(ref, WeightRef):
        ref = NeuronRef(ref.layer, ref.output)
    layer = snapshot.layers[ref.layer]
    weights = layer.weight[ref.index]
    text = ""
    for i in largest(weights, limit):
        text += _term(float(weights[i]), f"·{input_name(snapshot, ref.layer, i)}", digits, first=not text)
    if len(weights) > limit:
        text += f" + {len(weights) - limit:,} more"
    text += _term(float(layer.bias[ref.index]), "", digits, first=False)
    symbols = [*(activation.symbol for activation in snapshot.config.network.activations), ""]
    called = f"{symbols[ref.layer]}({text})" if symbols[ref.layer] else text
    return f"{neuron_name(snapshot, ref)} = {called}"


def summary_lines(snapshot: Snapshot, ref: Ref, digits: int | None) -> list[str]:
    """Say where a neuron bends and on how many samples it is active, or what a layer consists of.

    Shown in the inspector, and in the diagram's description for screen readers.
    """
    match ref:
        case NeuronRef() if ref.layer == len(snapshot.layers) - 1:
            return _cost_lines(snapshot, digits)
        case NeuronRef():
            return _neuron_lines(snapshot, ref.layer, ref.index, digits)
        case LayerRef():
            return layer_lines(snapshot, ref.layer, digits)
    return []


def kept_text(
    snapshot: Snapshot, ref: Ref, states: Sequence[TrainerState], frozen: Set[Ref], digits: int | None
) -> str:
    """Say how far a hidden neuron's balance has moved since the first of these states, and why; else ""."""
    if not isinstance(ref, NeuronRef) or not states:
        return ""
    now, training = neurons.balance(snapshot, ref.layer, ref.index), snapshot.config.training
    if now is None:
        return ""
    *_, start = (state for state in states if state.step == states[0].step)  # after what was set by hand there
    moved = now - neurons.balance_of(start.parameters, ref.layer, ref.index)
    share, optimizer = (
        neurons.frozen_share(start.parameters, ref.layer, ref.index, frozen),
        OPTIMIZERS[training.optimizer],
    )
    if share == 1:
        how = "frozen with all its weights"
    elif share > 0:
        how = "it is not kept while a part is frozen"
    elif optimizer.rule(training) is not PLAIN:
        how = f"{optimizer.label} does not keep it"
    elif training_loop(training).keeps_gradients:
        how = "a loop that never resets its gradients does not keep it"
    elif pulls := active_pulls(training):
        how = f"{pulls[0].indefinite} does not keep it"
    else:
        how = "SGD nearly keeps it, up to η² a step"
    return f"{how}: {signed(moved, digits)} since step {start.step:,}"


def death_text(death: Death | DeathBetween | None) -> str:
    """Say in a line which update killed a neuron; None if it was dead at initialisation."""
    if death is None:
        return "dead from the first weights on"
    if isinstance(death, DeathBetween):
        since = "" if death.first is None else f"between step {death.first:,} and "
        return f"died {since or 'before '}step {death.last:,}"
    by_hand = ", the samples were changed" if death.culprit == "the samples" else ", set by hand"
    when = f"died at step {death.step:,}{by_hand if death.is_by_hand else ''}"
    if death.culprit == "the samples":
        return when
    if death.culprit == "the layers before":
        return f"{when}: the layers before it moved"
    moves = [("b", death.bias_before, death.bias_after)]
    if len(death.weights_before) == 1:
        moves.insert(0, ("w", float(death.weights_before[0]), float(death.weights_after[0])))
    return f"{when}: " + ", ".join("{} {} → {}".format(name, *told_apart(a, b)) for name, a, b in moves)


def without_text(snapshot: Snapshot, off: Collection[NeuronRef]) -> str:
    """Say what the training loss is without some neurons."""
    names = [neuron_name(snapshot, ref) for ref in sorted(off, key=lambda ref: (ref.layer, ref.index))]
    who = ", ".join(names) if len(names) <= MOST_NAMES else f"{len(names)} neurons"
    loss = neurons.loss_without(snapshot, [(ref.layer, ref.index) for ref in off])
    return f"without {who}:\nloss {loss_text(loss)}"


def _layer_formula(snapshot: Snapshot, layer: int) -> str:
    source, result = vector_name(snapshot, layer - 1), vector_name(snapshot, layer)
    if layer == len(snapshot.layers) - 1:
        return f"{result} = W·{source} + b"
    symbol = snapshot.config.network.activations[layer].symbol
    return f"u = W·{source} + b, {result} = {f'{symbol}(u)' if symbol else 'u'}"


def _term(value: float, what: str, digits: int | None, first: bool) -> str:
    text = signed(value, digits)
    sign, size = (text[0], text[1:]) if text[0] in f"+{MINUS}" else ("+", text)
    if first:
        return f"{MINUS if sign == MINUS else ''}{size}{what}"
    return f" {sign} {size}{what}"


def _neuron_lines(snapshot: Snapshot, layer: int, index: int, digits: int | None) -> list[str]:
    lines = []
    if (kink := neurons.kink_of(snapshot, layer, index)) is not None:
        formula = f"μ {MINUS} σ·b/w" if snapshot.dataset.scaling.has_x else f"{MINUS}b/w"
        lines.append(f"kink at x = {formula} = {signed(kink, digits)}")
    if snapshot.config.network.activations[layer].slopes is not None:
        count, samples = snapshot.active_counts[layer][index], len(snapshot.dataset.x_train)
        lines.append(f"active (u > 0) on {count:,} of {samples:,} samples")
    if neurons.is_dead(snapshot, layer, index):
        lines.append("dead: 0 on every sample, and no gradient;")
        lines.append(chance_of_the_dead(snapshot.config, layer))
    if (balanced := neurons.balance(snapshot, layer, index)) is not None:
        counts = snapshot.layers[layer + 1].weight.shape[0], snapshot.layers[layer].weight.shape[1]  # out and in
        several = ("Σ" if count > 1 else "" for count in counts)
        lines.append("{}w′² − ({}w² + b²) = {}".format(*several, signed(balanced, digits)))
    return lines


def _cost_lines(snapshot: Snapshot, digits: int | None) -> list[str]:
    numbers = neurons.curve_cost(snapshot.layers, snapshot.config.network.activation)
    if numbers is None:
        return []
    cost, paid = (signed(number, digits).removeprefix("+") for number in numbers)
    scaling = snapshot.dataset.scaling
    what = "standardised curve" if scaling.has_x or scaling.has_y else "curve"
    return [
        f"{what} costs Σ |change of slope|·√(1 + kink²) = {cost}",
        f"weights pay ½ Σ (w′² + w² + b²) = {paid}, never less",
    ]


def step_cost_lines(snapshot: Snapshot, seconds: float, engine: str) -> list[str]:
    """Say what a step costs: its multiplications and additions; and how long it took, unless `seconds` is 0."""
    cost = step_cost(snapshot.config, len(snapshot.dataset.x_train))
    size = f"B = {counted(cost.samples, 'sample')} with N = {counted(cost.neurons, 'hidden neuron')}"
    of_one = {sign: f"{count}·P = ".removeprefix("1·") for sign, count in cost.each_update.items()}
    besides = ", besides what changes the gradients first" if active_changes(snapshot.config.training) else ""
    took = f"; {engine} takes {plain(1e6 * seconds)} µs at best" if seconds else ""

    def counts(done: Mapping[str, int], formulas: Mapping[str, str]) -> str:
        return ", ".join(f"{formulas.get(sign, '')}{done[sign]:,} {sign}" for sign in OPERATIONS if done[sign])

    return [
        f"a step of {size}, W = {cost.weights:,} weights, W′ = {cost.later:,} of them after the first layer, "
        f"P = {cost.parameters:,} with the biases:",
        f"forward {counts(cost.forward, dict.fromkeys(OPERATIONS, 'B·W = '))}",
        f"backward {counts(cost.backward, {'×': 'B·(W + W′ + N) = ', '+': '(B − 1)·P + B·(W′ − N) = '})}",
        f"update {counts(cost.update, of_one)}{besides}",
        f"together {counts(cost.forward + cost.backward + cost.update, {})}{took}",
    ]


def layer_lines(snapshot: Snapshot, layer: int, digits: int | None) -> list[str]:
    weight = snapshot.layers[layer].weight
    count, inputs = weight.shape
    row, column = divmod(largest(weight.ravel(), 1)[0], inputs)
    lines = [
        f"weight ({count}, {inputs}) and bias ({count},): {weight.size + count:,} parameters",
        f"largest weight {signed(float(weight[row, column]), digits)}, from {input_name(snapshot, layer, column)} to "
        f"{neuron_name(snapshot, NeuronRef(layer, row))}",
    ]
    if layer == len(snapshot.layers) - 1:
        return lines
    activation, active = snapshot.config.network.activations[layer], snapshot.active_counts[layer]
    if activation.slopes is not None:
        fewest, most = active.min(), active.max()
        counts = f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
        lines.append(f"neurons active (u > 0) on {counts} of {len(snapshot.dataset.x_train):,} samples")
    if activation.switches_off:
        dead = neurons.dead_masks(snapshot)[layer].sum()
        lines.append(f"dead: {dead or 'none'} of {counted(count, 'neuron')}")
    return lines


@frozen_dataclass
class ModuleText:
    """One module of the ``nn.Sequential``, in print.

    Attributes
    ----------
    title
        The module's own repr, such as ``Linear(in_features=1, out_features=5, bias=True)``.
    layer
        Which affine layer the module is, or for an activation, which one's pre-activations it takes.
    parameters
        What ``print(parameter)`` prints for its weight and its bias; empty for an activation.
    shapes
        Sentences that explain it, one for each parameter.
    """

    title: str
    layer: int
    parameters: tuple[str, ...]
    shapes: tuple[str, ...]


def module_texts(layers: Sequence[Layer], activation: ActivationNames) -> tuple[ModuleText, ...]:
    """Return Linear, activation, ..., Linear as PyTorch prints them.

    Imports torch, without drawing from its random generator.
    """
    from tinynet_gui.core.training.torch_loop import activation_module

    texts, names = [], names_by_layer(activation, len(layers) - 1)
    for index, layer in enumerate(layers):
        linear = _linear(layer)
        sentences = (weight_shape(layers, index), bias_shape(layers, index))
        texts.append(ModuleText(str(linear), index, tuple(map(str, linear.parameters())), sentences))
        if index < len(layers) - 1:
            function, label = activation_module(names[index]), ACTIVATIONS[names[index]].label
            sentence = f"{label} has no weights and no bias, nothing to learn: its list is empty."
            texts.append(ModuleText(str(function), index, (), (sentence,)))
    return tuple(texts)


def entry_span(printed: str, index: Sequence[int]) -> tuple[int, int] | None:
    """Return the start and the end of an entry, or a row, in a printed vector or matrix.

    None where torch has abbreviated the tensor.
    """
    if "..." in printed:
        return None
    rows = [row.span() for row in re.finditer(r"\[[^\[\]]*\]", printed)]  # outside nested brackets
    place = list(index)
    start, end = rows[place.pop(0)] if "[[" in printed else rows[0]
    if not place:
        return start, end
    entry = list(re.finditer(r"[^\s,\[\]]+", printed[start:end]))[place[0]]
    return start + entry.start(), start + entry.end()


def weight_shape(layers: Sequence[Layer], index: int) -> str:
    """Say what the rows and columns of a layer's weight are, and why it is a row or a column."""
    rows, columns = layers[index].weight.shape
    neurons, inputs = _neurons(layers, index), _inputs(layers, index)
    text = f"weight has the shape ({rows}, {columns}): a row for {neurons}, a column for {inputs}."
    if rows == columns == 1:
        return f"{text} One number in and one number out: a matrix of a single number."
    if columns == 1:
        return f"{text} Each neuron takes in a single number, so the matrix is one column, {rows} high."
    if rows == 1:
        return f"{text} A single number comes out of {columns}, so the matrix is one row, {columns} long."
    return f"{text} Each neuron takes in {columns} numbers: its weights are one row."


def bias_shape(layers: Sequence[Layer], index: int) -> str:
    """Say why a layer's bias is a plain list."""
    count = len(layers[index].bias)
    if count == 1:
        return "bias has the shape (1,): one number, because one number comes out."
    return f"bias has the shape ({count},): one number for {_neurons(layers, index)}, a list with no rows or columns."


def _linear(layer: Layer) -> "nn.Linear":
    import torch
    from torch import nn

    n_out, n_in = layer.weight.shape
    linear = nn.Linear(n_in, n_out, device="meta")  # with no memory, it draws no weights
    linear.weight = nn.Parameter(torch.tensor(layer.weight))
    linear.bias = nn.Parameter(torch.tensor(layer.bias))
    return linear


def _neurons(layers: Sequence[Layer], index: int) -> str:
    if index == len(layers) - 1:
        return "the output ŷ"
    count = len(layers[index].bias)
    name = "the hidden layer" if len(layers) == 2 else numbered_layer(index)
    return f"the one neuron of {name}" if count == 1 else f"each of the {count} neurons of {name}"


def _inputs(layers: Sequence[Layer], index: int) -> str:
    return "the input x" if index == 0 else _neurons(layers, index - 1)


MOST = 60  # characters of a formula, or of a name


def task_text(config: Config) -> str:
    """Describe the task: “A network of 10 neurons learns y = x² from 20 samples.”"""
    hidden, samples = config.network.hidden, len(make_dataset(config.data).x_train)
    neurons = counted(sum(hidden), "neuron") if hidden else "no hidden neurons"
    layers = f" in {len(hidden)} layers" if len(hidden) > 1 else ""
    return f"A network of {neurons}{layers} learns {_learned(config.data)} from {counted(samples, 'sample')}."


def _learned(data: DataConfig) -> str:
    if data.true_formula is None and data.points is not None:
        x, y = (shortened(name, MOST) for name in (data.points.x_name or "x", data.points.y_name or "y"))
        return f"how {y} depends on {x}"
    label = TARGETS[data.target].label
    is_name = data.target == FORMULA or label.isalpha()
    return f"y = {shortened(data.target_formula, MOST) if is_name else label}"
