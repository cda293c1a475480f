"""The three floors: each knows only the floors below it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tinynet_gui

PACKAGE = Path(tinynet_gui.__file__).parent
FORBIDDEN = {
    "core": ("PySide6", "pyqtgraph", "tinynet_gui.engine", "tinynet_gui.ui"),
    "engine": ("PySide6.QtWidgets", "PySide6.QtGui", "pyqtgraph", "tinynet_gui.ui"),
    "ui": ("torch", "numba", "tinynet_gui.core.training.trainer", "tinynet_gui.core.training.torch_network"),
}


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("floor", FORBIDDEN)
def test_a_floor_imports_only_from_below(floor: str) -> None:
    files = list((PACKAGE / floor).glob("**/*.py"))
    assert files
    for path in files:
        for name in _imports(path):
            for forbidden in FORBIDDEN[floor]:
                assert not f"{name}.".startswith(f"{forbidden}."), f"{path.name} imports {name}"


def test_core_trains_where_there_is_no_qt() -> None:
    code = """
import sys
class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PySide6", "shiboken6", "pyqtgraph"):
            raise ImportError(name)
sys.meta_path.insert(0, NoQt())
from tinynet_gui.core.config import Config
from tinynet_gui.core.training.trainer import Trainer
trainer = Trainer(Config())
print(len(trainer.run(3)))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "3"


def test_the_window_needs_no_torch_to_be_imported() -> None:
    code = "import sys; import tinynet_gui.ui.window.main_window; print('torch' in sys.modules, 'numba' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "False"]
