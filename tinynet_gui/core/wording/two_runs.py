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
from tinynet_gui.core.text.language import gettext as _, ngettext, with_signs
from tinynet_gui.core.text.numbers import count_text, loss_text, percent_text, plain
from tinynet_gui.core.training.engines import EngineName

MAX_REASONS = 3


def first_divergence_text(divergence: FirstDivergence | None, runs: tuple[Run, Run], names: tuple[str, str]) -> str:
    """Say where two runs diverge, and why."""
    said = {"one": names[0], "other": names[1]}
    if divergence is None:
        words = _("“{one}” and “{other}” are the same to the last bit up to step {step}.")
        if runs[0].step != runs[1].step:
            words = _(
                "“{one}” and “{other}” are the same to the last bit up to step {step}, where the shorter one ends."
            )
        return words.format(**said, step=count_text(min(run.step for run in runs)))
    said["step"] = count_text(divergence.step)
    if divergence.is_of_engines:
        engine, other_engine = (engine_name(moment.rule.engine) for moment in divergence.moments)
        text = _(
            "“{one}” and “{other}” are the same to the last bit up to step {step}. What parts them there is rounding, "
            "not a setting: {engine} takes the next step of “{one}”, {other_engine} that of “{other}”. Both compute "
            "the same, but add the numbers up in a different order, and the last digits of the sums differ. Later "
            "steps can make more of that."
        ).format(**said, engine=engine, other_engine=other_engine)
        since = other_difference(*runs, divergence.step)
        later = _("{text} From step {step} on, more than that differs.")
        return text if since is None else later.format(text=text, step=count_text(since))
    match divergence.kind:
        case "first weights":
            words = _("“{one}” and “{other}” differ from the beginning: their first weights are different.")
        case "by hand":
            return _(
                "“{one}” and “{other}” are the same to the last bit up to step {step}, where weights were set by hand: "
                "there they part, before the next update."
            ).format(**said)
        case _other:
            words = _(
                "“{one}” and “{other}” are the same to the last bit up to step {step}; the next update is the first "
                "that differs."
            )
    return " ".join(filter(None, (words.format(**said), _reasons(divergence, names))))


def _reasons(divergence: FirstDivergence, names: tuple[str, str]) -> str:
    """Say how the rules of the two updates differ."""
    one, other = (moment.rule for moment in divergence.moments)
    said, of_setting = {"one": names[0], "other": names[1]}, _("{setting} ({value} in “{one}”, {second} in “{other}”)")
    reasons = [
        of_setting.format(
            setting=setting_label(path, one.config, other.config),
            value=setting_value(one.config, path),
            second=setting_value(other.config, path),
            **said,
        )
        for path in differing_paths(one.config, other.config)
        if path != "training.stop_step"
    ]
    if one.frozen != other.frozen:
        reasons.append(_("what is frozen"))
    if one.engine != other.engine:
        words = _("the engine ({engine} in “{one}”, {second} in “{other}”), which rounds in its own way")
        reasons.append(words.format(engine=engine_name(one.engine), second=engine_name(other.engine), **said))
    if not reasons:
        return ""
    more = len(reasons) - MAX_REASONS
    words = ngettext(
        "What differs there: {reasons}, {count} more setting.",
        "What differs there: {reasons}, {count} more settings.",
        more,
    )
    words = words if more > 0 else _("What differs there: {reasons}.")
    return words.format(reasons=", ".join(reasons[:MAX_REASONS]), count=count_text(more))


def engine_name(engine: EngineName) -> str:
    names = {"PyTorch": "PyTorch", "Compiled": _("the compiled engine")}
    return names.get(engine, _("the compiled engine (16 runs at a time)"))


def by_one_engine_text(
    engine: EngineName, divergence: FirstDivergence | None, runs: tuple[Run, Run], names: tuple[str, str]
) -> str:
    """Say where two runs diverge once one engine has trained both of them again."""
    found = first_divergence_text(divergence, runs, names)
    # Translators: {found} is a sentence or several.
    return _("Trained again, both by {engine}: {found}").format(engine=engine_name(engine), found=found)


MAX_CHANGES = 3  # of a run to mention


