"""The losses, by name. To add one, add its record here; nothing here imports torch or numba."""

from collections.abc import Callable
from typing import Any

import numpy as np

from tinynet_gui.core.choices.elementary import magnitude, sign, where_less, where_positive
from tinynet_gui.core.choices.loops import LOOPS, TUTORIAL, divisor, training_loop
from tinynet_gui.core.text.language import N_, gettext as _
from tinynet_gui.core.values import AnyFloats, Array, Floats, frozen_dataclass

Pointwise = Callable[[AnyFloats], AnyFloats]


@frozen_dataclass
class Written:
    """A function of the error e as written: one formula, or one for |e| < 1 (`where`) and another elsewhere."""

    formula: str
    elsewhere: str = ""

    def at(self, error: float) -> str:
        return self.elsewhere if self.elsewhere and not abs(error) < 1 else self.formula

    def __str__(self) -> str:
        words = _("{formula} where |e| < 1, else {elsewhere}") if self.elsewhere else "{formula}"
        return words.format(formula=self.formula, elsewhere=self.elsewhere)


@frozen_dataclass
class Loss:
    """A loss between output ŷ and sample y, averaged over the batch, as a convex function of the error e = ŷ − y.

    Attributes
    ----------
    formula
        The averaged quantity, in ŷ and y.
    written
        One sample's loss, in e.
    slope_written
        ∂L/∂ŷ of one sample of a batch of n, in e and n.
    function, derivative, second_derivative
        One sample's loss and its derivatives by e, of functions of `core.choices.elementary`, + − · / and numbers
        alone: they map an array to one of the same shape and dtype; the first two are compiled into the training loop.
    is_square
        Whether it is e², as in least squares.
    has_corner
        Whether it has a corner at e = 0, so that its slope does not shrink towards a sample.
    by_hand
        One sample's loss and its derivative in exported code: expressions of a tensor e, with Python's own operators
        and `torch`.
    since
        The file format that introduced it (`core.config.setting`).
    """

    label: str
    torch_module: str
    formula: str
    written: Written
    slope_written: Written
    function: Pointwise
    derivative: Pointwise
    second_derivative: Pointwise
    is_square: bool = False
    has_corner: bool = False
    by_hand: tuple[str, str] = ("", "")
    since: int = 6


def _huber(e: AnyFloats) -> AnyFloats:
    size = magnitude(e)
    return where_less(size, 1.0, 0.5 * e * e, size - 0.5)


LOSSES: dict[str, Loss] = {
    "mse": Loss(
        "MSE",
        "MSELoss",
        "(ŷ − y)²",
        Written("e²"),
        Written("2·e / n"),
        lambda e: e * e,
        lambda e: e + e,
        lambda e: where_positive(e, 2.0, 2.0),
        is_square=True,
        by_hand=("e**2", "2 * e"),
    ),
    "l1": Loss(
        "L1",
        "L1Loss",
        "|ŷ − y|",
        Written("|e|"),
        Written("sign(e) / n"),
        magnitude,
        sign,
        lambda e: where_positive(e, 0.0, 0.0),
        has_corner=True,
        by_hand=("torch.abs(e)", "torch.sign(e)"),
    ),
    "huber": Loss(
        "Huber",
        "HuberLoss",
        N_("½(ŷ − y)² where |ŷ − y| < 1, else |ŷ − y| − ½"),
        Written("½·e²", "|e| − ½"),
        Written("e / n", "sign(e) / n"),
        _huber,
        lambda e: where_less(magnitude(e), 1.0, e, sign(e)),
        lambda e: where_less(magnitude(e), 1.0, 1.0, 0.0),
        by_hand=("torch.where(torch.abs(e) < 1, e**2 / 2, torch.abs(e) - 0.5)", "torch.clamp(e, -1, 1)"),
    ),
}


def of_errors(
    facet: Pointwise, training: Any, errors: AnyFloats, y: AnyFloats, targets: AnyFloats | None = None
) -> Floats:
    """Return a loss's function or derivative at the errors ŷ − y, (..., samples), in float64.

    Where the loop broadcasts its targets, it is the mean over those of all samples, by default `y`.
    """
    precise = errors.astype(np.float64)
    if not training_loop(training).broadcasts:
        return np.asarray(facet(precise), np.float64)
    outputs, total = precise + y, np.zeros_like(precise)
    targets = y.ravel() if targets is None else targets
    for target in targets:
        total += facet(outputs - target)
    return total / targets.size


def batch_loss_formula(training: Any) -> str:
    """Return the formula of a batch's loss, as the loop has it."""
    loop = training_loop(training)
    words = _("sum of {formula}") if loop.sums else _("mean of {formula}")
    words = _("mean of {formula}, of every ŷ with every y") if loop.broadcasts else words
    return words.format(formula=_(LOSSES[training.loss].formula))


def batch_loss(training: Any, outputs: Array, y: Array) -> Array:
    """Return a batch's loss from its outputs, (..., samples), as the loop has it: the mean, unless it is mistaken."""
    if training_loop(training) is LOOPS[TUTORIAL]:
        return mean_loss(training.loss, outputs - y)
    losses = of_errors(LOSSES[training.loss].function, training, outputs - y, y)
    with np.errstate(over="ignore"):
        return np.asarray(losses.sum(axis=-1) / divisor(training, y.shape[-1]), np.float32)


def mean_loss(loss: str, errors: Array) -> Array:
    """Return the mean loss of errors ŷ − y, float32 of shape (..., samples), summed in float64, as float32.

    It is infinite where the sum overflows float32, as in torch, which sums in float32.
    """
    total = np.asarray(np.sum(LOSSES[loss].function(errors.astype(np.float64)), axis=-1))
    mean = np.where(total > np.finfo(np.float32).max, np.inf, total) / errors.shape[-1]
    return np.asarray(mean, np.float32)
