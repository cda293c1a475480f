"""The microscope, both ways: a dissection in, every one of its numbers on screen; moves and wishes out."""

import re
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QScrollArea, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tinynet_gui.core.config import Config
from tinynet_gui.core.microscope import Dissection, Kind, chain, dissect
from tinynet_gui.core.trainer import Trainer
from tinynet_gui.ui.microscope_text import (
    BACKWARD,
    FORWARD,
    LISTED,
    LOSS,
    UPDATE,
    EdgeValues,
    Parameter,
    in_full,
    numbers_text,
    parameter_of,
    short,
)
from tinynet_gui.ui.microscope_view import MicroscopeView
from tinynet_gui.ui.selection import EdgeRef, NeuronRef, Ref, Selection
from tinynet_gui.ui.theme import DARK, LIGHT, Theme, style_sheet

W = TypeVar("W", bound=QWidget)

RUNS: dict[str, dict[str, object]] = {
    "sgd": {},
    "nesterov": {"training.optimizer": "momentum", "training.nesterov": True, "training.weight_decay": 0.01},
    "adam": {"training.optimizer": "adam", "training.batch_size": 6},
    "rmsprop": {"training.optimizer": "rmsprop", "training.loss": "huber"},
    "batches": {"training.batch_size": 7, "training.loss": "l1", "network.activation": "tanh"},
    "deep": {"network.hidden": (8, 8, 8), "network.activation": "leaky_relu"},
    "wide": {"network.hidden": (1_000,)},
    "linear": {"network.hidden": ()},
    "one sample": {"training.batch_size": 1},
}


@cache
def _dissection(name: str, steps: int = 11) -> Dissection:
    config = Config()
    for path, value in RUNS[name].items():
        config = config.replace(path, value)
    trainer = Trainer(config)
    trainer.run(steps)
    return dissect(config, trainer.state())


@pytest.fixture
def selection(qtbot: QtBot) -> Selection:
    return Selection()


@pytest.fixture
def view(qtbot: QtBot, selection: Selection) -> MicroscopeView:
    view = MicroscopeView(selection, LIGHT)
    qtbot.addWidget(view)
    view.resize(380, 300)
    view.show()
    return view


def _child(view: MicroscopeView, kind: type[W], name: str) -> W:
    child = view.findChild(QObject, name)
    assert isinstance(child, kind)
    return child


def _button(view: MicroscopeView, name: str) -> QToolButton:
    return _child(view, QToolButton, name)


def _plain(text: str) -> str:
    return re.sub(r"<[^>]*>", "", text)


