"""A window serves the next test only if it is as new, and what a test leaves behind is found, with its line."""

import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QThread, QThreadPool, QTimer
from PySide6.QtWidgets import QMenu, QTabWidget, QWhatsThis, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, show_result, train_to
from tests.gui.leaks import LeakCheck
from tests.gui.shared_window import SharedWindow
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.ui.window.main_window import MainWindow


@pytest.fixture
def own(qtbot: QtBot) -> Iterator[SharedWindow]:
    own = SharedWindow()
    yield own
    own.close()


@pytest.fixture
def check(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> LeakCheck:
    return LeakCheck(monkeypatch)


def test_what_a_user_does_to_it_is_taken_back(own: SharedWindow, check: LeakCheck, qtbot: QtBot) -> None:
    window = own.get()
    for _ in range(2):
        train_to(window, qtbot, 30)
        window.session.edit({"network.hidden": (3,), "training.learning_rate": 0.02})
        window.context.selection.pin(NeuronRef(0, 1))
        window.context.selection.hover(NeuronRef(0, 2))
        show_result(window, window.views.experiments)
        window.frame.status.notify("a word that stays")
        window.actions_["actionGlossary"].trigger()
        child(window, QMenu, "lessonsMenu").aboutToShow.emit()  # has its entries made
        window.session.start()
        own.start_over(check)
        assert own.get() is window
        session = window.session.state.session
        assert (session.config, session.run.step, session.view.pinned) == (Config(), 0, None)
        assert not window.session.state.is_running
        assert not window.views.experiments.isVisible()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda window: window.close(),
        lambda window: QWidget(window, Qt.WindowType.Window).show(),
        lambda window: window.setStyleSheet(""),
        lambda window: window.session.changed.connect(print),
        lambda window: window.findChild(QTabWidget, "resultTabs").removeTab(1),
        lambda window: QTimer(window).start(60_000),
    ],
    ids=range(6),
)
def test_what_stays_of_a_test_is_no_other_tests_window(
    own: SharedWindow, check: LeakCheck, spoil: Callable[[MainWindow], object]
) -> None:
    spoil(own.get())
    own.start_over(check)
    assert own.window is None
    assert check.left_behind() == []


def test_what_its_window_leaves_running_is_named(own: SharedWindow, check: LeakCheck) -> None:
    timer = QTimer()
    timer.setSingleShot(True)
    timer.setObjectName("forgotten")
    timer.setParent(own.get())
    timer.start(60_000)
    own.start_over(check)
    assert check.left_behind() == []  # it is the window's, which goes on
    timer.setParent(None)
    with pytest.raises(AssertionError, match=r"QTimer 'forgotten', started at .*test_shared_window"):
        own.close()
    timer.stop()


def test_a_mode_that_takes_the_next_key_is_named(check: LeakCheck) -> None:
    QWhatsThis.enterWhatsThisMode()
    assert check.left_behind() == ["What's this?, which takes the next key or click"]
    QWhatsThis.leaveWhatsThisMode()
    assert check.left_behind() == []


HERE = Path(__file__).name


def test_what_was_started_is_named_until_it_has_ended(check: LeakCheck, qtbot: QtBot) -> None:
    owner = QObject()
    thread, timer, window = QThread(), QTimer(owner), QWidget()
    for each in (thread, timer, window):
        each.setObjectName("forgotten")
    thread.start()
    timer.start(60_000)
    window.show()
    leaks = check.left_behind()
    for leak, kind in zip(leaks, ("QThread", "QTimer"), strict=False):
        assert f"{kind} 'forgotten'" in leak
        assert f"{HERE}:" in leak
    assert leaks[2:] == ["window QWidget 'forgotten'"]
    timer.stop()
    window.close()
    thread.quit()
    thread.wait()
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
