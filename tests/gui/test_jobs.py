"""What is computed aside: the latest of a key wins, nothing late arrives, it gives way to the window, and it ends."""

import math
import threading
from typing import Literal

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import WAIT_MS, child, heard
from tinynet_gui.core.system.background import yield_to_window
from tinynet_gui.engine.jobs import jobs as jobs_module
from tinynet_gui.engine.jobs.jobs import Job, Jobs
from tinynet_gui.ui.window.main_window import MainWindow


class Held:
    """A function that has begun, and goes on when it is told to; or when it is stopped, if it looks at that."""

    def __init__(self, heeds_stop: bool = False) -> None:
        self.began, self.may_go = threading.Event(), threading.Event()
        self.heeds_stop = heeds_stop
        self.was_stopped = False
        self.thread = 0

    def __call__(self, argument: str, job: Job) -> str:
        self.thread = threading.get_ident()
        self.began.set()
        while not self.may_go.wait(0.001) and not (self.heeds_stop and job.stop[0]):
            pass
        self.was_stopped = bool(job.stop[0])
        return argument


def echo(argument: str, job: Job) -> str:
    """Return what was asked."""
    return argument


def broken(argument: str, job: Job) -> str:
    raise RuntimeError(argument)


def test_results_return_to_the_asking_thread_by_key(jobs: Jobs, qtbot: QtBot) -> None:
    came: list[tuple[str, int]] = []

    def on_result(result: str) -> None:
        came.append((result, threading.get_ident()))

    held, here = Held(), threading.get_ident()
    jobs.submit("a", held, "slow", on_result=on_result)
    assert jobs.is_running("a")
    assert not jobs.is_running("b")
    jobs.submit("b", echo, "quick", on_result=on_result)
    qtbot.waitUntil(lambda: came == [("quick", here)])
    held.may_go.set()
    qtbot.waitUntil(lambda: came == [("quick", here), ("slow", here)])
    assert held.thread != here
    assert not jobs.is_running("a")


