"""The compiled engine against PyTorch's: gradients, runs, divergence, and changing from one to the other."""

import threading
from dataclasses import replace
from typing import Any

import numba
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.activations import ALL_AND_MIXED, activation_names, for_layers
from tests.not_none import not_none
from tests.runs import assert_same_state, compiled, config_of
from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.choices.schedules import SCHEDULES
from tinynet_gui.core.config import Config, DataConfig, NetworkConfig, TrainingConfig
from tinynet_gui.core.network.forward import active_counts, as_layers
from tinynet_gui.core.training.compiled.arguments import ELEMENTARY, LANES, activation_codes
from tinynet_gui.core.training.compiled.batches import fill_epoch_order
from tinynet_gui.core.training.compiled.compile import FAST_MATH
from tinynet_gui.core.training.compiled.kernel import KernelRun, run, run_each
from tinynet_gui.core.training.compiled.loop import CHUNK_STEPS
from tinynet_gui.core.training.compiled.math import _ON_VECTORS, activate, cosine, exponential, log1p, sine
from tinynet_gui.core.training.compiled.vector import load, store
from tinynet_gui.core.training.start import Dataset, TrainerState, epoch_order, make_dataset
from tinynet_gui.core.training.torch_loop import make_criterion, make_network
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.values import Array

