"""What lessons measure, for Python's own `eval`; and whether a text that was filled in says it."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from tinynet_gui.core.lessons.map_measurements import ROW, read_dots
from tinynet_gui.core.lessons.measurements import Measured, scope_with
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.wording.maps import read_map

FUNCTIONS = {"abs": abs, "min": min, "max": max, "round": round, "sqrt": math.sqrt, "log10": math.log10}
NUMBER = r"[−-]?[\d,]+(?:\.\d+)?(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?(?: ?%)?|[−-]?∞|[a-z –]+?"  # or what is said where there is none
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


class Facts(dict[str, Any]):
    """Names for Python's own `eval`, of a moment and of what was found before: each is proven to be so elsewhere."""

    def __init__(
        self, snapshot: Snapshot, run: Run, known: Mapping[str, float], shown_map: str = "", runs: Sequence[Run] = ()
    ) -> None:
        super().__init__(FUNCTIONS)
        self.scope = scope_with(known, Measured(snapshot, run, read_map(shown_map) if shown_map else None, runs))
        for name in self.scope:
            experiment, dot, number = name.rpartition(".")
            if dot:
                setattr(self.setdefault(experiment, SimpleNamespace()), number, self.scope[name])

    def __missing__(self, name: str) -> Any:
        """Measure it when it is asked for."""
        return self.scope[name]


def python(text: str, facts: Facts) -> float:
    """The value of an expression by Python itself."""
    text = text.strip().replace("−", "-").replace("^", "**").replace("·", "*").replace("≤", "<=").replace("≥", ">=")
    try:
        return float(eval(text, {"__builtins__": {}}, facts))
    except ZeroDivisionError:
        return math.nan


def shown_paragraphs(source: str, facts: Facts) -> Iterator[str]:
    """Which paragraphs of a text are to be seen, without their markers."""
    decided = False
    for paragraph in re.split(r"\n(?=\[(?:if|else))|\n\s*\n", source.strip()):
        marker = re.match(r"\[(else if|if|else)([^\]]*)\]\s*", paragraph)
        if marker is None:
            yield paragraph.strip()
            continue
        word, condition = marker[1], marker[2]
        decided = decided if word != "if" else False
        if not decided and (word == "else" or python(condition, facts) == 1.0):
            decided = True
            yield paragraph[marker.end() :].strip()


def assert_says(shown: str, source: str, facts: Facts) -> None:
    """What is shown is what the source says of the facts: the same paragraphs, the same numbers but for rounding."""
    at = 0
    for height in re.findall(r"\(map_row:([^()]*)\)", source):
        text, dots, after = re.split(r"\((dots:[^()]*)\)", shown, maxsplit=1)
        _assert_dots(dots, float(height), facts)
        shown = f"{text}(map_row:{height}){after}"
    text = _plain(shown)
    for paragraph in shown_paragraphs(source, facts):
        pieces = re.split(r"\{([^{}]*)\}", _plain(paragraph, keep_braces=True))
        pattern = "".join(re.escape(_plain(piece)) if k % 2 == 0 else f"({NUMBER})" for k, piece in enumerate(pieces))
        match = re.compile(pattern).match(text, at)
        assert match is not None, (paragraph, text[at : at + 400])
        for written, piece in zip(match.groups(), pieces[1::2], strict=True):
            expression, _, form = piece.partition(":")
            value = python(expression, facts)
            assert _is_written_as(written, value, form), (piece, written, value)
        at = match.end()
        at += len(text[at:]) - len(text[at:].lstrip())
    assert text[at:].strip() == ""


def _assert_dots(name: str, height: float, facts: Facts) -> None:
    """The dots of a row are what single trainings come to, and the first that diverge begin at the edge."""
    dots = read_dots(name)
    assert dots is not None
    rates = [dots.low * (dots.high / dots.low) ** ((place + 0.5) / len(dots.numbers)) for place in range(ROW)]
    for place in range(0, ROW, 51):
        alone = facts["map_at"](rates[place], height)
        assert math.isclose(dots.numbers[place], alone, rel_tol=0.02) or alone == dots.numbers[place], place
    assert math.isclose(rates[dots.numbers.index(math.inf)], facts["map_edge"](height), rel_tol=0.001)


def _plain(text: str, keep_braces: bool = False) -> str:
    text = re.sub(r"\s+", " ", text).replace("\N{WORD JOINER}", "")
    return text if keep_braces else text.replace("{{", "{").replace("}}", "}")


def _is_written_as(written: str, value: float, form: str) -> bool:
    number = written.replace("−", "-").replace(",", "").replace("·10", "e").translate(SUPERSCRIPTS).strip()
    if math.isnan(value) or math.isinf(value):
        return not re.fullmatch(r"-?[\d.]+(e-?\d+)?", number)
    share = 100.0 if form == "percent" else 1.0
    found = float(number.removesuffix("%").strip())
    mantissa, _, exponent = number.rstrip("% ").partition("e")
    rounding = 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2])) * (1 + 1e-9)
    return abs(found - share * value) <= max(rounding, 1e-3 * abs(share * value))
