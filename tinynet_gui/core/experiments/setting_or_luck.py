"""Setting or luck? Two settings are trained from many seeds, each seed by both, and it is counted which ends lower."""

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
        In how many seeds the first ends with the lower loss: over the training samples and over the held-out ones;
        None without such. With both, their intervals hold together as often as one alone would.
    diverged
        How many trainings of each diverged; those count as infinitely bad.
    """

    configs: tuple[Config, Config]
    training: PairedShare
    held_out: PairedShare | None
    diverged: tuple[int, int]


def why_not(one: Run, other: Run, names: tuple[str, str]) -> str:
    """Say in a sentence why the settings of two runs cannot be compared from step 0; "" if they can."""
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
    """Return the settings with which a run began, and the step at which it is to stop."""
    return run.rule_at(0).config.replace("training.stop_step", run.config.training.stop_step)


def setting_or_luck(
    one: Config, other: Config, seeds: int, stop: Stop, report: Callable[[float], object]
) -> SettingOrLuck | None:
    """Train both settings to their stop steps, from the same seeds of the network, by the compiled loop.

    The seeds are those from the smaller of the two settings' own on, after the smaller of the two counts of numbers
    drawn before; so it makes no difference which is the first.

    Returns
    -------
    SettingOrLuck or None
        Of fewer seeds if `stop` became nonzero on the way; None if there are none yet.
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
        confidence = 1 - (1 - CONFIDENCE) / 2  # two verdicts, which together are wrong in no more cases than one
        a, b = ([_held_out_loss(run) for run in runs] for runs in (ones, others))
        held_out = paired_share(a, b, confidence)
    return SettingOrLuck(
        configs,
        paired_share([run.final_loss for run in ones], [run.final_loss for run in others], confidence),
        held_out,
        (_diverged(ones), _diverged(others)),
    )


def _held_out_loss(run: TrainedRun) -> float:
    assert run.validation_loss is not None  # where samples are held out
    return run.validation_loss


def _diverged(runs: Sequence[TrainedRun]) -> int:
    return sum(run.diverged_at is not None for run in runs)


def _have_same_samples(one: DataConfig, other: DataConfig) -> bool:
    """Whether losses over both are in the same units: the same samples, and the same scale of y."""
    plain = [make_dataset(replace(data, standardise="none")) for data in (one, other)]
    scales = [make_dataset(data).scaling for data in (one, other)]
    arrays = [(d.x_train, d.y_train, d.x_held_out, d.y_held_out) for d in plain]
    is_same_y = (scales[0].y_mean, scales[0].y_deviation) == (scales[1].y_mean, scales[1].y_deviation)
    return is_same_y and all(np.array_equal(a, b) for a, b in zip(*arrays, strict=True))


def _by_hand(run: Run) -> str:
    """Say what was done to a run on its way, or by hand; "" if nothing was but to choose its settings at the start."""
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
