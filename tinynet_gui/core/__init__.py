"""Data, networks, training and what they mean: a library without Qt.

Where to begin, in a script or a notebook; each has an example in its help:

- `Config`, the settings of a training; `Config.notebook(3)` has those of a network of the tutorial's notebook.
- `ConfigError` names the invalid setting and what is allowed.
- `train` trains a network, and goes on from there.
- `swarm` trains many seeds of one setting: how many fail, and why?
- `ladder` trains networks of 1 to 1,000 neurons: how many are enough?
- `outcome_map` trains a network for each point of a rectangle of settings: where does training fail?
- `Recorder` watches a training loop of your own and says which rule made its steps; `open_training` reads its file.
- `script` writes a run as the tutorial's own PyTorch code.
- `open` and `save` read and write sessions as the window has them; `show` opens the window.

A result shows itself in Jupyter, and its `table()` is what pandas and polars take: columns with names.

>>> import tinynet_gui.core as tiny
>>> run = tiny.train(tiny.Config())
>>> round(run.loss, 3), run.predict([2.3]).round(1)
(0.065, array([4.6], dtype=float32))

With samples of your own, and settings by their names:

>>> x, y = [0, 1, 2, 3, 4], [0, 1, 4, 9, 16]
>>> run = tiny.train(x=x, y=y, hidden=8, activation="tanh", optimizer="adam", learning_rate=0.01)
>>> run.predict([2, 3]).round(1), run.state.parameters[0].shape
(array([4., 9.], dtype=float32), (8, 1))

What there is to choose by name, for a setting or an argument:

    target          square, cube, sin, cos, abs, step, sawtooth, gaussian, x_sin, sin3, formula
    standardise     none, x, xy
    activation      relu, leaky_relu, tanh, sigmoid, silu, gelu, softplus, elu, sine, identity
    initialization  pytorch, kaiming, xavier, zeros, normal
    rounding        once, twice
    loss            mse, l1, huber
    loop            tutorial, never_reset, broadcast, sum
    optimizer       sgd, momentum, adam, rmsprop
    schedule        constant, step, cosine
    color           loss, end, diverged, reached, dead, held_out (of `outcome_map`)
    x, y            gradient, sharpest, second, run (of `outcome_map`), or a setting's path

Its folders, in the order of reading; each imports only from those above it:

    values         array types, and frozen dataclasses that import quickly
    statistics     tests and intervals, exact or with a known error
    system         the machine: its processor, processes and their limits, the user's folder
    text           numbers, words and formulas as text
    choices        what a setting chooses by name: activations, losses, loops, optimisers
    network        layers, first weights, outputs, and references to parameters
    data           formulas, points, scaling, real data, and data files
    config         the settings of a run, and how each is written
    training       samples and batches, the tutorial's loop, and the same compiled
    network_files  a network's weights as files
    run            a run, its events, any past moment of it to the bit, and the session
    function       what a network computes: its pieces, its parts, the best its kind can do
    step           one step of training, taken apart
    lazy_twin      a network made linear in its weights, and all of its training in a formula
    failures       why a training fails, the remedies tried against it, and where in a run it did
    maps           many trainings as one picture over two quantities; the loss between two networks
    experiments    questions that take many trainings to answer
    wording        sentences and names for networks, runs and settings
    storage        a session as a file, which autosave appends to
    loops          training loops of one's own: recorded, and which rule made their steps
    export         a run as code, as a web page or a film
    lessons        lessons: their language, reading, playing and answers

Terms for the state of a training:

    TrainerState   the weights and biases, the optimiser's memory and the step: enough to resume training, to the bit
    StepRule       everything else that decides the next step: settings, samples, frozen parameters, engine
    Moment         a state, and the rule of the step that follows
    Run            its start, its events, and some of its states, the checkpoints
    Snapshot       a state as displayed: with its loss, gradients and curves
    PastMoment     a snapshot recomputed from the checkpoint before it, with the losses so far; a branch begins there
    Cursor         the displayed moment: a run and a step
    Session        all runs, the cursor, and the history for undo
    Standpoint     the state at the centre of a map, and those that its directions lead to
    PageMoment     what a lesson's page showed, as a setting and a step, to be retrained
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tinynet_gui.core.config import Config, ConfigError
    from tinynet_gui.core.experiments.ladder import ladder
    from tinynet_gui.core.experiments.swarm import swarm
    from tinynet_gui.core.export.script import script
    from tinynet_gui.core.loops.recording import Recorder, open_training
    from tinynet_gui.core.maps.outcome_map import outcome_map
    from tinynet_gui.core.run.train import train
    from tinynet_gui.core.storage.results import open, save, show

__all__ = [
    "Config",
    "ConfigError",
    "Recorder",
    "ladder",
    "open",
    "open_training",
    "outcome_map",
    "save",
    "script",
    "show",
    "swarm",
    "train",
]

_MODULES = {
    "Config": "config",
    "ConfigError": "config",
    "train": "run.train",
    "swarm": "experiments.swarm",
    "ladder": "experiments.ladder",
    "outcome_map": "maps.outcome_map",
    "Recorder": "loops.recording",
    "open_training": "loops.recording",
    "script": "export.script",
    "open": "storage.results",
    "save": "storage.results",
    "show": "storage.results",
}


if not TYPE_CHECKING:  # mypy would accept any name

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            meant = {"fit": "train", "load": "open", "plot": "show"}.get(name)
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}{f': see {meant}' if meant else ''}")
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
