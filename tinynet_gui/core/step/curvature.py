"""The curvature of the loss at a point, and the learning rate that it allows.

Along an eigenvector of the loss's Hessian with the eigenvalue λ, a step of gradient descent multiplies the distance to
the bottom by 1 − η·λ. So for η < 2/λ_max it shrinks along the direction of steepest curvature, and with it along all
others; above, it grows from step to step.
"""

import numpy as np

from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config, TrainingConfig
from tinynet_gui.core.numerics.arrays import Floats, Stop
from tinynet_gui.core.step.eigenpairs import TOLERANCE, largest_eigenpairs
from tinynet_gui.core.step.hessian import LossDerivatives
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.training.dataset import Dataset
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.values import dataclass

EXACT_UP_TO = 1_500_000  # parameters; for more of them a product takes a large part of a second
ROUGH = 0.05  # the tolerance then
ADAPTS = (
    "The optimiser divides every gradient by its own recent size, so the limit of its learning rate changes with these "
    "sizes: the curvature of the loss alone sets none."
)


@dataclass(frozen=True)
class Stability:
    """The limit that the curvature sets for the learning rate.

    Attributes
    ----------
    curvature
        λ_max, the largest eigenvalue of the Hessian of the full-batch loss with weight decay's λ added, as
        `largest_curvature` finds it; may be infinite or NaN where the loss is.
    rate
        Below it a step shrinks the error along the steepest direction; None if this curvature sets no limit.
    why
        A sentence: the origin of the limit, or the reason why there is none.
    """

    curvature: float
    rate: float | None
    why: str


def stable_learning_rate(config: Config, dataset: Dataset, state: TrainerState, stop: Stop | None = None) -> Stability:
    """Return the learning rate up to which training is stable around a state, by the curvature there.

    It is local, and says nothing about a whole run: further on the loss may curve more, or less. After a divergence,
    use a state from before the loss rose. Mini-batches are ignored: their losses may curve more than the mean.
    """
    curvature = largest_curvature(config, dataset, state, stop) + config.training.weight_decay
    training = config.training
    if not np.isfinite(curvature):
        return Stability(curvature, None, "The loss at this point is too large for its curvature to be computed.")
    rule = OPTIMIZERS[training.optimizer].rule(training)
    if why := why_no_limit(training) or ("" if rule.divisor is None else ADAPTS):
        return Stability(curvature, None, why)
    if curvature <= 0:
        return Stability(curvature, None, "The loss curves upwards in no direction here, so it sets no limit.")
    rate = rule.stable_factor(training) / curvature
    with_momentum = f" and momentum μ = {plain(training.momentum)}" if "momentum" in rule.numbers else ""
    is_exact = config.network.parameter_count <= EXACT_UP_TO
    sign, digits = ("=", 4) if is_exact else ("≈", 2)
    why = f"In its steepest direction the loss curves by λ {sign} {plain(curvature, digits)}{with_momentum}: at a "
    why += f"learning rate above {rule.stable_formula} {sign} {plain(rate, digits)}, steps overshoot more and more."
    return Stability(curvature, rate, why)


def largest_curvature(config: Config, dataset: Dataset, state: TrainerState, stop: Stop | None = None) -> float:
    """Return λ_max of the Hessian of the full-batch loss, without weight decay, in float64; NaN where it is not finite.

    Of more than `EXACT_UP_TO` parameters it is rough: too small, as a rule by less than `ROUGH`.
    """
    return largest_of(LossDerivatives(config, dataset, state, stop))


def largest_of(derivatives: LossDerivatives, weight_decay: float = 0.0, divisor: Floats | float = 1.0) -> float:
    """Return λ_max of D^(−½)·(H + weight decay)·D^(−½), with a divisor, shape (parameters,), on the diagonal of D."""
    size, root = derivatives.gradient.size, np.sqrt(divisor)

    def product(vectors: Floats) -> Floats:
        scaled = vectors / root
        image: Floats = (derivatives.product(scaled) + weight_decay * scaled) / root
        return image

    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        values, _ = largest_eigenpairs(product, size, 1, TOLERANCE if size <= EXACT_UP_TO else ROUGH)
    return float(values[0])


def curvature_limit(training: TrainingConfig) -> float | None:
    """Return the curvature up to which a step shrinks the error at this learning rate; infinite at a rate of 0.

    It is that of the loss as `core.choices.optimizers.Rule.divisor` scales it. None if there is no such limit:
    `why_no_limit` says why.
    """
    rule = OPTIMIZERS[training.optimizer].rule(training)
    if why_no_limit(training):
        return None
    return rule.stable_factor(training) / training.learning_rate if training.learning_rate else np.inf


def limit_formula(training: TrainingConfig) -> str:
    """Return how the limit is written, such as 2/η."""
    return OPTIMIZERS[training.optimizer].rule(training).stable_formula.replace("λ", "η")


def why_no_limit(training: TrainingConfig) -> str:
    """Return in a sentence why the curvature sets no limit to the learning rate, whatever it is; "" if it does."""
    loss = LOSSES[training.loss]
    if not loss.has_corner:
        return ""
    why = f"The {loss.label} loss has a corner at every sample; its slope does not shrink towards it"
    return f"{why}, so no rate is stable."


def at_the_limit(training: TrainingConfig) -> str:
    """Return in a sentence what is known of trainings whose curvature comes to the limit; "" if that differs."""
    rule = OPTIMIZERS[training.optimizer].rule(training)
    if training.batch_size:
        return "The loss of a batch may curve more than that of all samples, so steps may overshoot below it, too."
    if rule.divisor is not None and training.weight_decay:
        return "With weight decay it may lie far above: where a gradient has vanished, hardly more than ε divides it."
    if "momentum" in rule.numbers or training.l1:
        return ""
    return "Training that comes to it mostly hovers there: the edge of stability (Cohen et al. 2021 and 2022)."


def sharpest_directions(
    config: Config, dataset: Dataset, state: TrainerState, count: int = 2, stop: Stop | None = None
) -> tuple[Floats, Floats]:
    """Return the directions of steepest curvature, and the curvature along each.

    They are eigenvectors of the Hessian of the full-batch loss, without weight decay, in float64. All are NaN where the
    Hessian is not finite.

    Parameters
    ----------
    count
        At most the number of parameters.

    Returns
    -------
    values
        The largest eigenvalues, descending; shape (count,).
    vectors
        Their eigenvectors, orthonormal, each with its largest component positive; shape (count, parameters), the
        parameters flattened and joined in the order of ``TrainerState.parameters``.
    """
    derivatives = LossDerivatives(config, dataset, state, stop)
    return largest_eigenpairs(derivatives.product, derivatives.gradient.size, count)


def growth(training: TrainingConfig, curvature: float) -> float:
    """Return the factor by which a step of gradient descent multiplies the error along a direction of this curvature.

    Without momentum it is |1 − η·λ|. With momentum the next error depends on the current and the previous one; in the
    long run they grow by the larger root of the rule's `next_error` (Polyak, "Some methods of speeding up the
    convergence of iteration methods", 1964). 1 for a rule with a divisor.
    """
    rule = OPTIMIZERS[training.optimizer].rule(training)
    if rule.next_error is None:
        return 1.0
    now, before = rule.next_error(training, training.learning_rate * curvature)
    return float(np.max(np.abs(np.roots([1.0, -now, -before]))))
