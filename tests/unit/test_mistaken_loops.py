"""Loops with a mistake: alike in both trainers, in scripts and in the step taken apart, and as PyTorch makes them."""

from typing import Any

import numpy as np
import pytest
import torch

from tests.not_none import not_none
from tests.runs import compiled, config_of
from tests.unit.test_export_script import assert_same as assert_same_script, run_through
from tests.unit.test_step_code import assert_same as assert_same_step, script_of
from tinynet_gui.core.choices.loops import LOOPS, TUTORIAL
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import Config
from tinynet_gui.core.failures.plateau_explained import explain_plateau
from tinynet_gui.core.failures.symptoms import find_plateau
from tinynet_gui.core.lazy_twin.twin import NoTwinError, check_config
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.step.curvature import LossDerivatives, curvature_limit, why_no_limit
from tinynet_gui.core.step.dissection import dissect
from tinynet_gui.core.step.nudge import nudge
from tinynet_gui.core.step.sharpness import sharpness_at
from tinynet_gui.core.training.compiled.kernel import run
from tinynet_gui.core.training.torch_loop import make_network, make_optimizer
from tinynet_gui.core.training.trainer import Trainer

pytestmark = pytest.mark.filterwarnings("ignore:Using a target size")  # PyTorch's own, of targets of shape (n,)

MISTAKES = [name for name in LOOPS if name != TUTORIAL]
CHANGED = {"training.l1": 0.02, "training.max_norm": 3.0, "training.weight_decay": 0.05}


def _by_hand(config: Config, steps: int) -> tuple[list[float], list[np.ndarray]]:
    """The loops as a reader of the tutorial writes them, with the mistake."""
    training, dataset = config.training, Trainer(config).dataset
    network, x = make_network(config.network), torch.tensor(dataset.x_train)
    optimizer = make_optimizer(training, network)
    y = torch.tensor(dataset.y_train[:, 0] if training.loop == "broadcast" else dataset.y_train)
    criterion = getattr(torch.nn, LOSSES[training.loss].torch_module)(
        reduction="sum" if training.loop == "sum" else "mean"
    )
    losses = []
    for _ in range(steps):
        loss = criterion(network(x), y)
        losses.append(loss.item())
        if training.loop != "never_reset":
            optimizer.zero_grad()
        (loss + training.l1 * sum(p.abs().sum() for p in network.parameters())).backward()
        if training.max_norm:
            torch.nn.utils.clip_grad_norm_(network.parameters(), training.max_norm)
        optimizer.step()
    return losses, [p.detach().numpy() for p in network.parameters()]


@pytest.mark.parametrize("changes", [{}, {"training.loss": "huber"}, CHANGED, {"training.optimizer": "momentum"}])
@pytest.mark.parametrize("hidden", [(10,), (6, 5)])
@pytest.mark.parametrize("loop", MISTAKES)
def test_both_trainers_are_as_by_hand(loop: str, hidden: tuple[int, ...], changes: dict[str, Any]) -> None:
    config = config_of(network__hidden=hidden, training__loop=loop).with_changes(changes)
    trainer = Trainer(config)
    start, (losses, parameters) = trainer.state(), _by_hand(config, 40)
    assert trainer.run(15).tolist() == losses[:15]
    half = trainer.state()
    other = Trainer(config)
    other.load(half)  # as from a file
    assert other.run(25).tolist() == losses[15:]
    ours = run(config, trainer.dataset, run(config, trainer.dataset, start, 15).state, 25)
    np.testing.assert_allclose(ours.losses, losses[15:], rtol=1e-4)
    for theirs, mine, again in zip(parameters, ours.state.parameters, other.state().parameters, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5)
        np.testing.assert_array_equal(again, theirs)


def test_each_goes_another_way() -> None:
    ends = [compiled(config_of(training__loop=loop), 40).state.parameters[0] for loop in LOOPS]
    for place, one in enumerate(ends):
        assert all(np.abs(one - other).max() > 0.01 for other in ends[:place])


