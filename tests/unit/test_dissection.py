"""A step taken apart: against ordinary steps, autograd, and the formulas on the page."""

import math
import re
from collections.abc import Mapping
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings, strategies as st

from tests.activations import ALL_AND_MIXED, activation_names, for_layers, modules_of
from tests.dissections import optimizer_config
from tests.not_none import not_none
from tests.runs import assert_same_state, config_of, trained
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.step.dissection import Dissection, chain, dissect
from tinynet_gui.core.step.update_terms import Update, UpdateLine
from tinynet_gui.core.training.start import batch_samples
from tinynet_gui.core.training.trainer import Trainer

OPTIMIZER_CHOICES = [(name, False) for name in OPTIMIZERS] + [("momentum", True)]


_NAMES = re.compile(r"{(\w+)}")
_ROUNDED = {"g", "p", "c", "d", "m", "n", "v", "m_hat", "v_hat", "delta", "norm", "w0", "m0", "v0"}  # the rest is given


def _trained(config: Config, steps: int) -> Trainer:
    trainer = Trainer(config)
    trainer.is_by_torch = True
    trainer.run(steps)
    return trainer


def _check_update(d: Dissection) -> None:
    """Every term is what its own formula says, from the numbers on the page, to float32 rounding."""
    update, after = not_none(d.update), not_none(d.after)
    assert [update.terms[0].name, update.terms[-2].name, update.terms[-1].name] == ["g", "delta", "w"]
    memory = [term.values for term in update.terms if term.sign == "←" and term.name != "w"]
    assert all(any(values is slot for slot in after.slots) for values in memory)
    assert update.terms[-1].values is after.parameters
    for parameter, array in enumerate(after.parameters):
        for place in np.ndindex(array.shape):
            errors: dict[str, float] = {}
            for term in update.terms[1:]:
                evaluated = partial(_evaluated_beside, update, term, parameter, place)
                result, errors[term.name] = evaluated({}), 0.0
                got = update.value(term.name, parameter, place)
                for name in _ROUNDED.intersection(_NAMES.findall(term.formula)):
                    error = errors.get(name, 0.0) + 3e-7 * abs(update.value(name, parameter, place))
                    errors[term.name] += abs(evaluated({name: error}) - result) if math.isfinite(result) else 0.0
                assert got == pytest.approx(result, rel=3e-6, abs=errors[term.name] + 1e-30, nan_ok=True)


def _evaluated_beside(
    update: Update, term: UpdateLine, parameter: int, place: tuple[int, ...], errors: Mapping[str, float]
) -> float:
    """Compute a term from the numbers on the page, those that are named moved by their errors."""
    names = (name for name in _NAMES.findall(term.formula) if name != "t")
    text = update.in_numbers(term, parameter, place, lambda value: repr(value + errors.get(next(names), 0.0)))
    return _evaluated(text)


def _evaluated(text: str) -> float:
    """Compute a formula as it is written with numbers."""
    for old, new in [("·", "*"), ("−", "-"), ("^", "**"), ("²", "**2")]:
        text = text.replace(old, new)
    while (at := text.find("√")) >= 0:  # the root of the number that follows
        end = text.index(" ", at)
        text = f"{text[:at]}({text[at + 1 : end]})**0.5{text[end:]}"
    with np.errstate(all="ignore"):
        return float(eval(text, {"inf": np.float64("inf"), "nan": np.float64("nan")}))


@pytest.mark.parametrize(("activation", "loss"), list(product(ALL_AND_MIXED, LOSSES)))
@given(
    hidden=st.lists(st.integers(1, 5), max_size=3),
    seed=st.integers(0, 1_000),
    batch_size=st.sampled_from([0, 1, 6]),
    steps=st.integers(0, 8),
)
@settings(max_examples=4)
def test_the_moves_are_autograds(
    activation: str, loss: str, hidden: list[int], seed: int, batch_size: int, steps: int
) -> None:
    """The chain rule's products of every parameter add up to its gradient, and the rest to the loss."""
    names = for_layers(activation, len(hidden))
    config = config_of(network__hidden=tuple(hidden), network__activation=names, network__seed=seed)
    config = config.with_changes({"training.loss": loss, "training.batch_size": batch_size})
    trainer = _trained(config, steps)
    d = dissect(config, trainer.state())
    assert d.loss == pytest.approx(float(np.mean(d.sample_losses)), rel=1e-5, abs=1e-7)
    np.testing.assert_allclose(d.errors, d.values.output - d.y, rtol=1e-6)
    np.testing.assert_allclose(d.output_gradients, _loss_slopes(loss, d.errors), rtol=1e-5, atol=1e-8)
    if batch_size == 0:
        np.testing.assert_equal(_flat(d.gradients), _flat(trainer.snapshot(0).gradients))
    for index, layer in enumerate(d.layers):
        for neuron, column in np.ndindex(layer.weight.shape):
            _check_chain(d, index, "weight", neuron, column)
        for neuron in range(len(layer.bias)):
            _check_chain(d, index, "bias", neuron)


