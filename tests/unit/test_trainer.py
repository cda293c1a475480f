"""The trainer: the tutorial's own numbers, exact states, divergence."""

import dataclasses
import subprocess
import sys
from itertools import product
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
import torch

from tests.by_hand import network_by_hand, train_by_hand
from tests.not_none import not_none
from tests.runs import assert_same_state, config_of, trained, tutorial
from tests.sessions import assert_same
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.forward import forward
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.system.libraries import NAME, PLAIN_IMPORTS, load_torch_without_compiler
from tinynet_gui.core.training import torch_loop
from tinynet_gui.core.training.snapshot import look_alike, make_snapshot
from tinynet_gui.core.training.start import points_of, steps_per_epoch
from tinynet_gui.core.training.torch_loop import CHECKPOINT_STEPS
from tinynet_gui.core.training.trainer import Trainer


def _tutorial_losses(steps: int, n_hidden: int, before: tuple[int, ...] = ()) -> list[float]:
    """The tutorial's loop written out, on the samples and weights of seed 2; `before`: networks made before its own."""
    np_random = np.random.RandomState(2)
    x_train = np_random.uniform(-3, 3, size=(20, 1)).astype("float32")
    y_train = x_train**2
    torch.manual_seed(2)
    for width in (*before, n_hidden):
        network = network_by_hand((width,))
    return train_by_hand(network, torch.tensor(x_train), torch.tensor(y_train), steps)


def test_the_tutorials_first_weights_and_outputs() -> None:
    snapshot = Trainer(config_of(network__hidden=(5,))).snapshot(0)
    first, second = snapshot.layers
    np.testing.assert_allclose(first.weight[:, 0], [0.2294, -0.2380, 0.2742, -0.0511, 0.4272], atol=5e-5)
    np.testing.assert_allclose(first.bias, [0.2381, -0.1149, -0.8085, 0.2283, -0.8853], atol=5e-5)
    np.testing.assert_allclose(second.weight[0], [0.0588, 0.0297, -0.0983, 0.3657, 0.0298], atol=5e-5)
    np.testing.assert_allclose(second.bias, [0.1854], atol=5e-5)
    outputs = forward(snapshot.layers, "relu", np.array([2.3, 1.7, 3.6], np.float32)).output
    np.testing.assert_allclose(outputs, [0.2739, 0.2741, 0.2661], atol=5e-5)


@pytest.mark.bits
def test_the_tutorial_to_the_last_bit() -> None:
    """Where it comes to in 10,000 steps is in `test_kernel`, from an implementation of its own in float64."""
    trainer = Trainer(tutorial())
    losses = trainer.run(2_500)
    assert losses.tolist() == _tutorial_losses(2_500, 10)
    assert trainer.step == 2_500


def test_the_notebook_from_top_to_bottom_to_the_last_bit() -> None:
    """It trains the fifth network that it makes, and one that is made first has another first loss."""
    trainer = Trainer(tutorial().replace("network.drawn_before", 3_028))
    losses = trainer.run(500)
    assert losses.tolist() == _tutorial_losses(500, 10, before=(5, 1, 2, 1_000))
    assert f"{losses[0]:.2f}" == "7.65"
    assert f"{_tutorial_losses(1, 10)[0]:.2f}" == "13.28"


@pytest.mark.parametrize(("optimizer", "batch_size"), list(product(OPTIMIZERS, [0, 7])))
def test_a_state_can_be_taken_out_and_put_back(optimizer: str, batch_size: int) -> None:
    config = config_of(training__optimizer=optimizer, training__batch_size=batch_size, training__weight_decay=0.01)
    config = config.replace("training.l1", 0.02)
    config = config.replace("training.nesterov", optimizer == "momentum")
    through = Trainer(config)
    losses = through.run(60)

    half = Trainer(config)
    start = half.state()
    assert np.array_equal(half.run(30), losses[:30])
    state = half.state()
    half.run(11)  # what follows must not reach into the state that was taken
    other = Trainer(config)
    other.load(state)
    assert np.array_equal(other.run(30), losses[30:])
    assert_same_state(other.state(), through.state())
    half.load(state)
    assert np.array_equal(half.run(30), losses[30:])
    half.load(start)  # the state before the first step is one, too
    assert half.step == 0
    assert np.array_equal(half.run(60), losses)


