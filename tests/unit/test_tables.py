"""Losses, runs and experiments as CSV: each number comes back to the bit."""

import csv
import io
import math
from typing import Any

import numpy as np
import pytest

from tests.runs import walk
from tinynet_gui.core.analysis.sweep import depth_sweep, influence_sweep, seed_sweep, width_sweep
from tinynet_gui.core.analysis.sweep_results import ExperimentResult
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.export.tables import TOO_LONG, csv_text, experiment_table, loss_table, runs_table
from tinynet_gui.core.run.loss_history import CAPACITY
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.run_results import results_at
from tinynet_gui.core.text.setting_line import read_setting


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_of_a_short_run_every_loss_is_there_to_the_bit() -> None:
    run = walk(Config().replace("data.held_out", 0.3), [("steps", 40)], kept=8).run
    rows = read(loss_table(run))
    steps, losses = run.losses.curve()
    there = [row for row in rows if row["training loss"]]
    assert [int(row["step"]) for row in there] == steps.astype(int).tolist() == list(range(40))
    assert [np.float32(row["training loss"]) for row in there] == losses.tolist()
    held_out = {int(row["step"]): np.float32(row["held-out loss"]) for row in rows if row["held-out loss"]}
    assert held_out == dict(
        zip(run.held_out_losses.steps.tolist(), run.held_out_losses.losses.tolist(), strict=True)
    )
