"""Samples: the tutorial's own, reproducible, independent of each other's settings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinynet_gui.core.config import DataConfig
from tinynet_gui.core.data.batches import epoch_order
from tinynet_gui.core.data.dataset import make_dataset, plot_grid, plot_range
from tinynet_gui.core.data.points import Points


def test_the_samples_are_the_tutorials() -> None:
    random = np.random.RandomState(2)  # what np.random.seed(2) sets up
    expected = random.uniform(-3, 3, size=(20, 1)).astype("float32")
    dataset = make_dataset(DataConfig())
    assert np.array_equal(dataset.x_train, expected)
    assert np.array_equal(dataset.y_train, expected**2)
    assert dataset.y_train.dtype == np.float32
    assert dataset.x_held_out.shape == (0, 1)


def test_global_random_state_is_not_touched() -> None:
    before = np.random.get_state(legacy=True)
    make_dataset(DataConfig(noise=1.0, held_out=0.5))
    np.testing.assert_equal(np.random.get_state(legacy=True), before)


def test_noise_and_held_out_do_not_change_x() -> None:
    plain = make_dataset(DataConfig(sample_count=50))
    noisy = make_dataset(DataConfig(sample_count=50, noise=0.5, held_out=0.4))
    assert len(noisy.x_held_out) == 20
    together = np.concatenate([noisy.x_train, noisy.x_held_out])
    assert set(together.ravel()) == set(plain.x_train.ravel())


def test_noise_has_the_given_standard_deviation() -> None:
    dataset = make_dataset(DataConfig(sample_count=1_000, noise=0.5))
    assert np.std(dataset.y_train - dataset.x_train**2) == pytest.approx(0.5, rel=0.1)


def test_at_least_one_sample_is_trained_on() -> None:
    assert len(make_dataset(DataConfig(sample_count=1, held_out=0.9)).x_train) == 1


def test_samples_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        make_dataset(DataConfig()).x_train[0] = 0


def test_the_plotted_range_shows_where_there_is_no_data() -> None:
    assert plot_range(DataConfig()) == (-4.5, 4.5)
    grid = plot_grid(DataConfig())
    assert (grid[0], grid[-1], len(grid)) == (-4.5, 4.5, 401)


def test_the_plotted_range_shows_all_points_also_if_they_have_one_x_only() -> None:
    beyond = DataConfig(points=Points([0.0, 1.0, 10.0], [0, 1, 2], [False, False, True]))
    assert plot_range(beyond) == (-2.5, 12.5)
    for x in (0.0, 1.0, 2008.0, -1e6):
        low, high = plot_range(DataConfig(points=Points([x, x], [0, 1])))
        assert low <= x - 0.5 < x + 0.5 <= high
        assert x - low == pytest.approx(high - x)


@given(st.integers(0, 2**31 - 1), st.integers(0, 10**9), st.integers(1, 200))
def test_an_epochs_order_is_a_permutation_and_always_the_same(seed: int, epoch: int, count: int) -> None:
    order = epoch_order(seed, epoch, count)
    assert sorted(order.tolist()) == list(range(count))
    assert np.array_equal(order, epoch_order(seed, epoch, count))


def test_orders_are_uniform() -> None:
    """Each of the six orders of three samples comes up about equally often."""
    seen = [tuple(epoch_order(5, epoch, 3).tolist()) for epoch in range(6_000)]
    counts = [seen.count(order) for order in set(seen)]
    assert len(counts) == 6
    assert min(counts) > 850
    assert max(counts) < 1_150
