"""The page of mistakes in one's own code: its numbers and errors are PyTorch's."""

import re
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from tests.runs import config_of
from tinynet_gui.core.run.train import train
from tinynet_gui.core.system.machine import resource_path
from tinynet_gui.core.training.start import initial_state

PAGE = " ".join(resource_path("mistakes.md").read_text(encoding="utf-8").replace("\n>", "\n").split())
RIGHT = "reset backward step"


def looped(acts: str, steps: int, *, is_flat: bool = False, moves: int = 0) -> list[float]:
    """The losses of a loop, with the notebook's third network, of which the modules from `moves` on are trained.

    After the loss it acts on it and on the optimiser, in this order.
    """
    x = torch.tensor(config_samples())
    y = (x**2).flatten() if is_flat else x**2
    torch.manual_seed(2)
    torch.rand(3028)
    net = nn.Sequential(nn.Linear(1, 10), nn.ReLU(), nn.Linear(10, 1))
    optimizer = torch.optim.SGD(net[moves:].parameters(), lr=0.001)
    losses = []
    for _ in range(steps):
        loss = nn.functional.mse_loss(net(x), y)
        known = {"reset": optimizer.zero_grad, "backward": loss.backward, "step": optimizer.step}
        for act in acts.split():
            known[act]()
        losses.append(loss.item())
    return losses


def ends(loop: str, acts: str, *, is_flat: bool = False) -> float:
    """Return where a loop of the program ends that begins as the one in PyTorch does."""
    run = train(config_of(network__drawn_before=3028, training__loop=loop))
    np.testing.assert_allclose(run.losses[:40], looped(acts, 40, is_flat=is_flat), rtol=1e-3)
    return run.loss


def test_the_right_loop_ends_where_it_says() -> None:
    end = ends("tutorial", RIGHT)
    assert f"begins at {looped(RIGHT, 1)[0]:.2f} and ends at {end:.3f}" in PAGE


def test_without_zero_grad_it_ends_far_too_high() -> None:
    """Where it ends depends on the last bit of a sum, and so on the processor."""
    assert not ends("never_reset", "backward step") < 3 * ends("tutorial", RIGHT)


def test_flat_targets_end_at_the_variance_with_pytorchs_warning() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        end = ends("broadcast", RIGHT, is_flat=True)
    words = " ".join(re.findall(r"^.*?due to broadcasting\.", str(caught[0].message))[0].split())
    assert words in PAGE
    variance = float(np.var(config_samples() ** 2))
    assert f"variance of y, which is {variance:.2f} here" in PAGE
    assert f"{end:.2f}" == f"{variance:.2f}"


def test_without_the_first_layer_it_learns_badly() -> None:
    """It is a linear regression on what the first layer makes of x."""
    weight, bias, second, last = (
        array.astype(float) for array in initial_state(config_of(network__drawn_before=3028)).parameters
    )
    x = config_samples()
    features = np.hstack([np.maximum(x * weight.T + bias, 0), np.ones_like(x)])
    solved, losses = np.append(second, last), []
    for _ in range(10_000):
        errors = features @ solved - x[:, 0] ** 2
        losses.append((errors**2).mean())
        solved -= 0.001 * 2 * features.T @ errors / len(x)
    np.testing.assert_allclose(losses[:40], looped(RIGHT, 40, moves=2), rtol=1e-4)
    assert f"ends at {losses[-1]:.2f} in place of 0.049" in PAGE


def test_a_reset_before_the_step_moves_nothing() -> None:
    losses = looped("reset step backward", 50)
    assert len(set(losses)) == 1


def test_at_which_rates_it_diverges() -> None:
    diverged = {
        rate: [train(config_of(network__seed=seed, training__learning_rate=rate)).diverged_at for seed in range(32)]
        for rate in (0.1, 0.5)
    }
    assert diverged[0.1] == [None] * 32
    assert None not in diverged[0.5]


def test_errors_are_quoted() -> None:
    x = torch.tensor(config_samples())
    loss = nn.functional.mse_loss(nn.Linear(1, 1)(x), x)
    loss.backward()
    for act in (
        lambda: looped("step backward", 2),
        loss.backward,
        lambda: nn.Linear(1, 1)(x.double()),
    ):
        with pytest.raises(RuntimeError) as caught:
            act()
        text = str(caught.value)
        assert any(quote in text for quote in _quotes()), text


def _quotes() -> list[str]:
    lines = resource_path("mistakes.md").read_text(encoding="utf-8").split("\n\n")
    return [" ".join(line.replace(">", "").split()) for line in lines if line.startswith(">")]


def config_samples() -> np.ndarray:
    return np.random.RandomState(2).uniform(-3, 3, size=(20, 1)).astype("float32")
