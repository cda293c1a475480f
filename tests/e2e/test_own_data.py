"""Data of one's own through the real main(): pasted, dragged while they are trained on, taken back, begun anew."""

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from tests.e2e.play import Condition, is_loaded, run_main
from tests.not_none import not_none
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.run.marks import marks
from tinynet_gui.ui.features.open_data.data_dialog import DataDialog
from tinynet_gui.ui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
TEXT = "Zeit\tWert\r\n-1,5\t1,5\r\n-0,5\t0,5\r\n0,5\t0,5\r\n1,5\t1,5\r\n"


def _dialog() -> DataDialog | None:
    return next((w for w in QApplication.topLevelWidgets() if isinstance(w, DataDialog) and w.isVisible()), None)


def test_pasted_data_are_dragged_while_they_are_trained_on(qtbot: QtBot) -> None:
    def user(window: MainWindow) -> Iterator[Condition]:
        session, plot = window.session, window.views.function_plot.plot

        def points() -> Points | None:
            return session.config.data.points

        def at(x: float, y: float) -> QPoint:
            place: QPoint = plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(x, y)))
            return place

        def comes_to(step: int) -> Condition:
            return lambda: session.state.run.step > step

        yield lambda: is_loaded(window)
        QGuiApplication.clipboard().setText(TEXT)
        window.actions_["actionPasteData"].trigger()
        yield lambda: _dialog() is not None
        assert points() is None  # nothing before it has been seen
        dialog = not_none(_dialog())
        buttons = not_none(dialog.findChild(QDialogButtonBox))
        buttons.button(QDialogButtonBox.StandardButton.Ok).click()
        yield lambda: points() is not None and session.state.snapshot is not None
        pasted = points()
        assert pasted == Points(
            [-1.5, -0.5, 0.5, 1.5], [1.5, 0.5, 0.5, 1.5], origin="pasted", x_name="Zeit", y_name="Wert"
        )
        run = session.state.run.id
        window.actions_["actionStart"].trigger()
        yield comes_to(200)
        window.actions_["actionEditData"].trigger()
        QTest.mousePress(plot.viewport(), LEFT, pos=at(0.5, 0.5))
        for step in range(1, 11):
            QTest.mouseMove(plot.viewport(), at(0.5, 0.5 + 0.05 * step))
            yield comes_to(session.state.run.step)
        QTest.mouseRelease(plot.viewport(), LEFT, pos=at(0.5, 1.0))
        dragged = not_none(points())
        assert abs(dragged.y[2] - 1.0) < 0.05
        assert session.state.run.id == run
        assert session.state.is_running
        yield comes_to(session.state.run.step + 200)
        assert [mark.text for mark in marks(session.state.run)] == ["Moved a sample"]
        window.actions_["actionUndo"].trigger()
        yield lambda: points() == pasted
        assert session.state.run.id == run
        window.actions_["actionRedo"].trigger()
        yield lambda: points() == dragged
        window.actions_["actionReset"].trigger()
        yield lambda: session.state.snapshot is not None and session.state.snapshot.step == 0
        assert points() == dragged
        assert session.state.run.id != run
        assert session.state.run.events == ()
        window.actions_["actionUndo"].trigger()
        yield lambda: session.state.run.id == run and session.state.run.step > 400
        assert points() == dragged

    assert run_main(user) == 0
