"""The error within and outside the range that is trained on, against a computation of its own."""

import math

import numpy as np
import pytest

from tests.not_none import not_none
from tests.runs import trained
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.function.extrapolation import errors_apart
from tinynet_gui.core.training.trainer import Trainer


def _output(trainer: Trainer, x: float) -> float:
    """One hidden layer of ReLU, number by number."""
    weight, bias, out, last = (p.astype(float) for p in trainer.state().parameters)
    return float(sum(out[0, i] * max(weight[i, 0] * x + bias[i], 0.0) for i in range(len(bias))) + last[0])


def test_of_a_known_function_it_is_measured_over_the_usual_view() -> None:
    trainer = trained(Config(), 500)
    errors = not_none(errors_apart(trainer.snapshot(1)))
    within, outside = not_none(errors.within), not_none(errors.outside)
    assert errors.is_of_truth
    x = np.linspace(-4.5, 4.5, 401)
    samples = trainer.dataset.x_train
    apart: dict[bool, list[float]] = {True: [], False: []}
    for value in x:
        apart[bool(samples.min() <= value <= samples.max())].append((_output(trainer, value) - value**2) ** 2)
    assert (within, outside) == pytest.approx([math.sqrt(np.mean(apart[here])) for here in (True, False)], rel=1e-4)
    assert outside > 2 * within  # as every such network
    assert errors.trained == (samples.min(), samples.max())
    assert errors.looked_at == (-4.5, 4.5)


def test_outside_reaches_as_far_as_samples_that_are_held_out() -> None:
    """The usual view shows all of them."""
    x = np.linspace(-3, 3, 25)
    edited = Points(x, x**2, np.abs(x) > 1)  # of the tutorial's function
    trainer = trained(Config().replace("data.points", edited), 500)
    errors = not_none(errors_apart(trainer.snapshot(1)))
    assert (errors.trained, errors.looked_at) == ((-1.0, 1.0), (-4.5, 4.5))
    beyond = [value for value in np.linspace(-4.5, 4.5, 401) if abs(value) > 1]
    squares = [(_output(trainer, value) - value**2) ** 2 for value in beyond]
    assert errors.outside == pytest.approx(math.sqrt(np.mean(squares)), rel=1e-3)


@pytest.mark.parametrize("standardise", ["none", "xy"])
def test_of_measured_data_it_is_measured_at_what_is_held_out(standardise: str) -> None:
    x = np.linspace(-2, 2, 21)
    held_out = (np.abs(x) > 1) | (np.arange(21) % 5 == 0)
    points = Points(x, np.sin(x), held_out, "a file")
    config = Config().replace("data.points", points).replace("data.standardise", standardise)
    trainer = trained(config, 500)
    errors = not_none(errors_apart(trainer.snapshot(1)))
    assert not errors.is_of_truth
    s = trainer.dataset.scaling
    apart: dict[bool, list[float]] = {True: [], False: []}
    ours = x[~held_out]
    for value, y in zip(x[held_out], np.sin(x)[held_out], strict=True):
        seen = (value - s.x_mean) / s.x_deviation
        output = _output(trainer, seen) * s.y_deviation + s.y_mean
        apart[bool(ours.min() <= value <= ours.max())].append((output - y) ** 2)
    expected = [math.sqrt(np.mean(apart[is_within])) for is_within in (True, False)]
    assert (errors.within, errors.outside) == pytest.approx(expected, rel=1e-3)


def test_without_truth_and_without_held_out_samples_there_is_nothing_to_say() -> None:
    points = Points([0, 1, 2], [0, 1, 2], origin="a file")
    assert errors_apart(trained(Config().replace("data.points", points), 5).snapshot(1)) is None
    inner = Points([0, 1, 2], [0, 1, 2], [False, True, False], "a file")
    errors = not_none(errors_apart(trained(Config().replace("data.points", inner), 5).snapshot(1)))
    assert errors.within is not None
    assert errors.outside is None
