"""Why a training went wrong: what is named, and that what is suggested helps."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from tests.not_none import not_none
from tests.runs import config_of, run_of, trained
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import Config
from tinynet_gui.core.failures.answers import explanation_of
from tinynet_gui.core.failures.dead_neuron import DeathSearch, explain_dead_neuron
from tinynet_gui.core.failures.diagnosis import Explanation, affordable_steps, explain_divergence, tried_rate
from tinynet_gui.core.failures.plateau_explained import best_constant_loss, explain_plateau, plateau_words
from tinynet_gui.core.failures.symptoms import Death, Plateau, dead_neurons, find_plateau
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.run.events import LiveSettingsChanged, StepRule
from tinynet_gui.core.run.loss_history import LossHistory, condense
from tinynet_gui.core.step.curvature import Stability, stable_learning_rate
from tinynet_gui.core.training.compiled import kernel
from tinynet_gui.core.training.start import TrainerState, initial_state
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.values import Array
from tinynet_gui.core.wording.network_text import summary_lines


def _run(trainer: Trainer, steps: int) -> Array:
    """Take steps as `Trainer.run` does, by the compiled loop, which takes no time."""
    done = kernel.run(trainer.config, trainer.dataset, trainer.state(), steps)
    trainer.load(done.state, done.diverged_at)
    return done.losses


def _tried(config: Config, state: TrainerState, rate: float, steps: int) -> float | None:
    """Try `rate`, or half of it, and so on, from a state."""

    def stays_finite(rate: float) -> bool:
        trainer = Trainer(config.replace("training.learning_rate", rate))
        trainer.load(state)
        return len(_run(trainer, steps + 1)) == steps + 1

    return tried_rate(rate, stays_finite)


def _plateau_of(losses: Any) -> Plateau | None:
    return find_plateau(LossHistory().with_losses(0, np.asarray(losses, dtype=np.float32)))


def _applied(config: Config, explanation: Explanation) -> Config:
    assert len(explanation.sentences) == 3
    assert all(text.endswith(".") and (text[0].isupper() or text[0].isdigit()) for text in explanation.sentences)
    assert bool(explanation.suggestion) == bool(explanation.label)
    return config.with_changes(dict(explanation.suggestion))


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])  # the steps of the others have a bounded length
@pytest.mark.parametrize("loss", LOSSES)
def test_what_is_suggested_for_a_divergence_does_not_diverge(optimizer: str, loss: str) -> None:
    config = config_of(training__optimizer=optimizer, training__loss=loss, training__learning_rate=900.0)
    trainer = Trainer(config)
    start = trainer.state()
    _run(trainer, 2_000)
    assert trainer.diverged_at is not None
    stability = stable_learning_rate(config, trainer.dataset, start)
    rate = config.training.learning_rate / 10 if stability.rate is None else stability.rate / 2
    explanation = explain_divergence(config, trainer.diverged_at, stability, _tried(config, start, rate, 500), 500)
    assert f"step {trainer.diverged_at:,}" in explanation.sentences[0]
    mended = Trainer(_applied(config, explanation))
    _run(mended, 500)
    assert mended.diverged_at is None


@pytest.mark.parametrize(
    ("rate", "tried", "said"),
    [(0.5, 0.1, ("2.5 times", "by 4,")), (0.1, 0.05, ("below that",))],  # |1 − 0.5·10|; below the limit of its start
)
def test_what_is_said_of_a_divergence_is_said_of_its_rate(rate: float, tried: float, said: tuple[str, ...]) -> None:
    config = config_of(training__learning_rate=rate)
    explanation = explain_divergence(config, 12, Stability(10.0, 0.2, "It curves by λ = 10."), tried, 700)
    assert explanation.sentences[1] == f"{tried} was tried out and stays finite for 700 steps."
    assert all(words in explanation.sentences[2] for words in said)
    assert explanation.suggestion == {"training.learning_rate": tried}


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("beta", [0.5, 0.9])
def test_the_factor_with_momentum_is_that_of_torchs_steps(nesterov: bool, beta: float) -> None:
    config = config_of(training__optimizer="momentum", training__momentum=beta, training__nesterov=nesterov)
    config = config.replace("training.learning_rate", 0.5)
    weight = torch.tensor([1e-12], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.5, momentum=beta, nesterov=nesterov)
    sizes = []
    for _ in range(40):
        optimizer.zero_grad()
        weight.grad = 10.0 * weight.detach()
        optimizer.step()
        sizes.append(abs(weight.item()))
    explanation = explain_divergence(config, 12, Stability(10.0, 0.2, "It curves by λ = 10."), 0.1, 700)
    found = not_none(re.search(r"direction by ([\d.]+), once momentum", explanation.sentences[2]))
    assert float(found[1]) == pytest.approx(sizes[-1] / sizes[-2], rel=1e-3)


def _divergence_explained(config: Config, typed: dict[str, float], at_step: int = 0) -> tuple[Trainer, Explanation]:
    """Train until the loss is not finite, type another learning rate before or after that, and ask why."""
    trainer = Trainer(config)
    run, nothing = run_of(config, [trainer.state()]), condense(0, np.empty(0, dtype=np.float32))
    if "before" in typed:
        trainer.run(at_step)
        trainer.apply_live(config.replace("training.learning_rate", typed["before"]))
        run = run.extended(trainer.snapshot(1), nothing, [LiveSettingsChanged(at_step, trainer.config)])
    _run(trainer, 20_000)
    assert trainer.diverged_at is not None
    rule = StepRule(trainer.config)
    run = run.extended(trainer.snapshot(1), nothing, diverged_by=rule)
    if "after" in typed:
        trainer.apply_live(config.replace("training.learning_rate", typed["after"]))
        event = LiveSettingsChanged(trainer.step, trainer.config)
        run = run.extended(trainer.snapshot(1), nothing, [event], diverged_by=rule)
        run = replace(run, wanted=StepRule(trainer.config))
    explanation = not_none(explanation_of(run, trainer.snapshot(1)))
    return trainer, explanation


def test_another_rate_typed_after_a_divergence_is_not_to_blame() -> None:
    config = config_of(training__learning_rate=10.0)
    trainer, explanation = _divergence_explained(config, {"after": 0.05})
    assert "with a learning rate of 10." in explanation.sentences[0]
    assert "set at step" not in explanation.sentences[0]
    assert 1e-4 < explanation.suggestion["training.learning_rate"] < 1
    found = not_none(re.search(r"tried out and stays finite for ([\d,]+) steps", explanation.sentences[1]))
    anew, steps = _applied(trainer.config, explanation), int(found[1].replace(",", ""))
    assert kernel.run(anew, trainer.dataset, initial_state(anew), steps + 1).diverged_at is None


@pytest.mark.parametrize("at_step", [0, 1, 40])
def test_a_rate_typed_before_the_divergence_is_to_blame(at_step: int) -> None:
    """Also when the very next step diverges: the rate before would have gone on."""
    config = config_of(training__learning_rate=0.001)
    for after in ({}, {"after": 0.05}):
        trainer, explanation = _divergence_explained(config, {"before": 1e3, **after}, at_step)
        when = f", set at step {at_step}." if at_step else "."
        assert f"with a learning rate of 1000{when}" in explanation.sentences[0]
        assert explanation.sentences[2].startswith(f"At step {at_step}: in its steepest direction") == (at_step > 0)
        assert 1e-4 < explanation.suggestion["training.learning_rate"] < 1
        assert trainer.step >= at_step


def test_settings_are_tried_for_as_long_as_that_is_cheap() -> None:
    config = Config()
    assert affordable_steps(config, 20, is_compiled=True) > 1_000_000
    assert affordable_steps(config, 20, is_compiled=False) == 1_000
    wide = config.replace("network.hidden", (1_000, 1_000))
    assert affordable_steps(wide, 20, is_compiled=True) == 1_000


def test_a_rate_is_halved_until_it_holds() -> None:
    config = config_of(training__learning_rate=10.0)
    start = Trainer(config).state()
    rate = not_none(_tried(config, start, 10.0, 200))
    for value, is_finite in ((rate, True), (3 * rate, False)):
        assert (len(_run(Trainer(config_of(training__learning_rate=value)), 200)) == 200) == is_finite
    assert _tried(config, start, 0.001, 200) == 0.001


@pytest.mark.parametrize("limit", [None, 0.2, 20.0])
def test_where_no_rate_holds_none_is_suggested(limit: float | None) -> None:
    assert tried_rate(10.0, lambda rate: False) is None
    config = config_of(training__learning_rate=10.0)
    explanation = explain_divergence(config, 1, Stability(1.0, limit, "So it is."), None, 700)
    assert _applied(config, explanation) == config
    assert "none stays finite for 700 steps" in explanation.sentences[1]


def test_a_neuron_that_died_is_explained_by_its_update() -> None:
    config = config_of(network__hidden=(20,), training__learning_rate=0.1)
    trainer = Trainer(config)
    start = trainer.state()
    before = set(dead_neurons(trainer.snapshot(0)))
    trainer.run(200)
    layer, index = next(iter(sorted(set(dead_neurons(trainer.snapshot(0))) - before)))
    death = DeathSearch(run_of(config, [start, trainer.state()])).find(layer, index)
    assert isinstance(death, Death)
    explanation = explain_dead_neuron(config, layer, index, death)
    assert explanation.update is death.before
    assert explanation.update.state.step == death.step - 1
    assert f"since step {death.step:,}" in explanation.sentences[0]
    assert f"Neuron {index + 1}" in explanation.sentences[0]
    assert f"{death.bias_after:.4g}".replace("-", "−") in explanation.sentences[1]
    mended = trained(_applied(config, explanation), 10)
    assert dead_neurons(mended.snapshot(0)) == ()


def test_a_neuron_dead_from_the_start() -> None:
    config = config_of(network__hidden=(30,))
    mended = _applied(config, explain_dead_neuron(config, *dead_neurons(Trainer(config).snapshot(0))[0], None))
    assert dead_neurons(Trainer(mended).snapshot(0)) == ()
    for other in (config_of(network__hidden=(30,), data__x_min=1.0), config_of(network__weight_scale=0)):
        assert _applied(other, explain_dead_neuron(other, 0, 0, None)).network.activation == "leaky_relu"
    mixed = config_of(network__hidden=(3, 4, 4), network__activation=("tanh", "relu", "relu"))
    leaky = ("tanh", "leaky_relu", "leaky_relu")  # where it can die
    assert _applied(mixed, explain_dead_neuron(mixed, 1, 0, None)).network.activation == leaky


@given(level=st.floats(1e-3, 1e3), noise=st.floats(0, 0.02), drop=st.integers(0, 300), seed=st.integers(0, 1_000))
@settings(max_examples=50)
def test_a_loss_that_does_not_move_is_a_plateau(level: float, noise: float, drop: int, seed: int) -> None:
    """Also with the noise of mini-batches around it."""
    random = np.random.default_rng(seed)
    flat = level * (1 + noise * random.uniform(-1, 1, 2_000))
    falling = level * np.linspace(10, 2, drop)
    plateau = not_none(_plateau_of(np.concatenate([falling, flat])))
    assert plateau.loss == pytest.approx(level, rel=0.06)


@given(
    steps=st.integers(200, 60_000),
    period=st.integers(2, 9),
    swing=st.floats(0, 0.9),
    fall=st.floats(0, 0.2),
    seed=st.integers(0, 1_000),
)
@settings(max_examples=60)
def test_an_oscillating_loss_is_judged_by_its_means(
    steps: int, period: int, swing: float, fall: float, seed: int
) -> None:
    """Its highs and lows say little of it: most steps may lie near the one, and few near the other."""
    t = np.arange(steps)
    peaks = np.where(t % period == 0, swing * (period - 1), -swing)
    noise = 1 + 0.05 * np.random.default_rng(seed).uniform(-1, 1, steps)
    losses = ((2 - fall * 10 * t / steps / 2) * (1 + peaks) * noise).astype(np.float32)
    history = LossHistory().with_losses(0, losses)
    plateau = find_plateau(history)
    last = int(0.1 * -(-steps // history.stride)) * history.stride  # a half, in whole buckets
    end = steps if steps % history.stride == 0 else steps // history.stride * history.stride + history.stride
    first, second = losses[end - 2 * last : end - last].astype(float), losses[end - last :].astype(float)
    move = first.mean() / second.mean() - 1
    if plateau is None:
        assert abs(move) >= 1e-3
    else:
        assert plateau.steps == (end - 2 * last, end - last, steps - 1)
        assert plateau.move == pytest.approx(move, rel=1e-6, abs=1e-9)
        assert plateau.loss == pytest.approx(second.mean(), rel=1e-6)
        assert abs(move) < 0.01


@pytest.mark.parametrize(
    "losses",
    [
        *(np.linspace(2, 1, 1_000), np.geomspace(2, 1e-3, 1_000), 1 / np.arange(1, 400)),
        np.linspace(1, 2, 1_000),  # a loss that rises is no plateau either
        *(np.ones(50), np.append(np.ones(500), np.nan), np.empty(0)),
    ],
)
def test_a_loss_that_moves_is_none(losses: Any) -> None:
    assert _plateau_of(losses) is None


def test_a_loss_of_zero_is_a_plateau_and_no_failure() -> None:
    plateau = not_none(_plateau_of(np.zeros(200, np.float32)))
    explanation = explain_plateau(Trainer(Config()).snapshot(0), plateau)
    _applied(Config(), explanation)
    assert explanation.suggestion == {}


ADAM, ZEROS = {"training__optimizer": "adam"}, {"network__initialization": "zeros"}
DEEP_SIGMOID = {"network__hidden": (8, 8, 8), "network__activation": "sigmoid"}


FALLEN = {"training__schedule": "step", "training__schedule_steps": 300, "training__gamma": 0.01}


@pytest.mark.parametrize(
    ("changes", "steps", "named", "path"),
    [
        (ZEROS | {"training__learning_rate": 0.05}, 500, "alike", "network.initialization"),
        ({"network__weight_scale": 0.0, "training__learning_rate": 0.05}, 500, "alike", "network.weight_scale"),
        ({"training__learning_rate": 0.0}, 200, "learning rate of 0", "training.learning_rate"),
        ({"training__learning_rate": 0.0, **ZEROS}, 200, "learning rate of 0", "training.learning_rate"),
        (ADAM | {"training__learning_rate": 1e-6}, 200, "longer steps are worth a try", "training.learning_rate"),
        ({"training__learning_rate": 1e-7}, 200, "longer steps are worth a try", "training.learning_rate"),
        (
            {"training__weight_decay": 0.5, "training__learning_rate": 0.01},
            5_000,
            "weight decay pulls",
            "training.weight_decay",
        ),
        ({"training__l1": 0.5, "training__learning_rate": 0.01}, 5_000, "the L1 penalty pulls", "training.l1"),
        (FALLEN, 500, "By its schedule the learning rate is down to", "training.schedule"),
        ({"training__max_norm": 1e-4}, 500, "clipping shortens it to 0.0001", "training.max_norm"),
        ({"network__hidden": (), "training__learning_rate": 0.1}, 500, "More neurons", "network.hidden"),
        (DEEP_SIGMOID | {"training__learning_rate": 0.1, "data__target": "sin3"}, 2_000, "Adam", "training.optimizer"),
    ],
)
def test_plateaus_are_told_apart(changes: dict[str, Any], steps: int, named: str, path: str) -> None:
    config = config_of(**changes)
    trainer = Trainer(config)
    plateau = not_none(_plateau_of(_run(trainer, steps)))
    stability = stable_learning_rate(config, trainer.dataset, trainer.state())
    explanation = explain_plateau(trainer.snapshot(0), plateau, stability)
    assert named in " ".join(explanation.sentences)
    assert path in explanation.suggestion
    better = Trainer(_applied(config, explanation))
    assert _run(better, steps)[-1] < plateau.loss


@pytest.mark.parametrize(
    ("share", "named"), [(2.0, "this is above it"), (1.05, "close to it"), (0.95, "close to it"), (0.5, "well below")]
)
def test_where_a_plateau_lies_is_said_of_the_best_constant(share: float, named: str) -> None:
    snapshot = Trainer(Config()).snapshot(0)
    loss = share * best_constant_loss(Config().training, snapshot.dataset.y_train)
    plateau = Plateau((0, 1, 2), loss, 0.0)
    assert named in explain_plateau(snapshot, plateau).sentences[1]
    assert plateau_words(snapshot, plateau).startswith("The loss has settled" if share == 0.5 else "Plateau: ")


DECAY = {"training__weight_decay": 0.1}


@pytest.mark.parametrize(
    ("changes", "layer", "named"),
    [
        ({}, 0, "by itself it cannot come back"),
        ({"training__optimizer": "rmsprop"}, 0, "by itself it cannot come back"),
        ({"training__optimizer": "momentum", "training__momentum": 0.0}, 0, "by itself it cannot come back"),
        ({"training__optimizer": "momentum"}, 0, "only momentum can still bring it back"),
        ({"training__optimizer": "adam"}, 0, "only Adam's memory can still"),
        ({"training__l1": 0.1}, 0, "only the L1 penalty can still"),
        (DECAY, 0, "by itself it cannot come back"),
        (DECAY, 1, "only the layer before it can still"),
        (DECAY | {"training__learning_rate": 20.0}, 0, "only weight decay can still"),
        (DECAY | {"training__optimizer": "rmsprop"}, 0, "only weight decay can still"),
        (DECAY | {"training__optimizer": "adam"}, 2, "only weight decay, Adam's memory and the layers before it can"),
    ],
)
def test_what_can_bring_a_dead_neuron_back_is_named(changes: dict[str, Any], layer: int, named: str) -> None:
    """In the explanation, and beside the neuron's numbers."""
    config = config_of(network__hidden=(4, 4, 4), **changes)
    trainer = Trainer(config)
    trainer.edit(ParameterRef(layer, "bias", (1,)), -100.0)
    assert named in explain_dead_neuron(config, layer, 1, None).sentences[2]
    assert any(line.startswith(named) for line in summary_lines(trainer.snapshot(0), NeuronRef(layer, 1), 4))