@st.composite
def _runs(draw: st.DrawFn) -> Config:
    """Draw a run of any shape, activation, loss, optimiser, batch, weight decay and L1 penalty."""
    optimizer, nesterov = draw(st.sampled_from(OPTIMIZER_CHOICES))
    hidden = tuple(draw(st.lists(st.integers(1, 6), max_size=4)))
    return config_of(
        data__sample_count=draw(st.integers(2, 12)),
        network__hidden=hidden,
        network__activation=draw(activation_names(len(hidden))),
        network__seed=draw(st.integers(0, 1_000)),
        training__loss=draw(st.sampled_from(list(LOSSES))),
        training__optimizer=optimizer,
        training__nesterov=nesterov,
        training__weight_decay=draw(st.sampled_from([0.0, 0.03])),
        training__l1=draw(st.sampled_from([0.0, 0.02])),
        training__max_norm=draw(st.sampled_from([0.0, 1.0])),
        training__batch_size=draw(st.sampled_from([0, 1, 3])),
        training__learning_rate=draw(st.sampled_from([0.001, 0.02])),
        training__warm_up=draw(st.sampled_from([0, 100])),
    )


CANCELLING = config_of(  # the L1 penalty takes one gradient nearly back
    network__hidden=(2, 6, 5, 2),
    network__activation="leaky_relu",
    network__seed=347,
    data__sample_count=2,
    training__loss="huber",
    training__l1=0.02,
    training__batch_size=1,
)
CANCELLING_LATER = config_of(  # weight decay takes a clipped gradient nearly back; the momentum is what is left
    network__hidden=(2, 6, 1),
    network__activation="tanh",
    network__seed=129,
    data__sample_count=2,
    training__optimizer="momentum",
    training__weight_decay=0.03,
    training__max_norm=1.0,
)


@pytest.mark.bits
@given(config=_runs(), steps=st.integers(0, 12), frozen=st.booleans(), seed=st.integers(0, 1_000))
@example(config=CANCELLING, steps=0, frozen=False, seed=0)
@example(config=CANCELLING_LATER, steps=0, frozen=False, seed=0)
@example(config=config_of(training__learning_rate=10.0), steps=3, frozen=False, seed=0)  # its next loss is not finite
@settings(max_examples=60)
def test_the_four_moves_of_any_run(config: Config, steps: int, frozen: bool, seed: int) -> None:
    """Each move follows from the one before it, and from a graph of PyTorch's that is built here by hand."""
    trainer = _trained(config, steps)
    state = trainer.state()
    random = np.random.default_rng(seed)
    masks = tuple(random.random(p.shape) < 0.3 for p in state.parameters) if frozen else None
    d = dissect(config, state, masks)
    assert_same_state(trainer.state(), state)  # the run itself is left where it was

    parameters = [torch.tensor(p, requires_grad=True) for p in state.parameters]
    functions = [*modules_of(config.network.activation, len(config.network.hidden)), torch.nn.Identity()]
    value = torch.tensor(d.x[:, None])
    us, hs = [], []
    for function, weight, bias in zip(functions, parameters[::2], parameters[1::2], strict=True):
        us.append(torch.nn.functional.linear(value, weight, bias))
        hs.append(function(us[-1]))
        value = hs[-1]
    output = us.pop()
    hs.pop()
    for ours, theirs in zip((*d.values.pre_activations, *d.values.activations), (*us, *hs), strict=True):
        np.testing.assert_array_equal(ours, theirs.detach().numpy().T)
    np.testing.assert_array_equal(d.values.output, output.detach().numpy()[:, 0])

    loss = getattr(torch.nn, LOSSES[config.training.loss].torch_module)()(output, torch.tensor(d.y[:, None]))
    np.testing.assert_array_equal(d.loss, loss.item())
    if not math.isfinite(d.loss):
        assert (d.update, d.after) == (None, None)
        return
    loss.backward()
    np.testing.assert_equal(_flat(d.gradients), [not_none(parameter.grad).numpy() for parameter in parameters])

    update, after = not_none(d.update), not_none(d.after)
    trainer.set_frozen(masks)
    assert trainer.run(1)[0] == np.float32(d.loss)
    assert_same_state(after, trainer.state())
    assert update.frozen is masks
    if masks is None:
        _check_update(d)
    else:
        for mask, old, new in zip(masks, state.parameters, after.parameters, strict=True):
            np.testing.assert_array_equal(new[mask], old[mask])


def _flat(layers: Any) -> list[Any]:
    return [array for layer in layers for array in (layer.weight, layer.bias)]