def test_an_optimiser_may_begin_its_memory_when_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Adagrad does in torch 2.6: to load a first state must not take it away."""

    class Eager(torch.optim.SGD):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.sums = {
                p: self.state[p].setdefault("sum", torch.zeros_like(p)) for p in self.param_groups[0]["params"]
            }

        def step(self, closure: Any = None) -> Any:
            for parameter, memory in self.sums.items():
                assert self.state[parameter]["sum"] is memory
            return super().step(closure)

    expected = Trainer(Config()).run(5)
    monkeypatch.setattr(torch.optim, "SGD", Eager)
    trainer = Trainer(Config())
    start = trainer.state()
    assert np.array_equal(trainer.run(5), expected)
    trainer.load(start)
    assert np.array_equal(trainer.run(5), expected)


def test_a_state_of_another_network_is_refused() -> None:
    state = Trainer(config_of(network__hidden=(5,))).state()
    with pytest.raises(ValueError, match="shapes"):
        Trainer(Config()).load(state)
    with pytest.raises(ValueError, match="slots"):
        Trainer(config_of(network__hidden=(5,), training__optimizer="adam")).load(state)


def test_divergence_keeps_the_last_finite_state() -> None:
    config = config_of(training__learning_rate=10.0)
    trainer = Trainer(config)
    losses = trainer.run(10_000)
    assert trainer.step == len(losses) == not_none(trainer.diverged_at) - 1
    assert np.isfinite(losses).all()
    snapshot = trainer.snapshot(0)
    assert snapshot.diverged_at == trainer.diverged_at
    assert np.isfinite(snapshot.train_loss)

    plain = trained(config, trainer.step)
    assert_same_state(plain.state(), trainer.state())


def test_divergence_far_from_the_last_checkpoint() -> None:
    """Several hundred steps in, the replay from a checkpoint must land on the same state."""
    config = config_of(training__learning_rate=0.001)
    trainer = trained(config, 700)
    trainer.apply_live(config.replace("training.learning_rate", 20.0))
    trainer.run(1_000)
    again = not_none(trainer.diverged_at)
    assert 700 <= trainer.step == again - 1
    assert np.isfinite(trainer.snapshot(0).train_loss)
    assert len(trainer.run(10)) == 0  # with nothing changed it diverges at the same step again
    assert (trainer.step, trainer.diverged_at) == (again - 1, again)
    trainer.apply_live(config.replace("training.learning_rate", 0.0))
    assert len(trainer.run(10)) == 10
    assert trainer.diverged_at is None


def test_a_live_change_acts_on_the_next_step() -> None:
    trainer = trained(Config(), 10)
    before = trainer.snapshot(0)
    trainer.apply_live(config_of(training__learning_rate=0.5))
    trainer.run(1)
    after = trainer.snapshot(0)
    expected = before.layers[-1].bias - np.float32(0.5) * before.gradients[-1].bias
    np.testing.assert_allclose(after.layers[-1].bias, expected, rtol=1e-6)


def test_a_moment_is_recomputed_only_for_other_weights_or_data(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Mock(side_effect=make_snapshot)
    monkeypatch.setattr("tinynet_gui.core.training.trainer.make_snapshot", counted)
    trainer, other = Trainer(Config()), config_of(training__learning_rate=0.5, training__stop_step=7)
    first = trainer.snapshot(0)
    trainer.apply_live(other)
    second = trainer.snapshot(0)
    assert counted.call_count == 1
    assert look_alike(first, second)
    assert_same(second, make_snapshot(0, other, trainer.dataset, trainer.state()))
    for act in (
        lambda: trainer.apply_live(other.replace("data.points", points_of(other.data).at(np.arange(5)))),
        lambda: trainer.run(1),
        lambda: trainer.edit(ParameterRef(0, "bias", (3,)), 0.5),
        lambda: setattr(trainer, "is_by_torch", True),
    ):
        before, calls = trainer.snapshot(0), counted.call_count
        act()
        assert not look_alike(before, trainer.snapshot(0))
        assert counted.call_count == calls + 1
    assert not look_alike(trainer.snapshot(0), trainer.snapshot(1))  # of another run


def test_a_change_that_needs_a_new_run_is_refused() -> None:
    with pytest.raises(ValueError, match="new run"):
        Trainer(Config()).apply_live(config_of(network__seed=3))


def test_every_sample_is_seen_once_an_epoch() -> None:
    config = config_of(training__batch_size=8, data__sample_count=20, training__learning_rate=0.0)
    trainer = Trainer(config)
    assert steps_per_epoch(trainer.config, len(trainer.dataset.x_train)) == 3
    losses = trainer.run(3)
    assert trainer.snapshot(0).epoch == 1
    whole = float(np.average(losses, weights=[8, 8, 4]))  # nothing moves: the batches' mean is the whole's
    assert whole == pytest.approx(trainer.snapshot(0).train_loss, rel=1e-5)


def test_a_snapshot_is_frozen_and_owned() -> None:
    trainer = trained(config_of(data__held_out=0.3), 5)
    snapshot = trainer.snapshot(4)
    weight = snapshot.layers[0].weight.copy()
    trainer.run(5)
    assert np.array_equal(weight, snapshot.layers[0].weight)
    assert (snapshot.run_id, snapshot.step, snapshot.epoch) == (4, 5, 5)
    assert snapshot.validation_loss is not None
    arrays = [getattr(snapshot, f.name) for f in dataclasses.fields(snapshot)]
    flat = [a for value in arrays for a in (value if isinstance(value, tuple) else (value,))]
    flat += [array for layer in (*snapshot.layers, *snapshot.gradients) for array in (layer.weight, layer.bias)]
    for array in flat:
        assert not isinstance(array, np.ndarray) or not array.flags.writeable


def test_a_snapshots_curves_are_the_networks() -> None:
    snapshot = trained(config_of(network__hidden=(4, 3)), 10).snapshot(0)
    last = snapshot.layers[-1]
    recomputed = (last.weight @ snapshot.activations[-1] + last.bias[:, None])[0]
    at_neuron_grid = np.interp(snapshot.neuron_grid, snapshot.grid, snapshot.output)
    np.testing.assert_allclose(recomputed, at_neuron_grid, atol=2e-2)
    assert [len(counts) for counts in snapshot.active_counts] == [4, 3]


@pytest.mark.parametrize("before", [CHECKPOINT_STEPS - 1, CHECKPOINT_STEPS, CHECKPOINT_STEPS + 1])
def test_divergence_just_when_a_checkpoint_is_due(before: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state whose loss is not finite must not become the checkpoint that is returned to."""
    network = torch_loop.make_network(Config().network)
    monkeypatch.setattr(torch_loop, "make_network", lambda *_: network)
    trainer = trained(Config(), before)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(np.inf)
    trainer.run(1)
    assert trainer.diverged_at == before
    assert trainer.step == before - 1
    assert np.isfinite(trainer.snapshot(0).train_loss)


