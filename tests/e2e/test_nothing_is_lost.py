"""Nothing is lost: killed in mid-training, ended by a signal, beside another instance, on a full disk, damaged."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from tests.e2e.play import is_loaded, run_main
from tests.not_none import not_none
from tests.sessions import assert_same, small_session
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.storage import session_file
from tinynet_gui.core.storage.session_file import Journal, write_session
from tinynet_gui.core.system.machine import HOME
from tinynet_gui.engine import autosave_folders
from tinynet_gui.engine.session_files import SAVE_DELAY_MS
from tinynet_gui.ui.window.main_window import MainWindow

INSTANCE = """
import json, sys, threading
sys.modules["torch"] = None  # it would take half of the time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from tests.e2e.play import is_loaded, run_main
from tinynet_gui.engine import session_files

application = QApplication(["test"])
orders = json.loads(sys.argv[1])
said, saved = [], [0, 0]
session_files.SAVE_DELAY_MS = orders.get("delay_ms", session_files.SAVE_DELAY_MS)

def say(window):
    state, slot = window.session.state, window.program.autosave.slot
    told = [box.text() for box in window.findChildren(QMessageBox, "sessionTrouble")]
    facts = {"step": state.run.step, "said": said, "told": told, "running": state.is_running}
    if slot is not None:  # it has not been ended
        facts |= {"kept": saved[-2], "folder": str(slot.folder)}  # a save holds what stood at the end of that before it
        print(json.dumps(facts), flush=True)

def user(window):
    session = window.session
    said.extend(filter(None, [window.frame.status.currentMessage()]))
    window.frame.status.messageChanged.connect(lambda words: said.extend(filter(None, [words])))
    window.program.autosave.saved.connect(lambda: saved.append(session.state.run.step))
    yield lambda: is_loaded(window) and session.state.snapshot is not None
    say(window)
    if "most_bytes" in orders:
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (orders["most_bytes"], resource.RLIM_INFINITY))
    if "width" in orders:
        session.edit({"network.hidden": (orders["width"],)})
        yield lambda: not window.program.autosave.is_busy  # it is on the disk before much comes to it
    if orders.get("trains"):
        session.edit({"training.stop_step": 100_000_000})
        session.set_pace(9)
        session.start()
        yield lambda: session.state.run.step > 100
    if orders.get("stays"):
        timer = QTimer()
        timer.timeout.connect(lambda: say(window))
        timer.start(50)
        closed = threading.Event()
        threading.Thread(target=lambda: (sys.stdin.read(), closed.set()), daemon=True).start()
        yield closed.is_set

sys.exit(run_main(user, tuple(orders.get("arguments", ()))))
"""


class Instance:
    """The program in a process of its own, that says how it stands."""

    def __init__(self, data: Path | None = None, **orders: Any) -> None:
        environment = {**os.environ, **({} if data is None else {HOME: str(data)})}
        command = [sys.executable, "-c", INSTANCE, json.dumps(orders)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)
        self.said: list[dict[str, Any]] = []

    def wait_until(self, condition: Callable[[dict[str, Any]], bool] = bool) -> dict[str, Any]:
        """Listen until it stands so; at first, until it says anything."""
        for line in not_none(self.process.stdout):
            self.said.append(json.loads(line))
            if condition(self.said[-1]):
                return self.said[-1]
        raise EOFError(f"in vain: {self.said[-1:]}")

    def kill(self) -> int:
        """Let the system end it at once, wherever it is."""
        self.process.kill()
        return self._status()

    def end(self) -> int:
        """Ask for its end; where no signal reaches another process, as its user does."""
        if sys.platform != "win32":
            self.process.send_signal(signal.SIGTERM)
        return self._status()

    def _status(self) -> int:
        said, _ = self.process.communicate()
        self.said += map(json.loads, said.splitlines())
        return self.process.returncode


@pytest.fixture
def begin() -> Iterator[Callable[..., Instance]]:
    """Begin instances of the program; none is left behind."""
    instances: list[Instance] = []

    def make(data: Path | None = None, **orders: Any) -> Instance:
        instances.append(Instance(data, **orders))
        return instances[-1]

    yield make
    for instance in instances:
        with instance.process:
            instance.process.kill()


Begin = Callable[..., Instance]


def test_sessions_of_a_killed_and_an_ended_instance_return(begin: Begin, qtbot: QtBot) -> None:
    """At most five seconds are missing after a kill: what is there was saved one delay ago, and a little more."""
    assert SAVE_DELAY_MS <= 4_000
    first, second = begin(trains=True, stays=True, delay_ms=200), begin(width=3, trains=True, stays=True)
    first.wait_until(lambda said: said["kept"] > 100)
    second.wait_until(lambda said: said["step"] > 100)
    assert first.kill() == (1 if sys.platform == "win32" else -signal.SIGKILL)
    assert autosave_folders.take(Path(second.said[-1]["folder"])) is None  # while it has it
    assert second.end() == 0
    assert first.said[-1]["folder"] != second.said[-1]["folder"]

    def third(window: MainWindow) -> Iterator[Callable[[], bool]]:
        state, autosave = window.session.state, window.program.autosave
        assert str(not_none(not_none(autosave).slot).folder) == second.said[-1]["folder"]  # which was ended last
        assert state.run.step >= second.said[-1]["step"]  # all that has been seen
        assert (window.frame.status.currentMessage(), state.is_running) == ("", False)
        assert window.findChild(QMessageBox, "sessionTrouble") is None
        fourth = autosave_folders.restore()  # beside it
        not_none(fourth.slot).release()
        assert str(not_none(fourth.slot).folder) == first.said[-1]["folder"]
        assert not_none(fourth.session).run.step >= first.said[-1]["kept"]
        assert fourth.words == f"Recovered up to step {not_none(fourth.session).run.step:,}."
        yield lambda: True

    assert run_main(third) == 0


@pytest.fixture
def room(tmp_path: Path) -> Iterator[tuple[Path, dict[str, int]]]:
    """A place with a megabyte of room: a file system, or where none may be mounted, a limit of files' sizes."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=1000k", "tmpfs", str(tmp_path)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield tmp_path, {"most_bytes": 1_000_000}
        return
    yield tmp_path, {}
    subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.skipif(sys.platform == "win32", reason="no process can be given a limit of its files' sizes")
