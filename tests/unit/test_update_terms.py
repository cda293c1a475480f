"""The terms of each optimiser's update: their formulas, and torch.optim's own steps."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from tests.dissections import optimizer_config
from tinynet_gui.core.analysis.dissection import dissect
from tinynet_gui.core.config import Config
from tinynet_gui.core.text.update_terms import Update
from tinynet_gui.core.training.optimizers import OPTIMIZERS
from tinynet_gui.core.training.trainer import Trainer


def test_the_formulas_in_symbols_and_numbers() -> None:
    trainer = Trainer(optimizer_config("adam", False, 0.02))
    trainer.run(3)
    update = dissect(trainer.config, trainer.state()).update
    assert update is not None
    assert [update.in_symbols(term) for term in update.terms] == [
        "g = ∂L/∂w",
        "d = g + λ·w",
        "m ← β₁·m + (1 − β₁)·d",
        "v ← β₂·v + (1 − β₂)·d²",
        "m̂ = m / (1 − β₁^t)",
        "v̂ = v / (1 − β₂^t)",
        "Δ = −η·m̂ / (√v̂ + ε)",
        "w ← w + Δ",
    ]
    m = update.value("m", 0, (1, 0))
    shown = f"{m:.3g}" if m >= 0 else f"({m:.3g})"
    assert update.in_numbers(update.term("m_hat"), 0, (1, 0), "{:.3g}".format) == f"{shown} / (1 − 0.9^4)"
    with pytest.raises(KeyError):
        update.term("n")


@pytest.mark.parametrize(
    ("optimizer", "lines"),
    [
        (("sgd", False), ["g = ∂L/∂w", "Δ = −η·g", "w ← w + Δ"]),
        (("momentum", False), ["g = ∂L/∂w", "m ← μ·m + g", "Δ = −η·m", "w ← w + Δ"]),
        (("momentum", True), ["g = ∂L/∂w", "m ← μ·m + g", "n = g + μ·m", "Δ = −η·n", "w ← w + Δ"]),
        (("rmsprop", False), ["g = ∂L/∂w", "v ← α·v + (1 − α)·g²", "Δ = −η·g / (√v + ε)", "w ← w + Δ"]),
    ],
)
def test_the_lines_of_each_optimizer(optimizer: tuple[str, bool], lines: list[str]) -> None:
    config = optimizer_config(*optimizer, 0.0)
    update = dissect(config, Trainer(config).state()).update
    assert update is not None
    assert [update.in_symbols(term) for term in update.terms] == lines


def test_momentum_of_zero_is_plain_descent() -> None:
    config = Config().replace("training.optimizer", "momentum").replace("training.momentum", 0.0)
    update = dissect(config, Trainer(config).state()).update
    assert isinstance(update, Update)
    assert [term.name for term in update.terms] == ["g", "delta", "w"]


@pytest.mark.parametrize("name", [*OPTIMIZERS])
def test_a_step_is_torchs_own(name: str) -> None:
    """The new weights are what torch.optim makes of the gradients on the page, whatever took the steps before."""
    config = optimizer_config(name, False, 0.02).replace("training.batch_size", 5)
    trainer = Trainer(config)
    parameters = [torch.tensor(p, requires_grad=True) for p in trainer.state().parameters]
    options: dict[str, Any] = {"lr": 0.01, "weight_decay": 0.02}
    made: Callable[[], Any] = {
        "sgd": lambda: torch.optim.SGD(parameters, **options),
        "momentum": lambda: torch.optim.SGD(parameters, momentum=0.9, **options),
        "adam": lambda: torch.optim.Adam(parameters, **options),
        "rmsprop": lambda: torch.optim.RMSprop(parameters, **options),
    }[name]
    optimizer = made()
    for _ in range(30):
        d = dissect(config, trainer.state())
        gradients = [gradient for layer in d.gradients for gradient in (layer.weight, layer.bias)]
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = torch.tensor(gradient)
        optimizer.step()
        assert d.after is not None
        for ours, parameter in zip(d.after.parameters, parameters, strict=True):
            np.testing.assert_allclose(ours, parameter.detach().numpy(), rtol=1e-6, atol=1e-8)
        trainer.load(d.after)
