"""A run as a Jupyter notebook: the code of its script, with the tutorial's words between the parts, and plots."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.export.data_code import names_of, weights_to_write
from tinynet_gui.core.export.literals import in_markdown, indented
from tinynet_gui.core.export.receipt import Receipt, receipt_lines
from tinynet_gui.core.export.script import Code, loss_suffix, samples_plot
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.language import ENGLISH, speaking

_IMPORTS = """\
Together with `torch`, we need `numpy` to work with arrays and `matplotlib.pyplot` to draw figures. If one of them is
missing, `%pip install torch numpy matplotlib` in a separate cell installs it."""

_SEQUENTIAL = """\
- `nn.Sequential` constructs a neural network as a sequence of layers: the output of each layer is fed to the input of
  the next one.
- `nn.Linear(n, m)` is a linear (also known as _Dense_) layer with input dimension `n` and output dimension `m`. Its
  parameters are called _weights_ and _biases_: it maps $v$ to $Wv + b$."""

_SEED = """\
The initial weights and biases are random numbers; with the same seed they are the same each time."""

_FUNCTION = """\
As our network defines a map from numbers to numbers, we can draw its graph. `x` has to be a vector-column. To convert
the output back to a numpy array, we first have to _detach_ it from the computational graph, by which PyTorch finds
derivatives. This is the network before any training, beside the data:"""

_LOOP = """\
Now let's combine everything into the training loop. At each step we

- find the output of our network (`outputs`) and calculate the `loss`;
- reset the gradients (`optimizer.zero_grad()`);
- differentiate the loss and propagate its gradient back through the network, so we know how to change the parameters
  (`loss.backward()`);
- change the parameters according to their gradients (`optimizer.step()`)."""

_PLAY = """\
## It's play time!

Now you can play with the code. What happens if you change the number of neurons? The seed? The learning rate? Can the
network extrapolate, i.e. give a reasonable prediction outside of the domain it was trained on? Which network learns
faster: shallow or deep? Change a number above, and run everything again from the top."""


@speaking(ENGLISH)
def notebook_text(run: Run, code: Code, receipt: Receipt) -> str:
    """Return a run's notebook, as JSON in the notebook format, version 4.5."""
    return as_notebook(_cells(run, code, receipt))


def as_notebook(parts: Iterable[tuple[str, str]]) -> str:
    """Return cells, each its kind ("markdown" or "code") and its text, as a notebook."""
    cells = [_cell(place, kind, text) for place, (kind, text) in enumerate(parts)]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _cell(place: int, kind: str, text: str) -> dict[str, Any]:
    cell = {"cell_type": kind, "id": f"cell-{place}", "metadata": {}, "source": text.splitlines(keepends=True)}
    return cell if kind == "markdown" else cell | {"execution_count": None, "outputs": []}


def _cells(run: Run, code: Code, receipt: Receipt) -> Iterator[tuple[str, str]]:
    config = run.rule_at(0).config
    plots = ["That is the code of the cells above without the plots."] if receipt.compared else []
    found = "\n\n".join(map(in_markdown, [*receipt_lines(receipt), *plots]))
    plot, names = "\n".join(["def plot_network(network):", *indented(code.curve.splitlines())]), names_of(config.data)
    yield "markdown", "\n\n".join([f"# {in_markdown(code.title)}", *map(in_markdown, code.about)])
    yield "markdown", f"## Do some imports\n\n{_IMPORTS}"
    yield "code", f"import matplotlib.pyplot as plt\n{code.imports}"
    if code.functions:
        yield "markdown", "## Functions that we need\n\nThe run used them; each says what it does."
        yield "code", code.functions
    yield "markdown", f"## {'Generate' if config.data.points is None else 'The'} data\n\n{_data_words(config)}"
    yield "code", code.data
    yield "code", "\n".join(samples_plot(names))
    yield "markdown", f"## Build neural network\n\n{_network_words(config, code)}"
    yield "code", code.network
    yield "markdown", f"## Neural network as a function\n\n{_FUNCTION}"
    yield "code", f"{plot}\n\n\nplot_network(network)"
    yield "markdown", f"## Setup the training loop\n\n{_training_words(config, code)}"
    yield "code", code.criterion
    yield "markdown", "\n\n".join([_LOOP, *_loop_words(code)])
    yield "code", code.loop
    yield "markdown", "And that's it! The loss after the last step, the network, and the loss on its way:"
    yield "code", code.result
    yield "code", "plot_network(network)"
    yield "code", f'plt.plot(losses)\nplt.yscale("log")\nplt.xlabel("step")\nplt.ylabel("loss{loss_suffix(names)}")'
    yield "markdown", _PLAY
    yield "markdown", f"## Compared with tinynet\n\n{found}"
    if code.comparison:
        yield "code", code.comparison


def _data_words(config: Config) -> str:
    data = config.data
    words = (
        "The random seed makes everything reproducible: `np.random.uniform` draws the same numbers each time. "
        "`x_train` is a vector-column, a matrix with one row for each sample, and so is `y_train`."
    )
    if data.points is not None:
        words = "These are the samples themselves: a vector-column, a matrix with one row for each of them."
    if data.standardise != "none":
        words += " The network sees them standardised: how many standard deviations they are from their mean."
    return words


def _network_words(config: Config, code: Code) -> str:
    words = [_SEQUENTIAL]
    words += (
        f"- `{activation.torch_call}` is an activation function, applied elementwise: {activation.formula}, "
        "where u is the output of the layer before. It has no parameters."
        for activation in dict.fromkeys(config.network.activations)
    )
    if (given := weights_to_write(config.network)) is not None:
        return "\n".join(words) + f"\n\nIts weights and biases are those of {in_markdown(given.origin)}."
    is_scaled = "load_state_dict" in code.network
    scaled = " Then each of them is multiplied by the initial scale." if is_scaled else ""
    return "\n".join(words) + f"\n\n{_SEED}{scaled}"


def _training_words(config: Config, code: Code) -> str:
    return (
        "To train a neural network, we need four things: the network; an optimization criterion or _loss_, a function "
        "that measures the difference between the network's predictions and the data; an _optimizer_, an algorithm "
        "that specifies how parameters are changed during the training; and the data to train on. We already have the "
        f"network and the data.\n\n{code.about_loss} The optimizer is {OPTIMIZERS[config.training.optimizer].label}; "
        "`lr` is the learning rate."
    )


def _loop_words(code: Code) -> Iterator[str]:
    if "chosen" in code.loop:
        yield (
            "Each step takes only some of the samples, a _mini-batch_. When all have had their turn, an _epoch_ is "
            "over, and the samples are shuffled anew."
        )
    if "scheduler.step()" in code.loop:
        yield "Then `scheduler.step()` sets the learning rate of the next step."
    if "if step == " in code.loop or "in new_" in code.loop or ".get(step" in code.loop:
        yield "Changes made during the training are made here at the same step."
