"""A film of a run, from the menu to the file, while the window goes on."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import ChooseFile, child, heard, shown_snapshot, train_to, trained_snapshot, warning
from tinynet_gui.core.export.film import FORMATS, FilmChoice
from tinynet_gui.ui.style.theme import DARK, LIGHT, Theme, style_sheet
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.dialogs.film_dialog import FilmDialog
from tinynet_gui.ui.window.film_stage import FilmStage
from tinynet_gui.ui.window.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def trained(window: MainWindow, qtbot: QtBot) -> MainWindow:
    train_to(window, qtbot, 400)
    return window


def opened(window: MainWindow, kind: str = "gif") -> FilmDialog:
    """The dialog, with a short and narrow film chosen."""
    window.actions_["actionExportFilm"].trigger()
    dialog = window.findChildren(FilmDialog)[-1]
    for name, value in (("filmFormat", kind), ("filmWidth", 480), ("filmRate", 10)):
        box = child(dialog, QComboBox, name)
        box.setCurrentIndex(box.findData(value))
    child(dialog, QSpinBox, "filmLength").setValue(1)
    return dialog


def is_told(window: MainWindow, words: str) -> bool:
    return bool(window.status.currentMessage() == words)


def is_size_said(dialog: QWidget) -> bool:
    return "frames, about" in size_said(dialog)


def size_said(dialog: QWidget) -> str:
    return child(dialog, QLabel, "filmSize").text()


def test_a_film_is_made(trained: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path) -> None:
    with FilmStage(480, FunctionPlot(Selection(), LIGHT), None, style_sheet(LIGHT)) as stage:
        last = stage.frame(shown_snapshot(trained))
    for kind in FORMATS:
        file = tmp_path / f"film.{kind}"
        choose_file(file)
        dialog = opened(trained, kind)
        qtbot.waitUntil(partial(is_size_said, dialog))
        count = int(size_said(dialog).split()[0])
        assert 10 <= count <= 12
        dialog.wanted.emit(dialog.choice())
        qtbot.waitUntil(file.exists)
        qtbot.waitUntil(partial(is_told, trained, f"saved the film to film.{kind}"))
        with Image.open(file) as film:
            assert (getattr(film, "n_frames", 1), film.size[0]) == (count, 480), kind
            film.seek(count - 1)
            found = np.asarray(film.convert("RGB")).astype(int)
        assert np.abs(found - last).mean() < 3, kind
    assert trained.session.state.run.step == 400


def test_a_choice_is_told_and_a_film_can_be_cancelled(
    trained: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path
) -> None:
    choose_file(tmp_path / "film.gif")
    dialog = opened(trained)
    told = heard(dialog.changed)
    box = child(dialog, QCheckBox, "filmDiagram")
    box.setChecked(False)
    told.clear()
    box.setChecked(True)
    assert told == [FilmChoice("gif", 480, 1, 10, True)]
    dialog.wanted.emit(FilmChoice("gif", 960, 20, 25, True))
    qtbot.waitUntil(child(dialog, QWidget, "filmProgress").isVisible)
    dialog.reject()
    assert not trained.program.jobs.is_running("film encoding")
    assert list(tmp_path.iterdir()) == []
    trained.session.take_step()  # the window goes on
    qtbot.waitUntil(lambda: trained.session.state.run.step == 401)


def test_without_a_step_there_is_nothing_to_show(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_["actionExportFilm"].trigger()
    assert "the run has taken no step" in warning(window, qtbot)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_diagram_is_below_if_it_is_wanted(qapp: QApplication, theme: Theme) -> None:
    snapshot, shapes = trained_snapshot((10,)), []
    for has_diagram in (False, True):
        selection = Selection()
        diagram = NetworkDiagram(selection, theme) if has_diagram else None
        with FilmStage(480, FunctionPlot(selection, theme), diagram, style_sheet(theme)) as stage:
            shapes.append(stage.frame(snapshot).shape)
    assert shapes[0][1:] == shapes[1][1:] == (480, 3)
    assert shapes[1][0] > shapes[0][0]
