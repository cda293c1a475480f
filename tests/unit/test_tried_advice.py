"""What is advised against a plateau helps: it was tried, and a training of its own says the same."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.runs import run_of
from tinynet_gui.core.analysis.diagnosis import Explanation
from tinynet_gui.core.analysis.explain import WhyRequest, answer
from tinynet_gui.core.analysis.tried_advice import with_tried_advice
from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import make_dataset
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.snapshot import make_snapshot
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.training.engines import EngineName, Stepper, run_compiled
from tinynet_gui.core.training.state import initial_state
from tinynet_gui.core.training.trainer import Trainer

STEPS = 10_000
FOUND = Explanation(("It stands still.", "It is so.", "This helps."), {"network.activation": "leaky_relu"}, "Leaky")


def _trained(config: Config) -> tuple[WhyRequest, Array]:
    """Ask why, of a run by the compiled loop; and its losses."""
    first, dataset = initial_state(config), make_dataset(config.data)
    done = run_compiled("Compiled", config, dataset, first, STEPS)
    run = run_of(config, [first, done.state], engine="Compiled")
    run = replace(run, losses=LossHistory().with_losses(0, done.losses))
    return WhyRequest(run, make_snapshot(1, config, dataset, done.state, done.diverged_at)), done.losses


@pytest.mark.parametrize(
    ("rate", "seed"),
    [(0.001, 4), (0.1, 3)],  # where leaky ReLU would not help, and where Adam would not
)
def test_what_is_advised_comes_to_a_lower_loss(rate: float, seed: int) -> None:
    config = Config().with_changes({"network.hidden": (3,), "training.learning_rate": rate, "network.seed": seed})
    request, losses = _trained(config)
    found = answer(request)
    assert found is not None
    assert found.suggestion
    advised = Trainer(config.with_changes(dict(found.suggestion))).run(STEPS)
    assert advised[-STEPS // 10 :].mean() < losses[-STEPS // 10 :].mean()


@pytest.mark.parametrize("changes", [{"network.seed": 4}, {"training.learning_rate": 10.0}])  # a plateau, a divergence
def test_what_is_stopped_while_something_is_tried_out_explains_nothing(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    request, _ = _trained(Config().with_changes({"network.hidden": (3,), **changes}))
    stop = np.zeros(1, np.uint8)
    tried, take = list[Config](), Stepper.take_with_losses

    def stopped(self: Stepper, engine: EngineName, config: Config, *args: Any, **keywords: Any) -> Any:
        tried.append(config)
        stop[0] = 1
        return take(self, engine, config, *args, **keywords)

    monkeypatch.setattr(Stepper, "take_with_losses", stopped)
    assert answer(request, stop) is None
    assert len(tried) == 1


def _reaches(by_seed: dict[int, float], leaky: float) -> Callable[[Config], float]:
    def try_out(config: Config) -> float:
        return leaky if config.network.activation == "leaky_relu" else by_seed.get(config.network.seed, np.inf)

    return try_out


def test_advice_that_does_not_help_is_not_given() -> None:
    kept = with_tried_advice(FOUND, Config(), 2.0, _reaches({}, 1.5))
    assert (kept.suggestion, kept.label) == (FOUND.suggestion, FOUND.label)
    assert kept.sentences[2] == f"This helps. Tried out, it comes to a loss of {plain(1.5)}."
    other = with_tried_advice(FOUND, Config(), 2.0, _reaches({3: 2.0, 5: 0.5}, np.inf))
    assert (other.suggestion, other.sentences[:2]) == ({"network.seed": 5}, FOUND.sentences[:2])
    none = with_tried_advice(FOUND, Config(), 2.0, _reaches({}, 2.0))
    assert (none.suggestion, none.label) == ({}, "")
    nothing = replace(FOUND, suggestion={}, label="")
    assert with_tried_advice(nothing, Config(), 2.0, _reaches({}, 1.0)) is nothing
