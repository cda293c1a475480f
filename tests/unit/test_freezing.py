"""Parameters set by hand and parameters held: exact, whatever the optimiser."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runs import assert_same_state, config_of, trained
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.training.optimizers import OPTIMIZERS
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.training.trainer import Trainer

OPTIMIZER_CHOICES = [(name, False) for name in OPTIMIZERS] + [("momentum", True)]


def _config(optimizer: str = "sgd", nesterov: bool = False, **changes: Any) -> Config:
    own = {"network__hidden": (4, 3), "training__optimizer": optimizer, "training__nesterov": nesterov}
    return config_of(training__weight_decay=0.05, **own, **changes)


def _masks(state: TrainerState, seed: int) -> tuple[npt.NDArray[np.bool_], ...]:
    random = np.random.default_rng(seed)
    return tuple(random.random(p.shape) < 0.5 for p in state.parameters)


@pytest.mark.parametrize("optimizer", OPTIMIZER_CHOICES)
@given(seed=st.integers(0, 1_000), before=st.integers(0, 5))
@settings(max_examples=5, deadline=None)
def test_what_is_frozen_stays_and_the_rest_moves(optimizer: tuple[str, bool], seed: int, before: int) -> None:
    trainer = trained(_config(*optimizer, training__batch_size=7), before)
    start = trainer.state()
    masks = _masks(start, seed)
    trainer.set_frozen(masks)
    trainer.run(20)
    ends = list(zip(masks, start.parameters, trainer.state().parameters, strict=True))
    assert all((new[mask] == old[mask]).all() for mask, old, new in ends)
    assert any((new[~mask] != old[~mask]).any() for mask, old, new in ends)


@pytest.mark.parametrize("optimizer", OPTIMIZER_CHOICES)
def test_one_step_moves_the_rest_as_an_ordinary_step_would(optimizer: tuple[str, bool]) -> None:
    ordinary, held = Trainer(_config(*optimizer)), Trainer(_config(*optimizer))
    start = ordinary.state()
    masks = _masks(start, 1)
    held.set_frozen(masks)
    ordinary.run(1)
    held.run(1)
    everything = zip(masks, start.parameters, ordinary.state().parameters, held.state().parameters, strict=True)
    for mask, old, free, new in everything:
        np.testing.assert_array_equal(new, np.where(mask, old, free))


@pytest.mark.parametrize("optimizer", OPTIMIZER_CHOICES)
def test_with_nothing_frozen_every_step_is_an_ordinary_one(optimizer: tuple[str, bool]) -> None:
    ordinary, thawed = Trainer(_config(*optimizer)), Trainer(_config(*optimizer))
    nothing = tuple(np.zeros(p.shape, bool) for p in thawed.state().parameters)
    thawed.set_frozen(tuple(~mask for mask in nothing))
    thawed.set_frozen(nothing)
    assert np.array_equal(ordinary.run(10), thawed.run(10))
    thawed.set_frozen(None)
    assert np.array_equal(ordinary.run(10), thawed.run(10))
    assert_same_state(ordinary.state(), thawed.state())


def test_a_frozen_run_can_be_put_back() -> None:
    """The masks are not part of the state: they stay while it is exchanged."""
    trainer = Trainer(_config("adam"))
    masks = _masks(trainer.state(), 2)
    trainer.set_frozen(masks)
    trainer.run(10)
    state = trainer.state()
    losses = trainer.run(10)
    end = trainer.state()
    trainer.load(state)
    assert np.array_equal(trainer.run(10), losses)
    assert_same_state(trainer.state(), end)


def test_masks_of_another_network_are_refused() -> None:
    trainer = Trainer(_config())
    with pytest.raises(ValueError, match="shapes"):
        trainer.set_frozen((np.zeros((4, 1), bool),))


@pytest.mark.parametrize("optimizer", OPTIMIZER_CHOICES)
@pytest.mark.parametrize("before", [0, 10])
def test_an_edit_changes_one_number_and_training_goes_on(optimizer: tuple[str, bool], before: int) -> None:
    """As if the state had been taken out, changed and put back: the optimiser keeps its memory."""
    config = _config(*optimizer)
    edited, reloaded = Trainer(config), Trainer(config)
    edited.run(before)
    edited.edit(ParameterRef(1, "weight", (2, 3)), 0.75)
    edited.edit(ParameterRef(0, "bias", (1,)), -0.5)

    reloaded.run(before)
    state = reloaded.state()
    parameters = [p.copy() for p in state.parameters]
    parameters[2][2, 3], parameters[1][1] = 0.75, -0.5
    reloaded.load(TrainerState(state.step, tuple(parameters), state.slots))

    assert_same_state(edited.state(), reloaded.state())
    assert edited.step == before
    assert np.array_equal(edited.run(20), reloaded.run(20))
    assert_same_state(edited.state(), reloaded.state())


def test_a_frozen_parameter_can_be_set_and_stays_there() -> None:
    trainer = Trainer(_config("momentum"))
    trainer.set_frozen(tuple(np.ones(p.shape, bool) for p in trainer.state().parameters))
    trainer.run(3)
    trainer.edit(ParameterRef(2, "bias", (0,)), 1.25)
    trainer.run(5)
    assert trainer.state().parameters[-1].tolist() == [1.25]


@pytest.mark.parametrize(
    ("layer", "kind", "index", "value"),
    [
        *((layer, "weight", (0, 0), 1.0) for layer in (3, -1)),
        *((0, "weight", index, 1.0) for index in ((4, 0), (-1, 0), (0,))),
        *((0, "bias", index, 1.0) for index in ((0, 0), ())),
        *((0, "bias", (0,), value) for value in (float("nan"), float("inf"), 1e39)),
    ],
)
def test_an_edit_that_cannot_be_is_refused(layer: int, kind: Any, index: tuple[int, ...], value: float) -> None:
    trainer = Trainer(_config())
    before = trainer.state()
    with pytest.raises(ValueError, match=r"no weight|no bias|finite"):
        trainer.edit(ParameterRef(layer, kind, index), value)
    assert_same_state(trainer.state(), before)


def test_a_divergence_after_an_edit_goes_back_to_after_the_edit() -> None:
    """The checkpoint from before an edit must not come back."""
    config = Config().replace("training.learning_rate", 0.001)
    trainer = trained(config, 50)
    trainer.edit(ParameterRef(0, "weight", (0, 0)), 100.0)
    trainer.edit(ParameterRef(1, "weight", (0, 0)), 100.0)
    edited = trainer.state()
    trainer.run(10_000)
    assert trainer.diverged_at is not None
    again = Trainer(config)
    again.load(edited)
    again.run(trainer.step - 50)
    assert_same_state(again.state(), trainer.state())


def test_an_edit_that_makes_the_loss_infinite_is_a_divergence_that_another_edit_mends() -> None:
    trainer = trained(Config(), 5)
    value = float(trainer.state().parameters[-1][0])
    trainer.edit(ParameterRef(1, "bias", (0,)), 3e38)
    assert len(trainer.run(3)) == 0
    assert (trainer.step, trainer.diverged_at) == (5, 5)
    trainer.edit(ParameterRef(1, "bias", (0,)), value)
    assert trainer.diverged_at is None
    assert len(trainer.run(3)) == 3
