"""No exception leaves a method that Qt calls."""

import gc
import subprocess
import sys

import pytest
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QGraphicsItem, QLabel
from pytestqt.qtbot import QtBot

from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.widgets.guard import guarded, is_guarded, overrides
from tinynet_gui.ui.widgets.selection import Selection

LOADED_LATE = """
import importlib, inspect, pkgutil
import tinynet_gui
from tinynet_gui.ui.widgets.guard import is_guarded, overrides
from tinynet_gui.ui.window import context, features, main_window, views

for record in (*views.VIEWS, *features.FEATURES):
    if isinstance(record.make, context.LazyImport):
        record.make.load()
names = [module.name for module in pkgutil.walk_packages(tinynet_gui.__path__, "tinynet_gui.")]
names = [name for name in names if not name.endswith("__main__") and ".core." not in name]  # which imports no Qt
found = {
    f"{cls.__module__}.{cls.__qualname__}.{name}": is_guarded(vars(cls)[name])
    for module in map(importlib.import_module, names)
    for cls in vars(module).values()
    if inspect.isclass(cls) and cls.__module__ == module.__name__
    for name in overrides(cls)
}
print(len(found) > 200, [name for name, guard in found.items() if not guard])
"""


def test_every_override_of_the_package_is_guarded() -> None:
    """Once the window and what it loads late are there; what is loaded later still guards its own."""
    done = subprocess.run([sys.executable, "-c", LOADED_LATE], capture_output=True, text=True, check=True)
    assert done.stdout == "True []\n"


@guarded
class _Faulty(QAbstractSpinBox):
    """Whatever Qt asks of it fails; each of these is an exception that C code raises."""

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        raise_in_c()
        return QAbstractSpinBox.StepEnabledFlag.StepUpEnabled

    def sizeHint(self) -> QSize:
        raise_in_c()
        return QSize(1, 1)


@guarded
class _FaultyItem(QGraphicsItem):
    def boundingRect(self) -> QRectF:
        raise_in_c()
        return QRectF(0, 0, 1, 1)


@guarded
class _FaultyModel(QAbstractListModel):
    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        raise_in_c()
        return 1

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> object:
        raise_in_c()
        return ""


def raise_in_c() -> None:
    int("x")


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[type[BaseException]]:
    kinds: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: kinds.append(kind))
    return kinds


def test_a_failing_method_is_reported_and_returns_qts_value(qtbot: QtBot, reported: list[type[BaseException]]) -> None:
    box, plain = _Faulty(), QAbstractSpinBox()
    for widget in (box, plain):
        qtbot.addWidget(widget)
    reported.clear()
    assert box.sizeHint() == plain.sizeHint()
    assert box.stepEnabled() == plain.stepEnabled()
    assert set(reported) == {ValueError}
    reported.clear()
    box.grab()  # paints, which asks stepEnabled: without the guard this kills Python 3.11
    assert set(reported) == {ValueError}


def test_what_qt_leaves_open_gets_an_empty_value(qapp: object, reported: list[type[BaseException]]) -> None:
    model = _FaultyModel()
    assert _FaultyItem().boundingRect() == QRectF()
    assert model.rowCount() == 0
    assert model.data(QModelIndex()) is None
    assert reported == 3 * [ValueError]


def test_what_is_collected_while_qt_destroys_it_is_no_failure(
    qapp: QApplication, reported: list[type[BaseException]]
) -> None:
    """Its attributes go first; Qt then still asks its event filters."""
    plot, gone = FunctionPlot(Selection()), []
    plot.destroyed.connect(lambda: gone.append(True))
    plot.show()
    qapp.processEvents()
    del plot
    gc.collect()
    assert gone
    assert reported == []


def test_a_painter_left_open_is_closed(qtbot: QtBot, reported: list[type[BaseException]]) -> None:
    """A window that goes on drawing after that would say "A paint device can only be painted by one painter"."""

    @guarded
    class Half(QLabel):
        def paintEvent(self, event: QPaintEvent) -> None:
            painter = QPainter(self)
            painter.drawLine(0, 0, 9, 9)
            raise_in_c()

    widget = Half("drawn by Qt")
    qtbot.addWidget(widget)
    widget.grab()
    assert reported == [ValueError]


def test_a_guarded_slot_gets_as_many_arguments_as_it_takes(qtbot: QtBot, reported: list[type[BaseException]]) -> None:
    calls: list[str] = []

    @guarded
    class Shy(QLabel):
        def update(self) -> None:  # type: ignore[override]
            calls.append("called")

    label, caller = Shy(), QAbstractSpinBox()
    for widget in (label, caller):
        qtbot.addWidget(widget)
    caller.windowTitleChanged.connect(label.update)
    caller.setWindowTitle("one argument")
    assert (calls, reported) == (["called"], [])


def test_only_what_is_qts_is_guarded() -> None:
    @guarded
    class Own(QLabel):
        def what_is_ours(self) -> None:
            raise_in_c()

    assert overrides(Own) == []
    assert not is_guarded(Own.what_is_ours)
