"""One step as code: the code checks its own lines by hand, and ends with the program's own step, to the bit."""

import contextlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from tests.dissections import broken_dissection, dissection
from tests.exported import CONFIGS
from tests.runs import trained
from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.export import step_code as step_code_module, verification
from tinynet_gui.core.export.data_code import MAX_WRITTEN, SampleFiles
from tinynet_gui.core.export.receipt import Receipt, receipt_lines
from tinynet_gui.core.export.step_code import numbers_after, step_code, step_notebook, step_script
from tinynet_gui.core.export.verification import verify_step
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef, frozen_masks
from tinynet_gui.core.run.events import StepRule
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.step.dissection import Dissection, dissect
from tinynet_gui.core.text.csv_text import csv_text
from tinynet_gui.engine.jobs.exporting import export_step
from tinynet_gui.engine.jobs.jobs import Job

NOT_RUN = Receipt(1, trouble="it has not been run", is_of_step=True)
RELU = ACTIVATIONS["relu"]
FROZEN: frozenset[Ref] = frozenset({WeightRef(0, 1, 0), NeuronRef(0, 0), LayerRef(1)})


def executed(code: str, file: str = "step.py") -> tuple[str, list[float]]:
    """What it prints, and the numbers that it ends with."""
    printed, names = io.StringIO(), dict[str, Any](__file__=file)
    try:
        with contextlib.redirect_stdout(printed):
            exec(code, names)
    finally:
        torch.set_default_dtype(torch.float32)
    return printed.getvalue(), names["numbers"]


def assert_same(d: Dissection, code: str, file: str = "step.py") -> None:
    printed, numbers = executed(code, file)
    assert "Each line by hand agrees with PyTorch." in printed
    assert "largest difference from tinynet after the step: 0\n" in printed
    np.testing.assert_array_equal(np.array(numbers, np.float32), numbers_after(d))


def script_of(d: Dissection, most_written: int = 200) -> str:
    return step_script(step_code(d, SampleFiles("step_samples", most_written=most_written)), NOT_RUN)


@settings(max_examples=40)
@given(changes=CONFIGS, steps=st.integers(0, 9), is_frozen=st.booleans())
def test_each_line_of_a_steps_code_agrees_with_pytorch(changes: dict[str, Any], steps: int, is_frozen: bool) -> None:
    config = Config().with_changes(changes)
    state = trained(config, steps).state()
    has_room = len(state.parameters) > 2 and len(state.parameters[0]) > 1
    masks = frozen_masks(FROZEN if is_frozen and has_room else frozenset(), state.parameters)
    d = dissect(config, state, masks)
    assert_same(d, script_of(d))


def test_step_code_begins_like_the_tutorial() -> None:
    script = script_of(dissection("sgd"))
    for line in (
        "# u = x @ W.T + b, and h = max(u, 0) of each u.",
        "u1 = x @ W1.T + b1",
        "h1 = torch.where(u1 > 0, u1, 0.0)",
        "outputs = h1 @ W2.T + b2",
        "assert torch.allclose(outputs, values[3])",
        "mean = (e**2).mean()",
        "d_outputs = 2 * e / len(x)",
        "dh1 = d_outputs @ W2",
        "du1 = dh1 * torch.where(u1 > 0, 1.0, 0.0)",
        "assert torch.allclose(dW1, network[0].weight.grad)",
        "    delta = -rate * gradient",
    ):
        assert line in script.splitlines(), line
    assert "tinynet_gui" not in script
    assert "of each u" not in script_of(dissection("linear"))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activations_own_lines_are_its_functions(name: str) -> None:
    activation, u = ACTIVATIONS[name], np.linspace(-6, 6, 97)
    for code, function in zip(activation.by_hand, (activation.function, activation.derivative), strict=True):
        values = eval(code, {"torch": torch, "u": torch.tensor(u)})
        np.testing.assert_allclose(values.numpy(), function(u), rtol=1e-7, atol=1e-13)


