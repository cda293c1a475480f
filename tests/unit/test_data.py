"""Samples: the tutorial's own, reproducible, independent of each other's settings; standardised, against torch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from tests.by_hand import network_by_hand, train_by_hand
from tests.not_none import not_none
from tests.runs import trained
from tinynet_gui.core.config import Config, DataConfig
from tinynet_gui.core.data.points import Points, scaling_texts
from tinynet_gui.core.function.linear_regions import find_linear_regions
from tinynet_gui.core.function.neurons import kink_of
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.step.dissection import FORWARD, dissect, explanation
from tinynet_gui.core.text.numbers import signed
from tinynet_gui.core.training.start import epoch_order, initial_parameters, make_dataset, plot_grid, plot_range
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.wording.network_text import summary_lines
from tinynet_gui.ui.views.inspector.mathematics_view import sections


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


def test_the_plot_range_shows_all_points_even_at_one_x() -> None:
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


FAR = Points([1990.0, 1995, 2000, 2010, 2015, 2020], [5e3, 7e3, 4e3, 9e3, 8e3, 1e4], [0, 0, 1, 0, 0, 0])


def _config(standardise: str, points: Points = FAR, hidden: tuple[int, ...] = (6,)) -> Config:
    config = Config().replace("data.points", points).replace("data.standardise", standardise)
    return config.replace("network.hidden", hidden).replace("training.learning_rate", 0.05)


def _torchs(config: Config, steps: int) -> tuple[float, torch.nn.Sequential, tuple[float, float, float, float]]:
    """The tutorial's loop with samples standardised by torch: the loss before the last step, and the network."""
    points = not_none(config.data.points)
    x, y = (torch.tensor(column[~points.held_out])[:, None] for column in (points.x, points.y))
    scale_x, scale_y = config.data.standardise != "none", config.data.standardise == "xy"
    x_mean, x_std = (x.mean().item(), x.std(correction=0).item()) if scale_x else (0.0, 1.0)
    y_mean, y_std = (y.mean().item(), y.std(correction=0).item()) if scale_y else (0.0, 1.0)
    x, y = ((x - x_mean) / x_std).float(), ((y - y_mean) / y_std).float()
    network = network_by_hand(config.network.hidden)
    with torch.no_grad():
        for parameter, values in zip(network.parameters(), initial_parameters(config.network), strict=True):
            parameter.copy_(torch.tensor(values))
    losses = train_by_hand(network, x, y, steps, torch.optim.SGD(network.parameters(), lr=0.05))
    return losses[-1], network, (x_mean, x_std, y_mean, y_std)


@pytest.mark.parametrize("hidden", [(6,), (4, 3), ()])
@pytest.mark.parametrize("standardise", ["x", "xy"])
def test_training_on_standardised_samples_matches_torch(standardise: str, hidden: tuple[int, ...]) -> None:
    points = FAR if standardise == "xy" else Points(FAR.x, FAR.y / 1e3, FAR.held_out)
    config = _config(standardise, points, hidden)
    trainer = Trainer(config)
    losses = trainer.run(60)
    loss, network, (x_mean, x_std, y_mean, y_std) = _torchs(config, 60)
    assert losses[-1] == pytest.approx(loss, rel=1e-4)
    snapshot = trainer.snapshot(1)
    x = torch.tensor(snapshot.grid, dtype=torch.float64)[:, None]
    theirs = (network.double()((x - x_mean) / x_std).detach().numpy()[:, 0]) * y_std + y_mean
    size = np.abs(theirs).max()
    np.testing.assert_allclose(snapshot.output, theirs, atol=2e-4 * size)
    assert snapshot.grid.min() < 1990  # in the units of the data
    assert snapshot.grid.max() > 2020
    output = network((torch.tensor([[2000.0]]).double() - x_mean) / x_std).item()
    held_out = (output - (points.y[2] - y_mean) / y_std) ** 2
    assert snapshot.validation_loss == pytest.approx(held_out, rel=1e-3)


def test_kinks_are_in_the_units_of_the_data() -> None:
    snapshot = trained(_config("xy"), 40).snapshot(1)
    regions = find_linear_regions(snapshot.curve_layers, "relu", 1900.0, 2100.0)
    kinks = [kink_of(snapshot, 0, index) for index in range(6)]
    known = dict(zip(regions.kinks.index.tolist(), regions.kinks.x.tolist(), strict=True))
    assert known
    for index, x in known.items():
        assert kinks[index] == pytest.approx(x, abs=1e-2)
        around = output_curve(snapshot.curve_layers, "relu", np.array([x], np.float32))
        assert np.isfinite(around).all()


def test_what_it_is_scaled_by_stays_while_samples_are_changed() -> None:
    config = _config("xy")
    trainer = Trainer(config)
    scaling = trainer.dataset.scaling
    moved = config.replace("data.points", Points(FAR.x + 10, FAR.y * 2, FAR.held_out))
    trainer.apply_live(moved)
    assert trainer.dataset.scaling == scaling
    expected = (FAR.x[~FAR.held_out] + 10 - scaling.x_mean) / scaling.x_deviation
    np.testing.assert_allclose(trainer.dataset.x_train[:, 0], expected, rtol=1e-6)
    assert make_dataset(moved.data).scaling != scaling  # that of a run that begins with them


def test_samples_not_standardised_are_unchanged_to_the_bit() -> None:
    plain = make_dataset(Config().data)
    snapshot = Trainer(Config()).snapshot(1)
    assert snapshot.curve_layers is snapshot.layers
    assert plain.scaling.has_x is plain.scaling.has_y is False


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=20))
@settings(max_examples=100)
def test_standardised_samples_have_mean_0_and_deviation_1(
    rows: list[tuple[float, float]],
) -> None:
    points = Points([x for x, _ in rows], [y for _, y in rows])
    dataset = make_dataset(_config("xy", points).data)
    for values, column in ((dataset.x_train, points.x), (dataset.y_train, points.y)):
        assert np.isfinite(values).all()
        own = column.astype(np.float32).astype(np.float64)
        if own.std() > 1e-3 * np.abs(own).max():  # else float32 hardly tells them apart
            assert abs(values.astype(np.float64).mean()) < 1e-4
            assert values.astype(np.float64).std() == pytest.approx(1.0, abs=1e-4)


def test_texts_say_what_is_standardised() -> None:
    trainer = Trainer(_config("xy"))
    snapshot = trainer.snapshot(1)
    scaling = trainer.dataset.scaling
    seen, meant = scaling_texts(scaling)
    assert seen == "x̃ = (x − 2006)/11.58"
    assert meant == "y = 1720·ŷ + 7800"
    captions = [section.caption for section in sections(snapshot, 2000.0, 4)]
    assert f"seen as {seen} = −0.5183".replace("seen as", "the network sees as") in captions[0]
    assert captions[-1] == f"ŷ is standardised: {meant}"
    text = explanation(dissect(trainer.config, trainer.state()), FORWARD)
    assert "its input = (x − 2006)/11.58" in text
    assert meant in text
    kink = not_none(kink_of(snapshot, 0, 2))
    (line, *_) = summary_lines(snapshot, NeuronRef(0, 2), 4)
    assert line == f"kink at x = μ − σ·b/w = {signed(kink, 4)}"
    plain = Trainer(Config())
    assert scaling_texts(plain.dataset.scaling) == ("", "")
    assert "standardised" not in explanation(dissect(plain.config, plain.state()), FORWARD)
