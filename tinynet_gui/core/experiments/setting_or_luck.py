"""Setting or luck? Trains two settings from the same seeds and counts how often each ends with the lower loss."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinynet_gui.core.config import Config, DataConfig
from tinynet_gui.core.config.active_settings import FIRST_WEIGHTS, differing_paths
from tinynet_gui.core.data.dataset import make_dataset
from tinynet_gui.core.experiments.trained_runs import BATCH, TrainedRun, seeds_of, train_all
from tinynet_gui.core.run.events import Event, FrozenChanged, LiveSettingsChanged, ParameterSet
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.statistics.paired_share import CONFIDENCE, PairedShare, paired_share
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.engines import Stop

SEEDS = 256


@dataclass(frozen=True)
class SettingOrLuck:
    """Two settings, trained from the same seeds.

    Attributes
    ----------
    configs
        The two, with the first of the seeds.
    training, held_out
        How many seeds end with a lower loss under the first setting: over the training samples, and over the held-out
        ones (None without any). If there are both, their intervals hold jointly as often as a single one would.
    diverged
        How many trainings of each diverged; those count as infinitely bad.
    """

    configs: tuple[Config, Config]
    training: PairedShare
    held_out: PairedShare | None
    diverged: tuple[int, int]


def why_not(one: Run, other: Run, names: tuple[str, str]) -> str:
    """Return a sentence saying why the settings of two runs cannot be compared from step 0; "" if they can."""
    for run, name in zip((one, other), names, strict=True):
        did = _by_hand(run)
        if did:
            return f"“{name}” cannot be trained again from other seeds: {did}."
    a, b = settings_of(one), settings_of(other)
    if a.training.loss != b.training.loss:
        return "The two have different losses, which cannot be compared: they measure in different units."
    if not _have_same_samples(a.data, b.data):
        return "The two learn different samples, so that their losses cannot be compared."
    differing = set(differing_paths(a, b))
    if differing <= {*FIRST_WEIGHTS}:
        what = "in their first weights alone" if differing else "in no setting"
        return f"The two differ {what}: there is nothing to compare but luck."
    return ""


def settings_of(run: Run) -> Config:
    """Return the settings a run began with, and the step at which it stops."""
    return run.rule_at(0).config.replace("training.stop_step", run.config.training.stop_step)


def setting_or_luck(
    one: Config, other: Config, seeds: int, stop: Stop, report: Callable[[float], object]
) -> SettingOrLuck | None:
    """Train both settings to their stop steps, from the same network seeds, by the compiled loop.

    The seeds start at the smaller of the two settings' seeds, after the smaller of their two counts of numbers drawn
    before; so the order of the settings makes no difference.

    Returns
    -------
    SettingOrLuck or None
        With fewer seeds if `stop` became nonzero; None if there are none yet.
    """
    weights = {path: min(one.get(path), other.get(path)) for path in FIRST_WEIGHTS}
    configs = one.with_changes(weights), other.with_changes(weights)
    starts = [seeds_of(config, seeds) for config in configs]
    ends: tuple[list[TrainedRun], list[TrainedRun]] = [], []
    for first in range(0, seeds, BATCH):
        for place in range(2):
            wanted, done = starts[place][first : first + BATCH], list[TrainedRun]()
            for batch in train_all(wanted, stop):
                done += batch
                report((first * 2 + place * len(wanted) + len(done)) / (2 * seeds))
            ends[place].extend(done)
        if stop[0]:
            break
    pairs = min(map(len, ends))
    return _compared(configs, ends[0][:pairs], ends[1][:pairs]) if pairs else None


def _compared(
    configs: tuple[Config, Config], ones: Sequence[TrainedRun], others: Sequence[TrainedRun]
) -> SettingOrLuck:
    held_out, confidence = None, CONFIDENCE
    if len(make_dataset(configs[0].data).x_held_out):
        confidence = 1 - (1 - CONFIDENCE) / 2  # two verdicts, together wrong no more often than one
        a, b = ([_held_out_loss(run) for run in runs] for runs in (ones, others))
        held_out = paired_share(a, b, confidence)
    return SettingOrLuck(
        configs,
        paired_share([run.final_loss for run in ones], [run.final_loss for run in others], confidence),
        held_out,
        (_diverged(ones), _diverged(others)),
    )


def _held_out_loss(run: TrainedRun) -> float:
    assert run.validation_loss is not None  # both settings hold samples out
    return run.validation_loss


def _diverged(runs: Sequence[TrainedRun]) -> int:
    return sum(run.diverged_at is not None for run in runs)


def _have_same_samples(one: DataConfig, other: DataConfig) -> bool:
    """Return True if both losses are in the same units: the same samples, and the same scale of y."""
    plain = [make_dataset(replace(data, standardise="none")) for data in (one, other)]
    scales = [make_dataset(data).scaling for data in (one, other)]
    arrays = [(d.x_train, d.y_train, d.x_held_out, d.y_held_out) for d in plain]
    is_same_y = (scales[0].y_mean, scales[0].y_deviation) == (scales[1].y_mean, scales[1].y_deviation)
    return is_same_y and all(np.array_equal(a, b) for a, b in zip(*arrays, strict=True))


def _by_hand(run: Run) -> str:
    """Return what was changed after the run's start; "" if only the initial settings were chosen."""
    config = run.rule_at(0).config
    for event in run.events:
        if isinstance(event, LiveSettingsChanged) and event.step >= run.step > 0:
            continue  # no step has been taken with it
        did = _done(config, event)
        if did:
            return f"{did} at step {count_text(event.step)}"
    return ""


def _done(config: Config, event: Event) -> str:
    match event:
        case ParameterSet():
            return "a number was set by hand"
        case FrozenChanged():
            return "something was frozen or let go"
        case LiveSettingsChanged() if event.step > 0:
            paths = set(differing_paths(config, event.config)) - {"training.stop_step"}
            if "data.points" in paths:
                return "its samples were changed"
            return "its settings were changed" if paths else ""
    return ""
