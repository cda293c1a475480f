"""The journal: appended to, torn, flipped, compacted; what was saved before is never lost by it."""

import errno
import io
import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sessions import a_run, assert_same, fresh_session, session_of, sessions, small_session
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.storage import journal as module
from tinynet_gui.core.storage.blobs import blob_size
from tinynet_gui.core.storage.journal import MAGIC, Journal
from tinynet_gui.core.storage.parts import Packer
from tinynet_gui.core.storage.plain_values import StorageError

WITH_A_FILE = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _grown() -> list[Session]:
    """A session as it grows: each has more than the one before it."""
    first = a_run(1, 60, 5)
    parts = [replace(first, checkpoints=first.checkpoints[:count]) for count in (2, 5, len(first.checkpoints))]
    return [fresh_session(), *map(session_of, parts), session_of(first, replace(a_run(2, width=3), name="other"))]


@cache
def _written(path: Path) -> tuple[list[Session], list[int]]:
    """A journal to which sessions were appended, and how long it was after each."""
    journal, packer, sizes = Journal(path), Packer(), []
    for session in _grown():
        journal.append(packer.pack(session))
        sizes.append(path.stat().st_size)
        assert sizes[-1] == journal.size
    return _grown(), sizes


@settings(WITH_A_FILE, max_examples=12)
@given(drawn=st.lists(sessions(), min_size=1, max_size=3))
def test_the_latest_session_is_read(tmp_path: Path, drawn: list[Session]) -> None:
    path = tmp_path / "journal"
    path.unlink(missing_ok=True)
    journal, packer = Journal(path), Packer()
    for session in drawn:
        journal.append(packer.pack(session))
        assert_same(session, Journal(path).session())
        assert_same(session, journal.session())


def test_only_what_is_new_is_appended(tmp_path: Path) -> None:
    packer, journal = Packer(), Journal(tmp_path / "journal")
    session = session_of(a_run(1, 200, 1, 50))
    journal.append(packer.pack(session))
    size = journal.size
    journal.append(packer.pack(replace(session, pace=3)))
    assert journal.size - size < 1_000
    size = journal.size
    again = Journal(tmp_path / "journal")  # another process goes on with it
    again.append(Packer().pack(session.with_run_as(1, name="another")))
    assert again.size - size < 20_000 < size


def test_nothing_is_there_at_first(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    with pytest.raises(StorageError, match="no session"):
        journal.session()
    assert journal.recoverable() is None
    assert not list(tmp_path.iterdir())


def _as_it_was(path: Path, sessions_: list[Session], count: int) -> None:
    """The journal has what was appended first, and goes on from there."""
    journal = Journal(path)
    if count == 0:
        with pytest.raises(StorageError):
            journal.session()
    else:
        assert_same(sessions_[count - 1], journal.session())
    journal.append(Packer().pack(sessions_[-1]))
    assert_same(sessions_[-1], Journal(path).session())


def test_wherever_it_is_torn_what_came_before_is_there(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    sessions_, sizes = _written(path)
    content = path.read_bytes()
    for length in sorted({*range(0, len(content), 997), *sizes, *(size - 1 for size in sizes)}):
        path.write_bytes(content[:length])
        _as_it_was(path, sessions_, sum(size <= length for size in sizes))


@settings(WITH_A_FILE, max_examples=150)
@given(share=st.floats(0, 1), bit=st.integers(0, 7))
def test_a_flipped_bit_loses_only_what_comes_after_it(tmp_path: Path, share: float, bit: int) -> None:
    path = tmp_path / "journal"
    sessions_, sizes = _written(tmp_path / "whole")
    content = bytearray((tmp_path / "whole").read_bytes())
    place = min(int(share * len(content)), len(content) - 1)
    content[place] ^= 1 << bit
    path.write_bytes(content)
    _as_it_was(path, sessions_, sum(size <= place for size in sizes) if place >= len(MAGIC) else 0)


def test_it_stays_within_twice_of_what_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_DEAD_BYTES", 10_000)
    path = tmp_path / "journal"
    packer, journal, sizes = Packer(), Journal(path), []
    for name in range(30):
        session = session_of(replace(a_run(1), name=str(name)))
        parts = packer.pack(session)
        journal.append(parts)
        needed = len(parts.head) + sum(map(blob_size, parts.blobs.values()))
        sizes.append(path.stat().st_size)
        assert sizes[-1] < 2 * needed + 15_000
        assert_same(session, Journal(path).session())
    assert sizes != sorted(sizes)
    assert len(list(tmp_path.iterdir())) == 1


class Full(io.FileIO):
    """A file on a disk that takes so many more bytes."""

    left = 0

    def write(self, content: Any) -> int:
        Full.left -= len(content)
        if Full.left < 0:
            super().write(content[: Full.left])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(content)


@pytest.mark.parametrize("left", [0, 5, 100, 2_000])
def test_on_a_full_disk_what_was_saved_stays_and_it_goes_on_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    path = tmp_path / "journal"
    sessions_ = _grown()
    packer, journal = Packer(), Journal(path)
    journal.append(packer.pack(sessions_[0]))
    content = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(module, "open", Full, raising=False)
        patch.setattr(Full, "left", left)
        with pytest.raises(OSError, match="No space left"):
            journal.append(packer.pack(sessions_[-1]))
        assert path.read_bytes() == content
    journal.append(packer.pack(sessions_[1]))
    assert_same(sessions_[1], Journal(path).session())


@pytest.mark.parametrize("left", [None, 0, 5, 1_000])
def test_a_journal_that_another_program_took_away_or_shortened_is_made_anew(tmp_path: Path, left: int | None) -> None:
    path = tmp_path / "journal"
    packer, journal = Packer(), Journal(path)
    journal.append(packer.pack(small_session()))
    if left is None:
        path.unlink()
    else:
        os.truncate(path, left)
    later = replace(small_session(), pace=3)
    journal.append(packer.pack(later))
    assert_same(later, Journal(path).session())
    assert not Journal(path).is_torn
