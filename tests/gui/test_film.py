"""A film of a run, from the menu to the file, while the window goes on."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLabel, QMessageBox, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import WAIT_MS
from tinynet_gui.core.export.film import FORMATS, FilmChoice
from tinynet_gui.ui.controllers.film_stage import FilmStage
from tinynet_gui.ui.style.theme import DARK, LIGHT, Theme, style_sheet
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.plots.function_plot import FunctionPlot
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.film_dialog import FilmDialog
from tinynet_gui.ui.window.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def trained(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.session.fast_forward(400)
    qtbot.waitUntil(
        lambda: window.session.state.run.step == 400 and not window.session.state.is_running, timeout=WAIT_MS
    )
    return window


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    def choose(file: Path) -> None:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))

    return choose


def opened(window: MainWindow, kind: str = "gif") -> FilmDialog:
    """The dialog, with a short and narrow film chosen."""
    window.actions_["actionExportFilm"].trigger()
    dialog = window.findChild(FilmDialog)
    assert isinstance(dialog, FilmDialog)
    for name, value in (("filmFormat", kind), ("filmWidth", 480), ("filmRate", 10)):
        box = dialog.findChild(QComboBox, name)
        assert isinstance(box, QComboBox)
        box.setCurrentIndex(box.findData(value))
    length = dialog.findChild(QSpinBox, "filmLength")
    assert isinstance(length, QSpinBox)
    length.setValue(1)
    return dialog


def size_said(dialog: QWidget) -> str:
    label = dialog.findChild(QLabel, "filmSize")
    assert isinstance(label, QLabel)
    return label.text()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_film_is_made(
    trained: MainWindow, qtbot: QtBot, choose: Callable[[Path], None], tmp_path: Path, kind: str
) -> None:
    file = tmp_path / f"film.{kind}"
    choose(file)
    dialog = opened(trained, kind)
    qtbot.waitUntil(lambda: "frames, about" in size_said(dialog), timeout=WAIT_MS)
    count = int(size_said(dialog).split()[0])
    assert 10 <= count <= 12
    dialog.wanted.emit(dialog.choice())
    qtbot.waitUntil(file.exists, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: trained.status.currentMessage() == f"saved the film to film.{kind}", timeout=WAIT_MS)
    with Image.open(file) as film:
        assert (getattr(film, "n_frames", 1), film.size[0]) == (count, 480)
        film.seek(count - 1)
        found = np.asarray(film.convert("RGB")).astype(int)
    with FilmStage(480, FunctionPlot(Selection(), LIGHT), None, style_sheet(LIGHT)) as stage:
        snapshot = trained.session.state.snapshot
        assert snapshot is not None
        last = stage.frame(snapshot)
    assert np.abs(found - last).mean() < 3
    assert trained.session.state.run.step == 400


def test_it_can_be_cancelled_and_nothing_is_written(
    trained: MainWindow, qtbot: QtBot, choose: Callable[[Path], None], tmp_path: Path
) -> None:
    choose(tmp_path / "film.gif")
    dialog = opened(trained)
    dialog.wanted.emit(FilmChoice("gif", 960, 20, 25, True))
    bar = dialog.findChild(QWidget, "filmProgress")
    assert bar is not None
    qtbot.waitUntil(bar.isVisible, timeout=WAIT_MS)
    dialog.reject()
    assert not trained.program.jobs.is_running("film encoding")
    assert list(tmp_path.iterdir()) == []
    trained.session.take_step()  # the window goes on
    qtbot.waitUntil(lambda: trained.session.state.run.step == 401, timeout=WAIT_MS)


def test_without_a_step_there_is_nothing_to_show(window: MainWindow) -> None:
    window.actions_["actionExportFilm"].trigger()
    box = window.findChild(QMessageBox, "warning")
    assert isinstance(box, QMessageBox)
    assert "the run has taken no step" in box.text()
    box.done(0)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_diagram_is_below_if_it_is_wanted(trained: MainWindow, theme: Theme) -> None:
    snapshot = trained.session.state.snapshot
    assert snapshot is not None
    shapes = []
    for has_diagram in (False, True):
        selection = Selection()
        diagram = NetworkDiagram(selection, theme) if has_diagram else None
        with FilmStage(480, FunctionPlot(selection, theme), diagram, style_sheet(theme)) as stage:
            shapes.append(stage.frame(snapshot).shape)
    assert shapes[0][1:] == shapes[1][1:] == (480, 3)
    assert shapes[1][0] > shapes[0][0]


def test_a_choice_is_told(trained: MainWindow) -> None:
    dialog = opened(trained)
    told: list[FilmChoice] = []
    dialog.changed.connect(told.append)
    box = dialog.findChild(QCheckBox, "filmDiagram")
    assert isinstance(box, QCheckBox)
    box.setChecked(False)
    told.clear()
    box.setChecked(True)
    assert told == [FilmChoice("gif", 480, 1, 10, True)]
    dialog.reject()
