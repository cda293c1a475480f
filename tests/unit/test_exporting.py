"""What is exported: numbers as files, a notebook, a script that is run and compared; and what goes wrong on the way."""

import csv
import itertools
import json
import platform
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, BinaryIO

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

from tests.exported import ACTS, EDITS, EVERYTHING, all_exported, by_pytorch, script_of
from tests.runs import walk
from tinynet_gui.core.config import Config, NetworkConfig
from tinynet_gui.core.data.points import Points, Scaling
from tinynet_gui.core.export import verification
from tinynet_gui.core.export.data_code import MAX_WRITTEN, SampleFiles
from tinynet_gui.core.export.notebook import notebook_text
from tinynet_gui.core.export.receipt import Receipt, receipt_lines
from tinynet_gui.core.export.script import code_of, script_text
from tinynet_gui.core.export.verification import recorded_losses, unverified, verify
from tinynet_gui.core.network_files.reading import numbers_csv, state_dict_bytes
from tinynet_gui.core.run.history import LiveSettingsEdit, change_text
from tinynet_gui.core.run.replay import Replay
from tinynet_gui.core.run.run import RECORDED, RETRACED, Provenance, Run
from tinynet_gui.core.storage.atomic import replacing
from tinynet_gui.core.system.processes import SCRIPT_PYTHON
from tinynet_gui.core.text.language import speaking, translate_stored
from tinynet_gui.core.training.start import initial_parameters
from tinynet_gui.core.training.torch_loop import make_network
from tinynet_gui.engine.jobs import exporting
from tinynet_gui.engine.jobs.exporting import export_code
from tinynet_gui.engine.jobs.jobs import Job
from tinynet_gui.engine.session_files import MANY_RUNS, ONE_RUN

STEPS = 60
IS_WINDOWS = sys.platform == "win32"


@pytest.fixture(scope="module")
def run() -> Run:
    return walk(Config(), [(STEPS, "nothing", 0.0)], 7).run


def export(run: Run, file: Path, stopped: bool = False) -> Receipt:
    job = Job(lambda _: None)
    job.stop[0] = stopped
    exported = export_code(run, str(file), False, job)
    assert not isinstance(exported, str)
    return exported