@pytest.mark.parametrize("loop", MISTAKES)
def test_the_wrong_line_stands_in_the_script_marked(loop: str) -> None:
    for changes in ({}, CHANGED, {"training.batch_size": 6, "training.loss": "l1"}):
        config = config_of(training__loop=loop).with_changes(changes)
        script = assert_same_script(run_through(config, [], 12))
        assert script.count("  # wrong: ") == (2 if loop == "broadcast" else 1)
        assert ("optimizer.zero_grad()\n" in script) == (loop != "never_reset")


@pytest.mark.parametrize("loop", MISTAKES)
@pytest.mark.parametrize("steps", [0, 4])
def test_the_step_taken_apart_is_the_steps(loop: str, steps: int) -> None:
    for changes in ({}, CHANGED, {"training.optimizer": "adam", "training.loss": "huber", "training.batch_size": 7}):
        config = config_of(training__loop=loop, network__hidden=(4, 3)).with_changes(changes)
        trainer = Trainer(config)
        trainer.run(steps)
        for by_torch in (False, True):
            d = dissect(config, trainer.state(), by_torch=by_torch)
            for w, delta, after in zip(
                d.before.parameters, not_none(d.update).term("delta").values, not_none(d.after).parameters, strict=True
            ):
                np.testing.assert_allclose(w + delta, after, atol=1e-7, rtol=1e-6)
        assert_same_step(d, script_of(d))


@pytest.mark.parametrize("loop", MISTAKES)
@pytest.mark.parametrize("loss", LOSSES)
def test_its_loss_has_its_own_gradient_curvature_and_nudge(loop: str, loss: str) -> None:
    config = config_of(training__loop=loop, training__loss=loss, network__activation="tanh")
    trainer = Trainer(config)
    snapshot = trainer.snapshot(1)
    assert snapshot.train_loss == pytest.approx(float(trainer.run(1)[0]), rel=1e-6)
    derivatives = LossDerivatives(config, trainer.dataset, snapshot.state)
    flat = [array.ravel() for layer in snapshot.gradients for array in (layer.weight, layer.bias)]
    np.testing.assert_allclose(derivatives.gradient, np.concatenate(flat), rtol=1e-4, atol=1e-5)
    found = nudge(config, trainer.dataset, snapshot.state, ParameterRef(1, "bias", (0,)), 1e-3)
    assert found.slope == pytest.approx(float(snapshot.gradients[1].bias[0]), rel=1e-3, abs=1e-4)


def test_a_plateau_of_broadcast_targets_is_explained() -> None:
    config = config_of(network__drawn_before=3_028, training__loop="broadcast")
    plateau = not_none(find_plateau(LossHistory().with_losses(0, compiled(config, 10_000).losses)))
    explanation = explain_plateau(Trainer(config).snapshot(1), plateau)
    assert "ends like the mean of y" in explanation.sentences[1]
    assert explanation.suggestion == {"training.loop": TUTORIAL}


def test_never_reset_is_a_momentum_of_1_but_for_rounding() -> None:
    x = torch.linspace(-3, 3, 20, dtype=torch.float64)[:, None]
    ends = []
    for momentum in (0.0, 1.0):
        torch.manual_seed(2)
        network = torch.nn.Sequential(torch.nn.Linear(1, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1)).double()
        optimizer = torch.optim.SGD(network.parameters(), lr=0.001, momentum=momentum)
        for _ in range(100):
            if momentum:
                optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(network(x), x**2)
            loss.backward()
            optimizer.step()
        ends.append(torch.cat([p.detach().ravel() for p in network.parameters()]).numpy())
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-9)


def test_what_has_no_meaning_for_a_mistaken_loop_says_so() -> None:
    for loop in MISTAKES:
        with pytest.raises(NoTwinError, match="for a loop as in the tutorial only"):
            check_config(config_of(training__loop=loop), 20)
    config = config_of(training__loop="never_reset")
    assert why_no_limit(config.training).startswith("Gradients that are never reset")
    assert curvature_limit(config.training) is None
    trainer = Trainer(config)
    trainer.run(3)
    assert sharpness_at(config, trainer.dataset, trainer.state()).after > 0
