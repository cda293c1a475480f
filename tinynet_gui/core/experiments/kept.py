"""The results of experiments as plain numbers, and back: their runs without curves and networks."""

import math
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import cast, get_args

from tinynet_gui.core.arrays import owned
from tinynet_gui.core.config import MAX_WIDTH, Config
from tinynet_gui.core.data.dataset import make_dataset
from tinynet_gui.core.experiments import ladder, swarm
from tinynet_gui.core.experiments.claim import Claim, ClaimResult, Quantifier, SeedsThat
from tinynet_gui.core.experiments.experiment import ExperimentResult
from tinynet_gui.core.experiments.trained_runs import TrainedRun, seeds_of, spread
from tinynet_gui.core.run.asked import Asked, Numbers

NONE = -1.0  # in place of a number that is not there: all others are at least 0
_CAUSES = get_args(swarm.Cause)


def numbers_of(result: ExperimentResult) -> Numbers:
    """Return the numbers from which `result_of` makes a result again; none for experiments about whole curves."""
    match result:
        case swarm.SwarmResult(reach=reach):
            kinks = NONE if reach.kinks is None else reach.kinks
            causes = tuple(float(_CAUSES.index(cause)) for cause in result.causes)
            return (*_columns(result.runs), causes, (reach.constant, reach.best, kinks, reach.limit))
        case ladder.WidthsResult(widths=widths):
            counts = tuple(float(len(one.runs)) for one in widths)
            bounds = (
                tuple(map(_or_none, (one.at_least for one in widths))),
                tuple(_or_none(w.within_reach) for w in widths),
            )
            return (*_columns(result.runs), counts, *bounds)
        case ClaimResult():
            return _columns(result.runs)
    return ()


def result_of(asked: Asked) -> ExperimentResult | None:
    """Return the result that an experiment's numbers describe; None if there are none, or they are not of such a one.

    They may come from a file: whatever follows from them is computed again.
    """
    try:
        return _READERS[asked.kind](asked) if asked.kind in _READERS and asked.numbers else None
    except (ValueError, TypeError, IndexError):
        return None


def _or_none(value: float | None) -> float:
    return NONE if value is None else value


def _columns(runs: Sequence[TrainedRun]) -> Numbers:
    return (
        tuple(run.final_loss for run in runs),
        tuple(_or_none(run.validation_loss) for run in runs),
        tuple(run.worst_dead_share for run in runs),
        tuple(_or_none(run.diverged_at) for run in runs),
        tuple(float(run.dead_at_start) for run in runs),
    )


def _runs(config: Config, columns: Numbers) -> tuple[TrainedRun, ...]:
    """Return the runs of consecutive seeds; ValueError if no trainings of this setting can have ended so."""
    holds_out, neurons = len(make_dataset(config.data).x_held_out) > 0, (*config.network.hidden, 0)[0]
    runs, nothing = [], owned([])
    seeds = seeds_of(config, len(columns[0]))
    for seed, loss, held_out, share, at, dead in zip(seeds, *columns, strict=True):
        diverged_at = None if at == NONE else _whole(at, config.training.stop_step)
        _check(loss >= 0 and (diverged_at is None or math.isinf(loss)) and 0 <= share <= 1)
        _check(held_out >= 0 if holds_out else held_out == NONE)
        validation = held_out if holds_out else None
        dead_at_start = _whole(dead, neurons)
        runs.append(TrainedRun(seed, loss, validation, nothing, nothing, neurons, dead_at_start, share, diverged_at))
    _check(bool(runs))
    return tuple(runs)


def _swarm(asked: Asked) -> ExperimentResult:
    *columns, causes, (constant, best, kinks, limit) = asked.numbers
    runs = _runs(asked.config, tuple(columns))
    _check(len(causes) == len(runs) and all(0 <= loss < math.inf for loss in (constant, best, limit)))
    reach = swarm.Reach(constant, best, None if kinks == NONE else _whole(kinks, MAX_WIDTH), limit)
    why = tuple(_CAUSES[_whole(cause, len(_CAUSES) - 1)] for cause in causes)
    dead = swarm.dead_share(asked.config, runs)
    return swarm.SwarmResult(asked.config, runs, why, reach, spread([run.final_loss for run in runs]), dead)


def _ladder(asked: Asked) -> ExperimentResult:
    *columns, counts, at_least, within_reach = asked.numbers
    ends = list(accumulate((_whole(count, asked.runs) for count in counts), initial=0))
    _check(min(counts) >= 1 and ends[-1] == len(columns[0]))
    widths: list[ladder.WidthResult] = []
    for width, place in zip(ladder.WIDTHS[: len(counts)], pairwise(ends), strict=True):
        one = asked.config.replace("network.hidden", (width,))
        runs = _runs(one, tuple(column[slice(*place)] for column in columns))
        validation = [run.validation_loss for run in runs if run.validation_loss is not None]
        bounds = [None if bound[len(widths)] == NONE else bound[len(widths)] for bound in (at_least, within_reach)]
        _check(all(bound is None or bound >= 0 for bound in bounds))
        training, judged = spread([run.final_loss for run in runs]), spread(validation) if validation else None
        widths.append(ladder.WidthResult(width, runs, training, judged, *bounds))
    return ladder.result_of(asked.config, widths)


def _claim(asked: Asked) -> ExperimentResult:
    neurons, quantifier, limit = asked.about
    _check(quantifier in get_args(Quantifier) and not isinstance(limit, str) and 0 < limit < math.inf)
    claim = Claim(_whole(neurons, MAX_WIDTH), cast(Quantifier, quantifier), float(limit))
    meant = asked.config.replace("network.hidden", (claim.neurons,))
    runs = _runs(meant, asked.numbers)
    _check(len(runs) <= asked.runs)
    return ClaimResult(claim, SeedsThat(meant, runs, tuple(map(claim.is_reached_by, runs))), asked.runs)


_READERS: dict[str, Callable[[Asked], ExperimentResult]] = {"swarm": _swarm, "ladder": _ladder, "claim": _claim}


def _whole(value: float | str, most: int) -> int:
    _check(not isinstance(value, str) and 0 <= value <= most and value == int(value))
    return int(value)


def _check(holds: bool) -> None:
    if not holds:
        raise ValueError("no experiment ends with such numbers")
