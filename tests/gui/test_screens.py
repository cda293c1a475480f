"""The first window on screens of several sizes and scales, a process for each screen."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tinynet_gui.core.system.machine import HOME

ROOT = Path(__file__).parents[2]
LOOK = """
import json, sys
sys.modules["torch"] = sys.modules["numba"] = None  # they would take half of the time
from PySide6.QtCore import QEvent, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication, QScrollArea, QTabWidget, QToolButton
app = QApplication([])
from tests.gui.pixels import difference
from tinynet_gui.ui.style.theme import LIGHT
from tinynet_gui.ui.widgets.pictures import drawn, grabbed
from tinynet_gui.ui.window.main_window import MainWindow

def menus_of(name):  # those that are there, and those that should be
    bar = window.findChild(QTabWidget, name).tabBar()
    shown = [button.objectName() for button in bar.findChildren(QToolButton) if button.isVisible()]
    return shown, [name + "Menu"] if bar.width() < bar.sizeHint().width() else []

def picture(view, scale):  # whether it has the size that was asked for and changes nothing, and how far it is away
    before, image = view.grab().toImage(), drawn(view, LIGHT, scale)
    smooth = Qt.TransformationMode.SmoothTransformation
    away = difference(*(each.scaled(view.size(), mode=smooth) for each in (image, grabbed(view))))
    return image.size() == view.size() * scale and view.grab().toImage() == before, away

for zoom, leaves in json.loads(sys.argv[1]):  # what the window is left with
    window = MainWindow(remember=True)
    window.show()
    loop = QEventLoop()  # quitting the application would close the window
    QTimer.singleShot(60_000, loop.quit)
    window.session.changed.connect(lambda _, new: None if new.snapshot is None else loop.quit())
    loop.exec()
    for _ in range(5):
        app.processEvents()
    screen, frame = window.screen().availableGeometry(), window.frameGeometry()
    areas = [window.findChild(QScrollArea, name) for name in ("workspace", "viewsArea")]
    print(json.dumps({
        "screen": [screen.width(), screen.height()],
        "window": [window.width(), window.height()],
        "frame": [frame.width(), frame.height()],
        "strips": sum(column.is_strip for column in window.views.diagram.layout_of_network.columns),
        "scrolls": any(area.verticalScrollBar().maximum() for area in areas),
        "is_cut": any(area.horizontalScrollBar().maximum() for area in areas),
        "plot": round(window.views.function_plot.plot.getViewBox().sceneBoundingRect().height()),
        "tabs": [menus_of(name) for name in ("resultTabs", "inspectorTabs")],
        "pictures": [
            picture(view, scale)
            for view in (window.views.diagram, window.views.function_plot, window.views.loss_plot)
            for scale in ((1, 4) if window.devicePixelRatio() == 1.5 else ())
        ],
    }), flush=True)
    window.resize(*leaves)
    window.frame.presentation.set_percent(zoom)
    window.close()
    window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
"""


def _look(
    folder: Path, size: tuple[int, int], scale: str, zooms: tuple[int, ...] = (), leaves: tuple[int, int] = (1_280, 800)
) -> list[dict[str, Any]]:
    """Open the window on a screen of so many pixels, and again with each zoom, in per cent, that it remembers."""
    screen = {"name": "one", "x": 0, "y": 0, "width": size[0], "height": size[1], "logicalDpi": 96, "dpr": 1}
    config = folder / "screen.json"
    config.write_text(json.dumps({"screens": [screen | {"logicalBaseDpi": 96}]}), encoding="utf-8")
    environment = os.environ | {HOME: str(folder), "QT_SCALE_FACTOR": scale, "PYTHONPATH": str(ROOT)}
    environment |= {"QT_QPA_PLATFORM": f"offscreen:configfile={config.name}"}
    left = json.dumps([(zoom, leaves) for zoom in (*zooms, 100)])
    arguments = [sys.executable, "-c", LOOK, left]
    found = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in found.stdout.splitlines()]


def _assert_fits(found: dict[str, Any]) -> None:
    assert all(there == due for there, due in found["tabs"])  # they fit or are a menu
    for is_as_asked_for, away in found["pictures"]:
        assert is_as_asked_for
        assert away < 6
    assert not found["is_cut"]  # it scrolls up and down, if at all
    for frame, screen in zip(found["frame"], found["screen"], strict=True):
        assert frame <= screen


@pytest.mark.parametrize(
    ("size", "scale", "zooms", "scrolls"),
    [
        ((1_366, 768), "1", (300,), False),
        ((1_366, 768), "1.5", (150,), True),
        ((1_280, 800), "2", (150,), True),
    ],
)
def test_the_window_fits_its_screen_at_every_scale_and_zoom(
    tmp_path: Path, size: tuple[int, int], scale: str, zooms: tuple[int, ...], scrolls: bool
) -> None:
    """The first one, and those with a zoom that is remembered: up to three times the usual size."""
    found = _look(tmp_path, size, scale, zooms)
    assert len(found) == 1 + len(zooms)
    assert found[0]["screen"][0] == pytest.approx(size[0] / float(scale), abs=1)
    assert found[0]["strips"] == 0  # ten neurons are neurons
    assert found[0]["scrolls"] is scrolls
    assert len(found[0]["pictures"]) == (6 if scale == "1.5" else 0)
    for each in found:
        _assert_fits(each)


def test_a_window_that_was_larger_comes_back_smaller(tmp_path: Path) -> None:
    found = _look(tmp_path, (2_560, 1_440), "1", zooms=(100,), leaves=(2_000, 1_300))
    assert found[1]["window"] == [2_000, 1_300]
    (smaller,) = _look(tmp_path, (1_920, 1_080), "2")  # what fits smaller ones at a zoom fits this one, too
    _assert_fits(smaller)
    assert smaller["plot"] >= 130  # which is the last to shrink: it scrolls instead
    assert (smaller["strips"], smaller["scrolls"]) == (0, True)
