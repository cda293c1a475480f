"""What a learner computes by hand from the numbers on the page is what the page says next."""

import re

import numpy as np
import pytest

from tests.lessons import lesson_step
from tests.runs import trained
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.lessons.lesson import NumberQuestion
from tinynet_gui.core.lessons.measurements import joined, measured
from tinynet_gui.core.lessons.template import fill
from tinynet_gui.core.text.latex import affine_map, as_plain
from tinynet_gui.core.training.trainer import Trainer


def _numbers(text: str) -> list[float]:
    """All decimal numbers of a text, in order."""
    return [float(found.replace("−", "-")) for found in re.findall(r"−?\d+\.\d+", text)]


def _page(name: str, title: str, trainer: Trainer, known: dict[str, float] | None = None) -> list[list[float]]:
    """The numbers of a page of a lesson: before its answer, the answer itself, and after it."""
    step = lesson_step(name, title)
    scope = joined(known or {}, measured(trainer.snapshot(1)))
    answer = [round(step.question.answer.value(scope), 4)] if isinstance(step.question, NumberQuestion) else []
    return [_numbers(fill(step.text, scope)), answer, _numbers(fill(step.reveal, scope))]


def test_lesson_1_adds_up() -> None:
    *_, shown = _page("01", "Put 2.3 in", Trainer(Config().replace("network.hidden", (5,))))
    summands, bias, output = shown[2:15:3], shown[15], shown[16]
    assert round(sum(summands) + bias, 4) == output


def test_what_lesson_12_says_is_what_its_numbers_come_to() -> None:
    config = Config().with_changes({"network.hidden": (1,), "training.learning_rate": 0.1})
    trainer = Trainer(config.replace("data.points", Points([2.0], [4.0])))
    (w, b, w_out, b_out), [answer], (*_, u, h) = _page("12", "Forward", trainer)
    assert round(2 * w + b, 4) == answer == u == h
    (h, *outer), [output], [error] = _page("12", "The output", trainer)
    assert outer == [w_out, b_out]
    assert (round(w_out * h + b_out, 4), round(output - 4, 4)) == (output, error)
    [error], [loss], _ = _page("12", "The loss", trainer)
    assert round(error**2, 4) == loss
    [error], [slope], _ = _page("12", "Backward", trainer)
    assert round(2 * error, 4) == slope
    (slope, h), [times_h], (again, *gradients, factor) = _page("12", "The chain", trainer)
    assert (again, factor) == (slope, w_out)
    assert [round(slope * by, 4) for by in (h, factor, factor * 2)] == gradients
    assert times_h == gradients[0]
    scope = measured(trainer.snapshot(1))
    of = {"w_in": "weight(1, 1, 1)", "b_in": "bias(1, 1)", "w_out": "weight(2, 1, 1)", "b_out": "bias(2, 1)"}
    of |= {"g_out": "gradient_weight(2, 1, 1)", "loss_0": "loss"}
    known = {key: float(fill(f"{{1000000 * {text}:6}}", scope).replace("−", "-")) / 1e6 for key, text in of.items()}
    slopes = trainer.snapshot(1).gradients
    known["slopes"] = sum(float(np.square(layer.weight).sum() + layer.bias @ layer.bias) for layer in slopes)
    (*_, old, gradient), *_ = _page("12", "The update", trainer, known)
    trainer.run(1)
    known["loss_1"] = trainer.snapshot(1).train_loss
    _, [new], table = _page("12", "The update", trainer, known)
    assert round(old - 0.1 * gradient, 4) == new == table[5]
    for before, after, by in zip(
        table[0:8:2], table[1:8:2], (gradients[2], gradients[1], gradients[0], slope), strict=True
    ):
        assert round(before - 0.1 * by, 4) == after
    (*_, promised), [fall], (before, after, by, *_) = _page("12", "Was the promise kept?", trainer, known)
    assert round(0.1 * promised, 3) == round(fall, 3)
    assert round(before - after, 4) == by


@pytest.mark.parametrize("seed", range(6))
def test_a_line_of_mathematics_that_does_not_come_out_is_not_written_with_an_equals_sign(seed: int) -> None:
    """Read from the text that is copied, and computed from its numbers as they are rounded."""
    trainer = trained(Config().with_changes({"network.hidden": ((5,), (4, 4))[seed % 2], "network.seed": seed}), 100)
    layers = trainer.snapshot(1).layers
    for index in range(len(layers)):
        line = as_plain(affine_map(layers, "relu", index, 1.37 - seed / 2, digits=4))
        w, v, b, u = (
            np.array([[float(cell.replace("−", "-")) for cell in row.split(", ")] for row in found.split("; ")])
            for found in re.findall(r"\[([^\]]*)\]", line)
        )
        comes_out = (np.round(w @ v + b, 4) == u).all()
        assert ("≈" in line) == (not comes_out)