bounded = settings(max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

hidden_layers = st.one_of(st.tuples(st.integers(1, 70)), st.lists(st.integers(1, 20), max_size=6).map(tuple))


@st.composite
def configs(draw: st.DrawFn, optimizers: tuple[str, ...] = tuple(OPTIMIZERS)) -> Config:
    """Any network, loss and optimiser, on data of any size."""
    optimizer = draw(st.sampled_from(optimizers))
    small, hidden = st.floats(1e-4, 3e-3), draw(hidden_layers)
    return Config(
        DataConfig(
            target=draw(st.sampled_from(["square", "sin", "step"])),
            sample_count=draw(st.integers(1, 70)),
            noise=draw(st.sampled_from([0.0, 0.3])),
            held_out=draw(st.sampled_from([0.0, 0.25])),
            seed=draw(st.integers(0, 1000)),
        ),
        NetworkConfig(
            hidden=hidden,
            activation=draw(activation_names(len(hidden))),
            initialization=draw(st.sampled_from(["pytorch", "xavier"])),
            seed=draw(st.integers(0, 1000)),
        ),
        TrainingConfig(
            loss=draw(st.sampled_from(list(LOSSES))),
            optimizer=optimizer,
            learning_rate=draw(small),
            weight_decay=draw(st.sampled_from([0.0, 0.01])),
            l1=draw(st.sampled_from([0.0, 0.02])),
            max_norm=draw(st.sampled_from([0.0, 1.0])),
            momentum=draw(st.sampled_from([0.5, 0.9])),
            nesterov=draw(st.booleans()),
            schedule=draw(st.sampled_from([*SCHEDULES])),
            schedule_steps=draw(st.sampled_from([1, 20])),
            warm_up=draw(st.sampled_from([0, 0, 9])),
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


def torch_gradients(trainer: Trainer, kind: torch.dtype) -> list[np.ndarray]:
    """The gradient over all training samples by autograd, in float32 or float64."""
    network = make_network(trainer.config.network).to(kind)
    x, y = (torch.tensor(a, dtype=kind) for a in (trainer.dataset.x_train, trainer.dataset.y_train))
    make_criterion(trainer.config.training)(network(x), y).backward()
    return [p.grad.numpy() for p in network.parameters() if p.grad is not None]


@bounded
@given(configs())
def test_gradients_of_one_step(config: Config) -> None:
    # The reference is float64's: it has no rounding of its own. Where float32 cannot do better, as a
    # prediction that is nearly right leaves few digits of the error, PyTorch's own float32 sets the bound.
    trainer = Trainer(whole_batch(config))
    state = trainer.state()
    ours = kernel_gradients(config, trainer.dataset, state)
    single, double = (torch_gradients(trainer, kind) for kind in (torch.float32, torch.float64))
    scale = max(np.linalg.norm(g) for g in double)
    for mine, theirs, exact in zip(ours, single, double, strict=True):
        unavoidable = np.linalg.norm(theirs - exact)
        bound = max(1e-5 * max(np.linalg.norm(exact), 0.1 * scale), 3 * unavoidable)
        assert np.linalg.norm(mine - exact) <= bound


@bounded
@given(configs())
def test_60_steps(config: Config) -> None:
    # Where training is chaotic, two orders of summation part company. So the learning rates are small,
    # and epsilon is not: at 1e-8, Adam and RMSprop make full steps of gradients that are mere rounding.
    # Near a loss of 0 the margin is a part of the largest loss: wider for RMSprop and Adam, which circle
    # about a minimum, and for L1, whose gradient jumps where a prediction passes its sample. The two
    # together are left to the shorter test below.
    if config.training.loss == "l1" and config.training.optimizer in ("adam", "rmsprop"):
        config = config.replace("training.optimizer", "momentum")
    config = config.replace("training.epsilon", 1e-3)
    trainer = Trainer(config)
    state = trainer.state()
    ours = run(config, trainer.dataset, state, 60)
    theirs = trainer.run(60)
    assert ours.diverged_at is None
    margin = 1e-3 if config.training.optimizer in ("adam", "rmsprop") else 1e-5
    margin = 1e-2 if config.training.loss == "l1" else margin
    np.testing.assert_allclose(ours.losses, theirs, rtol=1e-3, atol=margin * float(theirs.max()))


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("hidden", [(12,), (6, 5)])
def test_every_loss_with_every_optimizer(hidden: tuple[int, ...], loss: str, optimizer: str) -> None:
    config = config_of(network__hidden=hidden, training__loss=loss, training__optimizer=optimizer)
    trainer = Trainer(config := config.with_changes({"training.weight_decay": 0.01, "training.l1": 0.02}))
    ours = run(config, trainer.dataset, trainer.state(), 50)
    np.testing.assert_allclose(ours.losses, trainer.run(50), rtol=1e-4)


@pytest.mark.parametrize(("neurons", "loss"), [(5, 0.056011), (10, 0.064684), (100, 0.016677), (1000, 0.0039864)])
def test_the_tutorials_job_at_all_widths(neurons: int, loss: float) -> None:
    # from an independent implementation in float64
    assert compiled(config_of(network__hidden=(neurons,)), 10_001).losses[-1] == pytest.approx(loss, rel=2e-4)


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
@pytest.mark.parametrize("activation", ALL_AND_MIXED)
def test_engines_take_turns(activation: str, optimizer: str) -> None:
    names = for_layers(activation, 2)
    config = config_of(data__sample_count=23, network__hidden=(9, 17), network__activation=names)
    config = config.with_changes({"training.optimizer": optimizer, "training.batch_size": 5})
    alone, turns = Trainer(config), Trainer(config)
    for steps in (3, 7, 1):
        done = run(config, turns.dataset, turns.state(), steps)
        assert done.state.step == turns.step + steps
        turns.load(done.state)
        turns.run(steps)
    alone.run(22)
    for mine, reference in zip(turns.state().parameters, alone.state().parameters, strict=True):
        np.testing.assert_allclose(mine, reference, rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("hidden", [(10,), (6, 5)])
def test_a_momentum_of_0_leaves_the_buffer_alone(hidden: tuple[int, ...], nesterov: bool) -> None:
    """As torch.optim does, so that a momentum that is set later begins from the same memory."""
    config = config_of(network__hidden=hidden, training__optimizer="momentum", training__nesterov=nesterov)
    config = config.replace("training.learning_rate", 0.005)
    reference, state = Trainer(config), Trainer(config).state()
    for momentum in (0.9, 0.0, 0.9):
        part = config.replace("training.momentum", momentum)
        reference.apply_live(part)
        reference.run(20)
        before = state
        state = run(part, reference.dataset, before, 20).state
        for mine, theirs in zip(state.parameters, reference.state().parameters, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=2e-5)
        for mine, theirs in zip(state.slots[0], reference.state().slots[0], strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-2, atol=1e-3)
        if momentum == 0:
            np.testing.assert_equal(state.slots[0], before.slots[0])


@pytest.mark.parametrize("rate", [0.3, 1.0, 30.0])
@pytest.mark.parametrize("hidden", [(10,), (100,), (8, 8)])
@pytest.mark.parametrize("batch_size", [0, 6])
def test_stops_at_the_step_where_pytorch_stops(hidden: tuple[int, ...], rate: float, batch_size: int) -> None:
    config = config_of(network__hidden=hidden, training__learning_rate=rate, training__batch_size=batch_size)
    trainer = Trainer(config)
    ours = run(config, trainer.dataset, trainer.state(), 250)
    theirs = trainer.run(250)
    assert (ours.diverged_at, ours.state.step) == (trainer.diverged_at, trainer.step)
    assert len(ours.losses) == len(theirs)
    if ours.diverged_at is not None:
        assert np.isfinite(run(config, trainer.dataset, ours.state, 1).losses).tolist() == [True]


@pytest.mark.parametrize("hidden", [(10,), (8, 8)])
def test_divergence_far_from_the_start(hidden: tuple[int, ...]) -> None:
    # From zeros only the output's bias moves, by the factor 1 − rate · decay = −1.03 at each step.
    config = config_of(network__hidden=hidden, network__initialization="zeros", training__loss="l1")
    config = config.with_changes({"training.learning_rate": 1.0, "training.weight_decay": 2.03})
    trainer = Trainer(config)
    state = trainer.state()
    ours = run(config, trainer.dataset, state, 10_000, stride=10)
    theirs = trainer.run(10_000)
    diverged_at = not_none(ours.diverged_at)
    assert trainer.diverged_at == diverged_at > 2 * CHUNK_STEPS
    np.testing.assert_allclose(ours.losses, theirs[::10], rtol=1e-3)
    # However far it is from the state that is kept to return to, it returns to the same one.
    for steps_before in (1, 2, CHUNK_STEPS - 1, CHUNK_STEPS, CHUNK_STEPS + 1, 2 * CHUNK_STEPS):
        near = run(config, trainer.dataset, state, diverged_at - steps_before).state
        again = run(config, trainer.dataset, near, 10_000)
        assert again.diverged_at == diverged_at == again.state.step + 1
        np.testing.assert_equal(again.state.parameters, ours.state.parameters)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("hidden", [(10,), (100,), (8, 8)])
def test_nan_and_infinity_come_through(hidden: tuple[int, ...], value: float) -> None:
    config = config_of(network__hidden=hidden)
    broken = [array.copy() for array in Trainer(config).state().parameters]
    broken[-1][:] = value
    done = run(config, make_dataset(config.data), TrainerState(7, tuple(broken), ()), 10)
    assert (done.diverged_at, done.state.step, len(done.losses)) == (7, 7, 0)


def test_a_dead_neuron_may_be_infinite() -> None:
    trainer = Trainer(Config())
    parameters = [array.copy() for array in trainer.state().parameters]
    parameters[1][3] = -np.inf
    trainer.load(TrainerState(0, tuple(parameters), ()))
    ours = run(Config(), trainer.dataset, trainer.state(), 50)
    assert ours.diverged_at is None
    np.testing.assert_allclose(ours.losses, trainer.run(50), rtol=1e-4)


@pytest.mark.parametrize("stride", [1, 3, 10, 1000])
@pytest.mark.parametrize("hidden", [(10,), (5, 5)])
def test_stride(hidden: tuple[int, ...], stride: int) -> None:
    config = config_of(network__hidden=hidden)
    dataset, state = make_dataset(config.data), Trainer(config).state()
    every = run(config, dataset, state, 2_500).losses
    some = run(config, dataset, state, 2_500, stride).losses
    np.testing.assert_array_equal(some, every[::stride])


def test_no_steps_and_what_is_not_allowed() -> None:
    dataset, state = make_dataset(Config().data), Trainer(Config()).state()
    done = run(Config(), dataset, state, 0)
    assert len(done.losses) == 0
    np.testing.assert_equal(done.state.parameters, state.parameters)
    other = Trainer(config_of(network__hidden=(4,))).state()
    for start, steps, stride, reason in (
        (state, -1, 1, "at least"),
        (state, 1, 0, "at least"),
        (other, 1, 1, "shapes"),
    ):
        with pytest.raises(ValueError, match=reason):
            run(Config(), dataset, start, steps, stride)


@pytest.mark.parametrize("hidden", [(10,), (300, 300)])
def test_another_thread_can_stop_it(hidden: tuple[int, ...]) -> None:
    config = config_of(network__hidden=hidden, training__learning_rate=0.0)
    dataset, state = make_dataset(config.data), Trainer(config).state()
    stop, progress = np.zeros(1, dtype=np.uint8), np.zeros(1, dtype=np.int64)
    done: list[KernelRun] = []

    def work() -> None:
        done.append(run(config, dataset, state, 10**9, stride=10**6, stop=stop, progress=progress))

    thread = threading.Thread(target=work)
    thread.start()
    while progress[0] == 0:  # the GIL is free meanwhile
        pass
    stop[0] = 1
    thread.join(timeout=300)
    assert not thread.is_alive()
    assert 0 < done[0].state.step == progress[0] < 10**9


_fill = numba.njit(lambda seed, epoch, order: fill_epoch_order(seed, epoch, order, np.empty(order.size, np.uint64)))


@bounded
@given(st.integers(0, 2**31 - 1), st.integers(0, 10**8), st.integers(1, 1000))
def test_epoch_order(seed: int, epoch: int, count: int) -> None:
    order = np.empty(count, dtype=np.int64)
    _fill(seed, epoch, order)
    np.testing.assert_array_equal(order, epoch_order(seed, epoch, count))


def test_all_elementary_functions_have_a_form_for_vectors() -> None:
    assert set(ELEMENTARY) <= set(_ON_VECTORS)


def test_the_exponential_is_what_its_docstring_says() -> None:
    u = np.linspace(-100, 100, 16 * 4_000).astype(np.float32)
    ours = _on_vectors(exponential, u)
    exact = np.exp(u.astype(np.float64))
    inside = (u >= -87) & (u <= 88)
    unit = np.spacing(exact[inside].astype(np.float32))
    assert (np.abs(ours[inside] - exact[inside]) <= 2 * unit).all()
    assert (ours[u < -87] == 0).all()
    assert np.isinf(ours[u > 88.7]).all()


def test_the_logarithm_is_what_its_docstring_says() -> None:
    powers = np.logspace(-44, 38, 16 * 2_000)
    u = np.concatenate([powers, -powers[powers < 1], np.linspace(-1, 2, 16 * 2_000)]).astype(np.float32)
    u = np.resize(u[u > -1], 16 * 4_000)
    exact = np.log1p(u.astype(np.float64))
    assert (np.abs(_on_vectors(log1p, u) - exact) <= 3 * np.spacing(np.abs(exact).astype(np.float32))).all()
    ends = np.array([-1, -2, -np.inf, np.nan, np.inf, np.finfo(np.float32).max, 0, *[0] * 9], np.float32)
    expected = [-np.inf, np.nan, np.nan, np.nan, np.inf, np.log(np.finfo(np.float32).max), 0]
    np.testing.assert_allclose(_on_vectors(log1p, ends)[:7], expected, rtol=1e-6)


_activate = numba.njit(lambda code, values, slopes: activate(code, values, slopes, 0, values.size))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_as_exact_far_from_0_and_close_to_it(name: str) -> None:
    sizes = np.logspace(-30, 9, 8 * 1_000)
    u = np.concatenate([sizes, -sizes]).astype(np.float32)
    values, slopes = u.copy(), np.empty_like(u)
    _activate(activation_codes(NetworkConfig(activation=name))[0], values, slopes)
    for ours, exact in ((values, ACTIVATIONS[name].function), (slopes, ACTIVATIONS[name].derivative)):
        expected = exact(u.astype(np.float64))
        np.testing.assert_allclose(ours, expected, rtol=1e-6, atol=1e-6)
        small = np.abs(u) < 0.1
        np.testing.assert_allclose(ours[small], expected[small], rtol=2e-6, atol=0)


@pytest.mark.parametrize(("function", "exact"), [(sine, np.sin), (cosine, np.cos)])
def test_sine_and_cosine_are_what_their_docstrings_say(function: Any, exact: Any) -> None:
    powers = np.logspace(-44, 9, 16 * 4_000)
    turns = np.pi / 4 * np.arange(-8_000, 8_000)
    u = np.concatenate([powers, -powers, turns]).astype(np.float32)
    ours = _on_vectors(function, u)
    np.testing.assert_allclose(ours, exact(u.astype(np.float64)), rtol=0, atol=2e-7)
    small = np.abs(u) < 1
    np.testing.assert_allclose(ours[small], exact(u[small].astype(np.float64)), rtol=3e-7, atol=1e-44)
    far = np.resize(np.array([1e10, -1e20, 3e38, 2e9, np.inf, -np.inf, np.nan, 0], np.float32), 16)
    ours = _on_vectors(function, far)
    assert (np.abs(ours[:4]) <= 1).all()
    assert np.isnan(ours[4:7]).all()
    assert ours[7] == exact(0)


def _on_vectors(function: Any, u: Array) -> Array:
    def fill(u: Array, result: Array) -> None:
        for i in range(0, u.size, LANES):
            store(result, i, function(load(u, i)))

    result = np.empty_like(u)
    numba.njit(fill, fastmath=set(FAST_MATH), error_model="numpy")(u, result)
    return result


@pytest.mark.parametrize("hidden", [(10,), (7,), (33, 16), (5, 4, 3)])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("batch_size", [0, 8])
def test_parameters_after_each_step_match_single_steps(
    hidden: tuple[int, ...], optimizer: str, batch_size: int
) -> None:
    config = Config().replace("network.hidden", hidden).replace("training.optimizer", optimizer)
    trainer = Trainer(config.replace("training.batch_size", batch_size))
    dataset, state = trainer.dataset, run(trainer.config, trainer.dataset, trainer.state(), 3).state
    after, each = run_each(trainer.config, dataset, state, 20)
    counts = active_counts(as_layers(each), "relu", dataset.x_train[:, 0])
    for i in range(20):
        state = run(trainer.config, dataset, state, 1).state
        np.testing.assert_equal([together[i] for together in each], list(state.parameters))
        alone = active_counts(as_layers(state.parameters), "relu", dataset.x_train[:, 0])
        np.testing.assert_equal([together[i] for together in counts], list(alone))
    assert_same_state(after, state)


def test_each_step_ends_where_it_is_stopped_or_diverges() -> None:
    trainer = Trainer(config_of(training__learning_rate=10.0))
    after, each = run_each(trainer.config, trainer.dataset, trainer.state(), 100)
    assert after.step == len(each[0]) == not_none(compiled(trainer.config, 100).diverged_at)
    after, each = run_each(trainer.config, trainer.dataset, trainer.state(), 5, np.ones(1, dtype=np.uint8))
    assert (after.step, each[0].shape) == (0, (0, 10, 1))
