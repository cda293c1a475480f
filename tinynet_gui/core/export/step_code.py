"""One step of a training as PyTorch code: each line by hand, followed by a check of it against autograd.

The checks are in float64, where the two agree to nearly all digits, even under cancellation. Finally the code takes
the step once more in float32, as the program does, for `verification` to compare.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

import numpy as np

from tinynet_gui import __version__
from tinynet_gui.core.choices import gradient_changes, losses, schedules
from tinynet_gui.core.choices.loops import training_loop
from tinynet_gui.core.choices.optimizers import OPTIMIZERS, Rule
from tinynet_gui.core.export import notebook, script
from tinynet_gui.core.export.data_code import Names, SampleFiles
from tinynet_gui.core.export.literals import factor_code, float_code, in_markdown, indented, tensor_code
from tinynet_gui.core.export.receipt import Receipt, receipt_lines
from tinynet_gui.core.step.dissection import Dissection
from tinynet_gui.core.step.update_terms import in_python
from tinynet_gui.core.system.background import raise_if_stopped
from tinynet_gui.core.text.csv_text import csv_text
from tinynet_gui.core.text.language import ENGLISH, N_, speaking
from tinynet_gui.core.training.start import Dataset
from tinynet_gui.core.values import Array, Flags, Stop, frozen_dataclass, owned

NO_STEP = N_("This step leaves the finite numbers: there is nothing to check.")
ABOUT = (
    "Each line by hand is followed by a check: torch.allclose compares it with what PyTorch's modules, autograd and "
    "optimizer have computed. A line that is wrong stops the code."
)
DOUBLE = "torch.set_default_dtype(torch.float64)  # 16 digits, so that sums of numbers that cancel can be compared"
ROOT = r"\1.sqrt()"  # of a tensor
BLOCK = 10_000  # rows of a table, written between two looks at whether to stop
CLOSER = ", rtol=1e-10, atol=1e-10"  # a step is small beside w


@frozen_dataclass
class Section:
    """A part of the code: its title, its purpose in a few words, and its lines."""

    title: str
    words: str
    lines: Sequence[str]


@frozen_dataclass
class StepCode:
    """A step's code in parts; together they run from top to bottom.

    Attributes
    ----------
    title
        Which step of which training it is.
    sections
        In this order; the last compares with the program's numbers.
    files
        The tables that it reads, by name.
    """

    title: str
    imports: str
    sections: tuple[Section, ...]
    files: Mapping[str, str] = field(default_factory=dict)


def is_finite(dissection: Dissection) -> bool:
    """Whether all numbers of a step are finite; only then is there code for it."""
    after = dissection.after
    kept = () if after is None else (*dissection.before.slots, after.parameters, *after.slots)
    return after is not None and all(np.isfinite(array).all() for arrays in kept for array in arrays)


@speaking(ENGLISH)
def step_code(dissection: Dissection, files: SampleFiles | None = None, stop: Stop | None = None) -> StepCode:
    """Return a step as code; raise `ValueError` if its numbers are not all finite.

    `files` collects the tables of many samples or weights.
    """
    d, files = dissection, files or SampleFiles("step_samples")
    after = d.after
    if after is None or not is_finite(d):
        raise ValueError(NO_STEP)
    training = d.config.training
    rule = OPTIMIZERS[training.optimizer].rule(training)
    before = _samples(d, files), _weights(d, rule, after.parameters, files, stop), _prepared(d, rule)
    step = _forward(d), _loss(d), _backward(d), _update(d, rule), _in_float32(d)
    title = f"Step {d.before.step + 1} of a training. {script.training_title(d.config)}"
    return StepCode(title, "\n".join([*script.imports_code(files), DOUBLE]), (*before, *step), files.texts)


def numbers_after(dissection: Dissection) -> Array:
    """Return the code's final numbers: the loss before the step, then each weight and bias after it."""
    after = () if dissection.after is None else dissection.after.parameters
    return owned(np.concatenate([[dissection.loss], *(array.ravel() for array in after)]))


