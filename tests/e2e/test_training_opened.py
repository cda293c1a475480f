"""A training loop of one's own through the real main(): recorded, opened, named, replayed, compared and kept."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPlainTextEdit
from pytestqt.qtbot import QtBot

from tests.e2e.play import Condition, is_loaded, run_main
from tests.not_none import not_none
from tests.sessions import there_and_back
from tinynet_gui import core as tiny
from tinynet_gui.core.loops.losses import losses_of_loops
from tinynet_gui.core.text.numbers import loss_text
from tinynet_gui.ui.features.open_training import TrainingDialog
from tinynet_gui.ui.widgets.dialogs import ReadingDialog
from tinynet_gui.ui.window.main_window import MainWindow

STEPS = 120


def _forgetful(file: Path) -> list[np.ndarray]:
    """Train as somebody who forgets `zero_grad`, save what was recorded, and return the weights at the end."""
    torch.manual_seed(2)
    x = torch.linspace(-3, 3, 20)[:, None]
    net = torch.nn.Sequential(torch.nn.Linear(1, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1))
    optimizer, seen = torch.optim.SGD(net.parameters(), lr=0.001), tiny.Recorder(net, x, x**2)
    for _ in range(STEPS):
        loss = torch.nn.functional.mse_loss(net(x), x**2)
        loss.backward()
        optimizer.step()
        seen.step(loss)
    seen.save(file)
    return [parameter.detach().numpy().copy() for parameter in net.parameters()]


def _dialog() -> TrainingDialog | None:
    return next((w for w in QApplication.topLevelWidgets() if isinstance(w, TrainingDialog) and w.isVisible()), None)


def _pasted(window: MainWindow) -> Iterator[Condition]:
    """Paste what a loop without `zero_grad` prints from the current start."""
    losses = losses_of_loops(window.session.config, 40)["never_reset"][0]
    lines = [f"epoch {step}, loss {losses[step]:.4f}" for step in range(0, 40, 4)]
    QGuiApplication.clipboard().setText("\n".join(lines))
    window.actions_["actionPasteData"].trigger()
    yield lambda: _dialog() is not None
    dialog = not_none(_dialog())
    said = "\n".join(label.text() for label in dialog.findChildren(QLabel))
    assert "your 10 losses" in said
    assert "gradients never reset" in said
    end = f"gradients never reset: {loss_text(losses[36])} at step 36; yours is {loss_text(round(losses[36], 4))}"
    assert not_none(dialog.findChild(QPlainTextEdit)).toPlainText() == end
    ((x, _),) = window.views.loss_plot.layers.given.lines()
    assert x.tolist() == [*range(0, 40, 4)]
    window.session.take_over(there_and_back(window.session.state.session))
    ((x, _),) = window.views.loss_plot.layers.given.lines()
    assert x.tolist() == [*range(0, 40, 4)]
    window.session.new_seed()
    yield lambda: not window.views.loss_plot.layers.given.lines()


def test_a_forgotten_line_is_named_and_the_training_replayed(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, hostile = tmp_path / "mine.npz", tmp_path / "hostile.npz"
    at_end = _forgetful(file)
    np.savez(hostile, weights=np.array([print], dtype=object))
    chosen = [hostile, file]
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getOpenFileName", lambda *_: (str(chosen.pop(0)), ""))

    def user(window: MainWindow) -> Iterator[Condition]:
        session, open_training = window.session, window.actions_["actionOpenTraining"]
        yield lambda: is_loaded(window)
        before = session.state.session
        open_training.trigger()
        yield lambda: window.findChild(QMessageBox, "warning") is not None
        box = not_none(window.findChild(QMessageBox, "warning"))
        assert "hostile.npz was not opened; nothing has changed." in box.text()
        assert session.state.session.last_run_id == before.last_run_id
        box.close()
        session.pytorch_changed("absent", "")
        open_training.trigger()
        labels = [label.text() for one in window.findChildren(ReadingDialog) for label in one.findChildren(QLabel)]
        assert "Waiting for PyTorch to read mine.npz …" in labels
        session.pytorch_changed("ready", "")
        yield lambda: _dialog() is not None
        dialog = not_none(_dialog())
        said = "\n".join(label.text() for label in dialog.findChildren(QLabel))
        assert "each gradient is added to all earlier ones: `optimizer.zero_grad()` is missing" in said
        assert "optimizer.zero_grad()   # ← yours" in not_none(dialog.findChild(QPlainTextEdit)).toPlainText()
        yield lambda: session.state.snapshot is not None and session.state.snapshot.step == STEPS
        ours = not_none(session.state.snapshot).state.parameters
        for one, other in zip(ours, at_end, strict=True):
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-4)
        assert session.state.run.name == "mine.npz, retraced"
        assert session.config.training.loop == "never_reset"
        assert len(window.views.loss_plot.layers.given.given.losses) == STEPS
        session.look_at(STEPS // 2)  # in its past
        yield lambda: session.state.past is not None
        assert not_none(session.state.past).snapshot.step == STEPS // 2
        right = session.state.session.kept_runs[0]
        assert right.name == "as it should have been"
        window.actions_["actionUndo"].trigger()
        yield lambda: session.state.run.id == before.cursor.run_id
        assert not len(window.views.loss_plot.layers.given.given.losses)
        dialog.close()
        yield from _pasted(window)

    assert run_main(user) == 0