def test_memory_is_returned_after_the_last_slow_job(jobs: Jobs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    given, came, held = list[int](), list[str](), Held()
    monkeypatch.setattr(jobs_module, "give_memory_back", lambda: given.append(threading.get_ident()))
    timer = child(jobs, QTimer, "memoryGivenBack")
    timer.setInterval(0)
    jobs.submit("a", echo, "quick", on_result=came.append)
    qtbot.waitUntil(lambda: came == ["quick"])
    assert not timer.isActive()
    jobs.submit("a", held, "held", on_result=came.append)
    monkeypatch.setattr(jobs_module, "SLOW_S", 0.0)
    jobs.submit("b", echo, "slow", on_result=came.append)
    qtbot.waitUntil(lambda: came == ["quick", "slow"])
    QCoreApplication.processEvents()
    assert not given
    held.may_go.set()
    qtbot.waitUntil(lambda: len(given) == 1)
    assert given != [threading.get_ident()]  # the window does not wait for it
    qtbot.waitUntil(lambda: not jobs.is_running(jobs_module.MEMORY))
    assert not timer.isActive()  # and it does not follow itself


def test_the_latest_wins(jobs: Jobs, qtbot: QtBot) -> None:
    came: list[str] = []
    first = Held()
    jobs.submit("a", first, "first", on_result=came.append)
    qtbot.waitUntil(first.began.is_set)
    jobs.submit("a", broken, "second", on_result=came.append)  # never begins
    jobs.submit("a", echo, "third", on_result=came.append)
    first.may_go.set()
    qtbot.waitUntil(lambda: bool(came))
    assert first.was_stopped
    assert came == ["third"]
    assert not jobs.is_running("a")


@pytest.mark.parametrize(("slow_s", "expected"), [(1e6, ["first", "second"]), (0.0, ["second"])])
def test_only_slow_requests_give_way_if_so_asked(
    jobs: Jobs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, slow_s: float, expected: list[str]
) -> None:
    came: list[str] = []
    monkeypatch.setattr(jobs_module, "SLOW_S", slow_s)
    first = Held(heeds_stop=True)
    jobs.submit("a", first, "first", on_result=came.append, replaces="when slow")
    qtbot.waitUntil(first.began.is_set)
    for argument in ("dropped", "second"):
        jobs.submit("a", echo, argument, on_result=came.append, replaces="when slow")
    if slow_s:
        first.may_go.set()
    qtbot.waitUntil(lambda: came == expected)
    assert first.was_stopped == (slow_s == 0)


def test_a_stop_gives_a_partial_result_and_a_timeout_none(jobs: Jobs, qtbot: QtBot) -> None:
    came: list[str] = []

    def ask_the_next(result: str) -> None:
        came.append(result)
        jobs.submit("a", Held(heeds_stop=True), "too long", on_result=came.append, timeout_ms=20)

    held = Held(heeds_stop=True)
    jobs.submit("a", held, "so far", on_result=ask_the_next)
    qtbot.waitUntil(held.began.is_set)
    jobs.stop("a")
    assert jobs.is_running("a")
    qtbot.waitUntil(lambda: bool(came) and not jobs.is_running("a"))
    jobs.submit("a", echo, "next", on_result=came.append)
    qtbot.waitUntil(lambda: len(came) == 2)
    assert came == ["so far", "next"]


def test_cancel_forgets_what_runs_and_what_waits(jobs: Jobs, qtbot: QtBot) -> None:
    came: list[str] = []
    held = Held(heeds_stop=True)
    jobs.submit("a", held, "first", on_result=came.append, replaces="when slow")
    jobs.submit("a", echo, "second", on_result=came.append, replaces="when slow")
    jobs.cancel("a")
    assert not jobs.is_running("a")
    jobs.submit("a", echo, "third", on_result=came.append)
    qtbot.waitUntil(lambda: bool(came))
    assert came == ["third"]
    jobs.cancel("never asked")


@pytest.fixture
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every report is told, as in a computation that takes long."""
    monkeypatch.setattr(jobs_module, "REPORT_INTERVAL_S", 0.0)
    monkeypatch.setattr(jobs_module, "MAX_DRAWING", math.inf)


@pytest.mark.usefixtures("_no_rest")
def test_progress_comes_in_order_and_before_the_result(jobs: Jobs, qtbot: QtBot) -> None:
    came: list[object] = []
    shown = threading.Semaphore(0)

    def count(argument: int, job: Job) -> str:
        for i in range(argument):
            job.report(i / argument, i)
            shown.acquire(timeout=WAIT_MS / 1e3)
        return "end"

    def show(share: float, partial: int) -> None:
        came.append((share, partial, threading.get_ident()))
        shown.release()

    jobs.submit("a", count, 5, on_result=came.append, on_progress=show)
    qtbot.waitUntil(lambda: bool(came) and came[-1] == "end")
    assert came == [*[(i / 5, i, threading.get_ident()) for i in range(5)], "end"]


def test_what_is_over_in_a_moment_says_nothing_but_its_result(jobs: Jobs, qtbot: QtBot) -> None:
    came: list[object] = []

    def count(argument: int, job: Job) -> str:
        for i in range(argument):
            job.report(i / argument, i)
        return "end"

    jobs.submit("a", count, 1_000, on_result=came.append, on_progress=lambda *p: came.append(p))
    qtbot.waitUntil(lambda: bool(came) and came[-1] == "end")
    assert came == ["end"]


def test_what_is_almost_done_reports_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """To draw it would only delay the result."""
    now, told = [0.0], list[float]()
    monkeypatch.setattr(jobs_module, "perf_counter", lambda: now[0])
    job = Job(lambda job: job.deliver(lambda share, _: told.append(share)))
    for now[0], share in ((0.09, 0.1), (0.15, 0.7), (0.2, 0.6), (0.4, 0.9), (1.0, 0.85)):
        job.report(share)
    assert told == [0.6, 0.85]


def test_reports_are_drawn_a_tenth_of_the_time_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    now, told = [0.0], list[float]()
    monkeypatch.setattr(jobs_module, "perf_counter", lambda: now[0])

    def draw(share: float, _: object) -> None:
        now[0] += 0.3
        told.append(share)
        job.report(share)  # from the other thread, meanwhile

    job = Job(lambda job: job.deliver(draw))
    for now[0], share in ((1.0, 0.1), (3.9, 0.2), (4.1, 0.3)):
        job.report(share)
    assert told == [0.1, 0.3]


@pytest.mark.usefixtures("_no_rest")
def test_of_reports_to_a_busy_window_the_latest_is_shown(jobs: Jobs, qtbot: QtBot) -> None:
    came: list[object] = []
    reported = threading.Event()

    def count(argument: list[str | None], job: Job) -> str:
        for i, partial in enumerate(argument):
            job.report(i, partial)
        reported.set()
        return "end"

    jobs.submit("a", count, ["x", "y", None], on_result=came.append, on_progress=lambda *p: came.append(p))
    assert reported.wait(WAIT_MS / 1e3)  # while nothing turns here
    qtbot.waitUntil(lambda: bool(came) and came[-1] == "end")
    assert came == [(2, "y"), "end"]


@pytest.mark.usefixtures("_no_rest")
def test_progress_of_what_was_replaced_is_dropped(jobs: Jobs, qtbot: QtBot) -> None:
    came: list[object] = []
    reported, may_go = threading.Event(), threading.Event()

    def report(argument: str, job: Job) -> str:
        job.report(0.5, argument)
        reported.set()
        may_go.wait(WAIT_MS / 1e3)
        return argument

    jobs.submit("a", report, "first", on_result=came.append, on_progress=lambda _, partial: came.append(partial))
    assert reported.wait(WAIT_MS / 1e3)
    jobs.submit("a", echo, "second", on_result=came.append)
    may_go.set()
    qtbot.waitUntil(lambda: "second" in came)
    assert came == ["second"]


def test_an_error_is_told_and_the_key_is_free_again(jobs: Jobs, qtbot: QtBot) -> None:
    told, own, came = heard(jobs.failed), list[tuple[str, int]](), list[str]()

    def on_error(text: str) -> None:
        own.append((text, threading.get_ident()))

    jobs.submit("a", broken, "on purpose", on_result=came.append, on_error=on_error)
    qtbot.waitUntil(lambda: bool(told))
    assert told[0].startswith("Traceback")
    assert "RuntimeError: on purpose" in told[0]
    assert own == [(told[0], threading.get_ident())]
    assert not jobs.is_running("a")
    jobs.submit("a", echo, "next", on_result=came.append)
    qtbot.waitUntil(lambda: bool(came))
    assert came == ["next"]


def test_nothing_arrives_after_the_end(jobs: Jobs, qtbot: QtBot) -> None:
    came = heard(jobs.failed)
    held = Held(heeds_stop=True)

    def report_and_hold(argument: str, job: Job) -> str:
        job.report(0.5, argument)
        return held(argument, job)

    jobs.submit("a", report_and_hold, "first", on_result=came.append, on_progress=lambda *p: came.append(p))
    jobs.submit("b", broken, "error", on_result=came.append, on_error=came.append)
    assert held.began.wait(WAIT_MS / 1e3)
    jobs.shut_down()
    assert held.was_stopped
    jobs.submit("a", echo, "late", on_result=came.append)
    jobs.submit("c", echo, "late", on_result=came.append)
    jobs.shut_down()
    QCoreApplication.processEvents()
    assert came == []
    assert not any(jobs.is_running(key) for key in "abc")


def test_who_is_gone_is_not_called(jobs: Jobs, qtbot: QtBot) -> None:
    class Receiver(QObject):
        def receive(self, result: str) -> None:
            came.append(result)
            self.setObjectName(result)  # an error, if Qt has destroyed it

    came: list[str] = []
    parent = QObject()
    gone, there = Receiver(parent), Receiver()
    jobs.submit("a", echo, "to nobody", on_result=gone.receive)
    jobs.submit("b", echo, "to somebody", on_result=there.receive)
    shiboken6.delete(parent)
    qtbot.waitUntil(lambda: not jobs.is_running("a") and not jobs.is_running("b"))
    assert came == ["to somebody"]


def test_a_replaced_result_never_arrives(jobs: Jobs, qtbot: QtBot) -> None:
    random = np.random.default_rng(0)
    came: list[int] = []
    dropped: set[int] = set()
    replaces: Literal["now", "when slow"]
    for number in range(300):
        replaces = "now" if random.random() < 0.3 else "when slow"
        if replaces == "now":
            dropped |= set(range(number)) - set(came)
        jobs.submit("a", lambda argument, job: argument, number, on_result=came.append, replaces=replaces)
        if random.random() < 0.5:
            QCoreApplication.processEvents()
    qtbot.waitUntil(lambda: not jobs.is_running("a"))
    assert not dropped & set(came)
    assert came == sorted(set(came))
    assert came[-1] == 299


def waits() -> bool:
    """Whether something that is computed aside waits now, which is never for long."""
    went_on = threading.Event()

    def work() -> None:
        yield_to_window()
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


@pytest.mark.usefixtures("_no_rest")
def test_it_waits_while_a_result_is_shown(jobs: Jobs, qtbot: QtBot) -> None:
    waited: list[bool] = []

    def work(argument: None, job: Job) -> None:
        job.report(0.5, None)

    jobs.submit(
        "a", work, None, on_result=lambda _: waited.append(waits()), on_progress=lambda *_: waited.append(waits())
    )
    qtbot.waitUntil(lambda: len(waited) == 2)
    assert waited == [True, True]
    qtbot.waitUntil(lambda: not waits())
