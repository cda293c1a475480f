"""The held-out loss of states on the way, against PyTorch's own."""

import pytest
import torch

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.held_out import held_out_losses
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
