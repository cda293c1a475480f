"""Runs side by side: the settings in which they differ, and what came of them."""

import math
from collections.abc import Mapping, Sequence

from tinynet_gui.core.config import SETTINGS
from tinynet_gui.core.config.active_settings import differing_paths, paths_in_effect
from tinynet_gui.core.config.setting_text import setting_label, setting_value
from tinynet_gui.core.run.marks import marks
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.run_results import RunResults
from tinynet_gui.core.text.numbers import MINUS, brief, count_text, loss_text
from tinynet_gui.core.values import dataclass

RESULTS = ("Steps", "Training loss", "Held-out loss", "Dead neurons")  # what comes of a run
DONE = "Done to it"
NOT_THERE = "–"


@dataclass(frozen=True)
class Difference:
    """One setting or result: what it is called, and how it is written for each run."""

    label: str
    texts: tuple[str, ...]


def differences(
    runs: Sequence[Run], results: Mapping[int, RunResults], baseline: RunResults | None = None
) -> tuple[Difference, ...]:
    """Return the settings in which runs differ (of their last steps), what was done to them, and their results.

    Parameters
    ----------
    results
        By the number of the run, as far as they are known.
    baseline
        What the numbers of the others are written as differences from; None for none.
    """
    configs = [run.rule_of_last_step.config for run in runs]
    paths = {path for config in configs for path in differing_paths(configs[0], config)}
    rows = [
        Difference(
            setting_label(path, *configs),
            tuple(setting_value(config, path) if path in paths_in_effect(config) else NOT_THERE for config in configs),
        )
        for path in SETTINGS
        if path in paths
    ]
    done = tuple(_done_to(run) for run in runs)
    if len(set(done)) > 1:
        rows.append(Difference(DONE, done))
    for place, label in enumerate(RESULTS):
        plain, signed = (
            tuple(result_texts(results[run.id], to)[place] if run.id in results else "" for run in runs)
            for to in (None, baseline)
        )
        if len(set(plain)) > 1:
            rows.append(Difference(label, signed))
    return tuple(rows)


def _done_to(run: Run) -> str:
    """Say what was done to a run after its first step, as its marks do."""
    return "; ".join(f"step {count_text(mark.step)}: {mark.text}" for mark in marks(run)) or NOT_THERE


def result_texts(result: RunResults, baseline: RunResults | None = None) -> tuple[str, str, str, str]:
    """Write the four results; with a baseline, where this is not itself, as signed differences from its."""
    if baseline is None or result is baseline:
        dead = NOT_THERE if result.dead is None else count_text(result.dead)
        held_out = NOT_THERE if result.held_out_loss is None else _loss(result.held_out_loss)
        return count_text(result.step), _loss(result.train_loss), held_out, dead
    return (
        _count_difference(result.step, baseline.step),
        _loss_difference(result.train_loss, baseline.train_loss),
        _loss_difference(result.held_out_loss, baseline.held_out_loss),
        _count_difference(result.dead, baseline.dead),
    )


def _loss(loss: float) -> str:
    return loss_text(loss) if math.isfinite(loss) else "diverged"


def _count_difference(count: int | None, other: int | None) -> str:
    if count is None or other is None:
        return NOT_THERE if count is None else count_text(count)
    return f"{count - other:+,}".replace("-", MINUS) if count != other else "±0"


def _loss_difference(loss: float | None, other: float | None) -> str:
    """A difference where there are two numbers; else what is known of the one."""
    if loss is None:
        return NOT_THERE
    if other is None or not (math.isfinite(loss) and math.isfinite(other)):
        return _loss(loss)
    return brief(loss - other) if loss != other else "±0"
