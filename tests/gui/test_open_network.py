"""Networks that come in: by the menu, dropped or pasted, and what becomes of the run that was there."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.gui.conftest import ChooseFile, drop, files, train_to, warning
from tinynet_gui.core.config import Config, NetworkConfig
from tinynet_gui.core.network.initializations import FirstWeights
from tinynet_gui.core.network_files.reading import numbers_csv
from tinynet_gui.core.training.start import initial_parameters
from tinynet_gui.ui.widgets.dialogs import ReadingDialog
from tinynet_gui.ui.window.main_window import MainWindow

PARAMETERS = initial_parameters(NetworkConfig(hidden=(4, 3), seed=55))
TABLE = numbers_csv(PARAMETERS)
PRINTED = """[Parameter containing:
tensor([[ 1.5000],
        [-0.2500]], requires_grad=True), Parameter containing:
tensor([0.5000, 0.1000], requires_grad=True)]
[]
[Parameter containing:
tensor([[1.0000, 2.0000]], requires_grad=True), Parameter containing:
tensor([-3.0000], requires_grad=True)]"""


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def opened(window: MainWindow, qtbot: QtBot, hidden: tuple[int, ...], origin: str) -> FirstWeights:
    """Wait for the first moment of a network that was opened, and return its weights."""
    session = window.session
    qtbot.waitUntil(lambda: session.config.network.first_weights is not None and session.state.snapshot is not None)
    given, snapshot = session.config.network.first_weights, session.state.snapshot
    assert given is not None
    assert snapshot is not None
    assert (given.hidden, given.origin, snapshot.step) == (hidden, origin, 0)
    for ours, theirs in zip(snapshot.state.parameters, given.parameters, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    return given


@pytest.mark.parametrize("way", ["menu", "drop", "paste a file"])
def test_an_opened_network_begins_a_run_and_undo_reverts(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, choose_file: ChooseFile, way: str
) -> None:
    window.session.edit({"network.activation": "tanh", "data.target": "sin"})
    train_to(window, qtbot, 30)
    former = window.session.state.run
    file = written(tmp_path, "net.csv", TABLE)
    match way:
        case "menu":
            choose_file(file)
            window.actions_["actionOpenNetwork"].trigger()
        case "drop":
            assert drop(window, window, files(file))
        case _:
            QGuiApplication.clipboard().setMimeData(files(file))
            window.actions_["actionPasteData"].trigger()
    given = opened(window, qtbot, (4, 3), "net.csv")
    for ours, theirs in zip(given.parameters, PARAMETERS, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    config = window.session.config
    assert (config.network.activation, config.data.target) == ("tanh", "sin")
    assert "Opened net.csv: 4 and 3 neurons, activation tanh kept." in window.frame.status.currentMessage()
    assert not any(dialog.isVisible() for dialog in window.findChildren(ReadingDialog))
    assert window.actions_["actionUndo"].text().endswith("opening a network")
    window.session.undo()
    qtbot.waitUntil(lambda: window.session.state.run.step == 30)
    assert window.session.state.run.id == former.id
    window.session.redo()
    opened(window, qtbot, (4, 3), "net.csv")


@pytest.mark.parametrize("action", ["actionPasteData", "actionPasteSetting", "drop"])
def test_what_pytorch_printed_is_pasted(window: MainWindow, qtbot: QtBot, action: str) -> None:
    if action == "drop":
        content = QMimeData()
        content.setText(PRINTED)
        assert drop(window, window, content)
    else:
        QGuiApplication.clipboard().setText(PRINTED)
        window.actions_[action].trigger()
    given = opened(window, qtbot, (2,), "a pasted text")
    assert [array.tolist() for array in given.parameters] == [
        [[1.5], [-0.25]],
        [0.5, float(np.float32(0.1))],
        [[1, 2]],
        [-3],
    ]
    said = window.frame.status.currentMessage()
    assert said == (
        "Opened a pasted text: 2 neurons, activation ReLU kept; "
        "rounded to 4 decimals in print: the loss may differ slightly."
    )
    assert " ".join(window.frame.status.toolTip().split()) == said  # where there is no room for it


def test_reset_keeps_opened_weights_a_new_seed_drops_them(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    session = window.session
    window.features["open_network"].open_file(str(written(tmp_path, "net.csv", TABLE)))
    given = opened(window, qtbot, (4, 3), "net.csv")
    window.actions_["actionCopySetting"].trigger()
    assert window.frame.status.currentMessage() == "copied hidden=4,3 without the weights of net.csv"
    train_to(window, qtbot, 20)
    window.actions_["actionReset"].trigger()
    assert opened(window, qtbot, (4, 3), "net.csv") == given
    session.edit({"network.activation": "gelu"})
    qtbot.waitUntil(lambda: session.state.snapshot is not None)
    assert opened(window, qtbot, (4, 3), "net.csv") == given
    window.actions_["actionNewSeed"].trigger()
    qtbot.waitUntil(lambda: session.state.snapshot is not None)
    assert session.config.network == NetworkConfig(hidden=(4, 3), activation="gelu", seed=3)
    session.undo()
    assert opened(window, qtbot, (4, 3), "net.csv") == given


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "net.txt",
            "tensor([[1., 2.]])",
            "net.txt was not opened; nothing has changed.\n\n“array 1” has no bias after it",
        ),
        ("net.csv", TABLE[:-40], "nothing has changed"),
        ("net.pt", "no zip", "no network was found in it: neither a state_dict, the table"),
        ("gone.pt", None, "there is no such file or folder"),
    ],
)
def test_what_cannot_be_opened_is_said_and_a_training_goes_on(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, name: str, text: str | None, words: str
) -> None:
    session = window.session
    session.edit({"training.stop_step": 100_000_000})
    session.start()
    file = tmp_path / name if text is None else written(tmp_path, name, text)
    window.features["open_network"].open_file(str(file))
    assert words in warning(window, qtbot)
    assert session.config == Config().replace("training.stop_step", 100_000_000)
    assert session.state.run.id == 1
    step = session.state.run.step
    qtbot.waitUntil(lambda: session.state.run.step > step)
    assert session.state.is_running