def luck_text(result: SettingOrLuck, names: tuple[str, str], runs: tuple[Run, Run]) -> str:
    """Say which of two runs ends lower from many seeds, and how sure that is, in paragraphs; the terms come last."""
    verdicts = (
        _("Cannot tell: the difference in training loss may be luck."),
        _("It is the setting: “{name}” ends with the lower training loss more often."),
    )
    paragraphs = [_of_loss(result.training, names, *verdicts)]
    if result.held_out is not None:
        verdicts = (
            _("Cannot tell: the difference in held-out loss may be luck."),
            _("It is the setting: “{name}” ends with the lower held-out loss more often."),
        )
        paragraphs.append(_of_loss(result.held_out, names, *verdicts))
    paragraphs.append(_method(result, names, runs))
    return "\n\n".join(paragraphs)


def _of_loss(found: PairedShare, names: tuple[str, str], cannot_tell: str, it_is: str) -> str:
    low, high = found.interval
    said = {"one": names[0], "other": names[1], "low": percent_text(low, math.floor)}
    said |= {"high": percent_text(high, math.ceil), "lower": count_text(found.lower), "ties": count_text(found.ties)}
    said |= {"pairs": count_text(found.pairs), "higher": count_text(found.higher)}
    if not found.is_sure:
        verdict, said["half"] = cannot_tell, _("that may be half of them")
    elif low > 0.5:
        verdict, said["half"] = it_is.format(name=names[0]), _("more than half")
    else:
        verdict, said["half"] = it_is.format(name=names[1]), _("less than half")
    if found.ties:
        ends = ngettext(
            "“{one}” ends lower in {lower} of {pairs} seeds, “{other}” in {higher}, and {ties} seed ends in a tie.",
            "“{one}” ends lower in {lower} of {pairs} seeds, “{other}” in {higher}, and {ties} seeds end in a tie.",
            found.ties,
        )
        # Translators: {half} is “more than half”, “less than half” or “that may be half of them”.
        of_all = _("Of all possible seeds, without ties, “{one}” would end lower in {low} to {high}: {half}.")
    else:
        ends = _("“{one}” ends lower in {lower} of {pairs} seeds, “{other}” in {higher}.")
        # Translators: {half} is “more than half”, “less than half” or “that may be half of them”.
        of_all = _("Of all possible seeds, “{one}” would end lower in {low} to {high}: {half}.")
    return " ".join((verdict, ends.format(**said), of_all.format(**said)))


def _method(result: SettingOrLuck, names: tuple[str, str], runs: tuple[Run, Run]) -> str:
    stops = [count_text(config.training.stop_step) for config in result.configs]
    words = _("Both were trained from the same {count} seeds, for {one} and {other} steps.")
    if stops[0] == stops[1]:
        words = _("Both were trained from the same {count} seeds, for {one} steps.")
    sentences = [words.format(count=count_text(result.training.pairs), one=stops[0], other=stops[1])]
    for name, run in zip(names, runs, strict=True):
        if did := _changes(run):
            sentences.append(_("“{name}” was changed the same way again: {changes}.").format(name=name, changes=did))
    if any(result.diverged):
        first, second = map(count_text, result.diverged)
        words = _("{first} of “{one}” and {second} of “{other}” diverged; those count as infinitely bad.")
        sentences.append(words.format(first=first, second=second, one=names[0], other=names[1]))
    words = _("Such a range is right in at least {sure} of cases (Clopper–Pearson).")
    if result.held_out is not None:
        words = _("Each such range is right in at least {sure} of cases (Clopper–Pearson), both in {both}.")
    sure, both = result.training.confidence, 1 - 2 * (1 - result.training.confidence)
    sentences.append(words.format(sure=with_signs(f"{100 * sure:g} %"), both=with_signs(f"{100 * both:g} %")))
    return " ".join(sentences)


def _changes(run: Run) -> str:
    """List the first changes made during a run, and count the rest."""
    events = tuple(acting_events(run))
    # Translators: {change} is such as “learning rate 0.01 → 0.1”.
    words = _("step {step}: {change}")
    did = [words.format(step=count_text(m.step), change=m.text) for m in marks(replace(run, events=events))]
    if any(isinstance(event, ParameterSet) and event.step == 0 for event in events):
        did.insert(0, _("before the first step: numbers set by hand"))
    elif run.rule_at(0).frozen:
        did.insert(0, _("before the first step: something frozen"))
    text, more = "; ".join(did[:MAX_CHANGES]), len(did) - MAX_CHANGES
    words = ngettext("{changes}; {count} more change", "{changes}; {count} more changes", more)
    return words.format(changes=text, count=count_text(more)) if more > 0 else text