@speaking(ENGLISH)
def step_script(code: StepCode, receipt: Receipt) -> str:
    head = script.comment([f"Exported from tinynet {__version__}.", "", code.title, "", ABOUT])
    parts = [[*script.comment([part.title, *[part.words] * bool(part.words)]), *part.lines] for part in code.sections]
    return "\n\n".join(map("\n".join, [head, [code.imports], *parts, script.comment(receipt_lines(receipt))])) + "\n"


@speaking(ENGLISH)
def step_notebook(code: StepCode, receipt: Receipt) -> str:
    cells = [("markdown", f"# {in_markdown(code.title)}\n\n{in_markdown(ABOUT)}"), ("code", code.imports)]
    for part in code.sections:
        words = "\n\n".join(filter(None, [f"## {part.title}", part.words]))
        cells += [("markdown", words), ("code", "\n".join(part.lines))]
    return notebook.as_notebook([*cells, ("markdown", "\n\n".join(map(in_markdown, receipt_lines(receipt))))])


def _samples(d: Dissection, files: SampleFiles) -> Section:
    seen, none = (d.x[:, None], d.y[:, None]), np.empty((0, 1), np.float32)
    lines = files.samples_code(Names("x_train", "y_train"), Dataset(*seen, none, none))
    words = f"All {len(d.x)} training samples: vector-columns, a row for each sample."
    if len(d.x) < d.training_samples:
        words = f"The step's mini-batch, {len(d.x)} of the {d.training_samples} training samples, a row for each."
    if d.config.data.standardise != "none":
        words += " They are standardised, as the network sees them."
    lines.append("x, y = torch.tensor(x_train).double(), torch.tensor(y_train).double()")
    return Section("The samples of the step", words, lines)


def _weights(d: Dissection, rule: Rule, after: Sequence[Array], files: SampleFiles, stop: Stop | None) -> Section:
    """Write the weights before and after the step, and the optimiser's memory before it."""
    begins = d.before.step == 0
    names = [name for layer in range(1, len(d.layers) + 1) for name in (f"W{layer}", f"b{layer}")]
    remembered = (*rule.slots, *["kept"] * training_loop(d.config.training).keeps_gradients)
    kept = (*d.before.slots[: len(rule.slots)], *d.before.slots[-1:])  # plain SGD has a slot that its rule does not use
    slots = {} if begins else dict(zip(remembered, kept, strict=False))
    columns = {"w": d.before.parameters, **slots, "w_after": after}
    lines = list[str]()
    if sum(array.size for array in after) <= files.most_written:
        for name, array in zip(names, d.before.parameters, strict=True):
            lines += tensor_code(f"{name} = ", array)
        for name, arrays in [*((f"{name}_before", arrays) for name, arrays in slots.items()), ("recorded", after)]:
            lines += [f"{name} = [", *(line for a in arrays for line in indented(tensor_code("", a, ","))), "]"]
    else:
        rows = _rows([np.concatenate([a.ravel() for a in arrays]) for arrays in columns.values()], stop)
        shapes = ", ".join(str(array.shape) for array in after)
        lines += [
            files.add_weights(csv_text(tuple(columns), rows)),
            f"shapes = [{shapes}]",
            'table = np.loadtxt(file, delimiter=",", skiprows=1, dtype="float32", ndmin=2)',
            _IN_LAYERS,
            f"{', '.join(names)} = in_layers(table[:, 0])",
            *(f"{name}_before = in_layers(table[:, {place}])" for place, name in enumerate(slots, 1)),
            f"recorded = in_layers(table[:, {len(columns) - 1}])",
        ]
    lines.append(f"parameters = [{', '.join(names)}]")
    if begins:
        lines += [f"{name}_before = [torch.zeros_like(w) for w in parameters]" for name in remembered]
    memory = " and ".join(f"{name}_before" for name in rule.slots)
    words = "The weights W and biases b of each layer before the step; `recorded` has those after it in tinynet."
    words += f" The optimizer's memory is in {memory}." if memory else ""
    if d.update is not None and d.update.frozen is not None:
        lines += ["frozen = [torch.zeros_like(w, dtype=torch.bool) for w in parameters]", *_frozen(d.update.frozen)]
        words += " Those that are frozen keep their values."
    return Section("The network's numbers", words, lines)


