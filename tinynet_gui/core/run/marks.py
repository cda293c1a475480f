"""The marks of a run's events on the loss plot and the time line."""

from collections.abc import Hashable
from typing import Literal

import numpy as np

from tinynet_gui.core.config import SETTINGS, Config, DataConfig, changed_paths
from tinynet_gui.core.config.setting_text import setting_value
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.run.events import Event, FrozenChanged, LiveSettingsChanged, ParameterSet, StepRule
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.language import capitalised, gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text, numbers_listed, plain
from tinynet_gui.core.training.start import points_of
from tinynet_gui.core.values import frozen_dataclass

MAX_MARKS = 200

ChangeKind = Literal["setting", "by hand", "samples", "freezing"]  # a change made to a run
MarkKind = ChangeKind | Literal["death", "divergence", "best held out", "plateau", "branch"]  # or what happened to it


@frozen_dataclass
class Mark:
    """A change to the run, or an incident in it, at this step; `count` is the number of neurons concerned."""

    step: int
    text: str
    kind: MarkKind = "setting"
    count: int = 1


def marks(run: Run) -> tuple[Mark, ...]:
    """Return the changes made to a run after its first step, in order; the latest 200.

    Consecutive changes by hand to one parameter or to the samples share one mark, at the first step; but each change of
    the held-out samples has its own, since nothing is dragged there. Changes before the first step belong to the start
    of the run; changes of the engine, the stop step or the patience have no mark.
    """
    found: list[Mark] = []
    before = run.rule_at(0)
    for stroke in _gestures(run):
        after = before.after(stroke)
        text, kind = _description(before, after, stroke[-1])
        if text:
            found.append(Mark(stroke[0].step, text, kind))
        before = after
    return tuple(found[-MAX_MARKS:])


def _gestures(run: Run) -> list[list[Event]]:
    """Return the later events in groups: consecutive changes of one parameter or of the samples together."""
    strokes: list[list[Event]] = []
    does: Hashable = None
    rule = run.rule_at(0)
    for event in run.events:
        if event.step == 0:
            continue
        after = rule.after([event])
        also: Hashable = event.ref if isinstance(event, ParameterSet) else None
        if after.config.data != rule.config.data and not _is_other_split(rule.config.data, after.config.data):
            also = "samples"
        if also is None or also != does:
            strokes.append([])
        strokes[-1].append(event)
        does, rule = also, after
    return strokes


def _description(before: StepRule, after: StepRule, event: Event) -> tuple[str, ChangeKind]:
    """Describe an event, "" if it is no news of the run, and classify it."""
    match event:
        case LiveSettingsChanged():
            one, other = before.config, after.config
            words = samples_text(one.data, other.data) or settings_text(one, other)
            return words, "samples" if one.data != other.data else "setting"
        case FrozenChanged():
            refs = [(_("froze {what}"), str(ref)) for ref in after.frozen - before.frozen]
            refs += [(_("let {what} go"), str(ref)) for ref in before.frozen - after.frozen]
            return capitalised(", ".join(words.format(what=what) for words, what in sorted(refs))), "freezing"
        case ParameterSet(ref=ref, value=value):
            is_bias = ref.kind == "bias"
            words = _("Bias of {neuron} → {value}") if is_bias else _("Weight {number} of {neuron} → {value}")
            neuron = NeuronRef(ref.layer, ref.neuron)
            return words.format(number=ref.input + 1, neuron=neuron, value=plain(value)), "by hand"
    return "", "setting"


def samples_text(before: DataConfig, after: DataConfig) -> str:
    """Say how many samples were added or removed, or else changed; "" if none."""
    if before == after:
        return ""
    old, new = points_of(before), points_of(after)
    if len(old) != len(new):
        return _("Samples: {old} → {new}").format(old=count_text(len(old)), new=count_text(len(new)))
    moved = int(np.count_nonzero((old.x != new.x) | (old.y != new.y)))
    if moved:
        return ngettext("Moved a sample", "Moved {count} samples", moved).format(count=count_text(moved))
    if not _is_other_split(before, after):
        return ""
    held_out, words = int(np.count_nonzero(new.held_out)), _("Held out: {count} of {total} samples")
    return words.format(count=count_text(held_out), total=count_text(len(new)))


def _is_other_split(before: DataConfig, after: DataConfig) -> bool:
    """Whether there are as many samples as before, of which others are held out."""
    old, new = points_of(before).held_out, points_of(after).held_out
    return len(old) == len(new) and not np.array_equal(old, new)


def settings_text(before: Config, after: Config) -> str:
    """Say which live settings were changed, except when to stop, which does not change the run."""
    silent = ("training.stop_step", "training.patience", "data.points")
    paths = [path for path in changed_paths(before, after) if path not in silent]
    texts = [f"{SETTINGS[path].label} {setting_value(before, path)} → {setting_value(after, path)}" for path in paths]
    return numbers_listed(texts)
