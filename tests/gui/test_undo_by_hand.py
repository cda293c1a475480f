"""A drag is one step of undo."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tinynet_gui.ui.views.panel.scrub_label import ScrubLabel
from tinynet_gui.ui.window.main_window import MainWindow


def test_a_label_that_is_dragged_is_one_step_of_undo(window: MainWindow, qtbot: QtBot) -> None:
    for name, path in (("learningRate", "training.learning_rate"), ("sampleCount", "data.sample_count")):
        field = window.findChild(QWidget, name)
        label = next(w for w in window.panel.findChildren(ScrubLabel) if w.buddy() is field)
        before = window.session.config
        at = QPoint(4, 4)
        QTest.mousePress(label, Qt.MouseButton.LeftButton, pos=at)
        for x in range(12, 90, 9):
            QTest.mouseMove(label, QPoint(x, 4))
        QTest.mouseRelease(label, Qt.MouseButton.LeftButton, pos=QPoint(90, 4))
        assert window.session.config.get(path) > before.get(path)
        window.session.undo()
        assert window.session.config == before
        assert not window.actions_["actionUndo"].isEnabled()