def test_an_ordinary_step_can_be_anothers() -> None:
    config = config_of(network__hidden=(3,))
    state = _trained(config, 2).state()
    taken: list[int] = []

    def take_two(trainer: Trainer) -> None:
        taken.extend(trainer.run(2).astype(int))

    d = dissect(config, state, take_step=take_two)
    assert len(taken) == 2
    assert not_none(d.after).step == 4


def _check_chain(d: Dissection, layer: int, kind: Any, neuron: int, column: int = 0) -> None:
    links = chain(d, layer, kind, neuron, column)
    factors = [links.loss_by_output, links.output_by_activation, links.activation_by_pre, links.pre_by_parameter]
    assert (factors[1] is None) == (factors[2] is None) == (layer == len(d.layers) - 1)
    recomputed = math.prod(factor.astype(np.float64) for factor in factors if factor is not None)
    np.testing.assert_allclose(links.products, recomputed, rtol=1e-12)
    size = float(np.sum(np.abs(links.products)))
    assert links.gradient == pytest.approx(float(np.sum(links.products)), rel=1e-4, abs=1e-5 * size + 1e-7)


def _loss_slopes(loss: str, errors: Any) -> Any:
    n = len(errors)
    if loss == "mse":
        return 2 * errors / n
    return (np.sign(errors) if loss == "l1" else np.clip(errors, -1, 1)) / n


@pytest.mark.parametrize("loss", LOSSES)
def test_the_slope_of_a_loss_is_as_it_is_written(loss: str) -> None:
    d = dissect(config_of(training__loss=loss), Trainer(Config()).state())
    inner, _, outer = str(LOSSES[loss].slope_written).replace("·", "*").partition(" where |e| < 1, else ")
    assert (np.abs(d.errors) < 1).any()
    assert (np.abs(d.errors) > 1).any()
    for error, slope in zip(d.errors, d.output_gradients, strict=True):
        text = inner if not outer or abs(error) < 1 else outer
        written = eval(text, {"e": float(error), "n": len(d.errors), "sign": np.sign})
        assert slope == pytest.approx(written, rel=1e-6)


def test_the_batches_are_the_trainers() -> None:
    config = config_of(training__batch_size=6, data__sample_count=20)
    seen = np.concatenate([batch_samples(config, step, 20) for step in range(4)])
    assert sorted(seen) == list(range(20))
    trainer = Trainer(config)
    for step in range(9):
        d = dissect(config, trainer.state())
        np.testing.assert_array_equal(d.samples, batch_samples(config, step, 20))
        np.testing.assert_array_equal(d.x, trainer.dataset.x_train[d.samples, 0])
        assert np.float32(d.loss) == trainer.run(1)[0]


def test_the_formulas_in_numbers() -> None:
    trainer = trained(optimizer_config("adam", False, 0.02), 3)
    update = not_none(dissect(trainer.config, trainer.state()).update)
    m = update.value("m", 0, (1, 0))
    shown = f"{m:.3g}" if m >= 0 else f"({m:.3g})"
    assert update.in_numbers(update.term("m_hat"), 0, (1, 0), "{:.3g}".format) == f"{shown} / (1 − 0.9^4)"
    with pytest.raises(KeyError):
        update.term("n")


PENALISED = ["g = ∂L/∂w", "p = g + λ₁·sign(w)", "d = p + λ·w"]
DECAYED = ["g = ∂L/∂w", "d = g + λ·w", "m ← β₁·m + (1 − β₁)·d", "v ← β₂·v + (1 − β₂)·d²", "m̂ = m / (1 − β₁^t)"]


@pytest.mark.parametrize(
    ("optimizer", "lines"),
    [
        (("adam", False, 0.02), [*DECAYED, "v̂ = v / (1 − β₂^t)", "Δ = −η·m̂ / (√v̂ + ε)", "w ← w + Δ"]),
        (("sgd", False, 0.02, 0.1), [*PENALISED, "Δ = −η·d", "w ← w + Δ"]),
        (("sgd", False, 0.0), ["g = ∂L/∂w", "Δ = −η·g", "w ← w + Δ"]),
        (("momentum", False, 0.0), ["g = ∂L/∂w", "m ← μ·m + g", "Δ = −η·m", "w ← w + Δ"]),
        (("momentum", True, 0.0), ["g = ∂L/∂w", "m ← μ·m + g", "n = g + μ·m", "Δ = −η·n", "w ← w + Δ"]),
        (("rmsprop", False, 0.0), ["g = ∂L/∂w", "v ← α·v + (1 − α)·g²", "Δ = −η·g / (√v + ε)", "w ← w + Δ"]),
    ],
)
def test_the_lines_of_each_optimizer(optimizer: tuple[Any, ...], lines: list[str]) -> None:
    config = optimizer_config(*optimizer)
    update = not_none(dissect(config, Trainer(config).state()).update)
    assert [update.in_symbols(term) for term in update.terms] == lines