def test_steps_not_repeatable_leave_out_the_comparison(
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
    assert "# The check was cancelled before it finished." in (tmp_path / "run.py").read_text(encoding="utf-8")


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


def test_many_samples_go_to_a_table_overwriting_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    verified = list[str]()

    def verify(*_: object, files: dict[str, str], **__: object) -> Receipt:
        verified.extend(files)
        return Receipt(3, compared=3)

    monkeypatch.setattr(verification, "verify", verify)
    x = np.linspace(0, 1, MAX_WRITTEN + 1)
    run = walk(Config().replace("data.points", Points(x, x)), [(3, "nothing", 0.0)], 2).run
    (tmp_path / "run_samples.csv").write_text("mine", encoding="utf-8")
    export(run, tmp_path / "run.py", stopped=True)
    assert "run_samples_2.csv" in (tmp_path / "run.py").read_text(encoding="utf-8")
    assert export(run, tmp_path / "run.py").is_verified  # written again, it is the same file
    assert verified == ["run_samples_2.csv"]
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
def test_exported_networks_carry_mean_and_deviation(scaling: Scaling) -> None:
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


@pytest.mark.filterwarnings("ignore:Proactor event loop:RuntimeWarning")  # how Jupyter waits on Windows
def test_it_is_valid_and_runs_from_top_to_bottom(tmp_path: Path) -> None:
    x = np.linspace(0, 90, MAX_WRITTEN + 1)
    points = Points(x, 20 + 70 * np.exp(-x / 30), origin="many", y_name="$ per $^")
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
    assert "where ŷ is the network's output and y is standardised." in str(notebook)
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


@pytest.fixture(scope="module")
def losses(run: Run) -> list[float]:
    return [float(loss) for loss in Replay(run).losses(0, run.step)]


def text(receipt: Receipt) -> str:
    return " ".join(receipt_lines(receipt))


@pytest.mark.bits
def test_the_script_of_a_run_and_its_table_are_equal_bit_for_bit() -> None:
    """In a fresh interpreter; `test_export_script` says so of runs of all kinds in this one."""
    x = np.linspace(0, 90, MAX_WRITTEN + 1)
    run = by_pytorch(walk(Config().with_changes({**EVERYTHING, "data.points": Points(x, x)}), ACTS, 4).run)
    code = code_of(run, recorded_losses(run), SampleFiles("run"))
    assert code.files
    told: list[tuple[float, int]] = []
    script = script_text(code, unverified(run, "not yet"))
    receipt = verify(run, script, report=lambda share, step: told.append((share, step)), files=code.files)
    assert (receipt.trouble, receipt.is_verified, receipt.compared, receipt.largest) == ("", True, run.step, 0)
    assert told[-1] == (1, run.step)
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert f"Verified on {receipt.date}" in text(receipt)
    assert f"losses of all {run.step} steps are equal bit for bit" in text(receipt)
    for module in ("torch", "numpy"):  # torch calls itself 2.6.0+cu124 where the package is 2.6.0
        assert f"{module} {sys.modules[module].__version__.partition('+')[0]}" in text(receipt)
    assert "compiled loop" not in text(receipt)
    assert "numba" not in text(receipt)


def test_of_a_long_run_a_stated_number_is_compared(run: Run, losses: list[float]) -> None:
    endless = f"known = {losses}\nlosses = []\nwhile True:\n    losses.append(known[len(losses) % {STEPS}])"
    receipt = verify(run, endless, most=25)
    assert (receipt.is_verified, receipt.compared, receipt.largest) == (True, 25, 0)
    assert "the losses of the first 25 of 60 steps are equal" in text(receipt)


def test_compiled_steps_are_said_to_differ() -> None:
    run = walk(Config(), [(5, "nothing", 0.0), (300, "engine", 0.0)], 40).run
    assert run.rule_at(6).engine == "Compiled"
    receipt = verify(run, f"losses = {Replay(by_pytorch(run)).losses(0, run.step).tolist()}")
    assert (receipt.is_verified, receipt.compiled, receipt.compared) == (True, 300, 305)
    assert text(receipt).startswith(f"Compared on {receipt.date}: ")
    assert "300 of 305 steps were taken by the compiled loop" in text(receipt)
    assert 0 < receipt.largest < 1e-3
    assert f"at step {receipt.largest_at}, where the loss is" in text(receipt)


@pytest.mark.parametrize(
    ("first", "other", "is_verified"),
    [(1 + 1e-6, 1.5, True), (1 - 1e-3, 1.0, False), (1.0, np.nan, False), (1.0, np.inf, False), (np.nan, 1.0, False)],
)
def test_a_compiled_step_excuses_no_wrong_first_loss(first: float, other: float, is_verified: bool) -> None:
    run = walk(Config(), [(5, "nothing", 0.0), (STEPS - 5, "engine", 0.0)], 7).run
    expected = Replay(run).losses(0, run.step).tolist()
    wrong = [expected[0] * first, *expected[1:41], expected[41] * other, *expected[42:]]
    receipt = verify(run, f"from math import nan, inf; losses = {wrong}")
    assert (receipt.compared, receipt.is_verified) == (STEPS, is_verified)
    assert text(receipt).startswith(f"{'Compared' if is_verified else 'NOT THE SAME'} on {receipt.date}: ")


def test_a_difference_is_found_where_it_is(run: Run, losses: list[float]) -> None:
    wrong = list(losses)
    wrong[41] += 0.5
    receipt = verify(run, f"losses = {wrong}")
    assert (receipt.is_verified, receipt.compared, receipt.largest_at) == (False, STEPS, 41)
    assert receipt.largest == pytest.approx(0.5, rel=1e-5)
    assert receipt.loss_there == losses[41]
    assert text(receipt).startswith(f"NOT THE SAME on {receipt.date}: this code was run")
    assert "The largest difference is 0.5, at step 41, where the loss is" in text(receipt)
    wrong[41] = float("nan")
    assert verify(run, f"nan = float('nan'); losses = {wrong}").largest == np.inf


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("losses = [1.0]\nraise OSError('bad')", "after 1 loss, with code 1: OSError: bad, in the line “raise OSError"),
        ("this is no code", "SyntaxError"),
        ("losses = []", "ended after 0 losses, with code 0"),
        ("import os; os.kill(os.getpid(), 9)", "with code 9" if IS_WINDOWS else "with signal 9"),
    ],
)
def test_a_script_that_ends_is_not_verified(run: Run, script: str, why: str) -> None:
    receipt = verify(run, script)
    assert not receipt.is_verified
    assert why in text(receipt)
    assert text(receipt).startswith("NOT VERIFIED: the process that ran the script ended after")


def test_what_was_found_before_it_ended_is_said(run: Run, losses: list[float]) -> None:
    receipt = verify(run, f"losses = {losses[:30]}; raise SystemExit(3)")
    assert (receipt.compared, receipt.largest) == (28, 0)  # as far as a state that the run knows
    assert "ended after 30 losses, with code 3" in text(receipt)
    assert "the losses of the first 28 of 60 steps are equal" in text(receipt)


