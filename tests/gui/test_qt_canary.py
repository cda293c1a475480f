"""Qt itself: what the pins in pyproject rest on."""

import os
import subprocess
import sys

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tinynet_gui.core.system.libraries import PLAIN_IMPORTS


def test_void_calls_do_not_lose_references_to_none(qtbot: QtBot) -> None:
    """From Python 3.12 on None is immortal, and this cannot happen."""
    widget = QWidget()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(500):
        widget.update()
    assert sys.getrefcount(None) > before - 100


FAULTY_BOX = """
from PySide6.QtWidgets import QAbstractSpinBox, QApplication

class Box(QAbstractSpinBox):
    def stepEnabled(self):
        return int("x")

application = QApplication(["canary"])
Box().grab()
print("alive")
"""


def test_whether_an_exception_may_leave_an_override() -> None:
    """Up to Python 3.11 it may not. When this fails, see whether `ui/widgets/guard.py` can go."""
    result = subprocess.run([sys.executable, "-c", FAULTY_BOX], capture_output=True, text=True, timeout=60, check=False)
    if sys.version_info < (3, 12):
        assert result.returncode not in (0, 1), "this Python is sound now with this PySide6"
    else:
        ends = {(0, "alive\n"), (1, "")}  # it is printed, or, from PySide6 6.12 on, raised where Qt was called
        assert (result.returncode, result.stdout) in ends, result.stderr
        assert "ValueError" in result.stderr


@pytest.mark.parametrize("package", ["tinynet_gui.engine", "tinynet_gui.ui"])
def test_imports_after_qts_read_no_sources(package: str) -> None:
    """Qt's own do. When that fails, `qt.py` can go."""
    code = "import linecache, {}; import PySide6.QtWidgets, doctest; print(doctest.__file__ in linecache.cache)"
    said = [
        subprocess.run(
            [sys.executable, "-c", code.format(name)], capture_output=True, text=True, check=True, env=os.environ | more
        ).stdout
        for name, more in (("PySide6.QtCore", {}), (package, {}), (package, {PLAIN_IMPORTS: "1"}))
    ]
    assert said == ["True\n", "False\n", "True\n"]
