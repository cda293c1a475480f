"""The optimisers, by name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Optimizer:
    """A rule that turns gradients into updates.

    `options` maps torch.optim's own option names to a function of the training configuration.
    `fields` are the configuration's fields that belong to this optimiser alone. `slots` are the
    names under which torch.optim keeps an array per parameter, in the order of `TrainerState.slots`.
    """

    label: str
    torch_class: str
    options: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    counts_steps: bool = False


OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer("SGD", "SGD"),
    "momentum": Optimizer(
        "SGD with momentum",
        "SGD",
        {"momentum": lambda t: t.momentum, "nesterov": lambda t: t.nesterov and t.momentum > 0},
        ("momentum", "nesterov"),
        ("momentum_buffer",),
    ),
    "adam": Optimizer(
        "Adam",
        "Adam",
        {"betas": lambda t: (t.beta1, t.beta2), "eps": lambda t: t.epsilon},
        ("beta1", "beta2", "epsilon"),
        ("exp_avg", "exp_avg_sq"),
        counts_steps=True,
    ),
    "rmsprop": Optimizer(
        "RMSprop",
        "RMSprop",
        {"alpha": lambda t: t.alpha, "eps": lambda t: t.epsilon},
        ("alpha", "epsilon"),
        ("square_avg",),
        counts_steps=True,
    ),
}