@pytest.mark.parametrize(
    ("optimizer", "smaller"), [("sgd", 0.05), ("momentum", 0.05), ("adam", None), ("rmsprop", None)]
)
def test_a_minimum_of_two_neurons_needs_more_smaller_steps(optimizer: str, smaller: float | None) -> None:
    """Steps of Adam and RMSprop do not grow with the gradient: half of their rate is not asked for."""
    config = config_of(network__hidden=(2,), training__learning_rate=0.1, training__optimizer=optimizer)
    trainer = Trainer(config.replace("training.optimizer", "sgd"))
    plateau = not_none(_plateau_of(_run(trainer, 2_000)))
    stability = stable_learning_rate(config, trainer.dataset, trainer.state())
    explanation = explain_plateau(replace(trainer.snapshot(0), config=config), plateau, stability)
    assert "minimum" in explanation.sentences[1]
    assert explanation.suggestion.get("training.learning_rate") == smaller
    assert ("half the learning rate" in explanation.label) == (smaller is not None)
    assert _applied(config, explanation).network.hidden == (4,)


def test_a_plateau_of_dead_neurons() -> None:
    config = config_of(network__hidden=(6,), data__x_min=1.0, network__seed=3)
    trainer = Trainer(config)
    for index in range(6):
        trainer.edit(ParameterRef(0, "bias", (index,)), -100.0)
    plateau = not_none(_plateau_of(np.full(200, trainer.loss(), np.float32)))
    explanation = explain_plateau(trainer.snapshot(0), plateau)
    assert "6 of 6 neurons are dead" in explanation.sentences[1]
    assert _applied(config, explanation).network.activation == "leaky_relu"


@pytest.mark.parametrize("loss", LOSSES)
@given(values=st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=20))
@settings(max_examples=30)
def test_no_constant_is_better_than_the_best(loss: str, values: list[float]) -> None:
    y = np.array(values, np.float32)
    error = np.abs(y.astype(np.float64) - np.linspace(y.min(), y.max(), 4_001)[:, None])
    each = {"mse": error**2, "l1": error, "huber": np.where(error < 1, 0.5 * error**2, error - 0.5)}[loss]
    found = each.mean(axis=1).min()
    assert (
        found - np.ptp(y) / 4_000 - 1e-9
        <= best_constant_loss(config_of(training__loss=loss).training, y)
        <= found + 1e-9
    )
