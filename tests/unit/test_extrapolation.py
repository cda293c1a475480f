"""The error within and outside the range that is trained on, against a computation of its own."""

import math

import numpy as np
import numpy.typing as npt
import pytest

from tests.not_none import not_none
from tests.runs import quickly_trained
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.function.extrapolation import errors_apart
from tinynet_gui.core.training.trainer import Trainer


def _error(trainer: Trainer, x: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """The root mean square of what one hidden layer of ReLU gives at x, in the units of the data, less y."""
    weight, bias, out, last = (p.astype(float) for p in trainer.state().parameters)
    s = trainer.dataset.scaling
    hidden = np.maximum(weight @ ((np.asarray(x)[None, :] - s.x_mean) / s.x_deviation) + bias[:, None], 0)
    given = (out @ hidden + last)[0] * s.y_deviation + s.y_mean
    return math.sqrt(np.mean((given - y) ** 2))


def test_of_a_known_function_it_is_measured_over_the_usual_view() -> None:
    trainer = quickly_trained(Config(), 500)
    errors = not_none(errors_apart(trainer.snapshot(1)))
    within, outside = not_none(errors.within), not_none(errors.outside)
    assert errors.is_of_truth
    x = np.linspace(-4.5, 4.5, 401)
    samples = trainer.dataset.x_train
    inside = (samples.min() <= x) & (x <= samples.max())
    expected = [_error(trainer, x[where], x[where] ** 2) for where in (inside, ~inside)]
    assert (within, outside) == pytest.approx(expected, rel=1e-4)
    assert outside > 2 * within  # as every such network
    assert (errors.trained, errors.looked_at) == ((samples.min(), samples.max()), (-4.5, 4.5))


def test_outside_reaches_as_far_as_samples_that_are_held_out() -> None:
    """The usual view shows all of them."""
    x = np.linspace(-3, 3, 25)
    edited = Points(x, x**2, np.abs(x) > 1)  # of the tutorial's function
    trainer = quickly_trained(Config().replace("data.points", edited), 500)
    errors = not_none(errors_apart(trainer.snapshot(1)))
    assert (errors.trained, errors.looked_at) == ((-1.0, 1.0), (-4.5, 4.5))
    beyond = np.linspace(-4.5, 4.5, 401)
    beyond = beyond[np.abs(beyond) > 1]
    assert errors.outside == pytest.approx(_error(trainer, beyond, beyond**2), rel=1e-3)


@pytest.mark.parametrize("standardise", ["none", "xy"])
def test_of_measured_data_it_is_measured_at_what_is_held_out(standardise: str) -> None:
    x = np.linspace(-2, 2, 21)
    held_out = (np.abs(x) > 1) | (np.arange(21) % 5 == 0)
    points = Points(x, np.sin(x), held_out, "a file")
    config = Config().replace("data.points", points).replace("data.standardise", standardise)
    trainer = quickly_trained(config, 500)
    errors = not_none(errors_apart(trainer.snapshot(1)))
    assert not errors.is_of_truth
    inside = held_out & (x[~held_out].min() <= x) & (x <= x[~held_out].max())
    expected = [_error(trainer, x[where], np.sin(x[where])) for where in (inside, held_out & ~inside)]
    assert (errors.within, errors.outside) == pytest.approx(expected, rel=1e-3)


def test_no_truth_and_no_held_out_samples_say_nothing() -> None:
    points = Points([0, 1, 2], [0, 1, 2], origin="a file")
    assert errors_apart(quickly_trained(Config().replace("data.points", points), 5).snapshot(1)) is None
    inner = Points([0, 1, 2], [0, 1, 2], [False, True, False], "a file")
    errors = not_none(errors_apart(quickly_trained(Config().replace("data.points", inner), 5).snapshot(1)))
    assert (errors.within is None, errors.outside) == (False, None)
