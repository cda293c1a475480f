"""A run as a PyTorch script: the tutorial's own loop, with every change to the run at its step.

It is plain code for a beginner to read, and reproduces the numbers: `verification` runs it and compares.
"""

import math
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from itertools import pairwise

from tinynet_gui import __version__
from tinynet_gui.core.choices import gradient_changes, loops, optimizers
from tinynet_gui.core.choices.losses import LOSSES, batch_loss_formula
from tinynet_gui.core.config import Config, ConfigError, NetworkConfig, TrainingConfig
from tinynet_gui.core.config.setting_text import setting_value, source_text
from tinynet_gui.core.data.points import Scaling
from tinynet_gui.core.export import data_code, event_code, verification
from tinynet_gui.core.export.literals import INDENT, WIDTH, float32_code, indented, printable, text_code
from tinynet_gui.core.export.receipt import Receipt, receipt_lines, why_digits_differ
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.train import TrainingResult
from tinynet_gui.core.text.language import ENGLISH, speaking
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.values import frozen_dataclass

LINES = 10  # of progress, at least
PROGRESS = ["if step % print_each_step == 0:", f'{INDENT}print(f"step {{step}}: loss = {{loss:.4g}}")']
_COMPARE = '''\
def compare(losses, recorded):
    """Print to how many digits the losses are those that tinynet recorded."""
    steps = [step for step in recorded if step < len(losses)]
    for digits in range(9, 3, -1):  # nine tell float32 numbers apart; four are shown in the window
        if all(f"{losses[step]:.{digits}g}" == f"{recorded[step]:.{digits}g}" for step in steps):
            print(f"Compared with tinynet at {len(steps)} steps: the same to {digits} digits.")
            if digits < 9:
                print("REASON")
            return
    for step in steps:
        if f"{losses[step]:.4g}" != f"{recorded[step]:.4g}":
            print(f"step {step}: {losses[step]:.9g}, recorded {recorded[step]:.9g}: not the same")'''


def print_each_step(steps: int) -> int:
    """Return the number of steps between lines of progress: 1, 2 or 5 times a power of ten."""
    apart = max(1, steps // LINES)
    power = int(10 ** math.floor(math.log10(apart)))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= apart)


def loss_suffix(names: data_code.Names) -> str:
    """Name the loss's target, unless it is y in the data's units."""
    return " of standardised y" if names.y_is_standardised else ""


def loss_code(names: data_code.Names) -> str:
    """Return the final loss as an f-string's content."""
    return "loss = {loss:.4g}" + loss_suffix(names)


def result_code(names: data_code.Names, training: TrainingConfig) -> list[str]:
    """Return lines that print the final loss and, for a mean square of standardised y, its root in the data's unit."""
    lines = [
        "outputs = network(torch.tensor(x_train))",
        loss_code_of(training, "outputs", "torch.tensor(y_train)"),
        f'print(f"after {{training_steps}} steps: {loss_code(names)}")',
    ]
    is_mean_square = LOSSES[training.loss].is_square and training.loop == loops.TUTORIAL
    if is_mean_square and names.y_is_standardised:
        unit = text_code(f"in the unit of {names.y_title}")
        lines.append(f'print(f"RMS error: {{loss.sqrt() * y_deviation:.4g}}", {unit})')
    return lines


def samples_plot(names: data_code.Names) -> list[str]:
    """Return lines that draw the samples, with axis titles."""
    titles = [
        f"plt.{axis}label({text_code(title)}{', parse_math=False' if '$' in title else ''})"
        for axis, title in (("x", names.x_title), ("y", names.y_title))
    ]
    return [f'plt.plot({names.x}, {names.y}, "o")', *titles]


def curve_code(names: data_code.Names, scaling: Scaling | None) -> list[str]:
    """Return lines that draw the samples and the network's curve, in the data's own units."""
    seen = "inputs" if scaling is None or names.x == "x_train" else "standardise(inputs, x_mean, x_deviation)"
    lines = [
        f'inputs = np.linspace({names.x}.min(), {names.x}.max(), 300, dtype="float32").reshape(-1, 1)',
        f"outputs = network(torch.tensor({seen})).detach().numpy()",
    ]
    if names.y_is_standardised:
        lines.append("outputs = outputs * y_deviation + y_mean  # in the data's own units")
    return [*lines, *samples_plot(names), "plt.plot(inputs, outputs)"]


