"""What a step costs: its multiplications and additions, counted as by hand."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.training.start import batch_length
from tinynet_gui.core.values import frozen_dataclass

OPERATIONS = "×", "+", "÷", "√"


@frozen_dataclass
class StepCost:
    """The operations of a step by their signs in `OPERATIONS`; a sum of n products takes n × and n − 1 +.

    Left out are the values of the activations, of their slopes and of the loss: the backward pass begins with dL/dŷ.

    Attributes
    ----------
    samples, weights, later, neurons, parameters
        In a step: B. In the network: W, the weights; W′, those after the first layer; N, the hidden neurons; P, all
        weights and biases.
    forward, backward
        B·W each; B·(W + W′ + N) and (B − 1)·P + B·(W′ − N).
    each_update
        For one parameter, as the optimiser's rule is written.
    """

    samples: int
    weights: int
    later: int
    neurons: int
    parameters: int
    each_update: Counter[str]

    @property
    def forward(self) -> Counter[str]:
        return Counter({"×": self.samples * self.weights, "+": self.samples * self.weights})

    @property
    def backward(self) -> Counter[str]:
        products = self.samples * (self.weights + self.later + self.neurons)
        sums = (self.samples - 1) * self.parameters + self.samples * (self.later - self.neurons)
        return Counter({"×": products, "+": sums})

    @property
    def update(self) -> Counter[str]:
        return Counter({sign: count * self.parameters for sign, count in self.each_update.items()})


def step_cost(config: Config, sample_count: int) -> StepCost:
    """Count the operations of a whole batch's step, of so many training samples."""
    first, *later = (n_in * n_out for n_in, n_out in pairwise(config.network.widths))
    rule, done = OPTIMIZERS[config.training.optimizer].rule(config.training), Counter[str]()
    slots, constants = len(rule.slots), len(rule.constants(config.training, config.training))
    rule.update(*(_Counting(done) for _ in range(2 + slots + constants)))
    return StepCost(
        samples=batch_length(config, sample_count),
        weights=first + sum(later),
        later=sum(later),
        neurons=sum(config.network.hidden),
        parameters=config.network.parameter_count,
        each_update=done,
    )


def _counts(sign: str) -> Callable[..., "_Counting"]:
    def operate(self: "_Counting", *_: Any) -> "_Counting":
        self.done[sign] += 1
        return self

    return operate


class _Counting:
    """Stands for a number, and counts what is done with it."""

    __add__ = __radd__ = __sub__ = __rsub__ = _counts("+")
    __mul__ = __rmul__ = _counts("×")
    __truediv__ = __rtruediv__ = _counts("÷")
    sqrt = _counts("√")  # numpy's root calls it

    def __init__(self, done: Counter[str]) -> None:
        self.done = done
