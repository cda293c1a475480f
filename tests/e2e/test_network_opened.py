"""A network of one's own through the real main(): exported, opened, trained, kept, and handed on as a script."""

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.e2e.play import Condition, is_loaded, label, run_main
from tests.not_none import not_none
from tests.runs import assert_same_state
from tinynet_gui.core.config import Config
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.ui.features.sessions import SAVING
from tinynet_gui.ui.window.main_window import MainWindow

ChooseFile = Callable[[Path], None]


def _here(window: MainWindow) -> TrainerState:
    state: TrainerState = not_none(window.session.state.snapshot).state
    return state


def _stands(window: MainWindow, step: int) -> Condition:
    return lambda: (
        (state := window.session.state).snapshot is not None and _here(window).step == step and not state.is_running
    )


def test_what_was_exported_is_opened_trained_kept_and_handed_on(
    qtbot: QtBot, tmp_path: Path, choose_file: ChooseFile
) -> None:
    model, script, kept = tmp_path / "mine.csv", tmp_path / "run.py", tmp_path / "kept.tinynet"

    def user(window: MainWindow) -> Iterator[Condition]:
        session, actions = window.session, window.actions_
        yield lambda: is_loaded(window)
        session.edit({"network.hidden": (6,), "training.stop_step": 40, "data.target": "sin"})
        actions["actionToEnd"].trigger()
        yield _stands(window, 40)
        exported = _here(window)
        choose_file(model)
        actions["actionExportNumbers"].trigger()
        yield model.exists
        session.set_engine("pytorch")
        session.edit({"data.target": "cube", "network.hidden": (10,)})
        actions["actionOpenNetwork"].trigger()
        yield lambda: session.config.network.first_weights is not None
        yield _stands(window, 0)
        opened = _here(window)
        for ours, theirs in zip(opened.parameters, exported.parameters, strict=True):
            assert ours.tobytes() == theirs.tobytes()
        actions["actionToEnd"].trigger()
        yield _stands(window, 40)
        trained = _here(window)
        yield from handed_on(window)
        yield from kept_and_taken_up(window)
        assert_same_state(_here(window), trained)
        actions["actionReset"].trigger()
        yield _stands(window, 0)
        assert_same_state(_here(window), opened)
        actions["actionToEnd"].trigger()
        yield _stands(window, 40)
        assert_same_state(_here(window), trained)

    def handed_on(window: MainWindow) -> Iterator[Condition]:
        choose_file(script)
        window.actions_["actionExportScript"].trigger()
        yield lambda: window.findChild(QLabel, "receiptVerdict") is not None
        assert "the losses of all 40 steps are equal bit for bit" in label(window, "receiptVerdict")
        assert "network.parameters(), from mine.csv" in script.read_text(encoding="utf-8")

    def kept_and_taken_up(window: MainWindow) -> Iterator[Condition]:
        session, actions = window.session, window.actions_
        choose_file(kept)
        actions["actionSaveSessionAs"].trigger()
        yield lambda: kept.exists() and not window.program.jobs.is_running(SAVING)
        actions["actionNew"].trigger()
        yield lambda: session.config == Config()
        actions["actionOpenSession"].trigger()
        yield lambda: session.config != Config()
        yield _stands(window, 40)

    assert run_main(user) == 0
