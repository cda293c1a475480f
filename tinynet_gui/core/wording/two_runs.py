"""Two runs compared, in sentences: where they diverge, the loss between them, and whether it was luck."""

import math
from dataclasses import replace

from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config.setting_text import differing_paths, setting_label, setting_value
from tinynet_gui.core.experiments.luck import SettingOrLuck, acting_events
from tinynet_gui.core.maps.valley import LOW, Valley, has_no_hill, is_downhill
from tinynet_gui.core.run.comparison import FirstDivergence, other_difference
from tinynet_gui.core.run.events import ParameterSet
from tinynet_gui.core.run.marks import marks
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.statistics import PairedShare
from tinynet_gui.core.text.numbers import count_text, counted, first_few, loss_text, percent_text, plain
from tinynet_gui.core.training.engines import EngineName

MOST_REASONS = 3


def first_divergence_text(divergence: FirstDivergence | None, runs: tuple[Run, Run], names: tuple[str, str]) -> str:
    """Say where two runs diverge, and why."""
    both = f"“{names[0]}” and “{names[1]}”"
    if divergence is None:
        last = count_text(min(run.step for run in runs))
        shorter = "" if runs[0].step == runs[1].step else ", where the shorter one ends"
        return f"{both} are the same to the last bit up to step {last}{shorter}."
    step = count_text(divergence.step)
    if divergence.is_of_engines:
        one, other = (engine_name(moment.rule.engine) for moment in divergence.moments)
        return (
            f"{both} are the same to the last bit up to step {step}. What parts them there is rounding, not a setting: "
            f"{one} takes the next step of “{names[0]}”, {other} that of “{names[1]}”. Both compute the same, but add "
            "the numbers up in a different order, and the last digits of the sums differ. Later steps can make more "
            f"of that.{_later_difference(runs, divergence.step)}"
        )
    match divergence.kind:
        case "first weights":
            return f"{both} differ from the beginning: their first weights are different.{_reasons(divergence, names)}"
        case "by hand":
            return (
                f"{both} are the same to the last bit up to step {step}, where weights were set by hand: "
                "there they part, before the next update."
            )
    return (
        f"{both} are the same to the last bit up to step {step}; the next update is the first that differs."
        f"{_reasons(divergence, names)}"
    )


def _reasons(divergence: FirstDivergence, names: tuple[str, str]) -> str:
    """Say how the rules of the two updates differ."""
    one, other = (moment.rule for moment in divergence.moments)
    reasons = [
        f"{setting_label(path, one.config, other.config)} ({setting_value(one.config, path)} in “{names[0]}”, "
        f"{setting_value(other.config, path)} in “{names[1]}”)"
        for path in differing_paths(one.config, other.config)
        if path != "training.stop_step"
    ]
    if one.frozen != other.frozen:
        reasons.append("what is frozen")
    if one.engine != other.engine:
        engines = f"{engine_name(one.engine)} in “{names[0]}”, {engine_name(other.engine)} in “{names[1]}”"
        reasons.append(f"the engine ({engines}), which rounds in its own way")
    return f" What differs there: {', '.join(first_few(reasons, MOST_REASONS, 'setting'))}." if reasons else ""


def _later_difference(runs: tuple[Run, Run], step: int) -> str:
    since = other_difference(*runs, step)
    return "" if since is None else f" From step {count_text(since)} on, more than that differs."


def engine_name(engine: EngineName) -> str:
    names = {"PyTorch": "PyTorch", "Compiled": "the compiled engine"}
    return names.get(engine, "the compiled engine (16 runs at a time)")


def by_one_engine_text(
    engine: EngineName, divergence: FirstDivergence | None, runs: tuple[Run, Run], names: tuple[str, str]
) -> str:
    """Say where two runs diverge once one engine has trained both of them again."""
    found = first_divergence_text(divergence, runs, names)
    return f"Trained again, both by {engine_name(engine)}: {found}"


MOST_CHANGES = 3  # of a run to mention