def _parameters(d: Dissection) -> list[Parameter]:
    """A weight and a bias of each layer, in the middle of it."""
    found = []
    for layer, here in enumerate(d.layers):
        rows, columns = here.weight.shape
        kinds: tuple[Kind, ...] = ("weight", "bias")
        found += [Parameter(layer, kind, rows // 2, columns // 2 if kind == "weight" else 0) for kind in kinds]
    return found


def _text(d: Dissection, move: int, parameter: Parameter, position: int | None) -> str:
    return _plain(numbers_text(d, move, parameter, position, LIGHT, in_full))


@pytest.mark.parametrize("name", RUNS)
def test_forward_shows_the_values_of_one_sample(name: str) -> None:
    d = _dissection(name)
    position = len(d.samples) - 1
    text = _text(d, FORWARD, _parameters(d)[0], position)
    assert f"x = {in_full(float(d.x[position]))}" in text
    assert f"ŷ = {in_full(float(d.values.output[position]))}" in text
    assert f"y = {in_full(float(d.y[position]))}" in text
    for u, h in zip(d.values.pre_activations, d.values.activations, strict=True):
        for index in range(len(u))[:LISTED]:
            assert f"{in_full(float(u[index, position]))}{in_full(float(h[index, position]))}" in text
        if len(u) > LISTED:
            assert f"{len(u) - LISTED:,} more neurons" in text


@pytest.mark.parametrize("name", RUNS)
def test_forward_writes_the_chosen_neuron_out(name: str) -> None:
    d = _dissection(name)
    for parameter in _parameters(d):
        written = _text(d, FORWARD, parameter, 0).split("Written out")[1].split(" + b = ")[1]
        left, right = written.rsplit(" = ", 1)
        terms = [re.sub(r" \(.*more\)", "", term) for term in left.split(" + ")]
        assert sum(_product(term) for term in terms) == pytest.approx(_number(right), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("name", RUNS)
def test_the_whole_batch_lists_its_samples(name: str) -> None:
    d = _dissection(name)
    forward = _text(d, FORWARD, _parameters(d)[0], None)
    loss = _text(d, LOSS, _parameters(d)[0], None)
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
    d = _dissection(name)
    for position in range(len(d.samples)):
        text = _text(d, LOSS, _parameters(d)[0], position)
        assert f"= {in_full(float(d.errors[position]))}loss of the sample" in text.replace("&nbsp;", "")
        assert f"= {in_full(float(d.sample_losses[position]))}L = {in_full(d.loss)}" in text


@pytest.mark.parametrize("name", RUNS)
def test_the_product_of_the_factors_is_the_share_and_the_shares_add_up_to_the_gradient(name: str) -> None:
    d = _dissection(name)
    for p in _parameters(d):
        shares = []
        links = chain(d, p.layer, p.kind, p.neuron, p.column)
        for position in range(len(d.samples)):
            text = _text(d, BACKWARD, p, position)
            found = re.search(r"share of this sample = (.*?) = (.*?)gradient ∂L/∂[wb] = (.*?)(The|$)", text)
            assert found is not None
            factors = found[1].split(" · ")
            assert len(factors) == (2 if p.layer == len(d.layers) - 1 else 4)
            assert np.prod([_number(factor) for factor in factors]) == pytest.approx(_number(found[2]), rel=1e-6)
            assert found[2] == in_full(float(links.products[position]))
            assert found[3] == in_full(links.gradient)
            shares.append(_number(found[2]))
        scale = float(np.abs(shares).sum())
        assert sum(shares) == pytest.approx(links.gradient, abs=1e-5 * scale + 1e-12)


@pytest.mark.parametrize("name", RUNS)
def test_backward_lists_the_shares_of_the_batch(name: str) -> None:
    d = _dissection(name)
    for p in _parameters(d):
        links = chain(d, p.layer, p.kind, p.neuron, p.column)
        text = _text(d, BACKWARD, p, None)
        for share in links.products[:LISTED]:
            assert f"= {in_full(float(share))}" in text
        if len(d.samples) > LISTED:
            assert f"together {in_full(float(links.products[LISTED:].sum()))}" in text
        assert f"= {in_full(links.gradient)}" in text


@pytest.mark.parametrize("name", RUNS)
def test_update_shows_every_term_of_the_optimiser(name: str) -> None:
    d = _dissection(name)
    assert d.update is not None
    assert d.after is not None
    for p in _parameters(d):
        text = _text(d, UPDATE, p, None)
        for term in d.update.terms:
            symbols = d.update.in_symbols(term).replace("w", p.symbol)
            assert f"{term.label}{symbols} = " in text
            assert f"= {in_full(d.update.value(term.name, p.array, p.place))}" in text
            numbers = d.update.in_numbers(term, p.array, p.place, in_full)
            assert term.name == "g" or f"{symbols} = {numbers} = " in text
        old, new = (float(state.parameters[p.array][p.place]) for state in (d.before, d.after))
        assert text.endswith(f"old value{in_full(old)}new value{in_full(new)}")


def test_a_frozen_weight_keeps_its_value() -> None:
    config = Config()
    trainer = Trainer(config)
    trainer.run(3)
    frozen = tuple(np.ones(a.shape, dtype=bool) for a in trainer.state().parameters)
    text = _text(dissect(config, trainer.state(), frozen), UPDATE, Parameter(1, "weight", 0, 3), None)
    assert "Frozen" in text
    assert "w ← " not in text
    old, new = text.split("old value")[1].split("new value")
    assert old == new


def test_a_step_that_cannot_be_taken_is_said_to_be_so(view: MicroscopeView) -> None:
    config = Config().replace("training.learning_rate", 10.0)
    trainer = Trainer(config)
    state = trainer.state()
    broken = tuple(np.full_like(a, np.inf) for a in state.parameters)
    d = dissect(config, type(state)(state.step, broken, state.slots))
    assert d.update is None
    view.show_dissection(d)
    for move in range(4):
        view.set_move(move)
        for sample in (None, 3):
            view.set_sample(sample)
            assert view.text()
    assert "no step can be taken" in view.text()
    assert not _button(view, "microscopeTake").isEnabled()
    assert len(view.edge_values()) == 0


@pytest.mark.parametrize("name", RUNS)
def test_the_edges_carry_values_forward_and_gradients_back(name: str) -> None:
    d = _dissection(name)
    for layer, here in enumerate(d.layers):
        inputs = d.x[None, :] if layer == 0 else d.values.activations[layer - 1]
        output, source = here.weight.shape[0] // 2, here.weight.shape[1] - 1
        key, weight = (layer, output, source), float(here.weight[output, source])
        assert EdgeValues(d, FORWARD, 0)[key] == pytest.approx(weight * float(inputs[source, 0]))
        assert EdgeValues(d, FORWARD, None)[key] == pytest.approx(weight * inputs[source].mean(dtype=float), rel=1e-5)
        assert EdgeValues(d, BACKWARD, None)[key] == d.gradients[layer].weight[output, source]
        shares = [EdgeValues(d, BACKWARD, i)[key] for i in range(len(d.samples))]
        assert sum(shares) == pytest.approx(d.gradients[layer].weight[output, source], abs=1e-5)
        assert d.update is not None
        assert EdgeValues(d, UPDATE, None)[key] == d.update.term("delta").values[2 * layer][output, source]
    edges = EdgeValues(d, FORWARD, None)
    assert len(edges) == len(list(edges)) == sum(here.weight.size for here in d.layers)
    assert (0, 0, 5) not in edges
    assert (0, -1, 0) not in edges
    assert not EdgeValues(d, LOSS, None)
    assert not EdgeValues(None, FORWARD, None)


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        (None, Parameter(1, "weight", 0, 0)),
        (EdgeRef(0, 4, 0), Parameter(0, "weight", 4, 0)),
        (NeuronRef(0, 4), Parameter(0, "bias", 4)),
        (NeuronRef(1, 0), Parameter(1, "bias", 0)),
        (EdgeRef(0, 10, 0), Parameter(1, "weight", 0, 0)),  # of a network that was
        (NeuronRef(2, 0), Parameter(1, "weight", 0, 0)),
    ],
)
def test_what_is_selected_is_written_out(ref: Ref | None, expected: Parameter) -> None:
    assert parameter_of(_dissection("sgd"), ref) == expected


def test_the_pinned_weight_goes_before_the_hovered_one(view: MicroscopeView, selection: Selection) -> None:
    view.show_dissection(_dissection("sgd"))
    view.set_move(BACKWARD)
    assert "Weight w from h₁ to ŷ" in view.text()
    selection.hover(EdgeRef(0, 2, 0))
    view._hover_timer.timeout.emit()
    assert "Weight w from x to h₃" in view.text()
    selection.pin(NeuronRef(0, 4))
    assert "Bias b of h₅" in view.text()
    selection.hover(EdgeRef(1, 0, 6))
    assert not view._hover_timer.isActive() or "Bias b of h₅" in view.text()
    selection.hover(None)
    selection.pin(None)
    assert "Weight w from h₁ to ŷ" in view.text()


def test_the_keyboard_goes_through_the_moves(view: MicroscopeView, qtbot: QtBot) -> None:
    view.show_dissection(_dissection("sgd"))
    walk = [
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_Right, 3),
        (Qt.Key.Key_Right, 3),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_Left, 0),
    ]
    for name in ("microscope", "microscopeForward", "microscopePlay", "microscopeSample"):
        target = view if name == "microscope" else _child(view, QWidget, name)
        for key, expected in walk:
            if name == "microscopeSample" and key == Qt.Key.Key_Home:
                view.set_move(0)  # in a list, Home is the list's own key
                continue
            QTest.keyClick(target, key)
            assert view.move == expected
            assert view._buttons[expected].isChecked()
            assert view.focusProxy() is view._buttons[expected]
            assert _button(view, "microscopeTake").isVisible() == (expected == UPDATE)


