"""What README names is there: files, folders, modules, markers of tests; and so are the commands that others read."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PATH = re.compile(r"(?<![\w/:.-])(?!\.venv)[\w.-]+/[\w./-]*|\b\w+\.(?:py|md|html)\b")


def test_each_file_and_folder_is_there() -> None:
    """From the checkout or from the package; a name without a folder may be anywhere in them."""
    package, named = ROOT / "tinynet_gui", {name.rstrip("/.") for name in PATH.findall(README)}
    assert len(named) > 20
    missing = {name for name in named if not any((root / name).exists() for root in (ROOT, package))}
    assert {
        name for name in missing if "/" in name or not any((*package.rglob(name), *ROOT.glob(f"*/*/{name}")))
    } == set()


def test_each_module_and_marker_is_there() -> None:
    modules = re.findall(r"python -m ((?:tests|tinynet_gui)[\w.]*)|`(tinynet_gui\.[\w.]+)", README)
    assert len(modules) >= 3
    assert [name for name in map("".join, modules) if find_spec(name) is None] == []
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    markers = re.findall(r"pytest -m (\w+)", README)
    assert len(markers) >= 2
    assert [marker for marker in markers if f'"{marker}: ' not in settings] == []


def test_the_two_commands_bring_all_that_they_need() -> None:
    """One runs the program; `.ci/run` takes the other one from here."""
    fresh = "python3 -m venv .venv && .venv/bin/pip install -q"
    test = README.partition("<!-- test -->\n```sh\n")[2].partition("\n```")[0]
    assert re.fullmatch(rf"{fresh} -e '\.\[test\]' && .*-m pytest .*", test)
    assert f"{fresh} . && .venv/bin/tinynet-gui\n" in README


def test_as_a_library_it_does_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    names = dict[str, Any]()
    exec(example, names)
    assert names["run"].loss == pytest.approx(0.06468, abs=1e-5)  # as in the film, and with PyTorch's own loop
    assert capsys.readouterr().out.startswith(f"{names['run'].loss} [4.")
