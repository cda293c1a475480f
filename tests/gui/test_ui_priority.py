"""While the window paints, or shows what was computed, what is computed aside waits."""

import threading

import pytest
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tinynet_gui.core.ui_priority import give_way
from tinynet_gui.engine.jobs import jobs as jobs_module
from tinynet_gui.engine.jobs.jobs import Job, Jobs
from tinynet_gui.ui.window.main_window import MainWindow


def waits() -> bool:
    """Whether something that is computed aside waits now, which is never for long."""
    went_on = threading.Event()

    def work() -> None:
        give_way()
        went_on.set()

    threading.Thread(target=work, daemon=True).start()
    return not went_on.wait(0.02)


class Painted(QWidget):
    """Asks that while it is painted."""

    waited: bool | None = None

    def paintEvent(self, event: QPaintEvent) -> None:
        self.waited = waits()


def test_it_waits_while_the_window_paints(window: MainWindow, qtbot: QtBot) -> None:
    painted = Painted(window)
    painted.show()
    painted.update()
    qtbot.waitUntil(lambda: painted.waited is not None)
    assert painted.waited
    qtbot.waitUntil(lambda: not waits())


def test_it_waits_while_a_result_is_shown(jobs: Jobs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_module, "REST_S", 0.0)  # the report is told, however soon
    waited: list[bool] = []

    def work(argument: None, job: Job) -> None:
        job.report(0.5, None)

    jobs.submit(
        "a", work, None, on_result=lambda _: waited.append(waits()), on_progress=lambda *_: waited.append(waits())
    )
    qtbot.waitUntil(lambda: len(waited) == 2)
    assert waited == [True, True]
    qtbot.waitUntil(lambda: not waits())