def test_a_hanging_script_is_cancelled_with_its_process(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    started, begin = list[Any](), subprocess.Popen

    def popen(*args: Any, **keywords: Any) -> Any:
        started.append(begin(*args, **keywords))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)
    stop = np.zeros(1, np.uint8)
    threading.Timer(0.3, stop.fill, [1]).start()
    receipt = verify(run, "import threading; threading.Event().wait()", stop)
    assert "The check was cancelled before it finished." in text(receipt)
    assert [process.returncode is not None for process in started] == [True]


def test_nothing_is_verified_without_steps_or_without_a_python(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "has taken no step" in text(verify(replace(run, checkpoints=run.checkpoints[:1]), ""))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert "NOT VERIFIED: it needs a Python with PyTorch: name one in the environment variable TINYNET_PYTHON" in text(
        verify(run, script_of(run))
    )


def test_versions_are_of_the_python_that_ran_the_script(
    run: Run, losses: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = f"It was run with Python {platform.python_version()}, torch {version('torch')}, numpy {np.__version__}."
    assert own in text(verify(run, f"losses = {losses}"))
    (tmp_path / "torch-9.9.dist-info").mkdir()
    (tmp_path / "torch-9.9.dist-info" / "METADATA").write_text("Name: torch\nVersion: 9.9\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv(SCRIPT_PYTHON, sys.executable)
    close = [losses[0], *(loss * (1 + 1e-6) for loss in losses[1:])]
    receipt = verify(run, f"losses = {close}")
    assert receipt.is_verified
    said = f", torch 9.9, numpy {np.__version__}. The run itself was repeated with torch {version('torch')}, "
    assert said in text(receipt)
    assert f"with “{sys.executable}”, which TINYNET_PYTHON names, ended after 0 losses" in text(verify(run, "1 / 0"))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("none", "cannot be started: there is no such file or folder"),
        ("", "cannot be started: it is a folder"),
        ("empty", "cannot be started: it is not a program"),
        ("plain", f"cannot be started: it is {'not a program' if IS_WINDOWS else 'not allowed'}"),
        ("says.bat", "did not start as a Python 3.11 or newer does: it ended with code 2: Unknown option: -P"),
    ],
)
def test_a_python_that_is_none_is_named_with_its_variable(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, why: str
) -> None:
    (tmp_path / "plain").touch()
    (tmp_path / "empty").touch(0o755)
    says = tmp_path / "says.bat"
    says.write_text(
        "@echo Unknown option: -P>&2\n@exit 2" if IS_WINDOWS else "#!/bin/sh\necho Unknown option: -P >&2; exit 2"
    )
    says.chmod(0o755)
    monkeypatch.setenv(SCRIPT_PYTHON, str(tmp_path / name))
    assert text(verify(run, "losses = []")) == f"NOT VERIFIED: “{tmp_path / name}”, which TINYNET_PYTHON names, {why}."


def test_a_run_of_another_machine_is_said_to_be_one(run: Run, losses: list[float]) -> None:
    elsewhere = replace(run, made_by=Provenance("a loom", "torch 0.1"))
    assert "It was trained with torch 0.1" in text(verify(elsewhere, f"losses = {losses}"))


def test_recorded_losses_are_the_first_the_last_and_some_between(run: Run, losses: list[float]) -> None:
    recorded = recorded_losses(run)
    assert len(recorded) == 10
    assert {0, STEPS - 1} <= set(recorded)
    assert all(loss == losses[step] for step, loss in recorded.items())


def test_what_other_programs_read_is_the_same_in_each_language() -> None:
    code = """
import json
from tinynet_gui.core.system.libraries import load_torch_without_compiler
from tinynet_gui.core.text import language
language.use("de")
load_torch_without_compiler()
from tests.exported import all_exported
print(json.dumps([language.process_language(), all_exported()]))
"""
    written = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert json.loads(written) == ["de", all_exported()]


def test_what_is_kept_in_english_is_shown_in_the_language() -> None:
    several = LiveSettingsEdit(Config(), Config().with_changes({"training.momentum": 0.5, "training.l1": 0.1}))
    with speaking("de"):
        shown = [change_text(entry) for entry in (*EDITS, several)]
        words = translate_stored("absolute value, step 1,000, 3 runs", MANY_RUNS, ONE_RUN, context="target")
        assert shown[:2] == ["neuer Seed", "Gewicht 1 von Neuron 3 in Schicht 1"]
        assert shown[2:] == ["Bias von Neuron 1 in Schicht 2", "Einfrieren", "Momentum", "2 Einstellungen"]
        assert words == f"{translate_stored('absolute value', context='target')}, Schritt 1\u202f000, 3 Läufe"
        assert translate_stored("mine.npz, retraced", RETRACED, RECORDED) == "mine.npz, nachvollzogen"
    assert change_text(several) == "2 settings"
