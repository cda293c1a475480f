"""What a network is to learn is said with the numbers of its setting."""

import pytest

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.wording.network_text import task_text

POINTS = Points([1.0, 2.0, 3.0], [1.0, 4.0, 9.0], [False, False, True])
OWN = Points([1.0, 2.0], [1.0, 4.0], origin="flats.csv", x_name="size", y_name="rent")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "10 neurons learns y = x² from 20 samples."),
        ({"network.hidden": (1,), "data.target": "sin"}, "1 neuron learns y = sin x from 20 samples."),
        ({"network.hidden": (8, 8, 8), "data.held_out": 0.3}, "24 neurons in 3 layers learns y = x² from 14 samples."),
        ({"network.hidden": (), "data.sample_count": 1}, "no hidden neurons learns y = x² from 1 sample."),
        ({"data.target": "step"}, "10 neurons learns y = step(x) from 20 samples."),
        ({"data.target": "formula", "data.formula": "3*x"}, "10 neurons learns y = 3*x from 20 samples."),
        ({"data.points": POINTS}, "10 neurons learns y = x² from 2 samples."),
        ({"data.points": OWN}, "10 neurons learns how rent depends on size from 2 samples."),
    ],
)
def test_it_has_the_numbers_of_the_setting(changes: dict[str, object], said: str) -> None:
    config = Config()
    for path, value in changes.items():
        config = config.replace(path, value)
    assert task_text(config) == f"A network of {said}"