def test_a_change_after_divergence_keeps_the_last_finite_state() -> None:
    config = config_of(training__learning_rate=10.0)
    trainer = trained(config, 3)  # the third update makes the loss infinite, which only the fourth step would see
    trainer.apply_live(config.replace("training.learning_rate", 0.0))
    assert trainer.step == 2
    assert np.isfinite(trainer.snapshot(0).train_loss)
    assert len(trainer.run(5)) == 5


def test_nesterov_without_momentum_is_plain_descent() -> None:
    config = config_of(training__optimizer="momentum", training__momentum=0.0).replace("training.nesterov", True)
    assert np.array_equal(Trainer(config).run(50), Trainer(Config()).run(50))


def test_a_run_stops_when_it_is_told_to() -> None:
    trainer = Trainer(Config())
    assert len(trainer.run(100, np.ones(1, dtype=np.uint8))) == 0
    assert trainer.step == 0


WITHOUT_COMPILER = """
import sys
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.engine.loading import load_pytorch
from tinynet_gui.engine.jobs.jobs import Job

assert load_pytorch(Job(lambda job: None)) == ""
for name in OPTIMIZERS:
    trainer = Trainer(Config().replace("training.optimizer", name))
    trainer.run(3)
    trainer.snapshot(0)
print([module for module in sys.modules if module.startswith(("sympy", "torch._dynamo."))])
import torch._dynamo.config
print(torch._dynamo.optimize.__module__, torch._dynamo is sys.modules["torch._dynamo"])
"""


def test_pytorch_trains_with_its_compiler_lazy() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_COMPILER], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "torch._dynamo.eval_frame True"]


def test_the_environment_switches_the_compilers_stand_in_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    monkeypatch.setenv(PLAIN_IMPORTS, "1")
    load_torch_without_compiler()
    assert NAME not in sys.modules
