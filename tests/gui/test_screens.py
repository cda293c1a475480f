"""The first window on screens of several sizes and scales, each in a process of its own; tooltips."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LOOK = """
import json, sys
from PySide6.QtCore import QEventLoop, QSettings, QTimer
from PySide6.QtWidgets import QApplication, QScrollArea
app = QApplication([])
QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, sys.argv[1])
from tinynet_gui.ui.window.main_window import MainWindow
window = MainWindow(remember=True)
if len(sys.argv) > 3:  # the zoom that is remembered
    window.presentation.set_percent(int(sys.argv[3]))
    window.close()
    window = MainWindow(remember=True)
window.show()
loop = QEventLoop()  # quitting the application would close the window
QTimer.singleShot(60_000, loop.quit)
window.session.changed.connect(lambda _, new: None if new.snapshot is None else loop.quit())
loop.exec()
for _ in range(5):
    app.processEvents()
screen, frame = window.screen().availableGeometry(), window.frameGeometry()
workspace = window.findChild(QScrollArea, "workspace")
bars = workspace.horizontalScrollBar(), workspace.verticalScrollBar()
print(json.dumps({
    "screen": [screen.width(), screen.height()],
    "window": [window.width(), window.height()],
    "frame": [frame.width(), frame.height()],
    "strips": sum(column.is_strip for column in window.diagram.layout_of_network.columns),
    "scrolls": any(bar.maximum() > 0 for bar in bars),
}))
window.resize(*json.loads(sys.argv[2]))
window.close()
"""


def _look(
    folder: Path, size: tuple[int, int], scale: str, leaves: tuple[int, int] = (1_280, 800), *zoom: str
) -> dict[str, Any]:
    """Open the window on a screen of so many pixels; it is closed at another size. `zoom` is in per cent."""
    screen = {"name": "one", "x": 0, "y": 0, "width": size[0], "height": size[1], "logicalDpi": 96, "dpr": 1}
    config = folder / "screen.json"
    config.write_text(json.dumps({"screens": [screen | {"logicalBaseDpi": 96}]}), encoding="utf-8")
    environment = os.environ | {"QT_QPA_PLATFORM": f"offscreen:configfile={config}", "QT_SCALE_FACTOR": scale}
    arguments = [sys.executable, "-c", LOOK, str(folder / "settings"), json.dumps(leaves), *zoom]
    found = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize(
    ("size", "scale", "scrolls"),
    [
        ((1_920, 1_080), "1", False),
        ((1_920, 1_080), "1.5", False),
        ((1_920, 1_080), "2", False),
        ((1_366, 768), "1", False),
        ((1_280, 800), "1.5", True),
        ((1_280, 800), "2", True),
    ],
)
def test_the_first_window_fits_its_screen_at_every_scale(
    tmp_path: Path, size: tuple[int, int], scale: str, scrolls: bool
) -> None:
    found = _look(tmp_path, size, scale)
    assert found["screen"][0] == pytest.approx(size[0] / float(scale), abs=1)
    for frame, screen in zip(found["frame"], found["screen"], strict=True):
        assert frame <= screen
    assert found["strips"] == 0  # ten neurons are neurons
    assert found["scrolls"] is scrolls


def test_a_window_that_was_larger_comes_back_smaller(tmp_path: Path) -> None:
    _look(tmp_path, (2_560, 1_440), "1", leaves=(2_000, 1_300))
    assert _look(tmp_path, (2_560, 1_440), "1", leaves=(2_000, 1_300))["window"] == [2_000, 1_300]
    found = _look(tmp_path, (1_920, 1_080), "2")
    for frame, screen in zip(found["frame"], found["screen"], strict=True):
        assert frame <= screen


@pytest.mark.parametrize("size", [(1_366, 768), (1_280, 800), (1_920, 1_080)])
@pytest.mark.parametrize(
    ("scale", "zoom"),
    [("1", "100"), ("1", "150"), ("1", "300"), ("1.5", "100"), ("1.5", "150"), ("2", "100"), ("2", "150")],
)
def test_it_fits_with_a_zoom_that_is_remembered(tmp_path: Path, size: tuple[int, int], scale: str, zoom: str) -> None:
    """Up to three times the usual size: at six times nothing fits."""
    found = _look(tmp_path, size, scale, (1_280, 800), zoom)
    for frame, screen in zip(found["frame"], found["screen"], strict=True):
        assert frame <= screen
