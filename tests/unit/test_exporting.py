"""What is exported: numbers as files, a notebook, and what is written where something goes wrong on the way."""

import csv
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO
from pathlib import Path
from typing import BinaryIO

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

from tests.exported import ACTS, EVERYTHING
from tests.not_none import not_none
from tests.runs import walk
from tinynet_gui.core.config import Config, NetworkConfig
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.data.scaling import Scaling
from tinynet_gui.core.export import verification
from tinynet_gui.core.export.data_code import MOST_WRITTEN, SampleFiles
from tinynet_gui.core.export.model_files import numbers_csv, state_dict_bytes
from tinynet_gui.core.export.notebook import notebook_text
from tinynet_gui.core.export.receipt import Receipt
from tinynet_gui.core.export.script import code_of, script_text
from tinynet_gui.core.export.verification import recorded_losses, unverified
from tinynet_gui.core.network.initial_parameters import initial_parameters
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.storage.atomic import replacing
from tinynet_gui.core.training.torch_network import make_network
from tinynet_gui.engine.jobs import exporting
from tinynet_gui.engine.jobs.exporting import export_code
from tinynet_gui.engine.jobs.jobs import Job


@pytest.fixture(scope="module")
def run() -> Run:
    return walk(Config(), [(5, "nothing", 0.0)], 2).run


def export(run: Run, file: Path, stopped: bool = False) -> Receipt:
    job = Job(lambda _: None)
    job.stop[0] = stopped
    return not_none(export_code(run, str(file), False, job).receipt)


