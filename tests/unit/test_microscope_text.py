"""What the microscope writes: every number of a dissection, and sums and products that can be done by hand."""

import re

import numpy as np
import pytest

from tests.dissections import RUNS, dissection, some_parameters
from tests.not_none import not_none
from tests.runs import trained
from tests.written import value_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef
from tinynet_gui.core.step.dissection import Dissection, chain, dissect
from tinynet_gui.core.wording.step_phases import BACKWARD, FORWARD, LOSS, UPDATE
from tinynet_gui.ui.style.theme import LIGHT
from tinynet_gui.ui.views.microscope.page import LISTED
from tinynet_gui.ui.views.microscope.symbols import in_full, parameter_of, short
from tinynet_gui.ui.views.microscope.text import numbers_text

SHARE = r"share of this sample = (.*?) = (.*?)gradient ∂L/∂[wb] = (.*?)(The|It is|$)"


def _plain(text: str) -> str:
    return re.sub(r"<[^>]*>", "", text).replace("\N{NO-BREAK SPACE}", " ")


def _text(d: Dissection, move: int, parameter: ParameterRef, position: int | None) -> str:
    return _plain(numbers_text(d, move, parameter, position, LIGHT, in_full))


@pytest.mark.parametrize("name", RUNS)
def test_forward_shows_the_values_of_one_sample(name: str) -> None:
    d = dissection(name)
    position = len(d.samples) - 1
    text = _text(d, FORWARD, some_parameters(d)[0], position)
    assert f"x = {in_full(float(d.x[position]))}" in text
    assert f"ŷ = {in_full(float(d.values.output[position]))}" in text
    assert f"y = {in_full(float(d.y[position]))}" in text
    for u, h in zip(d.values.pre_activations, d.values.activations, strict=True):
        for index in range(len(u))[:LISTED]:
            assert f"{in_full(float(u[index, position]))}{in_full(float(h[index, position]))}" in text
        if len(u) > LISTED:
            assert f"{len(u) - LISTED:,} more neurons" in text


@pytest.mark.parametrize("name", RUNS)
def test_the_whole_batch_lists_its_samples(name: str) -> None:
    d = dissection(name)
    forward = _text(d, FORWARD, some_parameters(d)[0], None)
    loss = _text(d, LOSS, some_parameters(d)[0], None)
    for i in range(len(d.samples))[:LISTED]:
        x, output, y = (in_full(float(a[i])) for a in (d.x, d.values.output, d.y))
        assert f"{d.samples[i] + 1}{x}{output}{y}" in forward
        error, alone = in_full(float(d.errors[i])), in_full(float(d.sample_losses[i]))
        assert f"{d.samples[i] + 1}{output}{y}{error}{alone}" in loss
    assert loss.endswith(f" / {len(d.samples)} = {in_full(d.loss)}")
    if len(d.samples) > LISTED:
        assert f"{len(d.samples) - LISTED} more samples, together" in loss


@pytest.mark.parametrize("name", RUNS)
def test_the_loss_of_one_sample_has_its_numbers_in(name: str) -> None:
    d = dissection(name)
    for position in range(len(d.samples)):
        text = _text(d, LOSS, some_parameters(d)[0], position)
        assert f"= {in_full(float(d.errors[position]))}loss of the sample" in text.replace("&nbsp;", "")
        assert f"= {in_full(float(d.sample_losses[position]))}L = {in_full(d.loss)}" in text


@pytest.mark.parametrize("name", RUNS)
def test_the_product_of_the_factors_is_the_share_and_the_shares_add_up_to_the_gradient(name: str) -> None:
    d = dissection(name)
    for p in some_parameters(d):
        shares = []
        links = chain(d, p.layer, p.kind, p.neuron, p.input)
        for position in range(len(d.samples)):
            text = _text(d, BACKWARD, p, position)
            found = not_none(re.search(SHARE, text))
            factors = found[1].split(" · ")
            assert len(factors) == (2 if p.layer == len(d.layers) - 1 else 4)
            assert np.prod([value_of(factor) for factor in factors]) == pytest.approx(value_of(found[2]), rel=1e-6)
            assert found[2] == in_full(float(links.products[position]))
            assert found[3] == in_full(links.gradient)
            shares.append(value_of(found[2]))
        scale = float(np.abs(shares).sum())
        assert sum(shares) == pytest.approx(links.gradient, abs=1e-5 * scale + 1e-12)