def test_up_and_down_scroll(view: MicroscopeView, qtbot: QtBot) -> None:
    view.show_dissection(_dissection("deep"))
    bar = _child(view, QScrollArea, "microscopeArea").verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    QTest.keyClick(view, Qt.Key.Key_PageDown)
    assert bar.value() > 0
    QTest.keyClick(view, Qt.Key.Key_PageUp)
    assert bar.value() == 0
    QTest.keyClick(view, Qt.Key.Key_Down)
    view.set_move(1)
    assert bar.value() == 0


def test_the_buttons_go_to_their_moves(view: MicroscopeView, qtbot: QtBot) -> None:
    view.show_dissection(_dissection("sgd"))
    for move, name in ((2, "Backward"), (1, "Loss"), (3, "Update"), (0, "Forward")):
        with qtbot.waitSignal(view.move_changed) as caught:
            _button(view, f"microscope{name}").click()
        assert caught.args == [move]
        assert view.move == move


def test_play_goes_on_by_itself_and_stops_at_the_last_move(view: MicroscopeView) -> None:
    view.show_dissection(_dissection("sgd"))
    play = _button(view, "microscopePlay")
    moves: list[int] = []
    view.move_changed.connect(moves.append)
    play.click()
    assert view._play_timer.isActive()
    assert 2_000 <= view._play_timer.interval() <= 3_000
    for _ in range(3):
        view._play_timer.timeout.emit()
    assert moves == [1, 2, 3]
    assert not play.isChecked()
    assert not view._play_timer.isActive()
    play.click()  # once more, from the first move
    assert moves[-1] == 0
    assert view._play_timer.isActive()