def test_where_the_steps_cannot_be_taken_again_the_script_is_written_without_a_comparison(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> dict[int, float]:
        raise ImportError("No module named 'torch'")

    monkeypatch.setattr(verification, "recorded_losses", missing)
    exported = export(run, tmp_path / "run.py")
    assert exported.trouble == "the run's steps cannot be taken again here: No module named 'torch'"
    text = (tmp_path / "run.py").read_text(encoding="utf-8")
    assert "# NOT VERIFIED: the run's steps cannot be taken again here" in text
    assert "recorded" not in text
    assert "for step in range(training_steps):" in text


def test_cancelled_at_once_it_is_written_all_the_same(run: Run, tmp_path: Path) -> None:
    exported = export(run, tmp_path / "run.py", stopped=True)
    assert exported.trouble == "it was cancelled"
    assert "# The check was cancelled before its end." in (tmp_path / "run.py").read_text(encoding="utf-8")


def test_where_the_disk_fills_meanwhile_the_first_file_stays(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = itertools.count()

    @contextmanager
    def filling(path: Path) -> Iterator[BinaryIO]:
        if next(count):
            raise OSError("no space left")
        with replacing(path) as file:
            yield file

    monkeypatch.setattr(exporting, "replacing", filling)
    monkeypatch.setattr(verification, "verify", lambda *_, **__: Receipt(5, compared=5))
    exported = export(run, tmp_path / "run.py")
    assert exported.trouble == "the receipt could not be written: no space left"
    assert "# NOT VERIFIED: the verification had not ended" in (tmp_path / "run.py").read_text(encoding="utf-8")


def test_many_samples_are_a_table_beside_it_which_replaces_no_other_file(tmp_path: Path) -> None:
    x = np.linspace(0, 1, MOST_WRITTEN + 1)
    run = walk(Config().replace("data.points", Points(x, x)), [(3, "nothing", 0.0)], 2).run
    (tmp_path / "run_samples.csv").write_text("mine", encoding="utf-8")
    export(run, tmp_path / "run.py", stopped=True)
    assert "run_samples_2.csv" in (tmp_path / "run.py").read_text(encoding="utf-8")
    exported = export(run, tmp_path / "run.py")  # written again, it is the same file
    assert exported.is_verified
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run.py", "run_samples.csv", "run_samples_2.csv"]
    assert (tmp_path / "run_samples.csv").read_text(encoding="utf-8") == "mine"


WIDTHS = [(10,), (), (3, 4), (1, 1, 1)]


@pytest.mark.parametrize("hidden", WIDTHS)
def test_a_state_dict_loads_into_the_network_of_the_script(hidden: tuple[int, ...]) -> None:
    config = NetworkConfig(hidden=hidden, seed=5)
    parameters = initial_parameters(config)
    read = torch.load(BytesIO(state_dict_bytes(parameters)), weights_only=True)
    network = make_network(NetworkConfig(hidden=hidden))
    network.load_state_dict(read)
    for parameter, array in zip(network.parameters(), parameters, strict=True):
        np.testing.assert_array_equal(parameter.detach().numpy(), array)


@pytest.mark.parametrize("hidden", WIDTHS)
def test_the_table_has_each_number_to_the_bit(hidden: tuple[int, ...]) -> None:
    parameters = initial_parameters(NetworkConfig(hidden=hidden))
    network = make_network(NetworkConfig(hidden=hidden, seed=9))
    state = {name: np.full(tensor.shape, np.nan, np.float32) for name, tensor in network.state_dict().items()}
    for row in csv.DictReader(StringIO(numbers_csv(parameters))):
        index = [int(row[name]) for name in ("neuron", "input") if row[name]]
        state[row["parameter"]][tuple(index)] = np.float32(row["value"])
    np.testing.assert_equal([*state.values()], [*parameters])


@pytest.mark.parametrize("scaling", [Scaling(5.5, 2.25), Scaling(5.5, 2.25, -3.1, 0.3)])
def test_of_a_network_as_trained_the_files_carry_the_mean_and_the_deviation(scaling: Scaling) -> None:
    parameters = initial_parameters(NetworkConfig())
    read = torch.load(BytesIO(state_dict_bytes(parameters, scaling)), weights_only=True)
    network = make_network(NetworkConfig(seed=5))
    network.load_state_dict(read, strict=False)
    np.testing.assert_array_equal(next(network.parameters()).detach().numpy(), parameters[0])
    names = ["x_mean", "x_deviation", "y_mean", "y_deviation"][: 4 if scaling.has_y else 2]
    rows = list(csv.DictReader(StringIO(numbers_csv(parameters, scaling))))[-len(names) :]
    assert [row["parameter"] for row in rows] == names == list(read)[4:]
    for name, row in zip(names, rows, strict=True):
        assert float(row["value"]) == getattr(scaling, name) == read[name].item()


def test_it_is_valid_and_runs_from_top_to_bottom(tmp_path: Path) -> None:
    x = np.linspace(0, 90, MOST_WRITTEN + 1)
    points = Points(x, 20 + 70 * np.exp(-x / 30), origin="many")
    run = walk(Config().with_changes({**EVERYTHING, "data.points": points}), ACTS, 5).run
    files = SampleFiles(is_notebook=True)
    code = code_of(run, recorded_losses(run), files)
    notebook = nbformat.reads(notebook_text(run, code, unverified(run, "it was not asked for")), as_version=4)
    nbformat.validate(notebook)
    assert "__file__" not in str(notebook)
    for name, text in files.texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 4
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    assert "Compared with tinynet at 10 steps: the same to " in printed
    assert f"after {run.step} steps: loss = " in printed


def test_it_has_the_code_of_the_script() -> None:
    run = walk(Config().with_changes(EVERYTHING), ACTS, 5).run
    code = code_of(run, recorded_losses(run))
    cells = json.loads(notebook_text(run, code, unverified(run, "why")))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert sources[0].endswith(code.imports)
    for part in (code.functions, code.data, code.network, code.criterion, code.loop, code.result, code.comparison):
        assert part in sources
        assert part in script_text(code, unverified(run, "why"))
    assert "NOT VERIFIED: why." in "".join(cells[-2]["source"])


def test_of_a_run_that_has_taken_no_step_it_compares_nothing() -> None:
    run = walk(Config(), [(1, "nothing", 0.0)], 1).run
    text = notebook_text(run, code_of(run, {}), unverified(run, "why"))
    assert "recorded" not in text
    assert "Changes made during the training" not in text
    nbformat.validate(nbformat.reads(text, as_version=4))
