"""The tests see what a user or a caller sees: none looks into the private attributes of what it tests."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
OWN = ("self", "cls")  # a test's own class has its own private attributes
MAY_BE_PRIVATE = re.compile(r"(?<!\bself)(?<!\bcls)\s*\.\s*_\w*\b(?<!__)")


def private_attributes(source: str) -> list[str]:
    """Name the private attributes of other objects in a file, each with its line."""
    if MAY_BE_PRIVATE.search(source) is None:  # most files, and to parse all takes seconds
        return []
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute) and _is_private(node)]
    return [f"{node.lineno}: {ast.unparse(node)}" for node in sorted(found, key=lambda node: node.lineno)]


def _is_private(node: ast.Attribute) -> bool:
    is_own = isinstance(node.value, ast.Name) and node.value.id in OWN
    return node.attr.startswith("_") and not node.attr.endswith("__") and not is_own


def test_no_test_reads_a_private_attribute_of_another_object() -> None:
    files = list(TESTS.glob("**/*.py"))
    assert Path(__file__) in files
    found = {str(path.relative_to(TESTS)): private_attributes(path.read_text(encoding="utf-8")) for path in files}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("plot._key.text()", ["1: plot._key"]),
        ("window.plot._key", ["1: window.plot._key"]),
        ("self.model._engine()", ["1: self.model._engine"]),
        ("plots[0]._key = make()._key", ["1: plots[0]._key", "1: make()._key"]),
        ("self._key = cls._made", []),
        ("kind.__name__", []),
        ("plot.key", []),
    ],
)
def test_a_private_attribute_is_found(line: str, found: list[str]) -> None:
    assert private_attributes(line) == found
