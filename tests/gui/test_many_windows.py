"""Windows that come and go, one after another: each ends its thread and leaves nothing behind."""

from PySide6.QtCore import QCoreApplication, QEvent, QThread
from pytestqt.qtbot import QtBot

from tests.gui.conftest import WAIT_MS, child
from tinynet_gui.ui.window.main_window import MainWindow


def _open_train_and_close(qtbot: QtBot) -> None:
    window = MainWindow(remember=False)
    window.show()
    window.session.start()
    qtbot.waitUntil(lambda: window.session.state.run.step >= 1, timeout=WAIT_MS)
    thread = child(window, QThread, "training")
    assert thread.isRunning()
    window.close()
    assert thread.isFinished()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_hundred_windows_opened_trained_and_closed(qtbot: QtBot) -> None:
    for _ in range(100):
        _open_train_and_close(qtbot)
