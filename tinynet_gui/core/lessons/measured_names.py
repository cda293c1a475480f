"""What a lesson may speak of: every measurement by its name, with one line that says what it is."""

from dataclasses import dataclass

from tinynet_gui.core.config import SETTINGS


@dataclass(frozen=True)
class Name:
    """What a name stands for: a number, or a function of these parameters."""

    about: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExperimentNames:
    """How many runs an experiment may have, and the names of its numbers behind the experiment's own and a dot."""

    fewest: int
    most: int
    usual: int
    names: dict[str, Name]


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
# What is known of each of many runs that were trained to their end.
_OUTCOME = ("loss", "held_out_loss", "diverged")
_SETTING = ("neurons", "layers", "parameters", "learning_rate", "samples", "noise", "seed", "batch")
TRAINED = frozenset({*_OUTCOME, *_SETTING})
EXPERIMENTS: dict[str, ExperimentNames] = {  # by kind
    "swarm": ExperimentNames(
        50,
        1_000,
        256,
        {
            "seeds": Name("How many seeds were trained."),
            "failed": Name("How many of them failed."),
            "median": Name("The median of the final losses."),
            "best": Name("The lowest final loss."),
            "worst": Name("The highest final loss."),
            "diverged": Name("How many diverged."),
            "plateau": Name("How many failed on a plateau."),
            "dead": Name("How many failed as neurons are dead."),
            "slow": Name("How many failed as they are slow: their loss still falls."),
            "constant": Name("The loss of the best constant: of having learned nothing."),
            "limit": Name("The loss above which a run has failed."),
            "dead_at_start": Name("The share of neurons that were dead before the first step."),
            "dead_theory": Name("The share that theory expects to be dead before the first step."),
        },
    ),
    "ladder": ExperimentNames(
        1,
        50,
        8,
        {
            "seeds": Name("How many seeds were trained of each width."),
            "best_width": Name("The number of neurons with the lowest median loss."),
            "best_held_out_width": Name("The same for the samples held out; NaN if there are none."),
            "smallest": Name("The smallest number of neurons."),
            "largest": Name("The largest number of neurons."),
            "loss": Name("The median of the final losses of a number of neurons.", ("n",)),
            "held_out": Name("The median loss on the samples held out.", ("n",)),
        },
    ),
    "depth": ExperimentNames(
        7,
        100,
        20,
        {
            "seeds": Name("How many seeds were trained of each shape."),
            "sure": Name("1 if the best shape is better than chance would explain, else 0."),
            "best_layers": Name("The number of hidden layers of the best shape."),
            "best_loss": Name("The geometric mean of the losses of the best shape."),
            "parameters": Name("The number of parameters that the shapes have about."),
            "typical": Name("The geometric mean of the losses of the shape with k hidden layers.", ("k",)),
        },
    ),
    "influence": ExperimentNames(
        1,
        1,
        1,
        {
            "samples": Name("How many samples were left out in turn."),
            "most": Name("How far the curve moves without the most influential one, in units of y."),
            "most_x": Name("The x of the most influential sample."),
            "chance": Name("How far it moves by chance alone."),
        },
    ),
}
GOAL: dict[str, Name] = {  # after a goal that is checked on many seeds
    "goal.seeds": Name("How many seeds were trained."),
    "goal.reached": Name("How many of them reached it."),
    "goal.share": Name("Their share, from 0 to 1."),
    "goal.low": Name("The lower end of the 95 % interval of the share."),
    "goal.high": Name("The upper end of the 95 % interval of the share."),
}
CURVE: dict[str, Name] = {  # in a step in which a curve is drawn
    "curve_off": Name("The root mean square distance of the drawn curve from the true one, in units of y."),
}
REMEMBERED = Name("Remembered by an earlier step.")

_WITHIN_OTHERS = {"data.x_max", "network.drawn_before"}  # shown and hidden with the range's beginning, and the seed
# What can be hidden besides views, as in *What students see*.
HIDEABLE = frozenset({*SETTINGS, *(f"experiment.{kind}" for kind in (*EXPERIMENTS, "claim"))} - _WITHIN_OTHERS)
