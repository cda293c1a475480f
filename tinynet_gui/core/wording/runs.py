"""Runs in words: their names, and their differences."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from tinynet_gui.core.config import SETTINGS, Config, setting_text
from tinynet_gui.core.config.setting_text import differing_paths, paths_in_effect, setting_value
from tinynet_gui.core.run.comparison import RunResults
from tinynet_gui.core.run.events import FrozenChanged, ParameterSet
from tinynet_gui.core.run.marks import marks
from tinynet_gui.core.run.run import RECORDED, RETRACED, Run
from tinynet_gui.core.text.language import gettext as _, pgettext, translate_stored, with_signs
from tinynet_gui.core.text.numbers import MINUS, brief, count_text, loss_text
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.values import frozen_dataclass

MAX_PARTS = 3  # of a name; as many as it takes where two would be called the same
_SAYS_NOTHING = ("training.stop_step", "network.rounding")


def run_names(runs: Sequence[Run]) -> dict[int, str]:
    """Return a unique name of each run, by its number: the user's own, or one made of what distinguishes it.

    That is its settings that differ from those of most runs, such as “lr 0.01” or “8, 8”; for a branch, where it
    branched off and what differs since, such as “from step 1,234: lr 0.01”; and edits by hand. A branch does not change
    the names of the others.
    """
    names = {run.id: translate_stored(run.name, RETRACED, RECORDED) for run in runs if run.name}
    unnamed = [run for run in runs if not run.name]
    whole = [run for run in runs if run.parent is None]
    usual, varied = _usual(whole), _varied(whole)
    parts = {run.id: _parts(run, runs, usual, varied) for run in unnamed}
    short = {run_id: _joined(own, MAX_PARTS) for run_id, own in parts.items()}
    count = Counter([*names.values(), *short.values()])
    for run in unnamed:
        name = short[run.id] if count[short[run.id]] == 1 else _joined(parts[run.id], len(parts[run.id]))
        names[run.id] = _unique(name, names)
    return {run.id: names[run.id] for run in runs}


def short_names(names: Sequence[str], most: int) -> list[str]:
    """Shorten names to about `most` characters while keeping them distinct: the end of each is kept."""
    parts = [re.split(rf"{_separator()}(?!\d+(?:,|$))", name) for name in names]  # “8, 8” is one
    short = [_short(name, own, parts, most) for name, own in zip(names, parts, strict=True)]
    count = Counter(short)
    return [name if count[text] > 1 else text for name, text in zip(names, short, strict=True)]


def _short(name: str, own: Sequence[str], all_parts: Sequence[Sequence[str]], most: int) -> str:
    alike = max((_count_alike(own, other) for other in all_parts if other is not own), default=0) or len(own) - 1
    if len(name) <= most or not alike:
        return shortened(name, most)
    comma = _separator()
    begin, end = own[:alike], comma.join(own[alike:])
    while begin and len(comma.join(begin)) + len(end) + 3 > most:
        begin = begin[:-1]
    return shortened(" ".join(filter(None, (comma.join(begin), "…", end))), most)


def _count_alike(own: Sequence[str], other: Sequence[str]) -> int:
    """Return how many parts both begin with, the last own part not counted."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(own[:-1], other, strict=False)))


def _values(run: Run, path: str) -> tuple[Any, Any]:
    """Return a setting in a run's first step, and in its last."""
    return run.rule_of_first_step.config.get(path), run.rule_of_last_step.config.get(path)


def _usual(runs: Sequence[Run]) -> dict[str, tuple[Any, Any]]:
    """Return each setting's most frequent values, first and last, among the runs; ties go to the earliest run."""
    return {path: Counter(_values(run, path) for run in runs).most_common(1)[0][0] for path in SETTINGS if runs}


def _varied(runs: Sequence[Run]) -> list[str]:
    """Return the paths of the settings in which runs differ, in the order of the settings."""
    ends = [(run.rule_of_first_step.config, run.rule_of_last_step.config) for run in runs]
    pairs = (pair for configs in ends for pair in zip(ends[0], configs, strict=True))
    found = {path for pair in pairs for path in differing_paths(*pair)}
    return [path for path in SETTINGS if path in found and path not in _SAYS_NOTHING]


