"""A loss that is infinite before the first step: no learning rate is blamed, and what is suggested helps."""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.not_none import not_none
from tests.runs import BIAS, config_of, run_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.failures.answers import answer
from tinynet_gui.core.failures.diagnosis import Explanation
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.run.events import Event, ParameterSet
from tinynet_gui.core.training.losses import LOSSES
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.training.trainer import Trainer


def _why(trainer: Trainer, *checkpoints: TrainerState, events: Sequence[Event] = ()) -> Explanation:
    explanation = not_none(answer(run_of(trainer.config, checkpoints, events), trainer.snapshot(0)))
    assert len(explanation.sentences) == 3
    return explanation


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("formula", "scale"), [("1e38*x", "1e38"), ("(-1.2e37)*exp(x)", "1e38")])
def test_samples_that_are_too_large_are_divided(formula: str, scale: str, loss: str) -> None:
    config = config_of(data__formula=formula, data__target="formula", training__loss=loss)
    trainer = Trainer(config)
    start = trainer.state()
    explanation = _why(trainer, start)
    assert trainer.diverged_at == trainer.step == 0
    assert "At step 0" in explanation.sentences[0]
    assert "samples' y" in explanation.sentences[1]
    assert "training.learning_rate" not in explanation.suggestion
    assert scale in explanation.label
    mended = Trainer(config.with_changes(dict(explanation.suggestion)))
    assert 0.5 < np.abs(mended.dataset.y_train).max() < 10
    losses = mended.run(200)
    assert len(losses) == 200
    assert losses[-1] < losses[0]


def test_a_formula_with_no_room_for_a_division_is_left_alone() -> None:
    formula = "1e30*x + 0." + 188 * "0"
    trainer = Trainer(config_of(data__formula=formula, data__target="formula"))
    explanation = _why(trainer, trainer.state())
    assert explanation.suggestion == {}
    assert explanation.label == ""


@pytest.mark.parametrize(("weight", "size"), [(1e30, "1.000·10³¹"), (3e38, "infinite")])
def test_numbers_set_by_hand_are_named_and_the_rate_is_not(weight: float, size: str) -> None:
    trainer = Trainer(Config())
    start = trainer.state()
    trainer.run(5)
    arrived = trainer.state()
    first, last = ParameterRef(0, "weight", (0, 0)), ParameterRef(1, "weight", (0, 0))
    events = [ParameterSet(5, ref, value) for ref, value in ((first, 0.0), (BIAS, 10.0), (last, weight))]
    for event in events:
        trainer.edit(event.ref, event.value)
    explanation = _why(trainer, start, arrived, events=events)
    assert trainer.diverged_at == trainer.step == 5
    assert "At step 5" in explanation.sentences[0]
    assert "set by hand" in explanation.sentences[1]
    assert size in explanation.sentences[1]
    assert explanation.suggestion == {}