def luck_text(result: SettingOrLuck, names: tuple[str, str], runs: tuple[Run, Run]) -> str:
    """Say which of two runs ends lower from many seeds, and how sure that is, in paragraphs; the terms come last."""
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
    """List the first changes made during a run, and count the rest."""
    events = tuple(acting_events(run))
    did = [f"step {count_text(mark.step)}: {mark.text}" for mark in marks(replace(run, events=events))]
    if any(isinstance(event, ParameterSet) and event.step == 0 for event in events):
        did.insert(0, "before the first step: numbers set by hand")
    elif run.rule_at(0).frozen:
        did.insert(0, "before the first step: something frozen")
    return "; ".join(first_few(did, MOST_CHANGES, "change"))


def valley_text(valley: Valley, names: tuple[str, str], loss: str) -> str:
    """Describe the loss between two different runs; then the numbers; then what they do and do not mean.

    `loss` is the first run's, by its name in `LOSSES`: the one that was measured.
    """
    return "\n\n".join((_verdict(valley, names), _numbers(valley, names, loss), _limits(valley, names)))


def hill_text(valley: Valley, names: tuple[str, str]) -> str:
    """Say how high the loss rises on the straight line between two runs."""
    line, (one, other) = valley.as_they_are, (f"“{name}”" for name in names)
    ends = [loss_text(end) for end in line.ends]
    return (
        f"On the straight line between them the loss rises to {loss_text(line.highest)}. "
        f"{one} has {ends[0]}, {other} {ends[1]}."
    )


def _verdict(valley: Valley, names: tuple[str, str]) -> str:
    one, other = (f"“{name}”" for name in names)
    if valley.as_they_are.distance == 0:
        return f"One solution: {one} and {other} are the same network, number for number."
    if valley.same_network:
        return f"One solution: {one} and {other} are the same network, with another order or scale of its neurons."
    line = valley.lowest
    way = "on the straight line between them"
    if line is valley.matched:
        way += f", the neurons of {other} put in order,"
    (low, better), (high, worse) = sorted(zip(line.ends, (one, other), strict=True))
    if has_no_hill(line) and valley.are_as_good:
        return f"One solution: {way} there is no hill."
    if is_downhill(line):
        return (
            f"Downhill all the way: {way} the loss falls from {loss_text(high)} to {loss_text(low)}, that of {better}."
        )
    if has_no_hill(line):
        return f"No hill: {way} the loss is nowhere above that of {worse}, {loss_text(high)}; {better} is better."
    rise = loss_text(line.barrier)
    if valley.constant > 0 and math.isfinite(line.barrier):
        rise += f", {plain(100 * line.barrier / valley.constant, 2)} % of the best constant’s loss"
    if valley.verdict == "one valley" and valley.are_as_good:
        return f"One solution, but for a low hill: {way} the loss rises by {rise}."
    if valley.verdict == "one valley":
        return f"A low hill: {way} the loss rises by {rise}; {better} is better."
    return f"A hill: {way} the loss rises by {rise}."


def _numbers(valley: Valley, names: tuple[str, str], loss: str) -> str:
    as_they_are, matched = (loss_text(line.highest) for line in (valley.as_they_are, valley.matched))
    ends = " and ".join(map(loss_text, valley.as_they_are.ends))
    neurons = sum(map(len, valley.places))
    text = f"On the straight line from one to the other, the loss is at most {as_they_are}, "
    text += f"or {matched} with matched neurons; at the ends it is {ends}. "
    if neurons:
        moved = f"{valley.moved:,}" if valley.moved else "none"
        text += f"Matching moves {moved} of the {counted(neurons, 'neuron')} of “{names[1]}”. "
    return (
        f"{text}The best constant’s loss is {loss_text(valley.constant)}. All of them are training losses, "
        f"by {LOSSES[loss].label}, the loss of “{names[0]}”."
    )


def _limits(valley: Valley, names: tuple[str, str]) -> str:
    match len(valley.places):
        case 0:
            how = "Without hidden neurons there is nothing to match."
        case 1:
            how = f"Matched: the neurons of “{names[1]}” in the order closest to “{names[0]}”; it computes the same."
        case _:
            how = (
                f"Matched: the neurons of “{names[1]}” in an order close to “{names[0]}”, perhaps not the closest; it "
                "computes the same."
            )
    return (
        f"{how} A hill of at most {100 * LOW:g} % of the best constant’s loss counts as low, and so does a difference "
        "between the two. A curved way may go around a hill. Other seeds can end otherwise."
    )
