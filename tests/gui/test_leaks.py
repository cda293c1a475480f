"""The check for what a test leaves behind can fail, and names the line."""

import gc
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QThread, QThreadPool, QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gui.leaks import LeakCheck

HERE = Path(__file__).name


@pytest.fixture
def check(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> LeakCheck:
    return LeakCheck(monkeypatch)


def test_what_has_ended_is_no_leak(check: LeakCheck, qtbot: QtBot) -> None:
    thread, timer, window = QThread(), QTimer(), QWidget()
    thread.start()
    timer.start(1_000)
    window.show()
    timer.stop()
    window.close()
    thread.quit()
    thread.wait()
    assert check.left_behind() == []


def test_a_thread_left_behind_is_named(check: LeakCheck) -> None:
    thread = QThread()
    thread.setObjectName("forgotten")
    thread.start()
    (leak,) = check.left_behind()
    thread.quit()
    thread.wait()
    assert "QThread 'forgotten'" in leak
    assert f"{HERE}:" in leak
    assert check.left_behind() == []


def test_a_timer_left_behind_is_named(check: LeakCheck) -> None:
    owner = QObject()
    timer = QTimer(owner)
    timer.setObjectName("forgotten")
    timer.start(60_000)
    (leak,) = check.left_behind()
    assert "QTimer 'forgotten'" in leak
    assert f"{HERE}:" in leak
    timer.stop()
    assert check.left_behind() == []


def test_a_leak_among_objects_that_are_frozen_is_named(check: LeakCheck) -> None:
    """What lives on is not looked through again by Python's collector; who started it is remembered all the same."""
    timer = QTimer()
    timer.setObjectName("forgotten")
    timer.start(60_000)
    gc.collect()
    gc.freeze()
    assert not any(each is timer for each in gc.get_objects())
    (leak,) = check.left_behind()
    assert "QTimer 'forgotten'" in leak
    timer.stop()
    assert check.left_behind() == []


def test_a_pool_at_work_is_named(check: LeakCheck) -> None:
    pool, may_go = QThreadPool(), threading.Event()
    pool.start(lambda: may_go.wait(20))
    (leak,) = check.left_behind()
    may_go.set()
    pool.waitForDone()
    assert "QThreadPool" in leak
    assert f"{HERE}:" in leak


def test_a_window_left_open_is_named(check: LeakCheck) -> None:
    window = QWidget()
    window.setObjectName("forgotten")
    window.show()
    assert check.left_behind() == ["window QWidget 'forgotten'"]
    window.close()
    assert check.left_behind() == []