def _rows(columns: Sequence[Array], stop: Stop | None) -> Iterator[tuple[np.float32, ...]]:
    for start in range(0, len(columns[0]), BLOCK):
        raise_if_stopped(stop)
        yield from zip(*(column[start : start + BLOCK] for column in columns), strict=True)


_IN_LAYERS = '''

def in_layers(column):
    """The numbers of a column of the table, each weight and bias in its shape."""
    parts = torch.tensor(column).double().split([np.prod(shape) for shape in shapes])
    return [part.reshape(shape) for part, shape in zip(parts, shapes)]

'''


def _frozen(masks: Sequence[Flags]) -> Iterator[str]:
    """Write which numbers are frozen: whole arrays, whole rows, and single ones."""
    for place, mask in enumerate(masks):
        if mask.all():
            yield f"frozen[{place}][...] = True"
            continue
        for row, part in enumerate(mask):
            columns = [""] if part.all() else [f", {column}" for column in np.flatnonzero(part)]
            yield from (f"frozen[{place}][{row}{column}] = True" for column in columns)


def _prepared(d: Dissection, rule: Rule) -> Section:
    """Write the function that makes PyTorch's network and optimiser as they are before the step."""
    training, optimizer = schedules.at_step(d.config.training, d.before.step), OPTIMIZERS[d.config.training.optimizer]
    criterion, made, *variables = script.criterion_code(training, _changes(d))
    lines = [
        "network = " + script.modules_code(d.config.network) + ".to(dtype)",
        "network.load_state_dict(dict(zip(network.state_dict(), parameters)))",
        made,
    ]
    if d.before.step and rule.slots:
        names = ", ".join(rule.slots)
        entries = [f'"step": torch.tensor({float(d.before.step)})'] if optimizer.counts_steps else []
        pairs = zip(optimizer.slots, rule.slots, strict=False)
        entries += [f'"{theirs}": {ours}.to(dtype, copy=True)' for theirs, ours in pairs]
        memory = ", ".join(f"{name}_before" for name in rule.slots)
        lines += [
            f"for parameter, {names} in zip(network.parameters(), {memory}):",
            *indented(["optimizer.state[parameter] = {", *indented(f"{entry}," for entry in entries), "}"]),
        ]
    lines.append("return network, optimizer")
    classes = dict.fromkeys(filter(None, (activation.torch_code for activation in d.config.network.activations)))
    return Section(
        "PyTorch's network",
        "A function, as it is needed twice: here in float64, and at the end in float32.",
        (
            *(f"{code}\n\n" for code in classes),
            "def prepared(dtype):",
            *indented(['"""The network and its optimizer as they are before the step."""', *lines]),
            "",
            "",
            "network, optimizer = prepared(torch.float64)",
            criterion,
            *variables,
        ),
    )


def _forward(d: Dissection) -> Section:
    lines = ["values = [x]  # PyTorch's, after each module", "for module in network:"]
    lines += indented(["values.append(module(values[-1]))", "values[-1].retain_grad()"])
    last = len(d.layers)
    for layer in range(1, last + 1):
        before, u = "x" if layer == 1 else f"h{layer - 1}", "outputs" if layer == last else f"u{layer}"
        lines += ["", *_with_check(u, f"{before} @ W{layer}.T + b{layer}", f"values[{2 * layer - 1}]")]
        if layer < last:
            lines += _with_check(f"h{layer}", _activation_by_hand(d, layer)[0], f"values[{2 * layer}]")
    formulas = dict.fromkeys(activation.formula for activation in d.config.network.activations)
    words = f"u = x @ W.T + b, and {', '.join(formulas)} of each u." if formulas else ""
    return Section("Forward", words, lines)


