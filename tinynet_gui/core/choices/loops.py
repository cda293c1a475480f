"""The training loops, by name: the tutorial's, and what forgetful hands make of it. To add one, add its record here."""

from typing import Any

from tinynet_gui.core.text.language import N_, translated
from tinynet_gui.core.values import frozen_dataclass


@translated("label", "why")
@frozen_dataclass
class TrainingLoop:
    """How the gradients of a step come about.

    Attributes
    ----------
    wrong
        What is wrong about it, as a comment in code; "" if nothing is.
    why
        Why the loss stays where it is, for a plateau; "" if the loop is not to blame.
    keeps_gradients
        Whether each step's gradient is added to those of all earlier steps, as without ``zero_grad()``.
    broadcasts
        Whether each output is compared with the y of every sample, as targets of shape (n,) are.
    sums
        Whether the loss is the sum over the samples, in place of their mean.
    since
        The file format that introduced it (`core.config.setting`).
    """

    label: str
    wrong: str = ""
    why: str = ""
    keeps_gradients: bool = False
    broadcasts: bool = False
    sums: bool = False
    since: int = 7


TUTORIAL = "tutorial"
LOOPS: dict[str, TrainingLoop] = {
    TUTORIAL: TrainingLoop(N_("as in the tutorial"), since=6),  # what a file without a loop means
    "never_reset": TrainingLoop(
        N_("gradients never reset"),
        "wrong: optimizer.zero_grad() is missing before this line",
        N_("The gradients are never reset: each step goes by all earlier ones too, and rolls past every minimum."),
        keeps_gradients=True,
    ),
    "broadcast": TrainingLoop(
        N_("targets broadcast"),
        "wrong: y of shape (n,) beside outputs of shape (n, 1) makes n × n errors",
        N_(
            "It ends like the mean of y: each output is compared with the y of every sample, as targets of shape (n,) "
            "are."
        ),
        broadcasts=True,
    ),
    "sum": TrainingLoop(N_("sum for mean"), 'wrong: the tutorial has the mean, without reduction="sum"', sums=True),
}


def training_loop(training: Any) -> TrainingLoop:
    return LOOPS[training.loop]


def divisor(training: Any, count: int) -> int:
    """Return what the sum of the losses of so many samples is divided by: their number, or 1 where the loop sums."""
    return 1 if training_loop(training).sums else count
