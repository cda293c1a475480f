"""The derivatives of the loss against torch's, and the steepest directions against every entry of the Hessian."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.activations import ALL_AND_MIXED, for_layers
from tests.derivatives import derivatives_by_torch
from tests.runs import config_of
from tests.unit.random_networks import SEEDS, random_layers
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import Config
from tinynet_gui.core.step import curvature
from tinynet_gui.core.step.curvature import LossDerivatives, largest_curvature, sharpest_directions
from tinynet_gui.core.system.background import StoppedError
from tinynet_gui.core.training.start import Dataset, TrainerState, make_dataset
from tinynet_gui.core.values import Floats

LARGE = 150  # not decomposed as a whole
SPECTRA = {
    "zero": np.zeros(LARGE),
    "one number": np.full(LARGE, -2.0),
    "rank 1": np.eye(LARGE)[0],
    "nearly rank 1": np.r_[1.0, 1e-5, np.zeros(LARGE - 2)],
    "the largest twice": np.r_[3.0, 3.0, np.linspace(-9, 2, LARGE - 2)],
    "the largest is 0, often": np.r_[np.zeros(9), np.linspace(-9, -1, LARGE - 9)],
    "close together": np.linspace(0, 1, LARGE),
    "far apart": 1e9 * 0.5 ** np.arange(LARGE),
}


def _moment(
    hidden: tuple[int, ...], seed: int, activation: str = "relu", loss: str = "mse"
) -> tuple[Config, Dataset, TrainerState]:
    names = for_layers(activation, len(hidden))
    config = config_of(network__hidden=hidden, network__activation=names, training__loss=loss)
    arrays = tuple(array for layer in random_layers(hidden, seed) for array in (layer.weight, layer.bias))
    return config, make_dataset(config.data), TrainerState(0, arrays, ())


def _assert_largest(values: Floats, vectors: Floats, matrix: Floats) -> None:
    """They are the largest eigenvalues, and orthonormal eigenvectors whose largest component is positive."""
    every = np.linalg.eigvalsh(matrix)
    scale = np.max(np.abs(every))
    np.testing.assert_allclose(values, every[: -len(values) - 1 : -1], rtol=0, atol=1e-9 * scale)
    np.testing.assert_allclose(vectors @ matrix, values[:, None] * vectors, rtol=0, atol=3e-7 * scale)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(len(values)), rtol=0, atol=1e-13)
    np.testing.assert_array_equal(vectors.max(axis=1), np.abs(vectors).max(axis=1))


@pytest.mark.parametrize(("activation", "loss"), list(product(ALL_AND_MIXED, LOSSES)))
@given(hidden=st.lists(st.integers(1, 5), max_size=3), seed=SEEDS)
@settings(max_examples=5)
def test_they_are_torchs(activation: str, loss: str, hidden: list[int], seed: int) -> None:
    moment = _moment(tuple(hidden), seed, activation, loss)
    gradient, hessian = derivatives_by_torch(*moment)
    found = LossDerivatives(*moment)
    vector = np.random.default_rng(seed).standard_normal(len(gradient))
    np.testing.assert_allclose(found.gradient, gradient, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.product(np.eye(len(gradient))), hessian, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.product(vector), hessian @ vector, rtol=1e-9, atol=1e-11)
    values, vectors = sharpest_directions(*moment)
    _assert_largest(values, vectors, hessian)
    assert largest_curvature(*moment) == values[0]


@pytest.mark.parametrize("hidden", [(100,), (12, 12)])
def test_a_large_network(hidden: tuple[int, ...]) -> None:
    moment = _moment(hidden, 1)
    _, hessian = derivatives_by_torch(*moment)
    _assert_largest(*sharpest_directions(*moment), hessian)
    assert largest_curvature(*moment) == pytest.approx(np.linalg.eigvalsh(hessian)[-1], rel=1e-10)


@pytest.mark.parametrize("kept", [16, 100])
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("spectrum", SPECTRA)
def test_the_largest_eigenpairs(monkeypatch: pytest.MonkeyPatch, spectrum: str, count: int, kept: int) -> None:
    monkeypatch.setattr(curvature, "MAX_DIRECTIONS", kept)  # few: it restarts
    turned = np.linalg.qr(np.random.default_rng(1).standard_normal((LARGE, LARGE)))[0]
    matrix = (turned * SPECTRA[spectrum]) @ turned.T
    _assert_largest(*curvature.largest_eigenpairs(lambda rows: rows @ matrix, LARGE, count), matrix)


def test_it_can_be_stopped() -> None:
    with pytest.raises(StoppedError):
        sharpest_directions(*_moment((3,), 1), stop=np.ones(1, np.uint8))
