"""Data of one's own through the real main(): pasted, dragged while they are trained on, taken back, begun anew."""

import subprocess
import sys

CODE = """
import sys

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox
from tests.e2e.play import is_loaded, run_main
from tinynet_gui.core.run.marks import marks

application = QApplication(["test"])
LEFT = Qt.MouseButton.LeftButton

def dialog():
    shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    return next((w for w in shown if w.objectName() == "dataDialog"), None)

def user(window):
    session, plot = window.session, window.function_plot.plot
    points = lambda: session.config.data.points
    at = lambda x, y: plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(x, y)))
    yield lambda: is_loaded(window)
    QGuiApplication.clipboard().setText("Zeit\\tWert\\r\\n-1,5\\t1,5\\r\\n-0,5\\t0,5\\r\\n0,5\\t0,5\\r\\n1,5\\t1,5\\r\\n")
    window.actions_["actionPasteData"].trigger()
    yield lambda: dialog() is not None
    assert points() is None  # nothing before it has been seen
    dialog().findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()
    yield lambda: points() is not None and session.state.snapshot is not None
    pasted = points()
    assert (pasted.x.tolist(), pasted.y.tolist()) == ([-1.5, -0.5, 0.5, 1.5], [1.5, 0.5, 0.5, 1.5])
    run = session.state.run.id
    window.actions_["actionStart"].trigger()
    yield lambda: session.state.run.step > 200
    window.actions_["actionEditData"].trigger()
    place = at(0.5, 0.5)
    QTest.mousePress(plot.viewport(), LEFT, pos=place)
    for step in range(1, 11):
        QTest.mouseMove(plot.viewport(), at(0.5, 0.5 + 0.05 * step))
        yield lambda before=session.state.run.step: session.state.run.step > before
    QTest.mouseRelease(plot.viewport(), LEFT, pos=at(0.5, 1.0))
    dragged = points()
    assert abs(dragged.y[2] - 1.0) < 0.05
    assert session.state.run.id == run and session.state.is_running
    yield lambda before=session.state.run.step: session.state.run.step > before + 200
    assert [mark.text for mark in marks(session.state.run)] == ["Moved a sample"]
    window.actions_["actionUndo"].trigger()
    yield lambda: points() == pasted
    assert session.state.run.id == run
    window.actions_["actionRedo"].trigger()
    yield lambda: points() == dragged
    window.actions_["actionReset"].trigger()
    yield lambda: session.state.snapshot is not None and session.state.snapshot.step == 0
    assert points() == dragged
    assert session.state.run.id != run and session.state.run.events == ()
    window.actions_["actionUndo"].trigger()
    yield lambda: session.state.run.id == run and session.state.run.step > 400
    assert points() == dragged

sys.exit(run_main(user))
"""


def test_pasted_data_are_dragged_while_they_are_trained_on() -> None:
    result = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
