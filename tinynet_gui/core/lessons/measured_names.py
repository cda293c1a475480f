"""The names that a lesson may use: every measurement, each described in one line."""

from dataclasses import dataclass

from tinynet_gui.core.config import SETTINGS
from tinynet_gui.core.experiments.table import EXPERIMENTS


@dataclass(frozen=True)
class Name:
    """The meaning of a name: a number, or a function of these parameters."""

    about: str
    parameters: tuple[str, ...] = ()


_PLACE = ("layer", "to", "from")
RUN: dict[str, Name] = {  # of the run in sight
    "step": Name("How many steps it has taken."),
    "loss": Name("The training loss now; infinite if it has diverged."),
    "first_loss": Name("The training loss before the first step."),
    "held_out_loss": Name("The loss on the samples that are held out; NaN if there are none."),
    "neurons": Name("The number of neurons in all hidden layers."),
    "layers": Name("The number of hidden layers."),
    "parameters": Name("The number of weights and biases."),
    "dead": Name("The number of hidden neurons that give 0 on every training sample, as ReLU can."),
    "learning_rate": Name("The learning rate now."),
    "samples": Name("The number of samples to train on."),
    "noise": Name("The standard deviation of the noise on y."),
    "diverged": Name("1 if it has diverged, else 0."),
    "kinks": Name("The number of kinks of its curve between the first and the last training sample."),
    "within": Name("The root mean square error against the true function, where there are training samples."),
    "outside": Name("The same outside their range; both are NaN if the true function is not known."),
    "stable_rate": Name(
        "The learning rate above which steps overshoot here, by the curvature of the loss; no promise for a run."
    ),
    "seed": Name("The seed of its first weights."),
    "batch": Name("The number of samples that a step uses."),
    "output": Name("What the network gives for an x.", ("x",)),
    "target": Name("What the true function gives for an x; NaN if it is not known.", ("x",)),
    "weight": Name("A weight; layers and neurons are counted from 1.", _PLACE),
    "bias": Name("A bias.", ("layer", "to")),
    "gradient_weight": Name("The gradient of the training loss for a weight, now.", _PLACE),
    "gradient_bias": Name("The gradient of the training loss for a bias, now.", ("layer", "to")),
}
# Known for each of many runs trained to their end.
_OUTCOME = ("loss", "held_out_loss", "diverged")
_SETTING = ("neurons", "layers", "parameters", "learning_rate", "samples", "noise", "seed", "batch")
TRAINED = frozenset({*_OUTCOME, *_SETTING})
GOAL: dict[str, Name] = {  # after a goal is checked on many seeds
    "goal.seeds": Name("How many seeds were trained."),
    "goal.reached": Name("How many of them reached it."),
    "goal.share": Name("Their share, from 0 to 1."),
    "goal.low": Name("The lower end of the 95 % interval of the share."),
    "goal.high": Name("The upper end of the 95 % interval of the share."),
}
CURVE: dict[str, Name] = {  # in a step that asks for a curve
    "curve_off": Name("The root mean square distance of the drawn curve from the true one, in units of y."),
}
REMEMBERED = Name("Remembered by an earlier step.")

_WITHIN_OTHERS = {"data.x_max", "network.drawn_before"}  # shown and hidden with the range's beginning, and the seed


def hideable() -> frozenset[str]:
    """Return the names that can be hidden besides views, as in *What students see*."""
    return frozenset({*SETTINGS, *(f"experiment.{name}" for name in EXPERIMENTS)} - _WITHIN_OTHERS)
