"""A neuron, a weight or a layer in words: its formula with numbers filled in, a summary, its death; and its modules."""

import re
from collections.abc import Collection, Mapping, Sequence, Set
from typing import TYPE_CHECKING

from tinynet_gui.core.choices import activations, gradient_changes, loops, optimizers
from tinynet_gui.core.config import Config
from tinynet_gui.core.config.targets import FORMULA, TARGETS
from tinynet_gui.core.failures.symptoms import Death, DeathBetween, revival_clause
from tinynet_gui.core.function import neurons
from tinynet_gui.core.network.forward import Layer
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.step.cost import OPERATIONS, step_cost
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import MINUS, count_text, loss_text, plain, signed, told_apart
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import TrainerState, make_dataset
from tinynet_gui.core.values import frozen_dataclass, largest
from tinynet_gui.core.wording.neurons import input_name, neuron_name, vector_name

if TYPE_CHECKING:
    from torch import nn


MAX_NAMES = 3  # of neurons that are switched off
FACTS_EXPLAINED = _(  # the lines of a neuron that need an explanation
    "What stays: the squares of a neuron's outgoing weights w′, minus those of its incoming weights w and its bias b. "
    "A step of plain SGD changes it by exactly η² times the same of the gradients, for any loss and batch. Float32 "
    "adds its rounding, which is the larger part where gradients are small. Weight decay λ first multiplies it by "
    "(1 − ηλ)², momentum moves it further; Adam, RMSprop and an L1 penalty do not keep it.\n"
    "What the curve costs: each change of its slope times √(1 + kink²), added up over all kinks, with x and y as the "
    "network sees them. What the weights pay is ½ Σ (w′² + w² + b²); it is never less. At a small learning rate long "
    "weight decay brings it down to the cost. The output's bias is in neither.\n"
    "What a step costs: counted as by hand, without the activations and the loss themselves; an engine may take short "
    "cuts. The time is that of the run's fastest stretch by this engine, with what is recorded of it, and without the "
    "drawing."
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
        text = _("{sum} + {count} more").format(sum=text, count=count_text(len(weights) - limit))
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


def balance_text(
    snapshot: Snapshot, ref: Ref, states: Sequence[TrainerState], frozen: Set[Ref], digits: int | None
) -> str:
    """Say how far a hidden neuron's balance has moved since the first of these states, and why; else ""."""
    if not isinstance(ref, NeuronRef) or not states:
        return ""
    now, training = neurons.balance(snapshot, ref.layer, ref.index), snapshot.config.training
    if now is None:
        return ""
    start = [state for state in states if state.step == states[0].step][-1]  # after any changes by hand at that step
    moved = now - neurons.balance_of(start.parameters, ref.layer, ref.index)
    share = neurons.frozen_share(start.parameters, ref.layer, ref.index, frozen)
    optimizer = optimizers.OPTIMIZERS[training.optimizer]
    name = optimizer.label
    if share == 1:
        words = _("frozen with all its weights: {moved} since step {step}")
    elif share > 0:
        words = _("it is not kept while a part is frozen: {moved} since step {step}")
    elif optimizer.rule(training) is optimizers.PLAIN and loops.training_loop(training).keeps_gradients:
        words = _("a loop that never resets its gradients does not keep it: {moved} since step {step}")
    elif optimizer.rule(training) is optimizers.PLAIN and not (pulls := gradient_changes.active_pulls(training)):
        words = _("SGD nearly keeps it, up to η² a step: {moved} since step {step}")
    else:
        name = name if optimizer.rule(training) is not optimizers.PLAIN else pulls[0].indefinite
        # Translators: {name} is an optimiser, or such as “an L1 penalty”.
        words = _("{name} does not keep it: {moved} since step {step}")
    return words.format(name=name, moved=signed(moved, digits), step=count_text(start.step))


def death_text(death: Death | DeathBetween | None) -> str:
    """Say in a line which update killed a neuron; None if it was dead at initialisation."""
    if death is None:
        return _("dead from the first weights on")
    if isinstance(death, DeathBetween):
        if death.first is None:
            return _("died before step {step}").format(step=count_text(death.last))
        words = _("died between step {first} and step {last}")
        return words.format(first=count_text(death.first), last=count_text(death.last))
    words = _("died at step {step}")
    if death.is_by_hand and death.culprit == "the samples":
        words = _("died at step {step}, the samples were changed")
    elif death.is_by_hand:
        words = _("died at step {step}, set by hand")
    when = words.format(step=count_text(death.step))
    if death.culprit == "the samples":
        return when
    if death.culprit == "the layers before":
        # Translators: {died} is such as “died at step 5”.
        return _("{died}: the layers before it moved").format(died=when)
    moves = [("b", death.bias_before, death.bias_after)]
    if len(death.weights_before) == 1:
        moves.insert(0, ("w", float(death.weights_before[0]), float(death.weights_after[0])))
    return f"{when}: " + ", ".join("{} {} → {}".format(name, *told_apart(a, b)) for name, a, b in moves)


def loss_without_text(snapshot: Snapshot, off: Collection[NeuronRef]) -> str:
    """Say what the training loss is without some neurons."""
    names = [neuron_name(snapshot, ref) for ref in sorted(off, key=lambda ref: (ref.layer, ref.index))]
    loss = neurons.loss_without(snapshot, [(ref.layer, ref.index) for ref in off])
    words = _("without {names}:\nloss {loss}")
    if len(names) > MAX_NAMES:
        words = _("without {count} neurons:\nloss {loss}")
    return words.format(names=", ".join(names), count=count_text(len(names)), loss=loss_text(loss))


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
        lines.append(_("kink at x = {kink}").format(kink=f"{formula} = {signed(kink, digits)}"))
    if snapshot.config.network.activations[layer].slopes is not None:
        count, samples = snapshot.active_counts[layer][index], len(snapshot.dataset.x_train)
        words = _("active (u > 0) on {count} of {all} samples")
        lines.append(words.format(count=count_text(count), all=count_text(samples)))
    if neurons.is_dead(snapshot, layer, index):
        lines.append(_("dead: 0 on every sample, and no gradient;"))
        lines.append(revival_clause(snapshot.config, layer))
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
    costs = _("curve costs Σ |change of slope|·√(1 + kink²) = {cost}")
    if scaling.has_x or scaling.has_y:
        costs = _("standardised curve costs Σ |change of slope|·√(1 + kink²) = {cost}")
    return [costs.format(cost=cost), _("weights pay ½ Σ (w′² + w² + b²) = {paid}, never less").format(paid=paid)]


def step_cost_lines(snapshot: Snapshot, seconds: float, engine: str) -> list[str]:
    """Say what a step costs: its multiplications and additions; and how long it took, unless `seconds` is 0."""
    cost = step_cost(snapshot.config, len(snapshot.dataset.x_train))
    samples = ngettext("B = {count} sample", "B = {count} samples", cost.samples)
    hidden = ngettext("N = {count} hidden neuron", "N = {count} hidden neurons", cost.neurons)
    of_one = {sign: f"{count}·P = ".removeprefix("1·") for sign, count in cost.each_update.items()}

    def counts(done: Mapping[str, int], formulas: Mapping[str, str]) -> str:
        parts = (f"{formulas.get(sign, '')}{count_text(done[sign])} {sign}" for sign in OPERATIONS if done[sign])
        return ", ".join(parts)

    # Translators: {samples} is such as “B = 20 samples”, {hidden} such as “N = 10 hidden neurons”.
    step = _(
        "a step of {samples} with {hidden}, W = {weights} weights, W′ = {later} of them after the first layer, P = "
        "{parameters} with the biases:"
    )
    update, together = _("update {counts}"), _("together {counts}")
    if gradient_changes.active_changes(snapshot.config.training):
        update = _("update {counts}, besides what changes the gradients first")
    if seconds:
        together = _("together {counts}; {engine} takes {time} µs at best")
    backward = counts(cost.backward, {"×": "B·(W + W′ + N) = ", "+": "(B − 1)·P + B·(W′ − N) = "})
    return [
        step.format(
            samples=samples.format(count=count_text(cost.samples)),
            hidden=hidden.format(count=count_text(cost.neurons)),
            weights=count_text(cost.weights),
            later=count_text(cost.later),
            parameters=count_text(cost.parameters),
        ),
        _("forward {counts}").format(counts=counts(cost.forward, dict.fromkeys(OPERATIONS, "B·W = "))),
        _("backward {counts}").format(counts=backward),
        update.format(counts=counts(cost.update, of_one)),
        together.format(
            counts=counts(cost.forward + cost.backward + cost.update, {}), engine=_(engine), time=plain(1e6 * seconds)
        ),
    ]


def layer_lines(snapshot: Snapshot, layer: int, digits: int | None) -> list[str]:
    weight = snapshot.layers[layer].weight
    count, inputs = weight.shape
    row, column = divmod(largest(weight.ravel(), 1)[0], inputs)
    shapes = _("weight ({neurons}, {inputs}) and bias ({neurons},): {count} parameters")
    largest_one = _("largest weight {value}, from {source} to {target}").format(
        value=signed(float(weight[row, column]), digits),
        source=input_name(snapshot, layer, column),
        target=neuron_name(snapshot, NeuronRef(layer, row)),
    )
    lines = [shapes.format(neurons=count, inputs=inputs, count=count_text(weight.size + count)), largest_one]
    if layer == len(snapshot.layers) - 1:
        return lines
    activation, active = snapshot.config.network.activations[layer], snapshot.active_counts[layer]
    if activation.slopes is not None:
        fewest, most, samples = map(count_text, (active.min(), active.max(), len(snapshot.dataset.x_train)))
        words = _("neurons active (u > 0) on {fewest} of {all} samples")
        if fewest != most:
            words = _("neurons active (u > 0) on {fewest} to {most} of {all} samples")
        lines.append(words.format(fewest=fewest, most=most, all=samples))
    if activation.switches_off:
        dead = int(snapshot.dead[layer].sum())
        words = ngettext("dead: none of {count} neuron", "dead: none of {count} neurons", count)
        if dead:
            words = ngettext("dead: {dead} of {count} neuron", "dead: {dead} of {count} neurons", count)
        lines.append(words.format(dead=count_text(dead), count=count_text(count)))
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


def module_texts(layers: Sequence[Layer], activation: activations.ActivationNames) -> tuple[ModuleText, ...]:
    """Return Linear, activation, ..., Linear as PyTorch prints them.

    Imports torch, without drawing from its random generator.
    """
    from tinynet_gui.core.training.torch_loop import activation_module

    texts, names = [], activations.names_by_layer(activation, len(layers) - 1)
    for index, layer in enumerate(layers):
        linear = _linear(layer)
        sentences = (weight_shape(layers, index), bias_shape(layers, index))
        texts.append(ModuleText(str(linear), index, tuple(map(str, linear.parameters())), sentences))
        if index < len(layers) - 1:
            function, label = activation_module(names[index]), activations.ACTIVATIONS[names[index]].label
            sentence = _("{label} has no weights and no bias, nothing to learn: its list is empty.").format(label=label)
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
    # Translators: {neurons} and {inputs} are such as “each of the 5 neurons of the hidden layer”, “the input x”.
    words = _("weight has the shape ({rows}, {columns}): a row for {neurons}, a column for {inputs}.")
    said = {"neurons": _neurons(layers, index), "inputs": _inputs(layers, index), "rows": rows, "columns": columns}
    if rows == columns == 1:
        why = _("One number in and one number out: a matrix of a single number.")
    elif columns == 1:
        why = _("Each neuron takes in a single number, so the matrix is one column, {rows} high.")
    elif rows == 1:
        why = _("A single number comes out of {columns}, so the matrix is one row, {columns} long.")
    else:
        why = _("Each neuron takes in {columns} numbers: its weights are one row.")
    return f"{words.format(**said)} {why.format(**said)}"


def bias_shape(layers: Sequence[Layer], index: int) -> str:
    """Say why a layer's bias is a plain list."""
    count = len(layers[index].bias)
    if count == 1:
        return _("bias has the shape (1,): one number, because one number comes out.")
    # Translators: {neurons} is such as “each of the 5 neurons of the hidden layer”.
    words = _("bias has the shape ({count},): one number for {neurons}, a list with no rows or columns.")
    return words.format(count=count, neurons=_neurons(layers, index))


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
        return _("the output ŷ")
    count = len(layers[index].bias)
    if len(layers) == 2:
        words = _("each of the {count} neurons of the hidden layer")
        words = _("the one neuron of the hidden layer") if count == 1 else words
    else:
        words = _("each of the {count} neurons of hidden layer {number}")
        words = _("the one neuron of hidden layer {number}") if count == 1 else words
    return words.format(count=count, number=index + 1)


def _inputs(layers: Sequence[Layer], index: int) -> str:
    return _("the input x") if index == 0 else _neurons(layers, index - 1)


MAX_CHARACTERS = 60  # characters of a formula, or of a name


def task_text(config: Config) -> str:
    """Describe the task: “A network of 10 neurons learns y = x² from 20 samples.”"""
    hidden, samples, data = config.network.hidden, len(make_dataset(config.data).x_train), config.data
    count = sum(hidden)
    network = ngettext("A network of {count} neuron", "A network of {count} neurons", count)
    if not hidden:
        network = _("A network of no hidden neurons")
    elif len(hidden) > 1:
        network = _("A network of {count} neurons in {layers} layers")
    said = {
        "network": network.format(count=count_text(count), layers=len(hidden)),
        "samples": ngettext("{count} sample", "{count} samples", samples).format(count=count_text(samples)),
    }
    if data.true_formula is None and data.points is not None:
        x, y = (shortened(name, MAX_CHARACTERS) for name in (data.points.x_name or "x", data.points.y_name or "y"))
        # Translators: {network} is such as “A network of 10 neurons”.
        return _("{network} learns how {y} depends on {x} from {samples}.").format(**said, x=x, y=y)
    label = TARGETS[data.target].label
    is_name = data.target == FORMULA or label.isalpha()
    function = f"y = {shortened(data.target_formula, MAX_CHARACTERS) if is_name else label}"
    return _("{network} learns {function} from {samples}.").format(**said, function=function)
