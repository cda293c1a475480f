"""What the microscope writes: every number of a dissection; each line is done again from the digits in it."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest

from tests.activations import ALL_AND_MIXED, for_layers
from tests.dissections import RUNS, dissection, some_parameters
from tests.not_none import not_none
from tests.runs import trained
from tests.written import FUNCTIONS, SLOPES, Functions, unit_of, value_of
from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.choices.loops import LOOPS
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef
from tinynet_gui.core.step.dissection import BACKWARD, FORWARD, LOSS, UPDATE, Dissection, chain, dissect
from tinynet_gui.core.text.language import speaking
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.ui.views.microscope.page import LISTED, in_float32, parameter_of, short
from tinynet_gui.ui.views.microscope.text import numbers_text

SIGNS = str.maketrans(",\u202f", "..")  # in each language
SHARE = r"share of this sample = (.*?) = (.*?)gradient ∂L/∂[wb] = (.*?)(The|It is|$)"


def _plain(text: str) -> str:
    return re.sub(r"<[^>]*>", "", text).replace("\N{NO-BREAK SPACE}", " ")


def _text(d: Dissection, move: int, parameter: ParameterRef, position: int | None) -> str:
    return _plain(numbers_text(d, move, parameter, position, in_float32))


@pytest.mark.parametrize("name", RUNS)
def test_forward_shows_the_values_of_one_sample(name: str) -> None:
    d = dissection(name)
    position = len(d.samples) - 1
    text = _text(d, FORWARD, some_parameters(d)[0], position)
    assert f"x = {in_float32(float(d.x[position]))}" in text
    assert f"ŷ = {in_float32(float(d.values.output[position]))}" in text
    assert f"y = {in_float32(float(d.y[position]))}" in text
    for u, h in zip(d.values.pre_activations, d.values.activations, strict=True):
        for index in range(len(u))[:LISTED]:
            assert f"{in_float32(float(u[index, position]))}{in_float32(float(h[index, position]))}" in text
        if len(u) > LISTED:
            assert f"{len(u) - LISTED:,} more neurons" in text


@pytest.mark.parametrize("name", RUNS)
def test_the_whole_batch_lists_its_samples(name: str) -> None:
    d = dissection(name)
    forward = _text(d, FORWARD, some_parameters(d)[0], None)
    loss = _text(d, LOSS, some_parameters(d)[0], None)
    for i in range(len(d.samples))[:LISTED]:
        x, output, y = (in_float32(float(a[i])) for a in (d.x, d.values.output, d.y))
        assert f"{d.samples[i] + 1}{x}{output}{y}" in forward
        error, alone = in_float32(float(d.errors[i])), in_float32(float(d.sample_losses[i]))
        assert f"{d.samples[i] + 1}{output}{y}{error}{alone}" in loss
    assert loss.endswith(f" / {len(d.samples)} = {in_float32(d.loss)}")
    if len(d.samples) > LISTED:
        assert f"{len(d.samples) - LISTED} more samples, together" in loss


@pytest.mark.parametrize("name", RUNS)
def test_the_loss_of_one_sample_has_its_numbers_in(name: str) -> None:
    d = dissection(name)
    for position in range(len(d.samples)):
        text = _text(d, LOSS, some_parameters(d)[0], position)
        assert f"= {in_float32(float(d.errors[position]))}loss of the sample" in text.replace("&nbsp;", "")
        assert f"= {in_float32(float(d.sample_losses[position]))}L = {in_float32(d.loss)}" in text


@pytest.mark.parametrize("name", RUNS)
def test_factors_give_shares_and_shares_the_gradient(name: str) -> None:
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
            assert found[2] == in_float32(float(links.products[position]))
            assert found[3] == in_float32(links.gradient)
            shares.append(value_of(found[2]))
        scale = float(np.abs(shares).sum())
        assert sum(shares) == pytest.approx(links.gradient, abs=1e-5 * scale + 1e-12)


@pytest.mark.parametrize("position", [0, 7])
def test_all_ways_to_the_output_can_be_added_up_by_hand(position: int) -> None:
    """Of a weight with two hidden layers behind it: each number on the page leads to the next."""
    d = dissection("deep")
    text = numbers_text(d, BACKWARD, ParameterRef(0, "weight", (5, 0)), position, in_float32)
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
        assert term.replace("(", "").replace(")", "") == f"{in_float32(float(weight))}·{in_float32(row[2])}"


def test_a_chosen_neuron_beyond_the_list_is_listed() -> None:
    d = dissection("wide")
    text = _text(d, FORWARD, ParameterRef(0, "bias", (640,)), 3)
    u, h = (float(values[0][640, 3]) for values in (d.values.pre_activations, d.values.activations))
    assert f"h₆₄₁{in_float32(u)}{in_float32(h)}" in text
    written = _text(d, FORWARD, ParameterRef(1, "weight", (0, 640)), 3).split("Written out")[1]
    assert f"·{in_float32(h)} + " in written
    assert "979 more" in written


def test_a_batchs_gradient_is_told_from_that_of_all_samples() -> None:
    assert "of this batch alone" in _text(dissection("batches"), BACKWARD, ParameterRef(0, "bias", (0,)), None)
    assert "of this batch alone" not in _text(dissection("sgd"), BACKWARD, ParameterRef(0, "bias", (0,)), None)


@pytest.mark.parametrize("name", RUNS)
def test_a_line_has_the_same_digits_in_each_language(name: str) -> None:
    d = dissection(name)
    for move in (FORWARD, LOSS, BACKWARD, UPDATE):
        texts = {}
        for language in ("en", "de"):
            with speaking(language):
                texts[language] = _plain(numbers_text(d, move, some_parameters(d)[0], 0, short))
        numbers = [
            re.findall(r"\d[\d.,\u202f]*(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?", text.translate(SIGNS)) for text in texts.values()
        ]
        assert Counter(numbers[0]) == Counter(numbers[1])


def test_round_numbers_have_no_empty_decimals() -> None:
    assert [short(value) for value in (1e-8, 1.5e-7, 0.5, 0.0, -0.0)] == ["1·10⁻⁸", "1.5·10⁻⁷", "0.5", "0", "0"]


@pytest.mark.parametrize("name", RUNS)
def test_backward_lists_the_shares_of_the_batch(name: str) -> None:
    d = dissection(name)
    for p in some_parameters(d):
        links = chain(d, p.layer, p.kind, p.neuron, p.input)
        text = _text(d, BACKWARD, p, None)
        for share in links.products[:LISTED]:
            assert f"= {in_float32(float(share))}" in text
        if len(d.samples) > LISTED:
            assert f"together {in_float32(float(links.products[LISTED:].sum()))}" in text
        assert f"= {in_float32(links.gradient)}" in text


@pytest.mark.parametrize("name", RUNS)
def test_update_shows_every_term_of_the_optimiser(name: str) -> None:
    d = dissection(name)
    update, after = not_none(d.update), not_none(d.after)
    for p in some_parameters(d):
        text = _text(d, UPDATE, p, None)
        for term in update.terms:
            symbols = update.in_symbols(term).replace("w", p.symbol)
            assert f"{term.label}{symbols} = " in text
            assert f"= {in_float32(update.value(term.name, p.array, p.index))}" in text
            numbers = update.in_numbers(term, p.array, p.index, in_float32)
            assert term.name == "g" or f"{symbols} = {numbers} = " in text
        old, new = (float(state.parameters[p.array][p.index]) for state in (d.before, after))
        assert text.endswith(f"old value{in_float32(old)}new value{in_float32(new)}")
        briefly = _plain(numbers_text(d, UPDATE, p, None, short))
        shown = re.findall(r"(?:old|new) value(−?[\d.·⁻⁰-⁹]+)", briefly)
        assert (shown[0] != shown[1]) == (old != new)  # digits enough to see that it has changed


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


IN_FLOAT32 = " (in float32)"


LOSS_SLOPES: dict[str, Any] = {"mse": lambda e: 2 * e, "l1": np.sign, "huber": lambda e: min(max(e, -1.0), 1.0)}


@dataclass(frozen=True)
class Line:
    """What is computed, what should come out, and whether it is said that float32 came to something else."""

    right: str
    computed: float
    result: str

    @property
    def is_flagged(self) -> bool:
        return self.result.endswith(IN_FLOAT32)

    @property
    def shown(self) -> str:
        return self.result.removesuffix(IN_FLOAT32)


def _bare(html: str) -> str:
    return _plain(html).replace("&nbsp;", "").replace("&gt;", ">").replace("&lt;", "<").strip()


def _number(text: str) -> bool:
    return re.fullmatch(r"−?\d+(\.\d+)?(·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?( \(in float32\))?", text) is not None


def _is_written_out(text: str, functions: Functions) -> bool:
    words = re.findall(r"[^\W\d_]+", re.sub(r"\([\d,]+ more\)|[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]", "", text))
    return bool(re.search(r"\d", text)) and "∂" not in text and all(word in functions for word in words)


BY_LABEL = {activation.label: activation.symbol for activation in ACTIVATIONS.values()}


def _lines(html: str, d: Dissection) -> Iterator[Line]:
    """Yield everything on a page that can be computed from other things on it."""
    symbols = iter([activation.symbol for activation in d.config.network.activations])
    n, kind = len(d.samples), d.config.training.loss
    for table in re.findall(r"<table.*?</table>", html):
        rows = [[_bare(c) for c in re.findall(r"<td[^>]*>(.*?)</td>", r)] for r in re.findall(r"<tr>(.*?)</tr>", table)]
        head = rows[0]
        symbol = next(symbols) if head[-2:] == ["u", "h"] else ""
        for row in rows:
            if head[-2:] == ["u", "h"] and row is not head:
                yield Line(row[1], FUNCTIONS[symbol](value_of(row[1])), row[2])
            elif head[1:4] == ["ŷ", "y", "e"] and row is not head:
                yield Line(f"{row[1]} − {row[2]}", value_of(row[1]) - value_of(row[2]), row[3])
                yield Line(f"loss of {row[3]}", _sample_loss(kind, value_of(row[3])), row[4])
            elif head[-1] == "= ∂ŷ/∂u" and row is not head:
                yield Line(" · ".join(row[1:3]), value_of(row[1]) * value_of(row[2]), row[3])
            elif row[-1].startswith("= ") and row is not head:
                yield Line(row[1], value_of(row[1]), row[-1].removeprefix("= "))
            elif found := re.search(r"slope of (.*) at u = (.*)", row[1] if len(row) > 2 else ""):
                yield Line(row[1], SLOPES[BY_LABEL[found[1]]](value_of(found[2])), row[2])
            elif found := re.search(r", e = (.*), n = ", row[1] if len(row) > 2 else ""):
                yield Line(row[1], LOSS_SLOPES[kind](value_of(found[1])) / n, row[2])
    for text in re.split(r"<br>|</div>|<div[^>]*>", re.sub(r"<table.*?</table>", "", html)):
        *pieces, result = re.split(" = | ← ", _bare(text).removeprefix("= "))
        for piece in pieces:
            if _number(result) and _is_written_out(piece, FUNCTIONS):
                yield Line(piece, value_of(piece, FUNCTIONS), result)


def _sample_loss(kind: str, e: float) -> float:
    if kind == "huber":
        return 0.5 * e * e if abs(e) < 1 else abs(e) - 0.5
    return e * e if kind == "mse" else abs(e)


def _random_dissection(seed: int) -> Dissection:
    """A step of a network of any kind, also with weights, rates and outputs far from 1."""
    random = np.random.default_rng(seed)

    def one_of(values: Any) -> Any:
        return values[int(random.integers(len(values)))]

    hidden = one_of([(), (1,), (4,), (23,), (3, 4), (2, 3, 2)])
    settings = {
        "network.hidden": hidden,
        "network.activation": for_layers(one_of(ALL_AND_MIXED), len(hidden)),
        "network.seed": int(random.integers(1000)),
        "training.loss": one_of([*LOSSES]),
        "training.optimizer": one_of([*OPTIMIZERS]),
        "training.learning_rate": one_of([1e-6, 0.001, 0.0123456, 0.3]),
        "training.momentum": one_of([0.5, 0.9, 0.9999]),
        "training.beta2": one_of([0.999, 0.99999]),
        "training.weight_decay": one_of([0.0, 0.01, 1e-7]),
        "training.l1": one_of([0.0, 0.02, 1e-7]),
        "training.max_norm": one_of([0.0, 1.0, 10.0]),
        "training.batch_size": one_of([0, 1, 7]),
        "training.schedule": one_of(["constant", "cosine"]),
        "training.nesterov": bool(random.integers(2)),
        "data.sample_count": one_of([2, 20, 33]),
    }
    config = Config().with_changes(settings)
    trainer = trained(config, int(random.integers(30)))
    state, scale = trainer.state(), one_of([1.0, 1.0, 1e-3, 1e-6, 30.0])
    parameters = tuple((p * np.float32(scale)).astype(np.float32) for p in state.parameters)
    return dissect(config, TrainerState(state.step, parameters, state.slots))


def _pages(d: Dissection, write: Any) -> Iterator[Line]:
    """Each page once: the loss is that of any parameter, and an update that of any sample."""
    parameters = some_parameters(d)
    pages = [(LOSS, parameters[0], position) for position in (None, 0)]
    for parameter in parameters:
        pages += [(phase, parameter, position) for phase in (FORWARD, BACKWARD) for position in (None, 0)]
        pages.append((UPDATE, parameter, None))
    for page in pages:
        yield from _lines(numbers_text(d, *page, write), d)


@pytest.mark.parametrize("seed", range(45))
def test_every_line_can_be_done_again(seed: int) -> None:
    d = _random_dissection(seed)
    lines, exact = list(_pages(d, short)), list(_pages(d, lambda value, digits=0: plain(value, 17)))
    assert len(lines) == len(exact) > 10
    for line, full in zip(lines, exact, strict=True):
        value = value_of(full.shown)
        off = abs(full.computed - value) / abs(value) if value else float(full.computed != 0)
        if 0 < abs(value) < 1e-8 and re.search(r"^−?[\d.]+$|slope of|[a-zσ]\(", line.right):
            continue  # in the tails of an activation, where the program's own functions lose digits
        if line.is_flagged:
            assert off > 2e-3, line
            continue
        assert abs(line.computed - value_of(line.shown)) <= 0.5000001 * unit_of(line.shown), line
        if off < 1e-6 and value:  # then five digits can be had
            unit = 10.0 ** (math.floor(math.log10(abs(value_of(line.shown)))) - 4)
            assert abs(value_of(line.shown) - value) <= 0.5000001 * unit, line
            assert abs(line.computed - value_of(line.shown)) <= 0.5000001 * unit, line


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("hidden", [(4,), (3, 2)])
def test_the_lines_of_a_mistaken_loop_can_be_done_again(loop: str, hidden: tuple[int, ...]) -> None:
    config = Config().with_changes({"training.loop": loop, "network.hidden": hidden, "training.l1": 0.02})
    d = dissect(config, trained(config, 5).state())
    for line in _pages(d, short):
        assert abs(line.computed - value_of(line.shown)) <= 0.5000001 * unit_of(line.shown), line
    words = "".join(numbers_text(d, phase, some_parameters(d)[0], 0, short) for phase in (LOSS, BACKWARD, UPDATE))
    assert ("for the y of each of the 20 samples" in words) == (loop == "broadcast")
    assert ("L is the sum" in words) == (loop == "sum")
    assert ("a = p + G" in words) == (loop == "never_reset")


def test_a_difference_of_near_numbers_has_enough_digits() -> None:
    config = Config().replace("network.hidden", ())
    state = Trainer(config).state()
    x, y = Trainer(config).dataset.x_train[0, 0], Trainer(config).dataset.y_train[0, 0]
    near = np.float32(y) - np.float32(1.0115e-4)  # 0.1 and nothing else is told apart by four digits
    parameters = (np.zeros_like(state.parameters[0]), np.full_like(state.parameters[1], near))
    d = dissect(config, TrainerState(0, parameters, ()))
    text = _bare(numbers_text(d, LOSS, ParameterRef(0, "bias", (0,)), 0, short))
    found = re.search(r"e = ŷ − y *= (\S+) − (\S+) = (\S+?)loss of the sample", text)
    assert found is not None, (text, x)
    assert value_of(found[1]) - value_of(found[2]) == pytest.approx(value_of(found[3]), rel=5e-5)


def test_a_small_number_is_squared_in_brackets() -> None:
    """4.4·10⁻⁶² is 10 to the −62."""
    config = Config().replace("training.optimizer", "adam").replace("network.hidden", ())
    d = dissect(config, Trainer(config.replace("training.loss", "l1")).state())
    assert d.update is not None
    square = partial(d.update.in_numbers, d.update.term("v"), 0, (0, 0))
    assert "(4.4368·10⁻⁶)²" in square(lambda value: "4.4368·10⁻⁶")
    root = d.update.in_numbers(d.update.term("delta"), 0, (0, 0), lambda value: "4.4368·10⁻⁶")
    assert "√(4.4368·10⁻⁶)" in root
    assert d.update.in_numbers(d.update.term("m_hat"), 0, (0, 0), lambda _: "1·10⁻⁵").endswith("(1·10⁻⁵)^1)")
