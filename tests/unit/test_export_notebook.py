"""A run's notebook: valid, and it runs from top to bottom."""

import json
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient

from tests.exported import ACTS, EVERYTHING
from tests.runs import walk
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.export.data_code import MOST_WRITTEN, SampleFiles
from tinynet_gui.core.export.notebook import notebook_text
from tinynet_gui.core.export.script import code_of, script_text
from tinynet_gui.core.export.verification import recorded_losses, unverified


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
