"""The compiled engine against PyTorch's: gradients, runs, divergence, and changing from one to the other."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinynet_gui.core.config import Config, DataConfig, NetworkConfig, TrainingConfig
from tinynet_gui.core.data import Dataset, make_dataset
from tinynet_gui.core.kernel import run
from tinynet_gui.core.registries import ACTIVATIONS, LOSSES, OPTIMIZERS
from tinynet_gui.core.state import TrainerState
from tinynet_gui.core.trainer import Trainer

bounded = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

hidden_layers = st.one_of(
    st.tuples(st.integers(1, 70)),
    st.lists(st.integers(1, 20), max_size=6).map(tuple),
)


@st.composite
def configs(draw: st.DrawFn, optimizers: tuple[str, ...] = tuple(OPTIMIZERS)) -> Config:
    """Any network, loss and optimiser, on data of any size."""
    optimizer = draw(st.sampled_from(optimizers))
    small = st.floats(1e-4, 3e-3)
    return Config(
        DataConfig(
            target=draw(st.sampled_from(["square", "sin", "step"])),
            sample_count=draw(st.integers(1, 70)),
            noise=draw(st.sampled_from([0.0, 0.3])),
            held_out=draw(st.sampled_from([0.0, 0.25])),
            seed=draw(st.integers(0, 1000)),
        ),
        NetworkConfig(
            hidden=draw(hidden_layers),
            activation=draw(st.sampled_from(list(ACTIVATIONS))),
            initialization=draw(st.sampled_from(["pytorch", "xavier"])),
            seed=draw(st.integers(0, 1000)),
        ),
        TrainingConfig(
            loss=draw(st.sampled_from(list(LOSSES))),
            optimizer=optimizer,
            learning_rate=draw(small),
            weight_decay=draw(st.sampled_from([0.0, 0.01])),
            momentum=draw(st.sampled_from([0.5, 0.9])),
            nesterov=draw(st.booleans()),
            batch_size=draw(st.sampled_from([0, 1, 7, 32])),
        ),
    )


def whole_batch(config: Config) -> Config:
    return replace(config, training=replace(config.training, batch_size=0))


def kernel_gradients(config: Config, dataset: Dataset, state: TrainerState) -> list[np.ndarray]:
    """The gradient at a state: the momentum after one step from none is the gradient itself."""
    training = TrainingConfig(loss=config.training.loss, optimizer="momentum", learning_rate=0.0)
    zeros = (tuple(np.zeros_like(p) for p in state.parameters),)
    after = run(replace(config, training=training), dataset, TrainerState(0, state.parameters, zeros), 1)
    return list(after.state.slots[0])


@bounded
@given(configs())
def test_gradients_of_one_step(config: Config) -> None:
    # In float64 the reference has no rounding of its own, and no kink is on the other side of 0.
    trainer = Trainer(whole_batch(config))
    state = trainer.state()
    ours = kernel_gradients(config, trainer.dataset, state)

    network = trainer._network.double()
    x, y = torch.tensor(trainer.dataset.x_train).double(), torch.tensor(trainer.dataset.y_train).double()
    trainer._criterion(network(x), y).backward()
    theirs = [p.grad.numpy() for p in network.parameters()]
    scale = max(np.linalg.norm(g) for g in theirs)
    for mine, reference in zip(ours, theirs, strict=True):
        assert np.linalg.norm(mine - reference) <= 1e-5 * max(np.linalg.norm(reference), 0.01 * scale)


@bounded
@given(configs())
def test_200_steps(config: Config) -> None:
    # The learning rates are small: where training is chaotic, two orders of summation part company.
    trainer = Trainer(config)
    state = trainer.state()
    ours = run(config, trainer.dataset, state, 200)
    theirs = trainer.run(200)
    assert ours.diverged_at is None
    np.testing.assert_allclose(ours.losses, theirs, rtol=1e-3, atol=1e-3 * float(theirs.max()))


def test_the_tutorials_job() -> None:
    config = Config()
    trainer = Trainer(config)
    ours = run(config, trainer.dataset, trainer.state(), 10_000, stride=100)
    theirs = trainer.run(10_000)
    assert ours.losses.shape == (100,)
    np.testing.assert_allclose(ours.losses, theirs[::100], rtol=1e-4)
    end = Trainer(config)
    end.load(ours.state)
    np.testing.assert_allclose(end.run(1)[0], trainer.run(1)[0], rtol=1e-4)


@pytest.mark.parametrize(("neurons", "loss"), [(5, 0.056011), (10, 0.064684), (100, 0.016677), (1000, 0.0039864)])
def test_the_tutorials_job_at_other_widths(neurons: int, loss: float) -> None:
    # from an independent implementation in float64
    config = Config(network=NetworkConfig(hidden=(neurons,)))
    done = run(config, make_dataset(config.data), Trainer(config).state(), 10_001)
    assert done.losses[-1] == pytest.approx(loss, rel=2e-4)


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_engines_take_turns(activation: str, optimizer: str) -> None:
    config = Config(
        DataConfig(sample_count=23),
        NetworkConfig(hidden=(9, 17), activation=activation),
        TrainingConfig(optimizer=optimizer, batch_size=5),
    )
    alone, turns = Trainer(config), Trainer(config)
    for steps in (3, 7, 1):
        done = run(config, turns.dataset, turns.state(), steps)
        assert done.state.step == turns.step + steps
        turns.load(done.state)
        turns.run(steps)
    alone.run(22)
    for mine, reference in zip(turns.state().parameters, alone.state().parameters, strict=True):
        np.testing.assert_allclose(mine, reference, rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize("rate", [0.3, 1.0, 30.0])
@pytest.mark.parametrize("hidden", [(10,), (100,), (8, 8)])
@pytest.mark.parametrize("start", [0, 5])
def test_stops_at_the_step_where_pytorch_stops(hidden: tuple[int, ...], rate: float, start: int) -> None:
    # identity diverges smoothly, so that rounding does not move the step
    config = Config(network=NetworkConfig(hidden=hidden), training=TrainingConfig(learning_rate=rate))
    trainer = Trainer(config)
    trainer.run(0)
    ours = run(config, trainer.dataset, trainer.state(), 300)
    theirs = trainer.run(300)
    assert ours.diverged_at == trainer.diverged_at
    if trainer.diverged_at is not None:
        assert ours.state.step == trainer.step == trainer.diverged_at - 1
        assert len(ours.losses) == len(theirs)
    again = run(config, trainer.dataset, ours.state, 1)
    assert np.isfinite(again.losses).all()