def test_play_stops_when_the_user_takes_over_or_looks_elsewhere(view: MicroscopeView) -> None:
    view.show_dissection(_dissection("sgd"))
    play = _button(view, "microscopePlay")
    stops: list[Callable[[], object]] = [
        lambda: QTest.keyClick(view, Qt.Key.Key_Right),
        view.hide,
        lambda: view.show_dissection(None),
    ]
    for stop in stops:
        view.show()
        play.setChecked(True)
        assert view._play_timer.isActive()
        stop()
        assert not view._play_timer.isActive()
        assert not play.isChecked()


def test_what_the_user_wants_is_signalled(view: MicroscopeView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.dissection_wanted):
        _button(view, "microscopeDissect").click()
    view.hide()
    with qtbot.waitSignal(view.dissection_wanted):
        view.show()
    view.show_dissection(_dissection("sgd"))
    take = _button(view, "microscopeTake")
    assert not take.isVisible()
    view.set_move(UPDATE)
    with qtbot.waitSignal(view.step_wanted):
        take.click()
    assert not take.isEnabled()  # one step is taken once
    view.show_dissection(_dissection("sgd", 12))
    assert take.isEnabled()
    assert view.move == 0


def test_the_same_step_once_more_leaves_the_view_where_it_is(view: MicroscopeView) -> None:
    view.show_dissection(_dissection("batches"))
    view.set_move(BACKWARD)
    sample = int(_dissection("batches").samples[2])
    view.set_sample(sample)
    view.show_dissection(_dissection("batches"))
    assert (view.move, view.sample) == (BACKWARD, sample)
    view.show_dissection(_dissection("sgd"))
    assert (view.move, view.sample) == (0, sample)


