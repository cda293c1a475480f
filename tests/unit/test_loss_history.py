"""The histories of losses: bounded, and true to their extremes; of held-out losses against PyTorch's own."""

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, strategies as st

from tests.not_none import not_none
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import Config
from tinynet_gui.core.run.loss_history import (
    CAPACITY,
    MAX_HELD_OUT,
    HeldOutLosses,
    LossHistory,
    condense,
    held_out_losses,
)
from tinynet_gui.core.training.torch_loop import make_criterion, make_network
from tinynet_gui.core.training.trainer import Trainer


def _recorded(losses: npt.NDArray[np.float32], chunks: list[int]) -> LossHistory:
    history, first = LossHistory(), 0
    for length in chunks:
        history = history.with_losses(first, losses[first : first + length])
        first += length
    return history


def test_a_short_run_is_kept_as_it_is() -> None:
    losses = np.linspace(3, 1, CAPACITY, dtype=np.float32)
    history = _recorded(losses, [400, CAPACITY - 400])
    np.testing.assert_equal([*history.curve()], [np.arange(CAPACITY), losses])
    assert history.at(17) == (17, 17, losses[17], losses[17])


@given(st.lists(st.integers(1, 3_000), min_size=1, max_size=8), st.integers(0, 2**32 - 1))
def test_memory_is_bounded_and_the_extremes_are_kept(chunks: list[int], seed: int) -> None:
    losses = np.random.RandomState(seed).lognormal(0, 2, sum(chunks)).astype(np.float32)
    history = _recorded(losses, chunks)
    steps, values = history.curve()
    assert len(steps) == len(values) <= 2 * CAPACITY
    assert (values.min(), values.max()) == (losses.min(), losses.max())
    assert (np.diff(steps) >= 0).all()
    assert steps[-1] < len(losses)
    first_step, last_step, low, high = not_none(history.at(int(losses.argmax())))
    assert first_step <= losses.argmax() <= last_step < len(losses)
    assert (low, high) == (losses[first_step : last_step + 1].min(), losses.max())


def test_a_hundred_million_steps_fit() -> None:
    history = LossHistory().with_losses(99_999_990, np.array([1.0] * 10, dtype=np.float32))
    history = history.with_losses(5, np.array([7.0], dtype=np.float32))
    assert history.at(99_999_999) == (99_999_999 // history.stride * history.stride, 99_999_999, 1.0, 1.0)
    assert history.at(5) == (0, history.stride - 1, 7.0, 7.0)
    assert history.at(50_000_000) is None
    assert len(history.curve()[0]) == 4


def test_fewer_points_on_demand_with_the_same_extremes() -> None:
    losses = np.random.RandomState(0).rand(1_000).astype(np.float32)
    steps, values = LossHistory().with_losses(0, losses).curve(max_points=100)
    assert len(steps) <= 100
    assert (values.min(), values.max()) == (losses.min(), losses.max())


def test_what_is_not_finite_is_left_out() -> None:
    history = LossHistory().with_losses(0, np.array([1.0, np.nan, np.inf, 2.0], dtype=np.float32))
    assert history.curve()[1].tolist() == [1.0, 2.0]
    history = history.with_losses(4, np.empty(0, dtype=np.float32))
    assert history.at(-1) is None


def test_a_falling_loss_is_drawn_without_stairs() -> None:
    losses = np.geomspace(10, 0.1, 10_000).astype(np.float32)
    steps, values = LossHistory().with_losses(0, losses).curve()
    np.testing.assert_allclose(values, losses[steps.astype(int)])


@given(st.integers(0, 5_000_000), st.integers(1, 300_000), st.integers(0, 10**6))
def test_condensed_losses_make_the_same_history(first: int, count: int, seed: int) -> None:
    losses = np.random.RandomState(seed).lognormal(0, 2, count).astype(np.float32)
    chunk = condense(first, losses)
    assert len(chunk.buckets) <= 2 * CAPACITY + 1
    whole, condensed = LossHistory(), LossHistory().with_chunk(chunk)
    for start in range(0, count, 1_000):  # too few at a time to be condensed
        whole = whole.with_losses(first + start, losses[start : start + 1_000])
    assert whole.stride == condensed.stride
    np.testing.assert_equal(whole.curve(), condensed.curve())
    np.testing.assert_equal(whole.means()[::2], condensed.means()[::2])
    np.testing.assert_allclose(whole.means()[1], condensed.means()[1])
    assert whole.last_step == condensed.last_step == first + count - 1


@given(st.lists(st.integers(1, 3_000), min_size=1, max_size=8), st.integers(0, 2**32 - 1))
def test_the_means_are_those_of_all_losses(chunks: list[int], seed: int) -> None:
    losses = np.random.RandomState(seed).lognormal(0, 2, sum(chunks)).astype(np.float32)
    losses[::7] = np.nan
    history = _recorded(losses, chunks)
    parts = [losses[at : at + history.stride].astype(np.float64) for at in range(0, len(losses), history.stride)]
    finite = [part[np.isfinite(part)] for part in parts if np.isfinite(part).any()]
    steps, means, counts = history.means()
    assert steps.tolist() == [history.stride * k for k, part in enumerate(parts) if np.isfinite(part).any()]
    np.testing.assert_allclose(means, [part.mean() for part in finite])
    assert counts.tolist() == [len(part) for part in finite]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", [(), (10,), (4, 3)])
def test_the_held_out_loss_of_a_state_is_pytorchs(loss: str, hidden: tuple[int, ...]) -> None:
    config = Config().replace("training.loss", loss).replace("network.hidden", hidden).replace("data.held_out", 0.3)
    trainer = Trainer(config)
    states, expected = [], []
    for _ in range(4):
        states.append(trainer.state())
        outputs = make_network(config.network, states[-1].parameters)(torch.tensor(trainer.dataset.x_held_out))
        criterion = make_criterion(config.training)
        expected.append(criterion(outputs, torch.tensor(trainer.dataset.y_held_out)).item())
        trainer.run(25)
    found = held_out_losses(config, trainer.dataset, states)
    assert dict(found) == pytest.approx(dict(zip((0, 25, 50, 75), expected, strict=True)), rel=1e-5)


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
    assert kept.losses[not_none(kept.lowest())] == min(truth.values())
    assert min(len(truth), MAX_HELD_OUT // 2) <= len(kept.steps) <= MAX_HELD_OUT
    assert (kept.steps[0], kept.steps[-1]) == (0, step)
    if len(truth) > MAX_HELD_OUT:
        assert np.diff(kept.steps).max() <= 4 * step / len(kept.steps) + 2 * largest


def test_a_step_has_its_latest_finite_held_out_loss() -> None:
    kept = HeldOutLosses().with_losses([(0, 4.0), (3, 2.0)]).with_losses([(3, 1.0), (5, float("inf"))])
    assert (kept.steps.tolist(), kept.losses.tolist()) == ([0, 3], [4.0, 1.0])
    assert kept.with_losses([]) is kept
