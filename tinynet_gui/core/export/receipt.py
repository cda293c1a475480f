"""The receipt of an exported script's verification: how many numbers were compared, and how far they differ."""

import math

from tinynet_gui.core.run.replay import stretches
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.language import N_, gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text, plain
from tinynet_gui.core.values import frozen_dataclass

CANCELLED = N_("it was cancelled")
FIRST_ALIKE = 1e-4  # the largest relative difference of the first losses, if sums are taken in another order


@frozen_dataclass
class Receipt:
    """The result of a verification, or why there is none.

    Attributes
    ----------
    steps
        The number of steps of the run.
    compiled
        How many of them the compiled loop took, which rounds in another order than PyTorch.
    compared
        How many losses of the script were compared with the run's, from the first on.
    largest
        The largest difference of two of them; 0 if they are equal bit for bit.
    largest_at, loss_there
        Its step, and the run's loss there.
    first
        The relative difference of the first losses, which belong to the same weights.
    trouble
        Why it was not verified, or not to its end; "" if it was.
    date
        Such as 2026-05-31.
    versions
        What the script was run with, such as “Python 3.13.1, torch 2.6.0, numpy 2.2.1”.
    note
        Further remarks, such as that the run was trained elsewhere.
    is_of_step
        Whether it is the code of one step: its loss was compared, and then each weight and bias after it.
    """

    steps: int
    compiled: int = 0
    compared: int = 0
    largest: float = 0.0
    largest_at: int = 0
    loss_there: float = 0.0
    first: float = 0.0
    trouble: str = ""
    date: str = ""
    versions: str = ""
    note: str = ""
    is_of_step: bool = False

    @property
    def is_cancelled(self) -> bool:
        return self.trouble == CANCELLED

    @property
    def is_verified(self) -> bool:
        """Whether all wanted losses were compared, and are equal or differ within the tolerance.

        They may differ if the compiled loop took steps, or on another machine. The first losses belong to the same
        weights: there the order of the sums changes millionths, while another formula or other samples change more than
        `FIRST_ALIKE`. Later losses must only be finite: unstable training multiplies the difference at each step, so
        even correct code may differ by any amount.
        """
        may_differ = self.compiled > 0 or bool(self.note)
        is_alike = math.isfinite(self.largest) and self.first <= FIRST_ALIKE
        return not self.trouble and (self.largest == 0 or (may_differ and is_alike))


def compiled_steps(run: Run) -> int:
    """Return the number of steps that a compiled loop took."""
    by_rule = stretches(run, 0, run.step) if run.step else ()
    return sum(last - first for rule, first, last in by_rule if rule.engine != "PyTorch")


def why_digits_differ(run: Run) -> str:
    """Say why the losses of a run's script may differ from the run's in their last digits."""
    if compiled_steps(run):
        return "tinynet's compiled loop adds in a different order from PyTorch: the last digits differ."
    return "Another processor or version of PyTorch may add in a different order; then the last digits differ."


def receipt_lines(receipt: Receipt) -> list[str]:
    """State the result in sentences; the first says if it is verified: bit for bit, or as far as possible.

    A cancellation is mentioned last: it says nothing about the code.
    """
    finding, trouble = _finding(receipt), _(receipt.trouble)
    # Translators: {finding} is one or two sentences that begin with “this code was run”.
    until, on = _("Until then, on {date}: {finding}"), _("On {date}: {finding}")
    verified, compared = _("Verified on {date}: {finding}"), _("Compared on {date}: {finding}")
    verdict = _("NOT THE SAME on {date}: {finding}") if not receipt.is_verified else compared
    lines = [verified if receipt.is_verified and not receipt.largest else verdict]
    if receipt.trouble:
        lines = [_("NOT VERIFIED: {trouble}."), *([until] if receipt.compared else [])]
    if receipt.is_cancelled:
        lines = [on] if receipt.compared else []
    if receipt.compared:
        lines.append(_("It was run with {versions}."))
    if receipt.compiled:
        all_of_them = _(
            "All {steps} steps were taken by the compiled loop, which adds in another order than PyTorch: the last "
            "digits differ, and what follows from them."
        )
        some = _(
            "{compiled} of {steps} steps were taken by the compiled loop, which adds in another order than PyTorch: "
            "the last digits differ, and what follows from them."
        )
        lines.append(all_of_them if receipt.compiled == receipt.steps else some)
    said = {"date": receipt.date, "finding": finding, "trouble": trouble, "versions": receipt.versions}
    said |= {"compiled": count_text(receipt.compiled), "steps": count_text(receipt.steps)}
    end = [_("The check was cancelled before it finished.")] if receipt.is_cancelled else []
    return [*(line.format(**said) for line in lines), *([receipt.note] if receipt.note else []), *end]


def _finding(receipt: Receipt) -> str:
    words = _("this code was run, and the losses of all {steps} steps")
    if receipt.is_of_step:
        words = ngettext(
            "this code was run: each line by hand agrees with PyTorch. The loss and {numbers} weight or bias after the "
            "step",
            "this code was run: each line by hand agrees with PyTorch. The loss and {numbers} weights and biases after "
            "the step",
            receipt.compared - 1,
        )
    elif receipt.steps == 1:
        words = _("this code was run, and the loss of its one step")
    elif receipt.compared != receipt.steps:
        words = _("this code was run, and the losses of the first {compared} of {steps} steps")
    counts = {"compared": count_text(receipt.compared), "steps": count_text(receipt.steps)}
    subject = words.format(numbers=count_text(receipt.compared - 1), **counts)
    # Translators: {subject} is “this code was run, and the losses of all 300 steps” or the like.
    result = _("{subject} are equal bit for bit to those of the program.")
    if receipt.largest:
        result = _(
            "{subject} were compared with those of the program. The largest difference is {largest}, at step {step}, "
            "where the loss is {loss}."
        )
        if receipt.is_of_step:
            result = _("{subject} were compared with those of the program. The largest difference is {largest}.")
    there = {"step": count_text(receipt.largest_at), "loss": plain(receipt.loss_there)}
    return result.format(subject=subject, largest=plain(receipt.largest, 2), **there)