def valley_text(valley: Valley, names: tuple[str, str], loss: str) -> str:
    """Describe the loss between two different runs; then the numbers; then what they do and do not mean.

    `loss` is the first run's, by its name in `LOSSES`: the one that was measured.
    """
    return "\n\n".join((_verdict(valley, names), _numbers(valley, names, loss), _caveats(valley, names)))


def hill_text(valley: Valley, names: tuple[str, str]) -> str:
    """Say how high the loss rises on the straight line between two runs."""
    line = valley.as_they_are
    low, high = map(loss_text, line.ends)
    words = _(
        "On the straight line between them the loss rises to {highest}. “{one}” has {loss}, “{other}” {other_loss}."
    )
    return words.format(highest=loss_text(line.highest), one=names[0], loss=low, other=names[1], other_loss=high)


def _verdict(valley: Valley, names: tuple[str, str]) -> str:
    line, said = valley.lowest, {"one": names[0], "other": names[1]}
    (low, said["better"]), (high, said["worse"]) = sorted(zip(line.ends, names, strict=True))
    said |= {"low": loss_text(low), "high": loss_text(high), "rise": loss_text(line.barrier)}
    way = _("on the straight line between them")
    if line is valley.matched:
        way = _("on the straight line between them, the neurons of “{other}” put in order,")
    said["way"] = way.format(**said)
    if valley.constant > 0 and math.isfinite(line.barrier):
        said["percent"] = plain(100 * line.barrier / valley.constant, 2)
        said["rise"] = _("{rise}, {percent} % of the best constant’s loss").format(**said)
    if valley.as_they_are.distance == 0:
        words = _("One solution: “{one}” and “{other}” are the same network, number for number.")
    elif valley.same_network:
        words = _(
            "One solution: “{one}” and “{other}” are the same network, with another order or scale of its neurons."
        )
    elif has_no_hill(line) and valley.are_as_good:
        # Translators: {way} is “on the straight line between them”, perhaps with “the neurons of “A” put in order,”.
        words = _("One solution: {way} there is no hill.")
    elif is_downhill(line):
        words = _("Downhill all the way: {way} the loss falls from {high} to {low}, that of “{better}”.")
    elif has_no_hill(line):
        words = _("No hill: {way} the loss is nowhere above that of “{worse}”, {high}; “{better}” is better.")
    elif valley.verdict == "one valley" and valley.are_as_good:
        words = _("One solution, but for a low hill: {way} the loss rises by {rise}.")
    elif valley.verdict == "one valley":
        words = _("A low hill: {way} the loss rises by {rise}; “{better}” is better.")
    else:
        words = _("A hill: {way} the loss rises by {rise}.")
    return words.format(**said)


def _numbers(valley: Valley, names: tuple[str, str], loss: str) -> str:
    as_they_are, matched = (loss_text(line.highest) for line in (valley.as_they_are, valley.matched))
    low, high = map(loss_text, valley.as_they_are.ends)
    neurons = sum(map(len, valley.places))
    words = _(
        "On the straight line from one to the other, the loss is at most {highest}, or {matched} with matched neurons; "
        "at the ends it is {low} and {high}."
    )
    sentences = [words.format(highest=as_they_are, matched=matched, low=low, high=high)]
    if neurons:
        words = ngettext(
            "Matching moves none of the {count} neuron of “{name}”.",
            "Matching moves none of the {count} neurons of “{name}”.",
            neurons,
        )
        if valley.moved:
            words = _("Matching moves {moved} of the {count} neurons of “{name}”.")
        sentences.append(words.format(moved=count_text(valley.moved), count=count_text(neurons), name=names[1]))
    words = _(
        "The best constant’s loss is {constant}. All of them are training losses, by {loss}, the loss of “{name}”."
    )
    sentences.append(words.format(constant=loss_text(valley.constant), loss=LOSSES[loss].label, name=names[0]))
    return " ".join(sentences)


def _caveats(valley: Valley, names: tuple[str, str]) -> str:
    match len(valley.places):
        case 0:
            how = _("Without hidden neurons there is nothing to match.")
        case 1:
            how = _("Matched: the neurons of “{other}” in the order closest to “{one}”; it computes the same.")
        case _many:
            how = _(
                "Matched: the neurons of “{other}” in an order close to “{one}”, perhaps not the closest; it computes "
                "the same."
            )
    limits = _(
        "A hill of at most {share} of the best constant’s loss counts as low, and so does a difference between the "
        "two. A curved way may go around a hill. Other seeds can end otherwise."
    )
    return f"{how.format(one=names[0], other=names[1])} {limits.format(share=with_signs(f'{100 * LOW:g} %'))}"
