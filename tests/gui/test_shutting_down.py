"""The end: every thread is waited for, none comes back, and the window does not stand there meanwhile."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QObject, QThread, Signal, Slot
from pytestqt.qtbot import QtBot

from tests.gui.conftest import destroy
from tinynet_gui.engine.jobs.computations import explain
from tinynet_gui.engine.jobs.jobs import Job
from tinynet_gui.engine.program import Program
from tinynet_gui.engine.training import worker_thread
from tinynet_gui.engine.training.worker_thread import OwnThread
from tinynet_gui.ui.window.main_window import MainWindow


class _Busy(QObject):
    """Is in a slot until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.may_go = threading.Event(), threading.Event()

    @Slot()
    def work(self) -> None:
        self.began.set()
        self.may_go.wait(20)


class _Caller(QObject):
    called = Signal()


@pytest.fixture
def busy(qapp: QCoreApplication, qtbot: QtBot) -> Iterator[tuple[_Busy, OwnThread]]:
    """A thread that is in the middle of something."""
    caller, worker = _Caller(), _Busy()
    thread = OwnThread("busy", worker, caller)
    caller.called.connect(worker.work)
    thread.begin()
    caller.called.emit()
    qtbot.waitUntil(worker.began.is_set)
    yield worker, thread
    worker.may_go.set()
    thread.wait()


def test_a_thread_is_waited_for(busy: tuple[_Busy, OwnThread]) -> None:
    worker, thread = busy
    timer = threading.Timer(0.3, worker.may_go.set)
    timer.start()
    thread.shut_down()
    assert worker.may_go.is_set()
    assert thread.isFinished()


def test_a_thread_that_does_not_end_is_told_of(busy: tuple[_Busy, OwnThread], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_thread, "SHUTDOWN_MS", 50)
    with pytest.raises(RuntimeError, match="the busy thread did not end"):
        busy[1].shut_down()


def test_what_comes_late_starts_no_thread_again(qapp: QCoreApplication) -> None:
    parent = QObject()
    thread = OwnThread("late", QObject(), parent)
    thread.shut_down()
    thread.begin()
    assert not thread.isRunning()


def test_one_thread_that_does_not_end_keeps_no_other_one(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    program = Program()
    program.open()
    qtbot.waitUntil(lambda: program.session.state.snapshot is not None)
    snapshot = program.session.state.snapshot
    assert snapshot is not None
    began, may_go = threading.Event(), threading.Event()

    def hold(job: Job) -> None:
        began.set()
        may_go.wait(20)

    program.jobs.submit("stubborn", hold, on_result=lambda _: None)
    assert began.wait(20)
    program.jobs.submit("explanation", explain, program.session.state.run, snapshot, None, on_result=lambda _: None)
    running = {thread.objectName(): thread for thread in program.findChildren(QThread) if thread.isRunning()}
    with monkeypatch.context() as patch:
        patch.setattr(worker_thread, "SHUTDOWN_MS", 2_000)
        with pytest.raises(RuntimeError, match=r"^the stubborn thread did not end within 2 s$"):
            program.shut_down()
    assert {name for name, thread in running.items() if thread.isRunning()} == {"stubborn"}
    may_go.set()
    program.shut_down()
    assert not running["stubborn"].isRunning()
    destroy(program)


def test_a_frame_that_was_under_way_changes_nothing(qtbot: QtBot) -> None:
    """And so asks no thread for anything, which would start it again."""
    program = Program()
    program.open()
    qtbot.waitUntil(lambda: program.session.state.snapshot is not None)
    program.session.start()
    qtbot.waitUntil(lambda: program.session.state.run.step > 0)
    program.shut_down()  # the training thread pauses, and says where
    came = []
    program.session.changed.connect(lambda *_: came.append(True))
    QCoreApplication.processEvents()  # the thread has ended: what it has sent is here
    assert came == []
    destroy(program)


def test_the_window_goes_before_its_threads_are_waited_for(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    was_visible = []
    shut_down = window.program.shut_down

    def look_and_shut_down() -> None:
        was_visible.append(window.isVisible())
        shut_down()

    monkeypatch.setattr(window.program, "shut_down", look_and_shut_down)
    window.close()
    assert was_visible == [False]