def test_a_wrong_line_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever it is: a value, a slope, a loss, or a term of an optimiser."""
    for name, activation in ACTIVATIONS.items():
        for wrong in (("u - 0.001", activation.by_hand[1]), (activation.by_hand[0], "1.001 + 0 * u")):
            monkeypatch.setitem(ACTIVATIONS, name, replace(activation, by_hand=wrong))
            assert_stops({"network.activation": name, "network.hidden": (3, 3)})
    for name, loss in LOSSES.items():
        value, slope = loss.by_hand
        for wrong in ((f"1.001 * {value}", slope), (value, f"1.001 * {slope}")):
            monkeypatch.setitem(LOSSES, name, replace(loss, by_hand=wrong))
            assert_stops({"training.loss": name})
        monkeypatch.setitem(LOSSES, name, loss)
    monkeypatch.setitem(ACTIVATIONS, "relu", RELU)
    for name, optimizer in OPTIMIZERS.items():
        rule = optimizer.rule(Config().replace("training.optimizer", name).training)
        for place, term in enumerate(rule.terms):
            terms = [*rule.terms]
            terms[place] = replace(term, formula=f"{term.formula} + 0.001")
            wrong_rule = replace(rule, terms=tuple(terms))
            monkeypatch.setitem(OPTIMIZERS, name, replace(optimizer, rules=(wrong_rule,), rule_of=None))
            assert_stops({"training.optimizer": name})


def assert_stops(changes: dict[str, Any]) -> None:
    config = Config().with_changes(changes)
    with pytest.raises(AssertionError):
        executed(script_of(dissect(config, trained(config, 2).state())))


@pytest.mark.parametrize("name", ["nesterov", "adam", "wide"])
def test_many_numbers_are_tables_beside_it(name: str, tmp_path: Path) -> None:
    d = dissection(name)
    code = step_code(d, files := SampleFiles("mine_samples", most_written=1))
    assert set(files.texts) == {"mine_samples.csv", "mine_weights.csv"}
    for file, text in files.texts.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    assert_same(d, step_script(code, NOT_RUN), str(tmp_path / "mine.py"))


def test_a_notebook_has_the_same_code_and_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    d = dissection("deep")
    notebook = step_notebook(step_code(d, files := SampleFiles("step_samples", is_notebook=True)), NOT_RUN)
    for name, table in files.texts.items():
        (tmp_path / name).write_text(table, encoding="utf-8")
    nbformat.validate(nbformat.reads(notebook, as_version=4))
    cells = json.loads(notebook)["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert "__file__" not in notebook
    parts = step_code(d, SampleFiles("step_samples", is_notebook=True)).sections
    assert all("\n".join(part.lines) in code for part in parts)
    assert_same(d, "\n".join(code))
    assert "NOT VERIFIED: it has not been run." in "".join(cells[-1]["source"])


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_a_step_that_leaves_the_finite_numbers_has_none(value: float) -> None:
    with pytest.raises(ValueError, match="leaves the finite numbers"):
        step_code(broken_dissection((4, 3), "adam", value))


def moment_of(width: int) -> Moment:
    """With all that there is: memory, a mini-batch, weight decay, standardised samples, some held out and frozen."""
    changes = {"training.optimizer": "adam", "training.batch_size": 6, "training.weight_decay": 0.01}
    config = Config().with_changes({**changes, "data.standardise": "xy", "data.held_out": 0.3})
    config = config.replace("network.hidden", (width,))
    return Moment(trained(config, 5).state(), StepRule(config, frozenset({NeuronRef(0, 2)}), "Compiled"))


@pytest.mark.parametrize(("file", "width", "process"), [("step.py", 10, "this"), ("step.ipynb", 70, "another")])
def test_a_written_step_is_verified_in_a_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, width: int, process: str
) -> None:
    """Its table is written once, and beside it."""
    tables = list[str]()

    def numbers(folder: Path, script: str, *_: object) -> Iterator[np.ndarray]:
        yield np.array(executed(script, str(folder / file))[1], np.float32)

    def made(*table: Any) -> str:
        tables.append(csv_text(*table))
        return tables[-1]

    monkeypatch.setattr(step_code_module, "csv_text", made)
    if process == "this":
        monkeypatch.setattr(verification, "_numbers_of", numbers)
    exported = export_step(moment_of(width), str(tmp_path / file), file.endswith(".ipynb"), Job(lambda _: None))
    assert not isinstance(exported, str)
    receipt, count = exported, 3 * width + 1
    assert receipt.is_verified, receipt
    verdict, versions, note = receipt_lines(receipt)
    assert f"with PyTorch. The loss and {count} weights and biases after the step are equal bit for bit" in verdict
    assert ("torch" in versions) == (process == "another")
    assert "compiled loop" in note
    text = " ".join((tmp_path / file).read_text(encoding="utf-8").replace("\n# ", " ").split())
    assert " ".join(verdict.split()) in text
    assert len(tables) == (count > MAX_WRITTEN)
    assert [path.read_text(encoding="utf-8") for path in tmp_path.glob("*.csv")] == tables


def test_cancelled_while_its_table_is_made_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job, rows = Job(lambda _: None), list[object]()

    def stopped_at(_header: object, table: Iterable[object]) -> str:
        for row in table:
            rows.append(row)
            job.stop[0] = 1
        return ""

    monkeypatch.setattr(step_code_module, "BLOCK", 20)
    monkeypatch.setattr(step_code_module, "csv_text", stopped_at)
    exported = export_step(moment_of(70), str(tmp_path / "step.py"), False, job)
    assert exported == "It was cancelled before the file was written."
    assert (len(rows), list(tmp_path.iterdir())) == (20, [])


def test_scripts_ending_early_or_differing_are_not_verified() -> None:
    expected, stop = np.array([1, 2, 3], np.float32), np.zeros(1, np.uint8)
    ended = verify_step(expected, "assert 1 == 2, 'dW1'", stop)
    said = "ended after 0 numbers, with code 1: AssertionError: dW1, in the line “assert 1 == 2, 'dW1'”"
    assert ended.trouble.endswith(said)
    other = verify_step(expected, "numbers = [1.0, 2.5, 3.0]", stop)
    assert not other.is_verified
    assert (other.compared, other.largest, other.first) == (3, 0.5, 0)
    assert receipt_lines(other)[0].startswith("NOT THE SAME")
