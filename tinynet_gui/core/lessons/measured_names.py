"""The names that a lesson may use: every measurement, each described in one line."""

from tinynet_gui.core.text.language import N_
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.core.wording.setting_line import VIEWS


@frozen_dataclass
class Name:
    """The meaning of a name: a number, or a function of these parameters.

    Attributes
    ----------
    words
        What it is called in a sentence, in English.
    lacking
        What has to be done or so for it to have a value, if it can have none; in English.
    """

    about: str
    parameters: tuple[str, ...] = ()
    words: str = ""
    lacking: str = ""


_PLACE = ("layer", "to", "from")
_NO_TRUTH = N_("the true function of these samples is not known")
_TWO_RUNS = N_(
    "train this run, and tick exactly one other one in Runs, with the same layers and samples (a hill is measured for "
    "networks of up to 1,000 weights and biases, on up to 200 samples)"
)
_NO_TWIN = N_("train with plain SGD and MSE, all samples in each step")
_NOT_ONE_RELU = N_("the network must have one hidden layer, of ReLU neurons")
_NO_NEURON = N_("the network has no such neuron")
RUN: dict[str, Name] = {  # of the run in sight
    "step": Name("How many steps it has taken.", words=N_("the number of steps")),
    "unchanged_steps": Name(
        "How many of them it has taken since its settings, or a weight by hand, were last changed.",
        words=N_("the number of steps since the last change"),
    ),
    "loss": Name("The training loss now; infinite if it has diverged.", words=N_("the loss")),
    "first_loss": Name("The training loss before the first step.", words=N_("the loss before the first step")),
    "held_out_loss": Name(
        "The loss on the samples that are held out; NaN if there are none.",
        words=N_("the loss on the held-out samples"),
        lacking=N_("hold some samples out"),
    ),
    "neurons": Name("The number of neurons in all hidden layers.", words=N_("the number of neurons")),
    "layers": Name("The number of hidden layers.", words=N_("the number of hidden layers")),
    "parameters": Name("The number of weights and biases.", words=N_("the number of weights and biases")),
    "dead": Name(
        "The number of hidden neurons that give 0 on every training sample, as ReLU can.",
        words=N_("the number of dead neurons"),
    ),
    "learning_rate": Name("The learning rate now.", words=N_("the learning rate")),
    "samples": Name("The number of samples to train on.", words=N_("the number of samples")),
    "noise": Name("The standard deviation of the noise on y.", words=N_("the noise"), lacking=_NO_TRUTH),
    "diverged": Name("1 if it has diverged, else 0.", words=N_("diverged")),
    "kinks": Name(
        "The number of kinks of its curve between the first and the last training sample.",
        words=N_("the number of kinks"),
    ),
    "directions": Name(
        "The number of different kinks that carry 99 % of its curve’s bend there; NaN unless there is one hidden layer "
        "with kinks.",
        words=N_("the number of directions"),
        lacking=N_("the network must have one hidden layer, of neurons with kinks"),
    ),
    "curve_cost": Name(
        "What its curve costs: each change of slope times √(1 + kink²), added up over all kinks, with x and y as the "
        "network sees them; NaN unless there is one hidden layer of ReLU.",
        words=N_("the cost of the curve"),
        lacking=_NOT_ONE_RELU,
    ),
    "paid": Name(
        "What the weights pay for it: half the sum of the squares of all weights and biases but the output’s bias; "
        "never less. NaN likewise.",
        words=N_("what the weights pay"),
        lacking=_NOT_ONE_RELU,
    ),
    "kinks_moved": Name(
        "How far its kinks have moved since step 0, in units of x: the median of those that then lay between the first "
        "and the last training sample; NaN unless there is one hidden layer with kinks.",
        words=N_("how far the kinks have moved"),
        lacking=N_("the network must have one hidden layer, of neurons with kinks"),
    ),
    "last_x": Name("The largest x of a training sample.", words=N_("the x of the last training sample")),
    "within": Name(
        "The RMS (root mean square) error against the true function, where there are training samples.",
        words=N_("the RMS error"),
        lacking=_NO_TRUTH,
    ),
    "outside": Name(
        "The same outside their range; both are NaN if the true function is not known.",
        words=N_("the RMS error outside the dots"),
        lacking=_NO_TRUTH,
    ),
    "stable_rate": Name(
        "The learning rate above which steps overshoot here, by the curvature of the loss; no promise for a run.",
        words=N_("the largest stable learning rate"),
    ),
    "sharpness": Name(
        "How much the loss curves at most, λ_max: the mean over this step and the next, as on the edge of stability "
        "they differ. Gradient descent is stable up to 2 / learning_rate. Under Adam and RMSprop it is that of the "
        "loss scaled by what they divide by, as drawn.",
        words=N_("the sharpness"),
    ),
    "twin_loss": Name(
        "The loss that its lazy twin has at this step; infinite if the twin diverges. The twin is the network made "
        "linear in its weights, from step 0 on, or from where a weight was last set by hand, frozen or let go, or the "
        "samples changed. Known for plain SGD of the MSE on all samples.",
        words=N_("the loss of the lazy twin"),
        lacking=_NO_TWIN,
    ),
    "twin_off": Name(
        "The RMS difference between its curve and the twin’s, from the first training sample to the last, in units of "
        "y.",
        words=N_("the difference between the network and its lazy twin"),
        lacking=_NO_TWIN,
    ),
    "kernel_moved": Name(
        "By how much its tangent kernel has moved since the twin’s start, in percent of what it was.",
        words=N_("the movement of the kernel"),
        lacking=_NO_TWIN,
    ),
    "barrier": Name(
        "By how much the loss rises on the straight line from it to the end of the other run of its shape and samples "
        "that is ticked, above the higher end; NaN unless there is just one, and beyond 1,000 weights and biases or "
        "200 samples.",
        words=N_("the hill between the two networks"),
        lacking=_TWO_RUNS,
    ),
    "barrier_matched": Name(
        "The same with the neurons of the other run matched.",
        words=N_("the hill between the two networks, matched"),
        lacking=_TWO_RUNS,
    ),
    "other_loss": Name(
        "The training loss at the end of that other run.", words=N_("the loss of the other network"), lacking=_TWO_RUNS
    ),
    "other_step": Name(
        "How many steps that other run has taken.",
        words=N_("the number of steps of the other network"),
        lacking=_TWO_RUNS,
    ),
    "others": Name(
        "How many other trained runs of its shape and samples are ticked.", words=N_("the number of other ticked runs")
    ),
    "ticked": Name("1 if it is ticked itself, else 0.", words=N_("ticked")),
    "seed": Name("The seed of its first weights.", words=N_("the network’s seed")),
    "batch": Name("The number of samples that a step uses.", words=N_("the batch size")),
    "map_low": Name("The left end of the map in sight.", words=N_("the left end of the map")),
    "map_high": Name("Its right end.", words=N_("the right end of the map")),
    "map_bottom": Name("Its lower end.", words=N_("the lower end of the map")),
    "map_top": Name("Its upper end.", words=N_("the upper end of the map")),
    "map_at": Name(
        "What the map in sight shows at a point, such as the loss at the end; infinite where training diverges, "
        "NaN if it takes long.",
        ("x", "y"),
        words=N_("what the map shows at {}, {}"),
    ),
    "map_edge": Name(
        "The lowest of 256 x along the map at which training diverges, at a y; NaN if there is none.",
        ("y",),
        words=N_("where training begins to diverge at {} on the map"),
        lacking=N_("no training in this row of the map diverges"),
    ),
    "map_turns": Name(
        "How many of these 256 differ from the one before in whether training diverges; of a smooth border it is 1.",
        ("y",),
        words=N_("the number of turns at {} on the map"),
    ),
    "map_finer_turns": Name(
        "The same of 4,096 x; of a smooth border it is still 1.",
        ("y",),
        words=N_("the number of finer turns at {} on the map"),
    ),
    "output": Name("What the network gives for an x.", ("x",), words=N_("what the network gives at x = {}")),
    "target": Name(
        "What the true function gives for an x; NaN if it is not known.",
        ("x",),
        words=N_("the true value at x = {}"),
        lacking=_NO_TRUTH,
    ),
    "weight": Name(
        "A weight; layers and neurons are counted from 1.",
        _PLACE,
        words=N_("the weight of layer {} to {} from {}"),
        lacking=_NO_NEURON,
    ),
    "bias": Name("A bias.", ("layer", "to"), words=N_("the bias of layer {}, neuron {}"), lacking=_NO_NEURON),
    "gradient_weight": Name(
        "The gradient of the training loss for a weight, now.",
        _PLACE,
        words=N_("the gradient for the weight of layer {} to {} from {}"),
        lacking=_NO_NEURON,
    ),
    "gradient_bias": Name(
        "The gradient of the training loss for a bias, now.",
        ("layer", "to"),
        words=N_("the gradient for the bias of layer {}, neuron {}"),
        lacking=_NO_NEURON,
    ),
}
# Known for each of many runs trained to their end.
_OUTCOME = ("loss", "held_out_loss", "diverged")
SETTINGS = ("neurons", "layers", "parameters", "learning_rate", "samples", "noise", "seed", "batch")
TRAINED = frozenset({*_OUTCOME, *SETTINGS})
GOAL: dict[str, Name] = {  # after a goal is checked on many seeds
    "goal.seeds": Name("How many seeds were trained."),
    "goal.reached": Name("How many of them reached it."),
    "goal.share": Name("Their share, from 0 to 1."),
    "goal.low": Name("The lower end of the 95 % interval of the share."),
    "goal.high": Name("The upper end of the 95 % interval of the share."),
}
CURVE: dict[str, Name] = {  # in a step that asks for a curve
    "curve_off": Name("The RMS error of the drawn curve, in units of y."),
    "curve_bent": Name("1 if the drawn curve bends up clearly more than the true one, −1 if clearly less, else 0."),
}
REMEMBERED = Name("Remembered by an earlier step.")

ALL_SETTINGS, FIRST_STEPS, SHARPNESS = "view.settings", "view.first_steps", "view.sharpness"
TWIN, MODES = "view.twin", "view.modes"
HILL, VALLEY = "view.hill", "view.valley"
# Views that a page can bring to the front; the last seven are switched on within the panel, the time line, the loss
# plot, the function plot and the table of runs.
SHOWABLE = ("view.loss", *VIEWS, ALL_SETTINGS, FIRST_STEPS, SHARPNESS, TWIN, MODES, HILL, VALLEY)
# Views that a page can give most of the room.
LARGE = ("diagram", "function_plot", "inspector", "loss_plot", "runs", "experiments", "map", "microscope", "lesson")
# Parts of the plots, hidden from new users at first, that a page can show.
BRINGABLE = ("kinks", "errors", "parts", "probe", "seeds", "edit", "log")
