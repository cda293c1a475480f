"""The four phases of a training step, and what each does in a sentence or two."""

from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.choices.optimizers import OPTIMIZERS, PLAIN
from tinynet_gui.core.config import TrainingConfig
from tinynet_gui.core.data.scaling import scaling_texts
from tinynet_gui.core.step.dissection import Dissection
from tinynet_gui.core.text.formula_terms import number

FORWARD, LOSS, BACKWARD, UPDATE = range(4)
PHASES = ("Forward", "Loss", "Backward", "Update")
TOOLTIPS = (
    "First: x goes forward through the network to the output ŷ.",
    "Second: the loss, from the outputs ŷ and the samples' y.",
    "Third: the gradients, back from the loss by the chain rule.",
    "Fourth: what the optimiser makes of the gradients.",
)


def explanation(dissection: Dissection, phase: int) -> str:
    """Say in a sentence or two what a phase does."""
    training = dissection.config.training
    rate = number(training.learning_rate, None).plain
    return (
        _forward(dissection),
        "The loss L tells how far the outputs ŷ are from the samples' y. It is the one number that the step is "
        f"to make smaller: the {LOSSES[training.loss].formula}.",
        "The gradient tells how much the loss grows when a weight grows a little. It comes back from the loss "
        "along the edges, slope times slope: the chain rule.",
        f"{_way_of(training)} The rule is {OPTIMIZERS[training.optimizer].label}, with the learning rate η = {rate}.",
    )[phase]


def _way_of(training: TrainingConfig) -> str:
    if OPTIMIZERS[training.optimizer].rule(training) is PLAIN:
        if training.weight_decay or training.l1:
            return "Each weight moves a little against its gradient, and towards 0: the loss need not fall."
        return "Each weight moves a little against its gradient: the loss falls, if that is not too far."
    return "Each weight moves by what the rule makes of its gradient and of those before: the loss need not fall."


def _forward(dissection: Dissection) -> str:
    return _way_forward(dissection) + _standardised(dissection)


def _standardised(dissection: Dissection) -> str:
    """Say that x and y are other numbers here than in the data."""
    seen, meant = scaling_texts(dissection.scaling)
    seen = seen.replace("x̃", "its input")
    parts = [f"{seen}, of the data's x" if seen else "", f"{meant}, in the data's units" if meant else ""]
    text = "; ".join(filter(None, parts))
    return f" Samples are standardised here: {text}." if text else ""


def _way_forward(dissection: Dissection) -> str:
    if len(dissection.layers) == 1:
        return "The input x goes through the network: multiplied by its weight and with the bias added it is ŷ."
    network, after = dissection.config.network, "its layer's activation makes h of it"
    if isinstance(network.activation, str):
        after = f"{network.activations[0].label} makes h of it" if network.activations[0].symbol else "h is the same"
    return (
        "The input x goes through the network. Each neuron multiplies what comes in by its weights and adds its "
        f"bias: that is u; {after}. The last layer gives the output ŷ."
    )
