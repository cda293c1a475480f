"""The terms of each optimiser's update: their formulas, and torch.optim's own steps."""

import pytest

from tests.dissections import optimizer_config
from tests.not_none import not_none
from tests.runs import trained
from tinynet_gui.core.step.dissection import dissect
from tinynet_gui.core.training.trainer import Trainer


def test_the_formulas_in_numbers() -> None:
    trainer = trained(optimizer_config("adam", False, 0.02), 3)
    update = not_none(dissect(trainer.config, trainer.state()).update)
    m = update.value("m", 0, (1, 0))
    shown = f"{m:.3g}" if m >= 0 else f"({m:.3g})"
    assert update.in_numbers(update.term("m_hat"), 0, (1, 0), "{:.3g}".format) == f"{shown} / (1 − 0.9^4)"
    with pytest.raises(KeyError):
        update.term("n")


DECAYED = ["g = ∂L/∂w", "d = g + λ·w", "m ← β₁·m + (1 − β₁)·d", "v ← β₂·v + (1 − β₂)·d²", "m̂ = m / (1 − β₁^t)"]


@pytest.mark.parametrize(
    ("optimizer", "lines"),
    [
        (("adam", False, 0.02), [*DECAYED, "v̂ = v / (1 − β₂^t)", "Δ = −η·m̂ / (√v̂ + ε)", "w ← w + Δ"]),
        (("sgd", False, 0.0), ["g = ∂L/∂w", "Δ = −η·g", "w ← w + Δ"]),
        (("momentum", False, 0.0), ["g = ∂L/∂w", "m ← μ·m + g", "Δ = −η·m", "w ← w + Δ"]),
        (("momentum", True, 0.0), ["g = ∂L/∂w", "m ← μ·m + g", "n = g + μ·m", "Δ = −η·n", "w ← w + Δ"]),
        (("rmsprop", False, 0.0), ["g = ∂L/∂w", "v ← α·v + (1 − α)·g²", "Δ = −η·g / (√v + ε)", "w ← w + Δ"]),
    ],
)
def test_the_lines_of_each_optimizer(optimizer: tuple[str, bool, float], lines: list[str]) -> None:
    config = optimizer_config(*optimizer)
    update = not_none(dissect(config, Trainer(config).state()).update)
    assert [update.in_symbols(term) for term in update.terms] == lines
