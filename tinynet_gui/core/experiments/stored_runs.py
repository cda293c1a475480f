"""The trained runs of experiments as plain numbers, and back: without curves and networks."""

import math
from collections.abc import Sequence

from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.trained_runs import TrainedRun, seeds_of
from tinynet_gui.core.numerics.arrays import owned
from tinynet_gui.core.run.finished_experiment import Numbers
from tinynet_gui.core.training.dataset import make_dataset

NONE = -1.0  # in place of a number that is not there: all others are at least 0


def number_or_none(value: float | None) -> float:
    return NONE if value is None else value


def run_columns(runs: Sequence[TrainedRun]) -> Numbers:
    return (
        tuple(run.final_loss for run in runs),
        tuple(number_or_none(run.validation_loss) for run in runs),
        tuple(run.worst_dead_share for run in runs),
        tuple(number_or_none(run.diverged_at) for run in runs),
        tuple(float(run.dead_at_start) for run in runs),
    )


def runs_of(config: Config, columns: Numbers) -> tuple[TrainedRun, ...]:
    """Return the runs of consecutive seeds; ValueError if no trainings of this setting can have ended so."""
    holds_out = len(make_dataset(config.data).x_held_out) > 0
    neurons = config.network.hidden[0] if config.network.hidden else 0
    runs, nothing = [], owned([])
    seeds = seeds_of(config, len(columns[0]))
    for seed, loss, held_out, share, at, dead in zip(seeds, *columns, strict=True):
        diverged_at = None if at == NONE else checked_whole(at, config.training.stop_step)
        check(loss >= 0 and (diverged_at is None or math.isinf(loss)) and 0 <= share <= 1)
        check(held_out >= 0 if holds_out else held_out == NONE)
        validation = held_out if holds_out else None
        dead_at_start = checked_whole(dead, neurons)
        runs.append(TrainedRun(seed, loss, validation, nothing, nothing, neurons, dead_at_start, share, diverged_at))
    check(bool(runs))
    return tuple(runs)


def checked_whole(value: float | str, most: int) -> int:
    check(not isinstance(value, str) and 0 <= value <= most and value == int(value))
    return int(value)


def check(holds: bool) -> None:
    if not holds:
        raise ValueError("no experiment ends with such numbers")
