"""Data, network, training and their meaning: a library that knows no Qt.

What to begin with, in a script or a notebook; the help of each has an example:

- `Config`, the settings of a training; `ConfigError` names the one that is not allowed, and what is.
- `train` trains a network, and goes on from there.
- `swarm` trains many seeds of one setting: how many fail, and why?
- `ladder` trains networks of 1 to 1,000 neurons: how many are enough?
- `outcome_map` trains a network for each point of a rectangle of settings: where does training fail?
- `script` writes a run as the tutorial's own PyTorch code.

>>> import tinynet_gui.core as tiny
>>> run = tiny.train(tiny.Config())
>>> round(run.loss, 3), run.predict([2.3]).round(1)
(0.065, array([4.6], dtype=float32))

What there is to choose by name, for a setting or an argument:

    target          square, cube, sin, cos, abs, step, sawtooth, gaussian, x_sin, sin3, formula
    standardise     none, x, xy
    activation      relu, leaky_relu, tanh, sigmoid, silu, gelu, softplus, elu, sine, identity
    initialization  pytorch, kaiming, xavier, zeros, normal
    rounding        once, twice
    loss            mse, l1, huber
    optimizer       sgd, momentum, adam, rmsprop
    color           loss, end, diverged, reached, dead, held_out (of `outcome_map`)
    x, y            gradient, sharpest, second, run (of `outcome_map`), or a setting's path

Its folders, in the order of reading; each imports only from those above it:

    values         immutable values, which are made quickly
    arrays         kinds of arrays
    statistics     tests and intervals, exact or with a known error
    system         the machine: its processor, processes and their limits, the user's folder
    text           numbers, words and formulas as text
    choices        what a setting chooses by name: activations, losses, optimisers
    network        layers, first weights, outputs, and references to parameters
    data           formulas, points, scaling, real data, and files that are read
    config         the settings of a run, and how each is written
    training       samples and batches, the tutorial's loop, and the same compiled
    network_files  a network's weights as files
    run            a run, what was done to it, any of its moments to the bit, and the session
    function       what a network computes: its pieces, its parts, the best its kind can do
    step           one step of training, taken apart
    lazy_twin      a network made linear in its weights, and all of its training in a formula
    failures       why a training fails, the remedies tried against it, and where in a run it did
    maps           many trainings as one picture over two quantities; the loss between two networks
    experiments    questions that take many trainings
    wording        sentences and names for networks, runs and settings
    storage        a session as a file, and the journal that autosave appends to
    export         a run as code, as a web page or a film
    lessons        lessons: their language, how they are read, played and answered

Its words for what a training is at a step:

    TrainerState   the weights and biases, the optimiser's memory and the step: a training goes on from it, to the bit
    StepRule       all else that decides the next step: settings, samples, what is frozen, the engine
    Moment         a state, and the rule of the step that follows
    Run            its beginning, the events that acted on it, and some of its states, the checkpoints
    Snapshot       a state as it is looked at: with its loss, gradients and curves
    PastMoment     a snapshot found again from the checkpoint before it, with the losses so far; a branch begins there
    Cursor         the moment in sight: a run and a step
    Session        all runs, the cursor, and the history for undo
    Standpoint     a state that a map is drawn around, and those that its directions lead to
    PageMoment     what a page of a lesson showed, to be trained again: a setting and a step
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinynet_gui.core.config import Config, ConfigError
    from tinynet_gui.core.experiments.ladder import ladder
    from tinynet_gui.core.experiments.swarm import swarm
    from tinynet_gui.core.export.script import script
    from tinynet_gui.core.maps.outcome_map import outcome_map
    from tinynet_gui.core.run.train import train

__all__ = ["Config", "ConfigError", "ladder", "outcome_map", "script", "swarm", "train"]

_MODULES = {
    "Config": "config",
    "ConfigError": "config",
    "train": "run.train",
    "swarm": "experiments.swarm",
    "ladder": "experiments.ladder",
    "outcome_map": "maps.outcome_map",
    "script": "export.script",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for, and no more: the window begins with a few modules."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