def plot_code(curve: Sequence[str], title: str) -> list[str]:
    """Return lines that show the plot at the end of a script, if matplotlib is installed."""
    return [
        "try:",
        f"{INDENT}import matplotlib.pyplot as plt",
        "except ImportError:",
        f'{INDENT}print("There is no plot: it needs matplotlib (pip install matplotlib).")',
        "else:",
        *indented([*curve, f'plt.title(f"{title}")', "plt.show()"]),
    ]


def comparison_code(recorded: Mapping[int, float], reason: str) -> list[str]:
    """Return lines that compare some losses with the recorded ones; `reason` says why last digits may differ."""
    entries = [f"{INDENT}{step}: {loss:.9g}," for step, loss in recorded.items()]
    compare = _COMPARE.replace("REASON", reason).splitlines()
    return ["recorded = {", *entries, "}", "", "", *compare, "", "", "compare(losses, recorded)"]


LOOP = "# Each step finds the loss of the network's outputs, and changes the parameters by its gradient."
ONE_THREAD = "torch.set_num_threads(1)  # a network this small is faster with one"
IMPORTS = ("import numpy as np", "import torch", "import torch.nn as nn", "", ONE_THREAD)


@frozen_dataclass
class Code:
    """A run's code in parts, each a text of some lines; together they run from top to bottom.

    Attributes
    ----------
    title
        A description of the training.
    about
        Further remarks for the reader, in sentences.
    imports, functions, data, network, criterion, loop, result, comparison
        In this order. `functions` is "" if none are needed. `comparison` compares some of the losses with the recorded
        ones; it is "" if none were recorded.
    curve
        Draws the samples and the network's curve.
    about_loss
        The loss's meaning, in a sentence.
    loss_shown
        The final loss over the plot, as an f-string's content.
    files
        The tables that it reads, by name.
    """

    title: str
    about: tuple[str, ...]
    imports: str
    functions: str
    data: str
    network: str
    criterion: str
    loop: str
    result: str
    comparison: str
    curve: str
    about_loss: str
    loss_shown: str
    files: Mapping[str, str] = field(default_factory=dict)


def script(result: TrainingResult) -> str:
    """Return a training as a PyTorch script in the tutorial's own style, which gives the same losses up to rounding.

    Ten of them are at its end, and it compares its own with them.

    Parameters
    ----------
    result
        As `train` returns it.

    Returns
    -------
    str
        The script, with all samples in it.

    Raises
    ------
    ConfigError
        If it is something else.

    Examples
    --------
    >>> import tinynet_gui.core as tiny
    >>> lines = tiny.script(tiny.train(steps=100)).splitlines()
    >>> [line for line in lines if line.startswith(("network =", "training_steps"))]
    ['network = nn.Sequential(nn.Linear(1, 10), nn.ReLU(), nn.Linear(10, 1))', 'training_steps = 100']
    """
    if not isinstance(result, TrainingResult):
        raise ConfigError("result", f"{written(result)} is not a result of train")
    run = result.run
    code = code_of(run, verification.recorded_losses(run), data_code.SampleFiles(most_written=sys.maxsize))
    return script_text(code, verification.unverified(run, "it has not been run yet"))


