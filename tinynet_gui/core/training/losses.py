"""The losses, by name."""

from dataclasses import dataclass

import numpy as np

from tinynet_gui.core.arrays import Array


@dataclass(frozen=True)
class Loss:
    """A loss between output ŷ and sample y, averaged over the batch; `torch_module` is in torch.nn.

    `slope` is ∂L/∂ŷ of one sample of a batch of n, with e = ŷ − y.
    """

    label: str
    torch_module: str
    formula: str
    slope: str


LOSSES: dict[str, Loss] = {
    "mse": Loss("MSE", "MSELoss", "mean of (ŷ − y)²", "2·e / n"),
    "l1": Loss("L1", "L1Loss", "mean of |ŷ − y|", "sign(e) / n"),
    "huber": Loss(
        "Huber",
        "HuberLoss",
        "mean of ½(ŷ − y)² where |ŷ − y| < 1, else |ŷ − y| − ½",
        "e / n where |e| < 1, else sign(e) / n",
    ),
}


def mean_loss(loss: str, error: Array) -> float:
    """Return the loss of errors ŷ − y, float32 of shape (samples,)."""
    size = np.abs(error.astype(np.float64))
    match loss:
        case "mse":
            each = size**2
        case "l1":
            each = size
        case "huber":
            each = np.where(size < 1, size**2 / 2, size - 0.5)
        case _:
            raise ValueError(f"no such loss: {loss}")
    return float(each.mean())
