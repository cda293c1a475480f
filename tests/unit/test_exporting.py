"""What is written where something is missing, or goes wrong on the way."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from tests.not_none import not_none
from tests.runs import walk
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.export import verification
from tinynet_gui.core.export.data_code import MOST_WRITTEN
from tinynet_gui.core.export.receipt import Receipt
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.storage.atomic import replacing
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
