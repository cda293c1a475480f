"""Losses, runs and experiments as CSV, with all digits."""

from collections.abc import Mapping, Sequence

import numpy as np

from tinynet_gui.core.config import SETTINGS, Config
from tinynet_gui.core.config.setting_text import differing_paths, setting_value
from tinynet_gui.core.experiments.base import ExperimentResult
from tinynet_gui.core.experiments.table import EXPERIMENTS
from tinynet_gui.core.run.comparison import RunResults
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.csv_text import Cell, csv_text
from tinynet_gui.core.text.language import ENGLISH, speaking
from tinynet_gui.core.wording.runs import run_names
from tinynet_gui.core.wording.setting_line import NAMES, SettingLineError, write_setting

TOO_LONG = "(more of your own samples than fit into a line)"


@speaking(ENGLISH)
def loss_table(run: Run) -> str:
    """Write the losses of a run by step: the training loss before each step, and the held-out loss if known.

    In a long run several steps share a line: the first and the last of them, with their lowest, mean and highest loss.
    """
    stride, last = run.losses.stride, run.losses.last_step
    low, high, total, count = run.losses.columns()
    held_out = run.held_out_losses
    known = {step // stride: loss for step, loss in zip(held_out.steps.tolist(), held_out.losses, strict=True)}
    rows: list[list[Cell]] = []
    for place in sorted({*np.flatnonzero(count).tolist(), *known}):
        first, losses = place * stride, list[Cell]([None] * 3)
        end = max(first, min(first + stride - 1, last))  # the state after the last step has no training loss
        if place < len(count) and count[place]:
            losses = [low[place], total[place] / count[place], high[place]]
        row = [first, end, *losses] if stride > 1 else [first, losses[0]]
        rows.append([*row, known.get(place)] if known else row)
    steps = ["step", "training loss"]
    if stride > 1:
        steps = ["first step", "last step", "lowest training loss", "mean training loss", "highest training loss"]
    return csv_text([*steps, "held-out loss"] if known else steps, rows)


@speaking(ENGLISH)
def runs_table(runs: Sequence[Run], results: Mapping[int, RunResults]) -> str:
    """Write runs side by side: the settings of their last steps, in a line and as differences, and their results."""
    configs = [run.rule_of_last_step.config for run in runs]
    paths = {path for config in configs for path in differing_paths(configs[0], config)} - {"data.points"}
    chosen = [path for path in SETTINGS if path in paths]
    header = ["run", *(NAMES[path] for path in chosen), "step", "training loss", "held-out loss", "dead neurons"]
    names, rows = run_names(runs), []
    for run, config in zip(runs, configs, strict=True):
        came: list[Cell] = [run.step, None, None, None]
        if (result := results.get(run.id)) is not None:
            came = [result.step, result.train_loss, result.held_out_loss, result.dead]
        rows.append([names[run.id], *(_value(config, path) for path in chosen), *came, _line(config)])
    return csv_text([*header, "setting"], rows)


@speaking(ENGLISH)
def experiment_table(result: ExperimentResult) -> str:
    """Write an experiment, one line per training."""
    experiment = EXPERIMENTS[result.experiment]
    return csv_text(experiment.columns, experiment.rows(result))


def _value(config: Config, path: str) -> Cell:
    value: Cell | tuple[int, ...] = config.get(path)
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    return setting_value(config, path) if isinstance(value, str | bool) else value


def _line(config: Config) -> str:
    try:
        return write_setting(config)
    except SettingLineError:
        return TOO_LONG