def test_a_full_disk_damages_no_save_and_stops_no_training(begin: Begin, room: tuple[Path, dict[str, int]]) -> None:
    folder, orders = room
    first = begin(folder, width=1_000, trains=True, stays=True, delay_ms=200, **orders)
    full = first.wait_until(lambda said: said["told"])
    later = first.wait_until(lambda said: said["step"] > full["step"])
    assert later["running"]
    assert len(later["told"]) == 1
    assert "The session is not being saved" in later["told"][0]
    assert "The previous save is unchanged." in later["told"][0]
    first.kill()
    session = Journal(Path(later["folder"]) / "journal").session()
    assert session.config.network.hidden == (1_000,)
    assert 0 < session.run.step <= later["step"]


def test_a_damaged_journal_is_set_aside_and_said(qtbot: QtBot) -> None:
    slot = autosave_folders.new_slot()
    slot.save(small_session())
    slot.end()
    journal = slot.folder / "journal"
    damaged = journal.read_bytes()[:-10]
    journal.write_bytes(damaged)

    def user(window: MainWindow) -> Iterator[Callable[[], bool]]:
        yield lambda: is_loaded(window) and window.findChild(QMessageBox, "sessionTrouble") is not None
        assert window.session.state.run.step == 12  # what is whole of it
        (told,) = window.findChildren(QMessageBox, "sessionTrouble")
        assert f"It is kept as {journal.with_name('damaged.journal')}. You will find it under File" in told.text()
        assert "2 runs, the last one up to step 12" in told.text()
        told.accept()

    def later(window: MainWindow) -> Iterator[Callable[[], bool]]:
        yield lambda: is_loaded(window)
        assert window.findChild(QMessageBox, "sessionTrouble") is None

    assert run_main(user) == 0
    assert journal.with_name("damaged.journal").read_bytes() == damaged
    assert run_main(later) == 0


def test_a_file_on_the_command_line(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, data, settings = tmp_path / "a.tinynet", tmp_path / "some.csv", tmp_path / "run.json"
    write_session(path, small_session())
    damaged = tmp_path / "damaged.tinynet"
    damaged.write_bytes(path.read_bytes()[:-100])
    monkeypatch.setattr(session_file, "read_session", lambda *_: pytest.fail("read before there is a window"))
    data.write_text("x,y\n1,2\n2,4\n", encoding="utf-8")
    settings.write_text(Config().to_json(), encoding="utf-8")
    seen: list[Session] = []

    def user(window: MainWindow) -> Iterator[Callable[[], bool]]:
        yield lambda: is_loaded(window)
        yield lambda: "a.tinynet" in window.windowTitle()
        assert window.session.state.run.step == 12
        seen.append(window.session.state.session)

    def of_what_is_whole(window: MainWindow) -> Iterator[Callable[[], bool]]:
        yield lambda: window.findChild(QMessageBox, "recovery") is not None
        assert window.session.state.run.step == 0

    def with_data(window: MainWindow) -> Iterator[Callable[[], bool]]:
        yield lambda: is_loaded(window)
        yield lambda: window.session.config.data.points == Points([1, 2], [2, 4], origin="some.csv")
        yield lambda: len(window.session.state.run.events) > 0
        assert window.session.state.run.events[-1].step == window.session.state.run.step == 12
        assert window.isWindowModified()

    def from_settings(window: MainWindow) -> Iterator[Callable[[], bool]]:
        yield lambda: is_loaded(window)
        assert window.session.state.run.step == 0

    def later(window: MainWindow) -> Iterator[Callable[[], bool]]:
        yield lambda: is_loaded(window)
        assert window.windowTitle() == "tinynet"

    assert run_main(user, (str(path),)) == 0
    assert run_main(of_what_is_whole, ("--session", str(damaged))) == 0
    assert_same(small_session().run.checkpoints, seen[0].run.checkpoints)
    assert run_main(with_data, (str(path), "--data", str(data))) == 0
    assert run_main(from_settings, ("--config", str(settings))) == 0
    assert len(autosave_folders.recent()) == 2
    assert run_main(later) == 0
