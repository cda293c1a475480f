"""What trains comes into the process aside; until then what is there serves; and at the end all of it ends."""

import importlib.metadata
import sys
import threading
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QObject, QProcess, QThread, QTimer
from pytestqt.qtbot import QtBot

from tests.e2e.play import label
from tests.gui.conftest import WAIT_MS, MakeProgram, MakeWindow, child, shown_snapshot
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.system.processes import python_command
from tinynet_gui.core.training.compiled import cache
from tinynet_gui.core.training.engines import PACES, TUTORIAL_PACE
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.engine import loading
from tinynet_gui.engine.jobs.computations import explain
from tinynet_gui.engine.jobs.jobs import Job, Jobs
from tinynet_gui.engine.loading import COMPILE, KernelCompiler, Loading
from tinynet_gui.engine.training.training_thread import OwnThread
from tinynet_gui.ui.window.context import IdleQueue
from tinynet_gui.ui.window.frame.frame import AWAITED
from tinynet_gui.ui.window.main_window import MainWindow

by_a_shell = pytest.mark.skipif(sys.platform == "win32", reason="by a shell's script")


def _step(window: MainWindow) -> int:
    return window.session.state.run.step


def test_an_engine_that_cannot_be_imported_is_told_of(
    make_window: MakeWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tinynet_gui.core.training.compiled.kernel", None)
    failures: list[str] = []
    window = make_window()
    window.program.failed.connect(failures.append)
    assert window.session.state.status.compiled == "failed"
    told = capsys.readouterr().err
    assert "tinynet_gui.core.training.compiled.kernel" in told
    assert "the compiled loop cannot be used" in told
    assert failures == []  # it is no reason for a dialog: the status bar says it
    assert window.minimumSizeHint().width() <= 1_024  # what there is to say does not push the window wider
    window.session.fast_forward(200)
    qtbot.waitUntil(lambda: _step(window) == 200)
    assert window.session.state.status.engine == "PyTorch"


def test_without_pytorch_the_compiled_loop_trains(
    make_window: MakeWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "load_pytorch", lambda job: "ImportError: none")
    window = make_window()
    assert "no PyTorch" in label(window, "phaseLabel")
    window.session.edit({"data.points": Points(np.arange(10.0), 100 * np.arange(10.0)), "training.learning_rate": 1.0})
    qtbot.waitUntil(
        lambda: "is too large for these data" in window.features["why"].banner.text()
    )  # tried by the compiled loop
    window.session.undo()
    window.session.fast_forward(500)
    qtbot.waitUntil(lambda: _step(window) == 500)
    assert window.session.state.status.engine == "Compiled"
    window.session.edit({"network.initialization": "normal"})  # which only torch can draw
    window.session.start()
    assert window.session.state.status.phase == "unusable"
    window.session.undo()
    window.session.fast_forward(800)
    qtbot.waitUntil(lambda: _step(window) == 800)


class _Held:
    """A computation that ends when it is told to."""

    def __init__(self) -> None:
        self.is_let_go = False

    def __call__(self, job: Job) -> str:
        while not (self.is_let_go or job.stop[0]):
            QProcess().waitForFinished(1)
        return ""


@pytest.mark.parametrize("engine", ["auto", "pytorch"])
def test_a_run_that_is_begun_before_pytorch_is_there(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    """Auto begins with the compiled loop, and that run keeps it; who wants PyTorch's steps waits for them."""
    pytorch = _Held()
    monkeypatch.setattr(loading, "load_pytorch", pytorch)
    window = MainWindow(remember=False)
    session = window.session
    session.set_engine("pytorch" if engine == "pytorch" else "auto")
    window.show()
    qtbot.waitUntil(lambda: session.state.snapshot is not None)
    assert session.state.status.phase == "ready"
    session.start()
    if engine == "auto":
        qtbot.waitUntil(lambda: _step(window) > 100)
        assert session.state.status.engine == "Compiled"
    else:
        assert session.state.is_running
        assert _step(window) == 0
        assert "being loaded" in label(window, "phaseLabel")
        assert label(window, "speedLabel") == AWAITED
    pytorch.is_let_go = True
    qtbot.waitUntil(lambda: session.state.status.pytorch == "ready")
    assert label(window, "speedLabel") == PACES[TUTORIAL_PACE].label
    step = _step(window)
    qtbot.waitUntil(lambda: _step(window) > step + 100)
    assert session.state.status.engine == ("Compiled" if engine == "auto" else "PyTorch")
    session.reset()
    session.edit({"training.stop_step": 30})
    session.start()
    qtbot.waitUntil(lambda: _step(window) == 30 and not session.state.is_running)
    assert session.state.status.engine == "PyTorch"
    window.close()
    window.deleteLater()


def test_what_is_not_in_sight_waits_until_all_is_loaded(qtbot: QtBot) -> None:
    is_busy, taken = [True], list[int]()
    queue = IdleQueue(owner := QObject(), lambda: is_busy[0])
    queue.add([partial(taken.append, 1)])
    queue.begin()
    child(queue, QTimer, "idleQueue").timeout.emit()
    assert taken == []
    is_busy[0] = False
    qtbot.waitUntil(lambda: taken == [1])
    assert owner.children() == [queue]


def test_the_first_network_is_pytorchs_and_needs_no_pytorch(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    pytorch = _Held()
    monkeypatch.setattr(loading, "load_pytorch", pytorch)
    window = MainWindow(remember=False)
    window.show()
    qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
    snapshot = shown_snapshot(window)
    expected = Trainer(Config()).snapshot(0)
    assert snapshot.train_loss == expected.train_loss
    window.session.edit({"network.initialization": "kaiming"})  # which only torch can draw
    qtbot.waitUntil(lambda: window.session.state.status.phase == "loading")
    pytorch.is_let_go = True
    qtbot.waitUntil(lambda: window.session.state.snapshot not in (None, snapshot))
    assert window.session.state.status.phase == "ready"
    window.close()
    window.deleteLater()


def test_without_numba_it_is_said_which_package_is_missing(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent() -> bool:
        raise importlib.metadata.PackageNotFoundError("numba")

    monkeypatch.setattr(cache, "is_compiled", absent)
    phases = _phases(qtbot, Loading(Jobs(owner := QObject()), owner), 1)
    assert phases == [("failed", "numba is not installed; install it with pip install numba")]
    assert "numba is not installed" in capsys.readouterr().err


def test_compiling_happens_in_a_process_of_its_own(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    is_there: list[bool] = [False]
    monkeypatch.setattr(cache, "is_compiled", lambda: is_there[0])
    started: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(QProcess, "start", lambda self, program, arguments: started.append((program, arguments)))
    owner = QObject()
    jobs = Jobs(owner)
    subject, phases = Loading(jobs, owner), list[str]()
    subject.compiled_changed.connect(lambda phase, _: phases.append(phase))
    subject.begin(pytorch_first=False)
    qtbot.waitUntil(lambda: phases == ["compiling"])
    ((program, arguments),) = started
    assert [program, *arguments] == python_command(COMPILE)
    (process,) = subject.findChildren(QProcess)
    is_there[0] = True
    process.finished.emit(0, QProcess.ExitStatus.NormalExit)
    qtbot.waitUntil(lambda: phases == ["compiling", "ready"])
    subject.stop()
    jobs.shut_down()


def _compiler_that_runs(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> KernelCompiler:
    program = folder / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    return KernelCompiler()


@by_a_shell
def test_why_it_could_not_be_compiled_is_told(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = _compiler_that_runs("echo Traceback >&2; echo 'OSError: no room' >&2; exit 1", tmp_path, monkeypatch)
    with qtbot.waitSignal(compiler.ended, timeout=WAIT_MS) as blocker:
        compiler.start()
    assert blocker.args == ["OSError: no room"]


@by_a_shell
def test_a_compilation_ends_with_all_that_it_has_begun(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "pid"
    compiler = _compiler_that_runs(
        f"sleep 100 & echo $! >{note}.part; mv {note}.part {note}; wait", tmp_path, monkeypatch
    )
    compiler.start()
    qtbot.waitUntil(note.is_file)
    compiler.stop()
    qtbot.waitUntil(lambda: not _is_alive(int(note.read_text())))


def _is_alive(pid: int) -> bool:
    """Whether a process is there and has not ended: one whose parent is gone may wait for init to take note of it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _phases(qtbot: QtBot, subject: Loading, count: int) -> list[tuple[str, str]]:
    phases: list[tuple[str, str]] = []
    subject.compiled_changed.connect(lambda phase, why: phases.append((phase, why)))
    subject.begin(pytorch_first=False)
    qtbot.waitUntil(lambda: len(phases) == count)
    subject.stop()
    for jobs in (subject.parent() or subject).findChildren(Jobs):
        jobs.shut_down()
    return phases


def test_one_thread_that_does_not_end_keeps_no_other_one(
    make_program: MakeProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = make_program()
    snapshot = not_none(program.session.state.snapshot)
    began, may_go = threading.Event(), threading.Event()

    def hold(job: Job) -> None:
        began.set()
        may_go.wait(20)

    program.jobs.submit("stubborn", hold, on_result=lambda _: None)
    assert began.wait(20)
    program.jobs.submit("explanation", explain, program.session.state.run, snapshot, None, on_result=lambda _: None)
    running = {thread.objectName(): thread for thread in program.findChildren(QThread) if thread.isRunning()}

    def wait(thread: OwnThread, timeout_ms: int) -> bool:
        return QThread.wait(thread, 100 if thread.objectName() == "stubborn" else timeout_ms)

    with monkeypatch.context() as patch:
        patch.setattr(OwnThread, "wait", wait)
        with pytest.raises(RuntimeError, match=r"^the stubborn thread did not end within 120 s$"):
            program.shut_down()
    assert {name for name, thread in running.items() if thread.isRunning()} == {"stubborn"}
    may_go.set()
    program.shut_down()
    assert not running["stubborn"].isRunning()


def test_a_late_frame_changes_nothing_and_starts_no_thread(make_program: MakeProgram, qtbot: QtBot) -> None:
    program = make_program()
    program.session.start()
    qtbot.waitUntil(lambda: program.session.state.run.step > 0)
    program.shut_down()  # the training thread pauses, and says where
    came = []
    program.session.changed.connect(lambda *_: came.append(True))
    QCoreApplication.processEvents()  # the thread has ended: what it has sent is here
    assert came == []
    threads = program.findChildren(OwnThread)
    for thread in threads:
        thread.begin()  # what comes late
    assert [thread.isRunning() for thread in threads] == len(threads) * [False]
    assert threads


def test_the_window_goes_before_its_threads_are_waited_for(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    was_visible = []
    shut_down = window.program.shut_down

    def look_and_shut_down() -> None:
        was_visible.append(window.isVisible())
        shut_down()

    monkeypatch.setattr(window.program, "shut_down", look_and_shut_down)
    window.close()
    assert was_visible == [False]