@pytest.mark.parametrize("position", [0, 7])
def test_all_ways_to_the_output_can_be_added_up_by_hand(position: int) -> None:
    """Of a weight with two hidden layers behind it: each number on the page leads to the next."""
    d = dissection("deep")
    text = numbers_text(d, BACKWARD, ParameterRef(0, "weight", (5, 0)), position, LIGHT, in_full)
    ways = text.replace("\N{NO-BREAK SPACE}", " ").split("All ways from h₆[1] to ŷ")[1]
    layers = []
    for table in re.findall(r"<table.*?</table>", ways):
        rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", table)][1:]
        layers.append([[value_of(cell) for cell in row[1:]] for row in rows])
    assert [len(rows) for rows in layers] == [8, 8]
    for rows in layers:
        for by_activation, slope, by_pre in rows:
            assert by_activation * slope == pytest.approx(by_pre, rel=1e-6)
    assert [row[0] for row in layers[1]] == pytest.approx(d.layers[3].weight[0].tolist())
    for i, row in enumerate(layers[0]):  # likewise, with the weights that the inspector shows
        products = [w * n[2] for w, n in zip(d.layers[2].weight[:, i], layers[1], strict=True)]
        assert row[0] == pytest.approx(sum(products), abs=1e-6)
    found = not_none(re.search(r"∂ŷ/∂h = (.*?) = <b>(.*?)</b>", ways))
    terms = found[1].split(" + ")
    assert len(terms) == 8
    assert sum(value_of(term) for term in terms) == pytest.approx(value_of(found[2]), abs=1e-6)
    for term, row, weight in zip(terms, layers[0], d.layers[1].weight[:, 5], strict=True):
        assert term.replace("(", "").replace(")", "") == f"{in_full(float(weight))}·{in_full(row[2])}"


def test_a_neuron_beyond_those_listed_is_listed_when_it_is_chosen() -> None:
    d = dissection("wide")
    text = _text(d, FORWARD, ParameterRef(0, "bias", (640,)), 3)
    u, h = (float(values[0][640, 3]) for values in (d.values.pre_activations, d.values.activations))
    assert f"h₆₄₁{in_full(u)}{in_full(h)}" in text
    written = _text(d, FORWARD, ParameterRef(1, "weight", (0, 640)), 3).split("Written out")[1]
    assert f"·{in_full(h)} + " in written
    assert "979 more" in written


def test_a_batchs_gradient_is_told_from_that_of_all_samples() -> None:
    assert "of this batch alone" in _text(dissection("batches"), BACKWARD, ParameterRef(0, "bias", (0,)), None)
    assert "of this batch alone" not in _text(dissection("sgd"), BACKWARD, ParameterRef(0, "bias", (0,)), None)


def test_round_numbers_have_no_empty_decimals() -> None:
    assert [short(value) for value in (1e-8, 1.5e-7, 0.5, 0.0, -0.0)] == ["1·10⁻⁸", "1.5·10⁻⁷", "0.5", "0", "0"]


@pytest.mark.parametrize("name", RUNS)
def test_backward_lists_the_shares_of_the_batch(name: str) -> None:
    d = dissection(name)
    for p in some_parameters(d):
        links = chain(d, p.layer, p.kind, p.neuron, p.input)
        text = _text(d, BACKWARD, p, None)
        for share in links.products[:LISTED]:
            assert f"= {in_full(float(share))}" in text
        if len(d.samples) > LISTED:
            assert f"together {in_full(float(links.products[LISTED:].sum()))}" in text
        assert f"= {in_full(links.gradient)}" in text


@pytest.mark.parametrize("name", RUNS)
def test_update_shows_every_term_of_the_optimiser(name: str) -> None:
    d = dissection(name)
    update, after = not_none(d.update), not_none(d.after)
    for p in some_parameters(d):
        text = _text(d, UPDATE, p, None)
        for term in update.terms:
            symbols = update.in_symbols(term).replace("w", p.symbol)
            assert f"{term.label}{symbols} = " in text
            assert f"= {in_full(update.value(term.name, p.array, p.index))}" in text
            numbers = update.in_numbers(term, p.array, p.index, in_full)
            assert term.name == "g" or f"{symbols} = {numbers} = " in text
        old, new = (float(state.parameters[p.array][p.index]) for state in (d.before, after))
        assert text.endswith(f"old value{in_full(old)}new value{in_full(new)}")


def test_a_frozen_weight_keeps_its_value() -> None:
    config = Config()
    trainer = trained(config, 3)
    frozen = tuple(np.ones(a.shape, dtype=bool) for a in trainer.state().parameters)
    text = _text(dissect(config, trainer.state(), frozen), UPDATE, ParameterRef(1, "weight", (0, 3)), None)
    assert "Frozen" in text
    assert "w ← " not in text
    old, new = text.split("old value")[1].split("new value")
    assert old == new


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        (None, ParameterRef(1, "weight", (0, 0))),
        (WeightRef(0, 4, 0), ParameterRef(0, "weight", (4, 0))),
        (NeuronRef(0, 4), ParameterRef(0, "bias", (4,))),
        (NeuronRef(1, 0), ParameterRef(1, "bias", (0,))),
        (LayerRef(0), ParameterRef(0, "weight", (0, 0))),
        (WeightRef(0, 10, 0), ParameterRef(1, "weight", (0, 0))),  # of a network that was
        (NeuronRef(2, 0), ParameterRef(1, "weight", (0, 0))),
    ],
)
def test_what_is_selected_is_written_out(ref: Ref | None, expected: ParameterRef) -> None:
    assert parameter_of(dissection("sgd"), ref) == expected
