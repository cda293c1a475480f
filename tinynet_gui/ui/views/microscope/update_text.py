"""The fourth phase in numbers: how the optimiser turns one weight's gradient into an update."""

from functools import partial

from tinynet_gui.core.text.worked import DIGITS, MOST_OF_FLOAT32
from tinynet_gui.ui.views.microscope.page import PhaseText


def update(page: PhaseText) -> str:
    """Write the optimiser's terms one after the other, and the old and the new value."""
    p, write, step = page.parameter, page.write, page.d.update
    if step is None:
        return page.parameter_title() + "<div>The loss is not a finite number, so no step can be taken.</div>"
    frozen = step.frozen is not None and bool(step.frozen[p.array][p.index])
    old, new = step.value("w0", p.array, p.index), step.value("w", p.array, p.index)
    enough = (digits for digits in range(DIGITS, MOST_OF_FLOAT32) if write(old, digits) != write(new, digits))
    apart = DIGITS if old == new else next(enough, MOST_OF_FLOAT32)  # so many digits show that the value has changed
    lines = []
    for term in step.terms[:-1] if frozen else step.terms:
        symbols = step.in_symbols(term)
        value = step.value(term.name, p.array, p.index)
        if term.name == "g":
            right, result = term.formula, write(value)
        else:
            wanted = apart if term.name == "w" else DIGITS
            right, result = page.worked(partial(step.in_numbers, term, p.array, p.index), value, wanted=wanted)
        if p.kind == "bias":  # w stands for the parameter; no other symbol contains a w
            symbols, right = symbols.replace("w", "b"), right.replace("w", "b")
        numbers = "" if symbols.endswith(right) else f" = {right}"
        lines.append(f"{page.muted(term.label)}<br>{symbols}{numbers} = <b>{result}</b>")
    if frozen:
        lines.append("Frozen by hand: it keeps its value, whatever Δ says.")
    rows = [("old value", write(old, apart)), ("new value", f"<b>{write(new, apart)}</b>")]
    return page.parameter_title() + "".join(map(page.line, lines)) + page.table(("", ""), rows)
