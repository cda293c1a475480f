"""The band of many seeds, against each seed trained alone."""

import numpy as np
import pytest

from tests.not_none import not_none
from tests.runs import config_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.experiments.luck import seed_band
from tinynet_gui.core.network.forward import as_layers, forward
from tinynet_gui.core.training.engines import engine_of_experiments, run_compiled
from tinynet_gui.core.training.start import initial_state, make_dataset

X = np.linspace(-4, 4, 33, dtype=np.float32)


def _config(**changes: object) -> Config:
    return config_of(**{"training__stop_step": 400, "data__points": Points([-1, 0, 2], [1, 0, 4]), **changes})


@pytest.mark.parametrize("hidden", [(10,), (4, 3)])
def test_it_is_made_of_the_ends_of_each_seed(hidden: tuple[int, ...]) -> None:
    config = _config(network__hidden=hidden, network__seed=7)
    band = not_none(seed_band(config, 40, X, np.zeros(1, np.uint8)))
    ends = []
    for seed in range(7, 47):
        one = config.replace("network.seed", seed)
        done = run_compiled(engine_of_experiments(one, 3), one, make_dataset(one.data), initial_state(one), 400)
        ends.append(forward(as_layers(done.state.parameters), "relu", X).output)
    low, median, high = np.quantile(np.stack(ends).astype(np.float64), [0.1, 0.5, 0.9], axis=0)
    for ours, theirs in ((band.low, low), (band.median, median), (band.high, high)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    assert (band.seeds, band.diverged) == (40, 0)


def test_those_that_diverge_are_counted_and_have_no_curve() -> None:
    band = not_none(seed_band(_config(training__learning_rate=1_000.0), 5, X, np.zeros(1, np.uint8)))
    assert band.diverged == 5
    assert len(band.median) == 0


def test_it_can_be_stopped() -> None:
    assert seed_band(_config(), 20, X, np.ones(1, np.uint8)) is None