def test_the_sample_chooser_lists_the_batch(view: MicroscopeView) -> None:
    d = _dissection("batches")
    view.show_dissection(d)
    chosen: list[object] = []
    view.sample_changed.connect(chosen.append)
    combo = _child(view, QComboBox, "microscopeSample")
    assert combo.count() == 1 + len(d.samples)
    assert combo.itemText(0) == f"whole batch: {len(d.samples)} samples"
    combo.setCurrentIndex(3)
    assert combo.currentText().startswith(f"sample {d.samples[2] + 1}: x = ")
    assert chosen == [view.sample] == [int(d.samples[2])]
    assert f"x = {short(float(d.x[2]))}" in view.text()
    outside = next(i for i in range(20) if i not in d.samples)
    view.set_sample(outside)
    assert chosen[-1] is None
    assert combo.currentIndex() == 0
    combo.setCurrentIndex(1)
    view.show_dissection(None)
    assert chosen[-1] is None
    assert combo.count() == 1


def test_without_a_step_it_says_how_to_get_one(view: MicroscopeView) -> None:
    view.show_dissection(_dissection("sgd"))
    view.set_move(2)
    view.show_dissection(None)
    assert "take one step apart" in view.text()
    assert view.move == 0
    assert not _button(view, "microscopePlay").isEnabled()
    assert not _button(view, "microscopeLoss").isEnabled()
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.move == 0
    assert not view.edge_values()


def test_all_digits_on_demand(view: MicroscopeView) -> None:
    d = _dissection("sgd")
    view.show_dissection(d)
    view.set_move(LOSS)
    assert f"<b>{short(d.loss)}</b>" in view.text()
    _button(view, "microscopeDigits").click()
    assert f"<b>{in_full(d.loss)}</b>" in view.text()
    assert np.float32(_number(in_full(d.loss))) == np.float32(d.loss)


def test_out_of_sight_nothing_is_written(view: MicroscopeView) -> None:
    label = _child(view, QLabel, "microscopeNumbers")
    view.hide()
    view.show_dissection(_dissection("sgd"))
    assert label.text() == ""
    view.show()
    assert label.text() != ""


def test_everything_has_a_name_and_says_what_it_does(view: MicroscopeView) -> None:
    controls: list[QWidget] = [*view.findChildren(QToolButton), _child(view, QComboBox, "microscopeSample")]
    assert len(controls) == 9
    for control in controls:
        assert control.objectName().startswith("microscope")
        assert control.accessibleName()
        assert control.toolTip()
    assert view.objectName() == "microscope"
    assert view.property("card") is True


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_it_fits_into_300_pixels(view: MicroscopeView, name: str, theme: Theme) -> None:
    view.setStyleSheet(style_sheet(theme))
    view.show_theme(theme)
    view.resize(300, 300)
    view.show_dissection(_dissection(name))
    for move in range(4):
        view.set_move(move)
        for sample in (None, int(_dissection(name).samples[0])):
            view.set_sample(sample)
            assert not view.grab().isNull()
            assert view.minimumSizeHint().width() <= 300
            area = _child(view, QScrollArea, "microscopeArea")
            page = area.widget()
            assert page is not None
            assert page.width() <= area.viewport().width()


def _number(text: str) -> float:
    """Read a number as it is written on screen."""
    text = text.strip().strip("()").replace("−", "-")
    superscripts = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    if "·10" in text:
        mantissa, exponent = text.split("·10")
        return float(mantissa) * 10.0 ** int(exponent.translate(superscripts))
    return float(text)


def _product(term: str) -> float:
    """Read a number, or the product of two."""
    term = re.sub(r"·10(?=[⁻⁰¹²³⁴⁵⁶⁷⁸⁹])", "E", term)
    return float(np.prod([_number(factor.replace("E", "·10")) for factor in term.split("·")]))
