"""The held-out loss of states on the way, against PyTorch's own."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.held_out import CAPACITY, HeldOutLosses, held_out_losses
from tinynet_gui.core.training.losses import LOSSES
from tinynet_gui.core.training.torch_network import make_criterion, make_network
from tinynet_gui.core.training.trainer import Trainer


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", [(), (10,), (4, 3)])
def test_the_held_out_loss_of_a_state_is_pytorchs(loss: str, hidden: tuple[int, ...]) -> None:
    config = Config().replace("training.loss", loss).replace("network.hidden", hidden).replace("data.held_out", 0.3)
    trainer = Trainer(config)
    states, expected = [], []
    for _ in range(4):
        states.append(trainer.state())
        expected.append(_torchs_loss(trainer))
        trainer.run(25)
    found = held_out_losses(config, trainer.dataset, states)
    assert [step for step, _ in found] == [0, 25, 50, 75]
    assert [value for _, value in found] == pytest.approx(expected, rel=1e-5)


def _torchs_loss(trainer: Trainer) -> float:
    config, data = trainer.config, trainer.dataset
    network = make_network(config.network, trainer.state().parameters)
    with torch.no_grad():
        outputs = network(torch.tensor(data.x_held_out))
        return float(make_criterion(config.training)(outputs, torch.tensor(data.y_held_out)))


def test_nothing_is_held_out() -> None:
    trainer = Trainer(Config())
    assert held_out_losses(Config(), trainer.dataset, [trainer.state()]) == []


@given(st.lists(st.integers(1, 600), min_size=1, max_size=40), st.integers(1, 50), st.integers(0, 2**32 - 1))
def test_however_many_there_are_each_stays_at_its_own_step(frames: list[int], largest: int, seed: int) -> None:
    random, kept, step, truth = np.random.default_rng(seed), HeldOutLosses(), 0, {0: 1.0}
    kept = kept.with_losses(truth.items())
    for count in frames:
        steps = step + np.cumsum(random.integers(1, largest + 1, count))
        found = {int(at): float(np.float32(random.lognormal())) for at in steps}
        kept, step = kept.with_losses(found.items()), int(steps[-1])
        truth |= found
    assert [truth[at] for at in kept.steps.tolist()] == kept.losses.tolist()
    assert min(len(truth), CAPACITY // 2) <= len(kept.steps) <= CAPACITY
    assert (kept.steps[0], kept.steps[-1]) == (0, step)
    if len(truth) > CAPACITY:
        assert np.diff(kept.steps).max() <= 4 * step / len(kept.steps) + 2 * largest


def test_a_step_has_its_latest_held_out_loss_and_none_that_is_not_finite() -> None:
    kept = HeldOutLosses().with_losses([(0, 4.0), (3, 2.0)]).with_losses([(3, 1.0), (5, float("inf"))])
    assert (kept.steps.tolist(), kept.losses.tolist()) == ([0, 3], [4.0, 1.0])
    assert kept.with_losses([]) is kept