@speaking(ENGLISH)
def code_of(run: Run, recorded: Mapping[int, float], files: data_code.SampleFiles | None = None) -> Code:
    """Return a run's code up to its last step; for a run without steps, up to its stop step.

    Parameters
    ----------
    recorded
        Losses of some of its steps, to compare with.
    files
        Collects the tables of many samples.
    """
    config, scaling, files = run.rule_at(0).config, run.rule_at(0).scaling, files or data_code.SampleFiles()
    names = data_code.names_of(config.data)
    data, changes = data_code.data_code(run.rule_at(0), files), event_code.loop_changes(run, files)
    network = network_code(config.network, files)
    batched = data_code.has_batches(config, changes.sample_counts)
    wanted = (data_code.STANDARDISE, config.data.standardise != "none"), (data_code.SHUFFLED, batched)
    functions = [function for function, is_used in wanted if is_used]
    functions += dict.fromkeys(code for activation in config.network.activations if (code := activation.torch_code))
    training_steps = run.step or config.training.stop_step
    start = [
        *changes.tables,
        *([""] if changes.tables else []),
        f"training_steps = {training_steps}",
        f"print_each_step = {print_each_step(training_steps)}",
    ]
    if batched:
        start.append(f"batch_size = {config.training.batch_size}")
    if changes.has_frozen:
        start.append(f"frozen = {event_code.frozen_code(run.rule_at(0).frozen)}")
    steps = [*changes.lines, *(data_code.batch_code(config, changes.sample_counts) if batched else [])]
    steps += ([""] if steps else []) + _step(config.training, batched, changes) + ["", *PROGRESS]
    scheduler = event_code.scheduler_code(config.training) if changes.has_schedule else []
    held_out_loss = loss_code_of(config.training, "outputs", "torch.tensor(y_held_out)")
    watching, look = event_code.patience_code(run, held_out_loss)
    loop = [*start, *watching, "losses = []", "", "for step in range(training_steps):", *indented([*steps, *look])]
    return Code(
        title=training_title(config),
        about=tuple(_about(run)),
        imports="\n".join(imports_code(files)),
        functions="\n\n\n".join(functions),
        data="\n".join(data),
        network="\n".join([*network, *event_code.set_by_hand_code(run.events_at(0))]),
        criterion="\n".join([*criterion_code(config.training, changes.changes), *scheduler]),
        loop="\n".join([*loop, *(event_code.RESTORE_BEST if look else []), *changes.last]),
        result="\n".join(result_code(names, config.training)),
        comparison="\n".join(comparison_code(recorded, why_digits_differ(run))) if recorded else "",
        curve="\n".join(curve_code(names, scaling)),
        about_loss=f"The loss is the {batch_loss_formula(config.training)}, where ŷ is the network's output"
        + (" and y is standardised." if names.y_is_standardised else "."),
        loss_shown=loss_code(names),
        files=files.texts,
    )


@speaking(ENGLISH)
def script_text(code: Code, receipt: Receipt) -> str:
    """Return the script: the lesson first, the comparison with the program at its end."""
    # The first two lines are fixed: Python would obey a comment “coding: …” there.
    head = comment([f"Exported from tinynet {__version__}.", "", code.title, *code.about])
    compared = "\n".join([*comment(["", *receipt_lines(receipt)]), *filter(None, [code.comparison])])
    parts = [
        ("The data", code.data),
        ("The network", code.network),
        ("The loss and the optimizer", "\n".join([*comment([code.about_loss]), code.criterion])),
        ("The training", f"{LOOP}\n{code.loop}"),
        ("The result", code.result),
        ("A plot, where matplotlib is installed", "\n".join(plot_code(code.curve.splitlines(), code.loss_shown))),
        ("Compared with tinynet", compared),
    ]
    body = [f"# {title}\n{text}" for title, text in parts if text]
    functions = [f"\n{code.functions}\n"] if code.functions else []
    return "\n\n".join(["\n".join(head), code.imports, *functions, *body]) + "\n"


def comment(texts: Sequence[str]) -> list[str]:
    return [f"# {line}".rstrip() for text in texts for line in textwrap.wrap(printable(text), WIDTH - 2) or [""]]


def imports_code(files: data_code.SampleFiles) -> list[str]:
    """Return the imports; a script finds its tables beside itself."""
    return [*(["from pathlib import Path", ""] if files.texts and not files.is_notebook else []), *IMPORTS]


def modules_code(config: NetworkConfig) -> str:
    modules = [f"nn.Linear({inputs}, {outputs})" for inputs, outputs in pairwise(config.widths)]
    for place, activation in enumerate(config.activations):
        modules.insert(2 * place + 1, activation.torch_call)
    made = f"nn.Sequential({', '.join(modules)})"
    if len(made) <= WIDTH - len("network = "):
        return made
    return "\n".join(["nn.Sequential(", *(f"{INDENT}{module}," for module in modules), ")"])


def network_code(config: NetworkConfig, files: data_code.SampleFiles) -> list[str]:
    """Return lines that make a network with its first weights: drawn from its seed, or those of another network."""
    seed, way = [f"torch.manual_seed({config.seed})"], INITIALIZATIONS[config.initialization]
    if config.drawn_before and way.is_random:
        seed.append(f"torch.rand({config.drawn_before})  # numbers drawn before")
    made = f"network = {modules_code(config)}"
    if (written := data_code.weights_to_write(config)) is not None:
        return [made, *data_code.weights_code(written, files)]
    scaled, scale = list[str](), float32_code(config.weight_scale)
    if scale != "1" and way.is_random:
        scaled = [f"network.load_state_dict({{key: {scale} * value for key, value in network.state_dict().items()}})"]
    if not way.code:
        return [*seed, made, *scaled]
    draws = ["if isinstance(layer, nn.Linear):", *indented(way.code)]
    return [made, *seed, "for layer in network:", *indented(draws), *scaled]