def _loss(d: Dissection) -> Section:
    loss, loop = losses.LOSSES[d.config.training.loss], training_loop(d.config.training)
    return Section(
        "The loss",
        f"The {losses.batch_loss_formula(d.config.training)}, where ŷ is the output.",
        (
            script.loss_code_of(d.config.training, "values[-1]", "y"),
            "e = outputs - y[:, 0]" if loop.broadcasts else "e = outputs - y",
            *_with_check("mean", f"({loss.by_hand[0]}).{'sum' if loop.sums else 'mean'}()", "loss"),
            'print(f"loss before the step: {loss:.9g}")',
        ),
    )


def _backward(d: Dissection) -> Section:
    last, loss = len(d.layers), losses.LOSSES[d.config.training.loss]
    lines = ["optimizer.zero_grad()", "loss.backward()"]
    slope, loop = loss.by_hand[1], training_loop(d.config.training)
    slope = f"({slope}).mean(dim=1, keepdim=True)" if loop.broadcasts else slope
    lines += ["", *_with_check("d_outputs", f"{slope}{'' if loop.sums else ' / len(x)'}", "values[-1].grad")]
    for layer in range(last, 0, -1):
        du, before = "d_outputs" if layer == last else f"du{layer}", "x" if layer == 1 else f"h{layer - 1}"
        if layer < last:
            above = "d_outputs" if layer == last - 1 else f"du{layer + 1}"
            slope = factor_code(_activation_by_hand(d, layer)[1])
            lines += ["", *_with_check(f"dh{layer}", f"{above} @ W{layer + 1}", f"values[{2 * layer}].grad")]
            lines += _with_check(du, f"dh{layer} * {slope}", f"values[{2 * layer - 1}].grad")
        lines += _with_check(f"dW{layer}", f"{du}.T @ {before}", f"network[{2 * layer - 2}].weight.grad")
        lines += _with_check(f"db{layer}", f"{du}.sum(dim=0)", f"network[{2 * layer - 2}].bias.grad")
    words = (
        "The chain rule, from the loss back: d_outputs is the derivative of the loss by each output, with the 1/n of "
        "the mean in it; dW1 is that by each weight of W1, and so on."
    )
    return Section("Backward", words, lines)


def _update(d: Dissection, rule: Rule) -> Section:
    training, optimizer = schedules.at_step(d.config.training, d.before.step), OPTIMIZERS[d.config.training.optimizer]
    numbers = {"rate": training.learning_rate} | {name: getattr(training, name) for name in rule.numbers}
    changes = gradient_changes.active_changes(training)
    numbers |= {change.setting: change.value(training) for change in changes if change.place == "optimizer"}
    lines = [f"{name} = {float_code(value)}" for name, value in numbers.items()]
    if any("{t}" in term.formula for term in rule.terms):
        lines.append(f"t = {d.before.step + 1}")
    lines += _changed(d)
    lines += ["optimizer.step()", *_freezing(d), ""]
    zipped = {"parameter": "network.parameters()", "w0": "parameters"}
    zipped |= {f"{name}0": f"{name}_before" for name in rule.slots}
    if is_frozen := bool(_freezing(d)):
        zipped["held"] = "frozen"
    inner = ["gradient = parameter.grad"]
    if _changed(d):
        zipped["gradient"] = "gradients"
        inner = [_check("gradient", "parameter.grad")]
    inner += [f"gradient = {change.by_hand}" for change in changes if change.place == "optimizer"]
    theirs = dict(zip(rule.slots, optimizer.slots, strict=False))
    for term in rule.terms:
        inner.append(f"{term.name} = {in_python(term.formula, ROOT)}")
        if term.name in theirs:
            inner.append(_check(term.name, f'optimizer.state[parameter]["{theirs[term.name]}"]'))
    inner += _with_check("w", "torch.where(held, w0, w0 + delta)" if is_frozen else "w0 + delta", "parameter", CLOSER)
    lines.append(f"for {', '.join(zipped)} in zip({', '.join(zipped.values())}):")
    lines += indented(inner)
    lines.append('print(f"loss after it:        {criterion(network(x), y):.9g}")')
    lines.append('print("Each line by hand agrees with PyTorch.")')
    words = f"{optimizer.label}, for each weight and bias: w0 is its value before the step."
    return Section("The update", words, lines)