def _parts(run: Run, runs: Sequence[Run], usual: Mapping[str, tuple[Any, Any]], varied: Sequence[str]) -> list[str]:
    """Return all that a run's name may contain; at least one part."""
    config = run.rule_of_last_step.config
    if run.parent is not None:
        changed = [path for path in differing_paths(_before_branch(run, runs), config) if path not in _SAYS_NOTHING]
        parts = [*_in_short(config, config, changed), *_by_hand(run, run.parent.step)]
        # Translators: {change} is such as “lr 0.01”.
        words, (change, *more) = _("from step {step}: {change}") if parts else _("from step {step}"), parts or [""]
        return [words.format(step=count_text(run.parent.step), change=change), *more]
    own = [path for path in varied if path in paths_in_effect(config)]
    other = [path for path in own if _values(run, path) != usual[path]]
    begun = run.rule_of_first_step.config
    parts = [*_in_short(begun, config, other), *_by_hand(run, 0)]
    return parts or _in_short(begun, config, own or ["network.hidden"])


def _before_branch(run: Run, runs: Sequence[Run]) -> Config:
    assert run.parent is not None
    for other in runs:
        if other.id == run.parent.run_id:
            return other.rule_at(run.parent.step).config
    return run.start.after(event for event in run.events if event.step < run.parent.step).config


def _in_short(before: Config, after: Config, paths: Sequence[str]) -> list[str]:
    """Abbreviate settings; one that changed during the run as “lr 0.001 → 0.01”."""
    is_named = "data.target" in paths  # the target's name says the formula, too
    texts = (
        setting_text.setting_in_short(after, path)
        if before.get(path) == after.get(path) or path == "data.points"
        else f"{setting_text.setting_in_short(before, path)} → {setting_value(after, path)}"
        for path in paths
        if not (is_named and path == "data.formula")
    )
    return list(dict.fromkeys(texts))  # where samples come from may be their target, which is said then


def _by_hand(run: Run, since: int) -> list[str]:
    """Describe the edits by hand from a step on."""
    kinds = {type(event) for event in run.events if event.step >= since}
    return [did for kind, did in ((ParameterSet, _("set by hand")), (FrozenChanged, _("frozen"))) if kind in kinds]


def _joined(parts: Sequence[str], most: int) -> str:
    return _separator().join(parts[:most]) + (" …" if len(parts) > most else "")


def _separator() -> str:
    return pgettext("between numbers", ", ")


def _unique(name: str, taken: dict[int, str]) -> str:
    """Return the name, numbered if it is taken."""
    number, unlike = 2, name
    while unlike in taken.values():
        unlike, number = f"{name} ({number})", number + 1
    return unlike


RESULTS = (_("Steps"), _("Training loss"), _("Held-out loss"), _("Dead neurons"))  # a run's results
DONE = _("Done to it")
NOT_THERE = "–"


@frozen_dataclass
class Difference:
    """One setting or result: its label, and its text for each run."""

    label: str
    texts: tuple[str, ...]


def differences(
    runs: Sequence[Run], results: Mapping[int, RunResults], baseline: RunResults | None = None
) -> tuple[Difference, ...]:
    """Return the settings in which runs differ (of their last steps), what was done to them, and their results.

    `results` are those known, by run number; with a `baseline`, the others' are written as differences from it.
    """
    configs = [run.rule_of_last_step.config for run in runs]
    paths = {path for config in configs for path in differing_paths(configs[0], config)}
    rows = [
        Difference(
            setting_text.setting_label(path, *configs),
            tuple(setting_value(config, path) if path in paths_in_effect(config) else NOT_THERE for config in configs),
        )
        for path in SETTINGS
        if path in paths
    ]
    done = tuple(_changes_to(run) for run in runs)
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


def _changes_to(run: Run) -> str:
    """Describe a run's changes after its first step, as its marks do."""
    words = _("step {step}: {change}")
    return "; ".join(words.format(step=count_text(mark.step), change=mark.text) for mark in marks(run)) or NOT_THERE


def result_texts(result: RunResults, baseline: RunResults | None = None) -> tuple[str, str, str, str]:
    """Write the four results; with another run as a baseline, as signed differences from its results."""
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
    return loss_text(loss) if math.isfinite(loss) else _("diverged")


def _count_difference(count: int | None, other: int | None) -> str:
    if count is None or other is None:
        return NOT_THERE if count is None else count_text(count)
    return with_signs(f"{count - other:+,}".replace("-", MINUS)) if count != other else "±0"


def _loss_difference(loss: float | None, other: float | None) -> str:
    """Write the difference of two numbers; else what is known of the first."""
    if loss is None:
        return NOT_THERE
    if other is None or not (math.isfinite(loss) and math.isfinite(other)):
        return _loss(loss)
    return brief(loss - other) if loss != other else "±0"
