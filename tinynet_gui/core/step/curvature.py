"""The curvature of the loss at a point, and the learning rate that it allows.

Along an eigenvector of the loss's Hessian with the eigenvalue λ, a step of gradient descent multiplies the distance to
the bottom by 1 − η·λ. So for η < 2/λ_max it shrinks along the direction of steepest curvature, and with it along all
others; above, it grows from step to step.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.config import Config, TrainingConfig
from tinynet_gui.core.data.dataset import Dataset
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.training.losses import LOSSES
from tinynet_gui.core.training.optimizers import OPTIMIZERS
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.ui_priority import give_way

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = npt.NDArray[np.float64]

MOST_ITERATIONS = 100
MOST_NUMBERS = 20_000_000  # kept at once: 160 MB
TOLERANCE = 1e-9  # of the largest eigenvalue, relative


@dataclass(frozen=True)
class Stability:
    """The limit that the curvature sets for the learning rate.

    Attributes
    ----------
    curvature
        λ_max, the largest eigenvalue of the Hessian of the full-batch loss with weight decay's λ added; may be
        infinite or NaN where the loss is.
    rate
        Below it a step shrinks the error along the steepest direction; None if the curvature sets no limit.
    why
        A sentence: the origin of the limit, or the reason why there is none.
    """

    curvature: float
    rate: float | None
    why: str


def stable_learning_rate(config: Config, dataset: Dataset, state: TrainerState) -> Stability:
    """Return the learning rate up to which training is stable around a state, by the curvature there.

    It is local, and says nothing about a whole run: further on the loss may curve more, or less. After a divergence,
    use a state from before the loss rose. Mini-batches are ignored: their losses may curve more than the mean. Imports
    torch.
    """
    try:
        curvature = largest_curvature(config, dataset, state) + config.training.weight_decay
    except (ImportError, OSError) as error:
        why = f"PyTorch, which computes how the loss curves, cannot be loaded ({error})."
        return Stability(float("nan"), None, why)
    return _stability(config.training, curvature)


def largest_curvature(config: Config, dataset: Dataset, state: TrainerState) -> float:
    """Return λ_max of the Hessian of the full-batch loss, without weight decay, in float64.

    By Lanczos' iteration (Golub & Van Loan, "Matrix computations", chapter 10), a power iteration that remembers all
    its steps, on autograd's Hessian-vector products.
    """
    size = sum(p.size for p in state.parameters)
    product = _hessian_product(config, dataset, state)
    most = max(2, min(size, MOST_ITERATIONS, MOST_NUMBERS // size))
    start = np.random.default_rng(0).standard_normal(size)
    basis = [start / np.linalg.norm(start)]
    diagonal: list[float] = []
    beside: list[float] = []
    while True:
        give_way()
        image = product(basis[-1])
        if not np.isfinite(image).all():
            return float("nan")
        diagonal.append(float(image @ basis[-1]))
        known = np.array(basis)
        for _ in range(2):  # once is not enough, because of rounding
            image = image - known.T @ (known @ image)
        values, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))
        length = float(np.linalg.norm(image))
        if len(diagonal) >= most or length * abs(vectors[-1, -1]) <= TOLERANCE * np.max(np.abs(values)):
            return float(values[-1])
        beside.append(length)
        basis.append(image / length)


def _hessian_product(config: Config, dataset: Dataset, state: TrainerState) -> "Callable[[Floats], Floats]":
    """Return the function v → H·v over all parameters, one after the other, float64 of shape (parameters,)."""
    import torch

    from tinynet_gui.core.training.torch_network import make_criterion, make_network

    network = make_network(config.network).double()
    parameters = list(network.parameters())
    with torch.no_grad():
        for parameter, array in zip(parameters, state.parameters, strict=True):
            parameter.copy_(torch.tensor(array))
    x, y = torch.tensor(dataset.x_train).double(), torch.tensor(dataset.y_train).double()
    loss = make_criterion(config.training)(network(x), y)
    gradients = torch.autograd.grad(loss, parameters, create_graph=True)
    flat = torch.cat([g.reshape(-1) for g in gradients])

    def product(vector: Floats) -> Floats:
        along = flat @ torch.from_numpy(vector)
        if not along.requires_grad:  # a loss that is linear in every parameter
            return np.zeros_like(vector)
        images = torch.autograd.grad(along, parameters, retain_graph=True, materialize_grads=True)
        image: Floats = torch.cat([i.reshape(-1) for i in images]).numpy()
        return image

    return product


def growth(training: TrainingConfig, curvature: float) -> float:
    """Return the factor by which a step of gradient descent multiplies the error along a direction of this curvature.

    Without momentum it is |1 − η·λ|. With momentum the next error depends on the current and the previous one; in the
    long run they grow by the larger root of the rule's `next_error` (Polyak, "Some methods of speeding up the
    convergence of iteration methods", 1964). 1 for a rule that does not depend on the curvature.
    """
    rule = OPTIMIZERS[training.optimizer].rule(training)
    if rule.next_error is None:
        return 1.0
    now, before = rule.next_error(training, training.learning_rate * curvature)
    return float(np.max(np.abs(np.roots([1.0, -now, -before]))))


def _stability(training: TrainingConfig, curvature: float) -> Stability:
    if not np.isfinite(curvature):
        return Stability(curvature, None, "The loss at this point is too large for its curvature to be computed.")
    if LOSSES[training.loss].has_corner:
        why = f"The {LOSSES[training.loss].label} loss has a corner at every sample; its slope does not shrink "
        why += "towards it, so no rate is stable."
        return Stability(curvature, None, why)
    rule = OPTIMIZERS[training.optimizer].rule(training)
    if rule.stable_factor is None:
        why = (
            "The optimiser divides every gradient by its own recent size, so the length of a step follows from the "
            "learning rate alone, and the curvature of the loss sets no limit to it."
        )
        return Stability(curvature, None, why)
    if curvature <= 0:
        return Stability(curvature, None, "The loss curves upwards in no direction here, so it sets no limit.")
    rate = rule.stable_factor(training) / curvature
    with_momentum = f" and momentum μ = {plain(training.momentum)}" if "momentum" in rule.numbers else ""
    why = f"The loss curves by λ = {plain(curvature)} along its steepest direction{with_momentum}; "
    why += f"{rule.stable_formula} = {plain(rate)}."
    return Stability(curvature, rate, why)
