"""A larger learning rate is offered to standardised data where it was tried and clearly helps, and nowhere else."""

import numpy as np
import pytest

from tests.not_none import not_none
from tests.runs import config_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.data.real_data import load
from tinynet_gui.core.failures.diagnosis import Explanation
from tinynet_gui.core.failures.small_rate import explain_small_rate
from tinynet_gui.core.failures.trials import Trials
from tinynet_gui.core.training.engines import run_compiled
from tinynet_gui.core.training.trainer import Trainer

MINUTES = np.linspace(0, 90, 40)
COFFEE = Points(MINUTES, 20 + 70 * np.exp(-MINUTES / 30), origin="coffee")


def _offered(config: Config) -> Explanation | None:
    trainer = Trainer(config)
    return explain_small_rate(config, trainer.dataset, trainer.state(), Trials(np.zeros(1, np.uint8)))


def _final_loss(config: Config) -> float:
    trainer = Trainer(config)
    trainer.load(run_compiled("Compiled", config, trainer.dataset, trainer.state(), config.training.stop_step).state)
    return trainer.snapshot(1).train_loss


@pytest.mark.parametrize("points", [COFFEE, load("motorcycle"), load("copper")], ids=["coffee", "motorcycle", "copper"])
def test_the_rate_that_is_offered_learns_what_the_small_one_does_not(points: Points) -> None:
    config = config_of(data__points=points, data__standardise="xy")
    offer = not_none(_offered(config))
    assert not offer.is_alarm
    assert offer.suggestion.keys() == {"training.learning_rate"}
    better = config.with_changes(dict(offer.suggestion))
    assert better.training.learning_rate >= 10 * config.training.learning_rate
    assert _final_loss(better) < 0.5 * _final_loss(config)
    assert _offered(better) is None


@pytest.mark.parametrize(
    "config",
    [
        config_of(data__points=load("sunspots"), data__standardise="xy"),  # which no rate learns
        config_of(data__points=COFFEE, data__standardise="xy", training__learning_rate=0.1),
        config_of(data__points=COFFEE, data__standardise="xy", training__learning_rate=0.0),
        config_of(data__points=COFFEE),
    ],
    ids=["sunspots", "large", "zero", "plain"],
)
def test_where_none_clearly_helps_none_is_offered(config: Config) -> None:
    assert _offered(config) is None
