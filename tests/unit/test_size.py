"""How large the program may be: `tests/data/size.json` is lowered when it shrinks, and raised with a reason."""

import ast
import json
from collections import Counter
from pathlib import Path

import tinynet_gui

TESTS = Path(__file__).parents[1]


def lines_by_kind(path: Path) -> Counter[str]:
    """Count the lines of code, of imports, and of docstrings and comments; a line of code with a comment is code."""
    source = path.read_text(encoding="utf-8")
    docstrings, imports, texts = set[int](), set[int](), set[int]()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() if ast.get_docstring(node) is not None:
                docstrings.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
            case ast.Import() | ast.ImportFrom():
                imports.update(range(node.lineno, (node.end_lineno or 0) + 1))
            case ast.Constant(value=str()) | ast.JoinedStr():
                texts.update(range(node.lineno, (node.end_lineno or 0) + 1))
    written = {number: line.lstrip() for number, line in enumerate(source.split("\n"), 1) if line.strip()}
    comments = {number for number, line in written.items() if line.startswith("#")} - texts
    code = written.keys() - comments | texts
    return Counter(code=len(code - docstrings - imports), imports=len(imports), docstrings=len(docstrings | comments))


def test_it_is_no_larger_than_its_budget() -> None:
    package = Path(tinynet_gui.__file__).parent
    files = [*package.rglob("*.py")]
    size = sum(map(lines_by_kind, files), Counter(files=len(files), folders=len({file.parent for file in files})))
    size["tests_kB"] = sum(file.stat().st_size for file in TESTS.rglob("*.py")) // 1_000
    budget = json.loads((TESTS / "data" / "size.json").read_text(encoding="utf-8"))
    assert size.keys() == budget.keys()
    over = {kind: f"{size[kind]}, and {most} are allowed" for kind, most in budget.items() if size[kind] > most}
    assert over == {}
