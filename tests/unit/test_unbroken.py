"""Formulas stay on one line."""

import pytest

from tinynet_gui.core.text.unbroken import unbroken


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a 95 % interval", "a 95_% interval"),
        ("at *x* = 100?", "at *x*_=_100?"),
        ("is −|*w*|·*R*, the share 1/(4*R*)", "is −|^*w*|^·*R*, the share 1/^(4*R*)"),
        ("|*x*|, a letter V, and |x| again", "|^*x*|, a letter V, and |^x| again"),
        ("| x | = 3 |\n|---|---|", "| x |_=_3 |\n|---|---|"),
        ("`a = 5 %`, and\n```python\nb = 5 % |c|\n```\n5 %", "`a = 5 %`, and\n```python\nb = 5 % |c|\n```\n5_%"),
        ("a == b and c ≤ d", "a == b and c ≤ d"),
    ],
)
def test_where_a_line_is_not_broken(text: str, kept: str) -> None:
    found = unbroken(text)
    assert found.replace("\u00a0", "_").replace("\u2060", "^") == kept
    assert unbroken(found) == found
