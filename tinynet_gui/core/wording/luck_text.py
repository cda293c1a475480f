"""What came of “setting or luck?”, in sentences."""

from tinynet_gui.core.experiments.setting_or_luck import SettingOrLuck
from tinynet_gui.core.statistics.paired_share import PairedShare
from tinynet_gui.core.text.numbers import count_text, interval_texts, percent_text


def luck_text(result: SettingOrLuck, names: tuple[str, str]) -> str:
    """Say which of two settings ends lower and how sure that is, in paragraphs."""
    paragraphs = [_of_loss(result.training, names, "training loss")]
    if result.held_out is not None:
        paragraphs.append(_of_loss(result.held_out, names, "held-out loss"))
    paragraphs.append(_how(result, names))
    return "\n\n".join(paragraphs)


def _of_loss(found: PairedShare, names: tuple[str, str], loss: str) -> str:
    a, b = (f"“{name}”" for name in names)
    low, between = found.interval[0], interval_texts(*found.interval)
    if not found.is_sure:
        verdict = f"Cannot tell: the difference in {loss} may be luck."
    else:
        verdict = f"It is the setting: {a if low > 0.5 else b} ends with the lower {loss} more often."
    ties = ""
    if found.ties:
        ties = f" and {found.ties} {'is a tie, which counts' if found.ties == 1 else 'are ties, which count'} half"
    counted = (
        f"{a} ends lower in {found.lower} of {found.pairs} seeds, {b} in {found.higher}{ties}: "
        f"a share of {percent_text(found.share)} for {a}."
    )
    of_what = " of the seeds that are no ties" if found.ties else ""
    sure = (
        f"With {100 * found.confidence:g} % confidence the true share{of_what} lies between {' and '.join(between)} "
        f"(Clopper–Pearson); 50 % {'is not among them' if found.is_sure else 'is among them'}."
    )
    return f"{verdict} {counted} {sure}"


def _how(result: SettingOrLuck, names: tuple[str, str]) -> str:
    stops = [count_text(config.training.stop_step) for config in result.configs]
    until = f"{stops[0]} steps" if stops[0] == stops[1] else f"{stops[0]} and {stops[1]} steps"
    text = f"Both were trained from the same {result.training.pairs} seeds, for {until}."
    if result.held_out is not None:
        together = 1 - 2 * (1 - result.training.confidence)
        text += f" Both intervals hold in at least {100 * together:g} of 100 such comparisons."
    if any(result.diverged):
        first, second = (f"{count} of “{name}”" for count, name in zip(result.diverged, names, strict=True))
        text += f" {first} and {second} diverged; those count as infinitely bad."
    return text
