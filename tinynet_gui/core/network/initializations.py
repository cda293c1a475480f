"""How first weights are drawn, by name. To add a way, add its record here.

torch is imported only where weights are drawn, so that the window can list the choices before it is loaded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class Initialization:
    """A way to draw the first weights and biases of a layer.

    Attributes
    ----------
    label
        What the user reads.
    draw
        Fills a layer, from this generator alone.
    has_biases
        Whether biases are drawn too; else they are 0, and so are the kinks of the first layer.
    is_random
        Whether neurons differ from each other.
    is_even
        Whether weights and biases of the first layer are drawn evenly from −1 to 1.
    """

    label: str
    draw: "Callable[[nn.Linear, torch.Generator], None]"
    has_biases: bool = False
    is_random: bool = True
    is_even: bool = False


NORMAL_STD = 0.5


def _pytorch_default(linear: "nn.Linear", generator: "torch.Generator") -> None:
    from torch.nn import init

    # nn.Linear.reset_parameters, on a generator of our own: both are U(-1/√inputs, 1/√inputs).
    init.kaiming_uniform_(linear.weight, a=5**0.5, generator=generator)
    bound = linear.in_features**-0.5
    init.uniform_(linear.bias, -bound, bound, generator=generator)


def _kaiming(linear: "nn.Linear", generator: "torch.Generator") -> None:
    from torch.nn import init

    init.kaiming_normal_(linear.weight, nonlinearity="relu", generator=generator)
    init.zeros_(linear.bias)


def _xavier(linear: "nn.Linear", generator: "torch.Generator") -> None:
    from torch.nn import init

    init.xavier_uniform_(linear.weight, generator=generator)
    init.zeros_(linear.bias)


def _zeros(linear: "nn.Linear", _generator: "torch.Generator") -> None:
    from torch.nn import init

    init.zeros_(linear.weight)
    init.zeros_(linear.bias)


def _normal(linear: "nn.Linear", generator: "torch.Generator") -> None:
    from torch.nn import init

    init.normal_(linear.weight, std=NORMAL_STD, generator=generator)
    init.normal_(linear.bias, std=NORMAL_STD, generator=generator)


INITIALIZATIONS: dict[str, Initialization] = {
    "pytorch": Initialization("PyTorch default", _pytorch_default, has_biases=True, is_even=True),
    "kaiming": Initialization("Kaiming", _kaiming),
    "xavier": Initialization("Xavier", _xavier),
    "zeros": Initialization("zeros", _zeros, is_random=False),
    "normal": Initialization(f"normal, σ = {NORMAL_STD}", _normal, has_biases=True),
}
