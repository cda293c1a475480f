"""Building blocks of the microscope's pages: lines and tables of rich text, in the colours of a theme."""

import re
from collections.abc import Callable, Sequence
from typing import SupportsFloat

import numpy as np

from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.numerics.arrays import AnyFloats
from tinynet_gui.core.step.dissection import Dissection
from tinynet_gui.core.text.numbers import counted
from tinynet_gui.core.text.words import neuron_symbol
from tinynet_gui.core.text.worked import DIGITS, PLAIN, Digits, Write, digits_needed, in_brackets, worked_value
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.microscope.symbols import in_float32
from tinynet_gui.ui.widgets.naming import UNBROKEN

LISTED = 20  # the number of neurons of a wide layer, or samples of a large batch, to list
Right = Callable[[Write], str]  # the right side of a line, its numbers written so
Evaluate = Callable[[str], float]
IN_FLOAT32 = "(in float32)"  # beside a result that differs from the same line computed on paper


class PhaseText:
    """Writes about one dissection and one of its parameters.

    Attributes
    ----------
    d, parameter
        The dissection and the parameter.
    hint
        How to choose another parameter; empty once the user has chosen one.
    """

    def __init__(
        self, dissection: Dissection, parameter: ParameterRef, theme: Theme, write: Write, hint: str = ""
    ) -> None:
        self.d, self.parameter, self.hint = dissection, parameter, hint
        self._theme, self._write = theme, write

    def write(self, value: SupportsFloat, digits: int = DIGITS) -> str:
        """Write a number."""
        return self._write(float(value), digits)

    def digits(
        self, right: Right, value: SupportsFloat, evaluate: Evaluate = worked_value, wanted: int = DIGITS
    ) -> Digits:
        """Return the number of digits that lets the reader recompute a line; see `digits_needed`."""
        if self._write is in_float32:  # all digits of each number, and so the rounding of float32 as well
            return PLAIN
        return digits_needed(right, float(value), self.write, evaluate, wanted)

    def worked(
        self, right: Right, value: SupportsFloat, evaluate: Evaluate = worked_value, wanted: int = DIGITS
    ) -> tuple[str, str]:
        """Write the right side of a line and its result, with enough digits to recompute it."""
        digits = self.digits(right, value, evaluate, wanted)
        return right(lambda number: self.write(number, digits.operands)), self.result(value, digits)

    def result(self, value: SupportsFloat, digits: Digits) -> str:
        """Write the result of a line; say so if paper would give another."""
        text = self.write(value, digits.result)
        return text if digits.is_exact else f"{text} {self.muted(IN_FLOAT32)}"

    def sum_of_products(
        self, factors: AnyFloats, values: AnyFloats, chosen: int | None = None, *others: SupportsFloat
    ) -> Right:
        """Return a line's right side: the products that are listed, the rest of them together, and other summands."""
        listed = self.listed(len(factors), chosen)
        left_out = np.delete(factors.astype(np.float64) * values, listed)

        def right(write: Write) -> str:
            terms = [f"{in_brackets(write(factors[i]))}·{in_brackets(write(values[i]))}" for i in listed]
            if len(left_out):
                terms.append(f"{in_brackets(write(left_out.sum()))} ({len(left_out):,} more)")
            return " + ".join([*terms, *(in_brackets(write(float(other))) for other in others)])

        return right

    def name(self, layer: int, index: int) -> str:
        """Name a neuron; the input is layer −1."""
        return neuron_symbol(layer, index, len(self.d.layers) - 1)

    def title(self, text: str) -> str:
        """Begin a section."""
        return f'<div style="margin-top:6px; color:{self._theme.ink}"><b>{text}</b></div>'

    def parameter_title(self) -> str:
        """Begin a section on the parameter."""
        p = self.parameter
        what = "Bias b of" if p.kind == "bias" else f"Weight w from {self.name(p.layer - 1, p.input)} to"
        title = self.title(f"{what} {self.name(p.layer, p.neuron)}")
        return title + self.note(self.hint) if self.hint else title

    def line(self, text: str) -> str:
        """Write a line with some space above it; it is not broken inside parentheses."""
        text = re.sub(r"\([^()<>]*\)", lambda part: part[0].replace(" ", UNBROKEN), text)
        return f'<div style="margin-top:5px">{text}</div>'

    def muted(self, text: str) -> str:
        """Make words of a line less prominent than its numbers."""
        return f'<span style="color:{self._theme.muted}; font-weight:400">{text}</span>'

    def note(self, text: str) -> str:
        """Write a sentence."""
        return f'<div style="color:{self._theme.muted}">{text}</div>'

    def listed(self, count: int, chosen: int | None = None) -> list[int]:
        """Return the indices to list: the first ones, and the chosen one."""
        first = list(range(min(count, LISTED)))
        return first if chosen is None or chosen < LISTED or chosen >= count else [*first, chosen]

    def more(self, count: int, what: str, values: np.ndarray | None = None, digits: int = DIGITS) -> str:
        """Say how many are not listed, and their sum."""
        if count <= LISTED:
            return ""
        together = "" if values is None else f", together {self.write(values[LISTED:].sum(), digits)}"
        return self.note(f"… {counted(count - LISTED, f'more {what}')}{together}")

    def table(self, head: tuple[str, ...], rows: Sequence[tuple[str, ...]], words: int = 1) -> str:
        """Write a table whose first `words` columns are words and whose others are numbers."""

        def cell(column: int, text: str) -> str:
            align = "left" if column < words else "right"
            style = f"padding-right:{8 if column < len(head) - 1 else 0}px"
            style += "" if " " in text else "; white-space:nowrap"  # never break a number
            return f'<td align="{align}" style="{style}">{text}</td>'

        lines = [[self.muted(text) for text in head]] if any(head) else []
        lines += [[self.muted(row[0]), *row[1:]] for row in rows]
        body = "".join(f"<tr>{''.join(cell(i, text) for i, text in enumerate(line))}</tr>" for line in lines)
        return f'<table cellspacing="0" cellpadding="0" style="margin-top:5px">{body}</table>'
