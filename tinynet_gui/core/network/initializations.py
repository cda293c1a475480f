"""Ways to draw the initial weights, by name. To add one, add its record here.

The numbers are exactly torch's. torch is imported only where it alone can draw them, so that the first network appears
before torch is loaded.
"""

from collections.abc import Callable
from math import sqrt

import numpy as np

from tinynet_gui.core.network.draws import Draws
from tinynet_gui.core.numerics.arrays import Array
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True)
class Initialization:
    """A way to draw the initial weights and biases of a layer.

    Attributes
    ----------
    label
        The name shown to the user.
    draw
        Takes a generator and a layer's outputs and inputs; returns its weight, float32 of shape (outputs, inputs), and
        its bias, (outputs,).
    has_biases
        Whether biases are drawn too; else they are 0, and so are the kinks of the first layer.
    is_random
        Whether neurons differ from each other.
    is_even
        Whether weights and biases of the first layer are drawn evenly from −1 to 1.
    needs_torch
        Whether only torch can draw them.
    code
        The same in PyTorch, for the reader: lines for each ``layer``, an ``nn.Linear``. Empty for PyTorch's default.
    since
        The format of files that brought it (`core.config.formats`).
    """

    label: str
    draw: Callable[[Draws, int, int], tuple[Array, Array]]
    has_biases: bool = False
    is_random: bool = True
    is_even: bool = False
    needs_torch: bool = False
    code: tuple[str, ...] = ()
    since: int = 1


_ZERO_BIAS = "nn.init.zeros_(layer.bias)"
NORMAL_STD = 0.5


def _pytorch_default(draws: Draws, outputs: int, inputs: int) -> tuple[Array, Array]:
    # nn.Linear.reset_parameters: init.kaiming_uniform_ with a = √5, and its bias; both are U(-1/√inputs, 1/√inputs).
    weight = draws.uniform((outputs, inputs), sqrt(3.0) * (sqrt(2.0 / (1 + sqrt(5.0) ** 2)) / sqrt(inputs)))
    return weight, draws.uniform((outputs,), 1 / sqrt(inputs))


def _xavier(draws: Draws, outputs: int, inputs: int) -> tuple[Array, Array]:
    # init.xavier_uniform_
    bound = sqrt(3.0) * sqrt(2.0 / float(inputs + outputs))
    return draws.uniform((outputs, inputs), bound), np.zeros(outputs, np.float32)


INITIALIZATIONS: dict[str, Initialization] = {
    "pytorch": Initialization("PyTorch default", _pytorch_default, has_biases=True, is_even=True),
    "kaiming": Initialization(
        "Kaiming",
        lambda draws, n, inputs: (draws.normal((n, inputs), sqrt(2.0) / sqrt(inputs)), np.zeros(n, np.float32)),
        needs_torch=True,
        code=('nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")', _ZERO_BIAS),
    ),
    "xavier": Initialization("Xavier", _xavier, code=("nn.init.xavier_uniform_(layer.weight)", _ZERO_BIAS)),
    "zeros": Initialization(
        "zeros",
        lambda _, outputs, inputs: (np.zeros((outputs, inputs), np.float32), np.zeros(outputs, np.float32)),
        is_random=False,
        code=("nn.init.zeros_(layer.weight)", _ZERO_BIAS),
    ),
    "normal": Initialization(
        f"normal, σ = {NORMAL_STD}",
        lambda draws, *shape: (draws.normal(shape, NORMAL_STD), draws.normal(shape[:1], NORMAL_STD)),
        has_biases=True,
        needs_torch=True,
        code=(f"nn.init.normal_(layer.weight, std={NORMAL_STD})", f"nn.init.normal_(layer.bias, std={NORMAL_STD})"),
    ),
}
