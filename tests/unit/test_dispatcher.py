"""Commands: one at a time, parts of one another, and what is heard from below always waits."""

import inspect

import pytest
import shiboken6
from PySide6.QtCore import QObject

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.run import TrainingStatus
from tinynet_gui.core.run.session import new_session
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.session.dispatcher import Dispatcher, command, queued
from tinynet_gui.engine.session.session_controller import SessionController


class _Paces(Dispatcher):
    """Each command notes when it begins and ends."""

    def __init__(self) -> None:
        super().__init__(AppState(new_session(Config()), TrainingStatus(stop_at=1)))
        self.said: list[str] = []
        self.changed.connect(lambda old, new: self.said.append(f"{old.session.pace} → {new.session.pace}"))

    @command
    def set(self, pace: int, *, fails: bool = False) -> None:
        """Another pace."""
        self.said.append(f"set {pace}")
        self._put_session(pace=pace)
        if fails:
            raise ValueError(pace)

    @queued
    def hear(self, pace: int) -> None:
        """A pace from below."""
        self.said.append(f"heard {pace}")
        self._put_session(pace=pace)

    @command
    def set_both(self, one: int, other: int) -> None:
        """One and then the other."""
        self.hear(one + other)
        self.set(one)
        self.set(other)
        self.said.append("both")


@pytest.fixture
def paces() -> _Paces:
    paces = _Paces()
    paces.set(0)
    paces.said.clear()
    return paces


def test_nested_commands_join_and_messages_wait(paces: _Paces) -> None:
    paces.set_both(1, 2)
    assert paces.said == ["set 1", "set 2", "both", "0 → 2", "heard 3", "2 → 3"]


def test_commands_wait_until_all_have_heard_a_change(paces: _Paces) -> None:
    def go_on(old: AppState, new: AppState) -> None:
        if new.session.pace == 1:
            paces.set(2)
            paces.hear(3)
            paces.said.append("asked")

    paces.changed.connect(go_on)
    paces.set(1)
    assert paces.said == ["set 1", "0 → 1", "asked", "set 2", "1 → 2", "heard 3", "2 → 3"]


def test_an_error_reaches_its_caller_and_ends_the_command(paces: _Paces) -> None:
    with pytest.raises(ValueError, match="1"):
        paces.set(1, fails=True)
    paces.set(2)
    assert paces.said == ["set 1", "0 → 1", "set 2", "1 → 2"]


def test_a_command_is_named_typed_and_described_as_its_method() -> None:
    assert SessionController.look_at.__name__ == "look_at"
    assert SessionController.look_at.__doc__
    assert list(inspect.signature(SessionController.set_parameter).parameters) == ["self", "ref", "value", "gesture"]


def test_a_part_is_watched_from_now_on_while_its_watcher_exists(paces: _Paces) -> None:
    watcher, seen, lists = QObject(), list[int](), list[list[int]]()
    paces.watch(watcher, lambda state: state.session.pace // 2, seen.append)
    paces.watch(watcher, lambda _: [1, 2], lists.append)
    for pace in (1, 2, 2, 3, 0):
        paces.set(pace)
    shiboken6.delete(watcher)
    paces.set(2)
    assert seen == [0, 1, 0]
    assert lists == [[1, 2]]  # another, but the same
