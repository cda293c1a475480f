"""What was found when an exported script was run: how many losses were compared, and how far they differ."""

from dataclasses import dataclass

from tinynet_gui.core.run.replay import stretches
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.numbers import count_text, plain


@dataclass(frozen=True)
class Receipt:
    """The result of a verification, or why there is none.

    Attributes
    ----------
    steps
        That the run has taken.
    compiled
        How many of them the compiled loop took, which rounds in another order than PyTorch.
    compared
        How many losses of the script were compared with the run's, from the first on.
    largest
        The largest difference of two of them; 0 if they are equal bit for bit.
    largest_at, loss_there
        At which step it is, and the run's loss there.
    trouble
        Why it was not verified, or not to its end; "" if it was.
    date
        When, such as 2026-05-31.
    versions
        With what, such as “torch 2.6.0, numpy 2.2.1”.
    note
        What else there is to say, such as that the run was trained elsewhere.
    """

    steps: int
    compiled: int = 0
    compared: int = 0
    largest: float = 0.0
    largest_at: int = 0
    loss_there: float = 0.0
    trouble: str = ""
    date: str = ""
    versions: str = ""
    note: str = ""

    @property
    def is_verified(self) -> bool:
        """Whether as many losses were compared as was wanted, and it is known why they differ where they do."""
        return not self.trouble and (self.largest == 0 or self.compiled > 0 or bool(self.note))


def compiled_steps(run: Run) -> int:
    """Return how many steps of a run a compiled loop took."""
    return sum(s.last - s.first for s in stretches(run, 0, run.step) if s.rule.engine != "PyTorch") if run.step else 0


def receipt_lines(receipt: Receipt) -> list[str]:
    """Say in sentences what was found; the first says whether it is verified."""
    lines = [f"{'Verified' if receipt.is_verified else 'NOT THE SAME'} on {receipt.date}: {_finding(receipt)}"]
    if receipt.trouble:
        until = [f"Until then, on {receipt.date}: {_finding(receipt)}"] if receipt.compared else []
        lines = [f"NOT VERIFIED: {receipt.trouble}.", *until]
    if receipt.compared:
        lines.append(f"Compared with {receipt.versions}.")
    if receipt.compiled:
        taken = "All" if receipt.compiled == receipt.steps else f"{count_text(receipt.compiled)} of"
        lines.append(
            f"{taken} {count_text(receipt.steps)} steps were taken by the compiled loop, which adds in another order "
            "than PyTorch: the last digits differ, and what follows from them."
        )
    return [*lines, *([receipt.note] if receipt.note else [])]


def _finding(receipt: Receipt) -> str:
    part = "all" if receipt.compared == receipt.steps else f"the first {count_text(receipt.compared)} of"
    subject = f"this code was run, and the losses of {part} {count_text(receipt.steps)} steps"
    if receipt.steps == 1:
        subject = "this code was run, and the loss of its one step"
    if receipt.largest == 0:
        return f"{subject} are equal bit for bit to those of the program."
    return (
        f"{subject} were compared with those of the program. The largest difference is {plain(receipt.largest, 2)}, "
        f"at step {count_text(receipt.largest_at)}, where the loss is {plain(receipt.loss_there)}."
    )
