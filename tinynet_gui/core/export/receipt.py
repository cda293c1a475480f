"""The receipt of an exported script's verification: how many numbers were compared, and how far they differ."""

import math

from tinynet_gui.core.run.replay import stretches
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.numbers import count_text, counted, plain
from tinynet_gui.core.values import frozen_dataclass

CANCELLED = "it was cancelled"
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
    return sum(s.last - s.first for s in stretches(run, 0, run.step) if s.rule.engine != "PyTorch") if run.step else 0


def why_digits_differ(run: Run) -> str:
    """Say why the losses of a run's script may differ from the run's in their last digits."""
    if compiled_steps(run):
        return "tinynet's compiled loop adds in a different order from PyTorch: the last digits differ."
    return "Another processor or version of PyTorch may add in a different order; then the last digits differ."


def receipt_lines(receipt: Receipt) -> list[str]:
    """State the result in sentences; the first says if it is verified: bit for bit, or as far as possible.

    A cancellation is mentioned last: it says nothing about the code.
    """
    verdict = "NOT THE SAME" if not receipt.is_verified else "Compared" if receipt.largest else "Verified"
    lines = [f"{verdict} on {receipt.date}: {_finding(receipt)}"]
    if receipt.trouble:
        until = [f"Until then, on {receipt.date}: {_finding(receipt)}"] if receipt.compared else []
        lines = [f"NOT VERIFIED: {receipt.trouble}.", *until]
    if receipt.is_cancelled:
        lines = [f"On {receipt.date}: {_finding(receipt)}"] if receipt.compared else []
    if receipt.compared:
        lines.append(f"It was run with {receipt.versions}.")
    if receipt.compiled:
        taken = "All" if receipt.compiled == receipt.steps else f"{count_text(receipt.compiled)} of"
        lines.append(
            f"{taken} {count_text(receipt.steps)} steps were taken by the compiled loop, which adds in another order "
            "than PyTorch: the last digits differ, and what follows from them."
        )
    end = ["The check was cancelled before it finished."] if receipt.is_cancelled else []
    return [*lines, *([receipt.note] if receipt.note else []), *end]


def _finding(receipt: Receipt) -> str:
    part = "all" if receipt.compared == receipt.steps else f"the first {count_text(receipt.compared)} of"
    subject = f"this code was run, and the losses of {part} {count_text(receipt.steps)} steps"
    if receipt.steps == 1:
        subject = "this code was run, and the loss of its one step"
    if receipt.is_of_step:
        numbers = counted(receipt.compared - 1, "weight or bias", "weights and biases")
        subject = f"this code was run: each line by hand agrees with PyTorch. The loss and {numbers} after the step"
    if receipt.largest == 0:
        return f"{subject} are equal bit for bit to those of the program."
    there = f", at step {count_text(receipt.largest_at)}, where the loss is {plain(receipt.loss_there)}"
    return (
        f"{subject} were compared with those of the program. The largest difference is {plain(receipt.largest, 2)}"
        f"{'' if receipt.is_of_step else there}."
    )