def criterion_code(training: TrainingConfig, changes: Sequence[gradient_changes.GradientChange]) -> list[str]:
    """Return the lines that make the loss and the optimiser, and set the numbers of changes before the optimiser's."""
    idle = {(change.code, 0) for change in gradient_changes.GRADIENT_CHANGES}  # torch's defaults
    options = [each for each in optimizers.optimizer_options(training).items() if each[1] is not False]
    optimizer = f"torch.optim.{optimizers.OPTIMIZERS[training.optimizer].torch_class}"
    given = (f"{name}={event_code.option_code(value)}" for name, value in options if (name, value) not in idle)
    arguments = ", ".join(["network.parameters()", *given])
    loop = loops.training_loop(training)
    reduction = f'(reduction="sum")  # {loop.wrong}' if loop.sums else "()"
    code = [f"criterion = nn.{LOSSES[training.loss].torch_module}{reduction}", f"optimizer = {optimizer}({arguments})"]
    return [*code, *(f"{c.setting} = {event_code.variable_code(c, training)}  # {c.about}" for c in changes)]


def loss_code_of(training: TrainingConfig, outputs: str, y: str) -> str:
    """Return the line that computes the loss of outputs."""
    loop = loops.training_loop(training)
    ending = f"[:, 0])  # {loop.wrong}" if loop.broadcasts else ")"
    return f"loss = criterion({outputs}, {y}{ending}"


def backward_code(training: TrainingConfig, changes: Sequence[gradient_changes.GradientChange]) -> list[str]:
    """Return the lines from the loss to the gradients that the optimiser takes."""
    loop = loops.training_loop(training)
    end = f"  # {loop.wrong}" if loop.keeps_gradients else ""
    penalties = [change for change in changes if change.place == "loss"]
    return [
        *(f"penalty = {' + '.join(change.code for change in penalties)}" for _ in penalties[:1]),
        *([] if loop.keeps_gradients else ["optimizer.zero_grad()"]),
        ("(loss + penalty).backward()" if penalties else "loss.backward()") + end,
        *(change.code for change in changes if change.place == "gradient"),
    ]


def _step(training: TrainingConfig, batched: bool, changes: event_code.LoopChanges) -> list[str]:
    chosen, hold, restore = "[chosen]" if batched else "", list[str](), list[str]()
    if changes.has_frozen:
        hold = ["held = [parameter[place].detach().clone() for parameter, place in frozen]"]
        loop = ["for (parameter, place), value in zip(frozen, held):", *indented(["parameter[place] = value"])]
        restore = ["with torch.no_grad():  # frozen parameters keep their values", *indented(loop)]
    return [
        f"outputs = network(torch.tensor(x_train{chosen}))",
        loss_code_of(training, "outputs", f"torch.tensor(y_train{chosen})"),
        "losses.append(loss.item())",
        *backward_code(training, changes.changes),
        *(*hold, "optimizer.step()", *restore),
        *(["scheduler.step()"] if changes.has_schedule else []),
    ]


def training_title(config: Config) -> str:
    """Describe a training: which network learns what from what."""
    data, network, training, names = config.data, config.network, config.training, data_code.names_of(config.data)
    shape = "-".join(map(str, network.widths))
    activation = f" with {setting_value(config, 'network.activation')}" if network.hidden else ""
    optimizer = optimizers.OPTIMIZERS[training.optimizer].label
    learned = f"A network {shape}{activation} learns {names.y_title} from {names.x_title}"
    return printable(f"{learned}; {source_text(data)}; {optimizer}")


def _about(run: Run) -> Iterator[str]:
    """Yield the remarks that the code itself does not contain."""
    if not run.step:
        yield "The run has taken no step yet: this is how it would go."
    if run.parent is not None:
        yield f"A branch: up to step {run.parent.step:,} its steps are those of the run that it comes from."
    if run.diverged_at is not None:
        yield f"It diverged: the loss after {run.diverged_at:,} steps would not be a finite number."
