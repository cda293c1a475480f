"""When kinks are searched for: at once, when the training stands still, or beside it."""

import itertools
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import WAIT_MS, trained_snapshot
from tinynet_gui.core.config import Config
from tinynet_gui.core.function.linear_regions import LinearRegions, find_linear_regions
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import plot_range
from tinynet_gui.engine.jobs import linear_regions_finder
from tinynet_gui.engine.jobs.jobs import Jobs
from tinynet_gui.engine.jobs.linear_regions_finder import LinearRegionsFinder

Found = list[tuple[Snapshot, LinearRegions]]


def _snapshot(*hidden: int, **changes: object) -> Snapshot:
    config = Config().replace("network.hidden", hidden)
    for name, value in changes.items():
        config = config.replace(f"network.{name}", value)
    return trained_snapshot(config, steps=1)


@pytest.fixture
def finder(jobs: Jobs) -> Iterator[LinearRegionsFinder]:
    finder = LinearRegionsFinder(jobs)
    yield finder
    finder.stop()


@pytest.fixture
def found(finder: LinearRegionsFinder) -> Found:
    answers: Found = []
    finder.found.connect(lambda snapshot, pieces: answers.append((snapshot, pieces)))
    return answers


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """In which thread each search was made."""
    used: list[int] = []

    def search(*arguments: Any) -> LinearRegions:
        used.append(threading.get_ident())
        return find_linear_regions(*arguments)

    monkeypatch.setattr(linear_regions_finder, "find_linear_regions", search)
    return used


def _clock(durations_s: Iterable[float]) -> Iterator[float]:
    """The time at the beginning and at the end of one search after another, each of which takes so long."""
    now = 0.0
    for duration in durations_s:
        yield now
        now += duration
        yield now


@pytest.mark.parametrize(
    ("hidden", "changes"), [((10,), {}), ((1_000,), {}), ((32, 32), {}), ((300, 300), {"activation": "tanh"})]
)
def test_what_is_quick_is_found_at_once(
    hidden: tuple[int, ...], changes: dict[str, object], finder: LinearRegionsFinder, found: Found
) -> None:
    snapshot = _snapshot(*hidden, **changes)
    finder.find(snapshot)
    assert [answer[0] for answer in found] == [snapshot]
    expected = find_linear_regions(
        snapshot.layers, snapshot.config.network.activation, *plot_range(snapshot.config.data)
    )
    assert found[0][1].breakpoints.tolist() == expected.breakpoints.tolist()


def test_an_unknown_network_is_searched_in_the_background(
    finder: LinearRegionsFinder, found: Found, threads: list[int], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # quick on any machine, but that is not known before the first search
    monkeypatch.setattr(linear_regions_finder, "AT_ONCE_S", 10.0)
    first, last = _snapshot(120, 120), _snapshot(120, 120)
    finder.find(first)
    finder.find(last)
    assert not found
    qtbot.waitUntil(lambda: bool(found))
    assert [answer[0] for answer in found] == [last]
    assert threading.get_ident() not in threads
    finder.find(first)  # it is known now
    assert len(found) == 2
    assert threads[-1] == threading.get_ident()


def test_slow_searches_wait_until_training_pauses(
    finder: LinearRegionsFinder, found: Found, threads: list[int], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder.find(_snapshot(120, 120))
    qtbot.waitUntil(lambda: len(found) == 1)
    monkeypatch.setattr(linear_regions_finder, "AT_ONCE_S", -1.0)
    monkeypatch.setattr(linear_regions_finder, "SHARE", 0.0)
    monkeypatch.setattr(linear_regions_finder, "SHORT_S", 10.0)
    threads.clear()
    last = _snapshot(120, 120)
    finder.find(_snapshot(120, 120))
    finder.find(last)
    assert len(found) == 1
    qtbot.waitUntil(lambda: len(found) == 2)
    assert found[1][0] is last
    assert threads == [threading.get_ident()]


def test_one_slow_search_does_not_stop_the_next(
    finder: LinearRegionsFinder, found: Found, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linear_regions_finder, "SHARE", 0.0)
    clock = _clock(itertools.chain([0.0005, 0.0005], itertools.repeat(1.0)))
    monkeypatch.setattr(linear_regions_finder, "search_time", lambda: next(clock))
    snapshot = _snapshot(120, 120)
    finder.find(snapshot)
    qtbot.waitUntil(lambda: len(found) == 1)
    for searches in (2, 3, 4, 4):  # three slow ones in a row do
        finder.find(snapshot)
        assert len(found) == searches


def test_where_frames_are_rare_each_is_searched(
    finder: LinearRegionsFinder, found: Found, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot, clock, now = _snapshot(120, 120), _clock(itertools.repeat(0.01)), 1_000.0
    monkeypatch.setattr(linear_regions_finder, "search_time", lambda: next(clock))
    monkeypatch.setattr(linear_regions_finder, "perf_counter", lambda: now)
    finder.find(snapshot)
    qtbot.waitUntil(lambda: len(found) == 1)
    monkeypatch.setattr(linear_regions_finder, "AT_ONCE_S", 0.0)
    for between_s, searches in ((0.2, 2), (0.05, 2), (0.15, 3)):
        now += between_s
        finder.find(snapshot)
        assert len(found) == searches


def test_only_the_latest_is_answered_while_a_search_is_under_way(
    finder: LinearRegionsFinder, found: Found, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def held(*arguments: Any) -> LinearRegions:
        begun.set()
        assert go_on.wait(WAIT_MS / 1e3)
        return find_linear_regions(*arguments)

    monkeypatch.setattr(linear_regions_finder, "find_linear_regions", held)
    old, new = _snapshot(120, 120), _snapshot(120, 120)
    finder.find(old)
    qtbot.waitUntil(begun.is_set)
    finder.find(new)
    go_on.set()
    qtbot.waitUntil(lambda: bool(found))
    assert [answer[0] for answer in found] == [new]
