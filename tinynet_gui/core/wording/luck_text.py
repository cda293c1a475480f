"""What came of “setting or luck?”, in sentences."""

import math
from dataclasses import replace

from tinynet_gui.core.experiments.course import acting_events
from tinynet_gui.core.experiments.setting_or_luck import SettingOrLuck
from tinynet_gui.core.numerics.paired_share import PairedShare
from tinynet_gui.core.run.events import ParameterSet
from tinynet_gui.core.run.marks import marks
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.numbers import count_text, counted, percent_text
from tinynet_gui.core.text.words import first_few

MOST_CHANGES = 3  # of a run that are told


def luck_text(result: SettingOrLuck, names: tuple[str, str], runs: tuple[Run, Run]) -> str:
    """Say which of two runs ends lower from many seeds and how sure that is, in paragraphs; the terms come last."""
    paragraphs = [_of_loss(result.training, names, "training loss")]
    if result.held_out is not None:
        paragraphs.append(_of_loss(result.held_out, names, "held-out loss"))
    paragraphs.append(_how(result, names, runs))
    return "\n\n".join(paragraphs)


def _of_loss(found: PairedShare, names: tuple[str, str], loss: str) -> str:
    a, b = (f"“{name}”" for name in names)
    low, high = found.interval
    between = f"{percent_text(low, math.floor)} to {percent_text(high, math.ceil)}"
    if not found.is_sure:
        verdict, half = f"Cannot tell: the difference in {loss} may be luck.", "that may be half of them"
    elif low > 0.5:
        verdict, half = f"It is the setting: {a} ends with the lower {loss} more often.", "more than half"
    else:
        verdict, half = f"It is the setting: {b} ends with the lower {loss} more often.", "less than half"
    ties, without_ties = "", ""
    if found.ties:
        ends = "ends" if found.ties == 1 else "end"
        ties, without_ties = f", and {counted(found.ties, 'seed')} {ends} in a tie", ", without ties"
    return (
        f"{verdict} {a} ends lower in {found.lower} of {found.pairs} seeds, {b} in {found.higher}{ties}. Of all "
        f"possible seeds{without_ties}, {a} would end lower in {between}: {half}."
    )


def _how(result: SettingOrLuck, names: tuple[str, str], runs: tuple[Run, Run]) -> str:
    stops = [count_text(config.training.stop_step) for config in result.configs]
    until = f"{stops[0]} steps" if stops[0] == stops[1] else f"{stops[0]} and {stops[1]} steps"
    text = f"Both were trained from the same {result.training.pairs} seeds, for {until}."
    for name, run in zip(names, runs, strict=True):
        if did := _changes(run):
            text += f" “{name}” was changed the same way again: {did}."
    if any(result.diverged):
        first, second = (f"{count} of “{name}”" for count, name in zip(result.diverged, names, strict=True))
        text += f" {first} and {second} diverged; those count as infinitely bad."
    sure = f"{100 * result.training.confidence:g} %"
    if result.held_out is None:
        return f"{text} Such a range is right in at least {sure} of cases (Clopper–Pearson)."
    together = 100 * (1 - 2 * (1 - result.training.confidence))
    return f"{text} Each such range is right in at least {sure} of cases (Clopper–Pearson), both in {together:g} %."


def _changes(run: Run) -> str:
    """Say what was done to a run on its way: the first things, and how many more there are."""
    events = tuple(acting_events(run))
    did = [f"step {count_text(mark.step)}: {mark.text}" for mark in marks(replace(run, events=events))]
    if any(isinstance(event, ParameterSet) and event.step == 0 for event in events):
        did.insert(0, "before the first step: numbers set by hand")
    elif run.rule_at(0).frozen:
        did.insert(0, "before the first step: something frozen")
    return "; ".join(first_few(did, MOST_CHANGES, "change"))