def _changes(d: Dissection) -> list[gradient_changes.GradientChange]:
    return [change for change in gradient_changes.active_changes(d.config.training) if change.place != "optimizer"]


def _changed(d: Dissection) -> list[str]:
    """Write the changes before the optimiser's twice: by hand in `gradients`, and as PyTorch makes them."""
    changes, keeps = _changes(d), training_loop(d.config.training).keeps_gradients
    if not (changes or keeps):
        return []
    of_loss, of_gradient = ([change for change in changes if change.place == place] for place in ("loss", "gradient"))
    lines = ["gradients = [parameter.grad.clone() for parameter in network.parameters()]", *_by_hand(of_loss)]
    if keeps:
        lines.append("gradients = [gradient + kept for gradient, kept in zip(gradients, kept_before)]")
    lines += _by_hand(of_gradient)
    if of_loss:
        lines += [
            script.backward_code(d.config.training, of_loss)[0],
            "penalty.backward()  # PyTorch adds its gradient to those that are there",
        ]
    if keeps:
        lines += _with_kept("parameter.grad += kept")
    return [*lines, *(change.code for change in of_gradient)]


def _by_hand(changes: Iterable[gradient_changes.GradientChange]) -> Iterator[str]:
    for change in changes:
        if change.number is not None:
            yield "norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()"
        yield f"gradients = [{change.by_hand} for gradient, w0 in zip(gradients, parameters)]"


def _with_kept(line: str) -> list[str]:
    """Write a loop over the parameters and their gradients of earlier steps, which were never reset."""
    comment_ = "  # the gradients of all earlier steps, which were never reset"
    return [f"for parameter, kept in zip(network.parameters(), kept_before):{comment_}", *indented([line])]


def _in_float32(d: Dissection) -> Section:
    return Section(
        "In float32, as tinynet takes the step",
        "Its numbers have some 7 digits; in another order of adding, the last of them differ.",
        (
            "network, optimizer = prepared(torch.float32)",
            "outputs = network(x.float())",
            script.loss_code_of(d.config.training, "outputs", "y.float()"),
            *(_with_kept("parameter.grad = kept.float()") if training_loop(d.config.training).keeps_gradients else []),
            *script.backward_code(d.config.training, _changes(d)),
            "optimizer.step()",
            *_freezing(d),
            "largest = max((p - w.float()).abs().max().item() for p, w in zip(network.parameters(), recorded))",
            'print(f"largest difference from tinynet after the step: {largest:.2g}")',
            "numbers = [loss.item(), *(number for p in network.parameters() for number in p.flatten().tolist())]",
        ),
    )


_FREEZE = """\
with torch.no_grad():  # frozen parameters keep their values
    for parameter, w0, held in zip(network.parameters(), parameters, frozen):
        parameter.copy_(torch.where(held, w0, parameter))""".splitlines()


def _freezing(d: Dissection) -> list[str]:
    return [] if d.update is None or d.update.frozen is None else _FREEZE


def _activation_by_hand(d: Dissection, layer: int) -> list[str]:
    """Write h and ∂h/∂u of a hidden layer, counted from 1."""
    return [re.sub(r"\bu\b", f"u{layer}", code) for code in d.config.network.activations[layer - 1].by_hand]


def _with_check(name: str, code: str, theirs: str, closer: str = "") -> list[str]:
    return [f"{name} = {code}", _check(name, theirs, closer)]


def _check(ours: str, theirs: str, closer: str = "") -> str:
    return f"assert torch.allclose({ours}, {theirs}{closer})"
