"""A session in a file: written whole or not at all, appended to, torn, flipped; never is half of it read."""

import errno
import io
import json
import os
import random
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.not_none import not_none
from tests.sessions import a_run, assert_same, fresh_session, session_of, sessions, small_session, traced
from tests.systems import has_limits
from tinynet_gui.core.config.setting import FORMAT
from tinynet_gui.core.run.events import LiveSettingsChanged
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.storage import blobs, session_file
from tinynet_gui.core.storage.atomic import remove_left_over, replacing, set_aside
from tinynet_gui.core.storage.blobs import RUNS, Blob, SessionParts, blob_bytes, blob_name, blob_size
from tinynet_gui.core.storage.parts import Packer
from tinynet_gui.core.storage.plain_values import OtherVersionError, StorageError
from tinynet_gui.core.storage.session_file import MAGIC, Journal, SessionFileError, read_session, write_session
from tinynet_gui.core.system.background import StoppedError
from tinynet_gui.core.values import Stop

WITH_A_FILE = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _plain(doc: dict[str, Any]) -> bytes:
    return json.dumps(doc).encode()


@cache
def _hostile() -> tuple[dict[str, Any], dict[str, Any], dict[str, Blob]]:
    """The head of a session of one small run, the run, and its arrays, to be changed."""
    parts = Packer().pack(session_of(a_run(1, 1, 1, width=2)))
    [name] = [name for name in parts.blobs if name.startswith("runs/")]
    arrays = {other: blob for other, blob in parts.blobs.items() if other != name}
    return json.loads(parts.head), json.loads(blob_bytes(parts.blobs[name])), arrays


def _write(path: Path, head: bytes, run: bytes, arrays: dict[str, Blob]) -> Path:
    """Write a session with another head, and another text of its run."""
    name = blob_name(run, RUNS)
    head = head.replace(json.dumps(_hostile()[0]["runs"][0]).encode(), json.dumps(name).encode())
    path.unlink(missing_ok=True)
    Journal(path).append(SessionParts(head, {**_hostile()[2], **arrays, name: run}))
    return path


def _file(folder: Path, session: Session) -> Path:
    path = folder / "a.tinynet"
    write_session(path, session)
    return path


@WITH_A_FILE
@given(session=sessions())
def test_what_is_written_is_read(tmp_path: Path, session: Session) -> None:
    assert_same(session, read_session(_file(tmp_path, session)))
    assert [path.name for path in tmp_path.iterdir()] == ["a.tinynet"]


def test_a_journal_that_was_set_aside_opens(tmp_path: Path) -> None:
    path = tmp_path / "damaged.journal"
    Journal(path).append(Packer().pack(small_session()))
    content = path.read_bytes()
    assert_same(small_session(), read_session(path))
    path.write_bytes(content[:-10])
    with pytest.raises(SessionFileError, match=r"^is damaged: the list of its runs: it cannot be read$") as refusal:
        read_session(path)
    assert_same(small_session().runs, not_none(refusal.value.recoverable).runs)
    path.write_bytes(content[:100])
    with pytest.raises(SessionFileError, match="nothing of it could be saved"):
        read_session(path)


NEWER, OLDER = "a newer version of tinynet made it", "a development version of tinynet made it"
OF_ZIP = b"PK\3\4" + bytes(26) + b"runs/0123"  # how format 5 began


@pytest.mark.parametrize(
    ("begin", "version", "said"),
    [
        (MAGIC, FORMAT + 1, rf"{NEWER} \(format {FORMAT + 1} is not known here\)"),
        (b"tinynet session 7\n", FORMAT, rf"{NEWER} \(its kind of file is not known here\)"),
        (MAGIC, 5, rf"{OLDER} \(format 5 is no longer read\)"),
        (b"tinynet journal 1\n", 5, rf"{OLDER} \(its kind of file is no longer read\)"),
        (OF_ZIP, 5, rf"{OLDER} \(its kind of file is no longer read\)"),
    ],
)
def test_a_file_of_another_version_is_refused_and_left_alone(
    tmp_path: Path, begin: bytes, version: int, said: str
) -> None:
    path = tmp_path / "new.tinynet"
    Journal(path).append(SessionParts(b'{"version":%d,"runs":"elsewhere"}' % version, {}))
    content = begin + path.read_bytes().removeprefix(MAGIC)
    path.write_bytes(content)
    with pytest.raises(SessionFileError, match=rf"^is left unchanged: {said}$") as refusal:
        read_session(path)
    assert refusal.value.recoverable is None
    assert path.read_bytes() == content
    with pytest.raises(OtherVersionError, match=said):
        Journal(path).session()


@pytest.mark.parametrize("content", [b"", b"PK", b"a,b\n1,2\n", random.Random(0).randbytes(5_000)])
def test_what_is_no_session_is_told_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tinynet"
    path.write_bytes(content)
    with pytest.raises(SessionFileError, match=r"^is not a session"):
        read_session(path)


def test_a_file_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(SessionFileError, match=r"^cannot be read: there is no such file"):
        read_session(tmp_path / "a.tinynet")
    with pytest.raises(SessionFileError, match="is not a file"):
        read_session(tmp_path)


def test_what_is_too_large_for_a_session_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.tinynet"
    with path.open("wb") as file:
        file.truncate(2**33)  # which takes no room
    with pytest.raises(SessionFileError, match=r"^is not a session of tinynet: none is larger than 2\.1 GB"):
        read_session(path)


def test_it_is_said_how_much_is_read(tmp_path: Path) -> None:
    shares: list[float] = []
    read_session(_file(tmp_path, small_session()), shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1, abs=0.2)


def _records(session: Session) -> Iterator[tuple[str, int, int]]:
    """Yield the name of each record of a session's file, and where it begins and ends."""
    parts, end = Packer().pack(session), len(MAGIC)
    for name, blob in (*parts.blobs.items(), ("", parts.head)):
        begin, end = end, end + 12 + len(name) + 1 + blob_size(blob)
        yield name, begin, end


PARTS = {"": "the list of its runs", "runs/": "a run", "arrays/": "the numbers of a run"}


@pytest.mark.parametrize("begins", PARTS)
def test_it_is_said_which_part_is_damaged(tmp_path: Path, begins: str) -> None:
    path = _file(tmp_path, small_session())
    content = bytearray(path.read_bytes())
    name, begin, end = next(each for each in _records(small_session()) if each[0].partition("/")[0] == begins[:-1])
    begin += 12 + len(name) + 1
    content[begin:end] = bytes(end - begin)
    path.write_bytes(content)
    with pytest.raises(SessionFileError, match=f"^is damaged: {PARTS[begins]}: it cannot be read$"):
        read_session(path)


@pytest.mark.parametrize("begins", ["runs/", "arrays/"])
def test_it_is_said_which_part_is_missing(tmp_path: Path, begins: str) -> None:
    path, parts = tmp_path / "left.tinynet", Packer().pack(small_session())
    Journal(path).append(
        SessionParts(parts.head, {name: b for name, b in parts.blobs.items() if not name.startswith(begins)})
    )
    with pytest.raises(SessionFileError, match=f"^is damaged: {PARTS[begins]}: it is missing"):
        read_session(path)


@cache
def _needed() -> dict[int, list[tuple[int, int]]]:
    """Where the records are without which a run of the small session cannot be read."""
    session, alone = small_session(), Packer()
    needed = {run.id: alone.pack(session_of(run)).blobs.keys() for run in session.runs}
    return {run: [(b, e) for name, b, e in _records(session) if name in names] for run, names in needed.items()}


def _same_or_refused(path: Path, session: Session) -> SessionFileError | None:
    """Read a damaged file: it is the session, or it is refused, and what is recovered are whole runs of it."""
    try:
        assert_same(session, read_session(path))
    except SessionFileError as error:
        for run in () if error.recoverable is None else error.recoverable.runs:
            assert_same(session.run_of(run.id), run)
        return error
    return None


@pytest.mark.parametrize("fill", [b"", b"\0", b"\xff"], ids=["cut", "zeros", "ones"])
def test_runs_that_damage_did_not_hit_are_recovered(tmp_path: Path, fill: bytes) -> None:
    """Cut off anywhere, or with a hole of any size anywhere."""
    session = small_session()
    path = _file(tmp_path, session)
    content, chance = path.read_bytes(), random.Random(len(fill))
    for begin in sorted({*range(0, len(content), 97), *range(len(content) - 30, len(content))}):
        end = min(begin + 2 ** chance.randrange(1, 12), len(content)) if fill else len(content)
        path.write_bytes(content[:begin] + (fill * (end - begin) + content[end:] if fill else b""))
        error = _same_or_refused(path, session)
        if error is None or begin < len(MAGIC):
            assert path.read_bytes() == content or error is not None
            continue
        whole = [run for run, places in _needed().items() if all(b >= end or e <= begin for b, e in places)]
        assert [run.id for run in (() if error.recoverable is None else error.recoverable.runs)] == whole


@settings(WITH_A_FILE, max_examples=150)
@given(places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 7)), min_size=1, max_size=3))
def test_whichever_bits_are_flipped_no_half_of_it_is_loaded(tmp_path: Path, places: list[tuple[float, int]]) -> None:
    session = small_session()
    path = _file(tmp_path, session)
    content = bytearray(path.read_bytes())
    for share, bit in places:
        content[min(int(share * len(content)), len(content) - 1)] ^= 1 << bit
    path.write_bytes(content)
    _same_or_refused(path, session)


def _head(more: str) -> tuple[bytes, bytes]:
    return _plain(_hostile()[0])[:-1] + more.encode() + b"}", _plain(_hostile()[1])


def _changed(place: int, part: str, other: str) -> tuple[bytes, bytes]:
    texts = [_plain(_hostile()[0]), _plain(_hostile()[1])]
    assert part.encode() in texts[place]
    texts[place] = texts[place].replace(part.encode(), other.encode())
    return texts[0], texts[1]


HOSTILE: dict[str, Callable[[], tuple[bytes, bytes]]] = {
    "lists": lambda: _head(f',"x":[{"[]," * 5_000_000}0]'),
    "objects": lambda: _head(f',"x":[{"{}," * 5_000_000}0]'),
    "widths": lambda: _changed(1, '"hidden": [2]', f'"hidden": [{"[]," * 5_000_000}2]'),
    "settings": lambda: _changed(0, '"configs": []', f'"configs": [{"{}," * 5_000_000}{{}}]'),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_small_file_takes_little_memory(tmp_path: Path, kind: str) -> None:
    """What Python would make of these takes 400 to 700 megabytes, from 15."""
    path = _write(tmp_path / "hostile.tinynet", *HOSTILE[kind](), {})
    with traced() as peak:
        with pytest.raises(SessionFileError, match="more memory than a session in a file of this size can need"):
            read_session(path)
        assert peak() < 60_000_000


def test_the_parts_of_a_file_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python takes a quarter of a kilobyte for each of 51 bytes."""
    path = tmp_path / "hostile.tinynet"
    Journal(path).append(SessionParts(b"{}", {f"arrays/{number:032x}": b"" for number in range(20_000)}))
    monkeypatch.setattr(session_file, "MAX_PARTS", 100)
    content = path.read_bytes()
    for damaged in (content, content[:30] + b"?" + content[31:]):
        path.write_bytes(damaged)
        with traced() as peak:
            with pytest.raises(SessionFileError, match=r"none has more than 100 parts|nothing of it"):
                read_session(path)
            assert peak() < 2_000_000
    monkeypatch.setattr(session_file, "MAX_PARTS", 3)
    with pytest.raises(OSError, match="and 3 are read: delete some runs"):
        write_session(path, small_session())


def test_a_damaged_file_is_searched_in_bounded_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of many records may claim all that follows it."""
    path, checked, crc32 = tmp_path / "hostile.tinynet", [0], zlib.crc32

    def count(content: bytes, value: int = 0) -> int:
        checked[0] += len(content)
        return crc32(content, value)

    names = [b"arrays/%032x\n" % number for number in range(2_000)]
    records = [struct.pack("<QI", 52 * (2_000 - place) - 12, 1) + name for place, name in enumerate(names)]
    content = MAGIC + b"".join(records)
    path.write_bytes(content)
    monkeypatch.setattr(zlib, "crc32", count)
    with pytest.raises(SessionFileError, match="nothing of it could be saved"):
        read_session(path)
    assert 2 * len(content) < checked[0] < 7 * len(content)


def test_a_state_that_many_steps_share_is_in_memory_once(tmp_path: Path) -> None:
    """As in a run whose learning rate is 0."""
    head, run, _ = deepcopy(_hostile())
    run["configs"][0]["whole"]["network"]["hidden"] = [700, 700]
    zeros = bytes(4 * (2 * 700 + 700 * 701 + 701))  # two megabytes
    name = blob_name(zeros)
    run["checkpoints"] = [[step, name] for step in range(50)]
    path = _write(tmp_path / "a.tinynet", _plain(head), _plain(run), {name: zeros})
    with traced() as peak:
        session = read_session(path)
        assert peak() < 10_000_000
    assert [state.step for state in session.run.checkpoints] == list(range(50))


def test_many_points_are_not_repeated_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "SMALL_BYTES", 5_000_000)
    monkeypatch.setattr(blobs, "NEEDED_TIMES", 20)
    head, run, _ = deepcopy(_hostile())
    arrays: dict[str, Blob] = {blob_name(zeros): zeros for zeros in (bytes(80_000), bytes(10_000))}
    zeros, flags = arrays
    run["configs"][0]["points"] = {"origin": "mine", "count": 10_000, "x": zeros, "y": zeros, "held_out": flags}
    moved = {"changes": {}, "points": {"origin": "mine", "at": [], "x": [], "y": [], "held_out": []}}
    run["configs"] += [moved] * 200  # 34 megabytes
    run["events"] = [{"step": 0, "settings": 1}] * 200
    path = _write(tmp_path / "a.tinynet", _plain(head), _plain(run), arrays)
    with traced() as peak:
        with pytest.raises(SessionFileError, match="more memory"):
            read_session(path)
        assert peak() < 5_000_000 + blobs.NEEDED_TIMES * path.stat().st_size + 2_000_000 < 34_000_000


class Stopping:
    """Wants the reading to end when it has been asked so many times."""

    def __init__(self, patience: int) -> None:
        self.left = patience

    def __getitem__(self, _place: int) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("patience", [0, 3, 50])
def test_reading_can_be_ended(tmp_path: Path, patience: int) -> None:
    run = a_run(1)
    configs = [run.config.replace("training.learning_rate", step / 100) for step in range(40)]
    events = tuple(map(LiveSettingsChanged, range(40), configs))
    session = session_of(replace(run, events=events))
    path = _file(tmp_path, session)
    stop = Stopping(patience)
    with pytest.raises(StoppedError):
        read_session(path, stop=cast(Stop, stop))
    assert stop.left == -1  # at once
    assert_same(session, read_session(path, stop=np.zeros(1, np.uint8)))


@pytest.fixture
def saved(tmp_path: Path) -> Iterator[tuple[Path, bytes]]:
    path = _file(tmp_path, fresh_session())
    content = path.read_bytes()
    yield path, content
    assert path.read_bytes() == content
    assert_same(fresh_session(), read_session(path))
    assert [name.name for name in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_an_unfinished_save_leaves_the_file_unchanged(
    saved: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        with pytest.raises(OSError, match="input/output"):
            write_session(saved[0], small_session())


@has_limits
def test_a_file_stays_as_it_was_if_there_is_no_room(saved: tuple[Path, bytes]) -> None:
    """A file may not grow beyond a limit of the system's: as on a disk that is full."""
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_session(saved[0], session_of(a_run(1, 60, 1, 50)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.skipif(sys.platform == "win32", reason="few users may make links there")
def test_what_a_link_points_at_is_replaced(tmp_path: Path) -> None:
    path = _file(tmp_path, fresh_session())
    link = tmp_path / "link.tinynet"
    link.symlink_to(path)
    write_session(link, small_session())
    assert link.is_symlink()
    assert_same(small_session(), read_session(path))


def test_the_next_save_removes_only_leftovers_of_killed_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left, other = tmp_path / ".a.tinynet.1234.part", tmp_path / ".b.tinynet.1234.part"
    for path in (left, other):
        path.touch()
    monkeypatch.setattr(os, "getpid", lambda: 99)
    with replacing(tmp_path / "b.tinynet") as file:  # as another window is doing it
        monkeypatch.undo()
        _file(tmp_path, fresh_session())
        remove_left_over(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {"a.tinynet", ".b.tinynet.99.part"}
        file.write(b"12")
    assert {path.name for path in tmp_path.iterdir()} == {"a.tinynet", "b.tinynet"}


def test_of_what_is_set_aside_only_the_latest_stay(tmp_path: Path) -> None:
    (tmp_path / "damaged by hand.journal").touch()  # not ours
    for number in range(12):
        (tmp_path / "journal").write_text(str(number))
        set_aside(tmp_path / "journal", "damaged", ".journal")
    kept = {file.name: file.read_text() for file in tmp_path.iterdir()}
    ours = {"damaged9.journal": "9", "damaged10.journal": "10", "damaged11.journal": "11"}
    assert kept == {"damaged by hand.journal": "", **ours}


def test_it_is_said_how_much_is_written(tmp_path: Path) -> None:
    shares: list[float] = []
    write_session(tmp_path / "a.tinynet", session_of(a_run(1)), report=shares.append)
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] < 1


def test_the_same_session_makes_the_same_file(tmp_path: Path) -> None:
    session = replace(small_session(), pace=2)
    paths = [tmp_path / name for name in ("a.tinynet", "b.tinynet")]
    for path in paths:
        write_session(path, session)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_file_replaced_while_it_is_read_is_not_half_read(tmp_path: Path) -> None:
    path = _file(tmp_path, small_session())
    journal = Journal(path)
    _file(tmp_path, session_of(a_run(3, 30, 6, 5)))
    with pytest.raises(StorageError, match="it cannot be read"):
        journal.session()


# --- what is appended


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
    with pytest.raises(StorageError, match="there is none"):
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
    monkeypatch.setattr(session_file, "MAX_DEAD_BYTES", 10_000)
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
def test_a_full_disk_loses_nothing_and_saving_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    path = tmp_path / "journal"
    sessions_ = _grown()
    packer, journal = Packer(), Journal(path)
    journal.append(packer.pack(sessions_[0]))
    content = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(session_file, "open", Full, raising=False)
        patch.setattr(Full, "left", left)
        with pytest.raises(OSError, match="No space left"):
            journal.append(packer.pack(sessions_[-1]))
        assert path.read_bytes() == content
    journal.append(packer.pack(sessions_[1]))
    assert_same(sessions_[1], Journal(path).session())


@pytest.mark.parametrize("left", [None, 0, 5, 1_000])
def test_a_journal_removed_or_truncated_is_rewritten(tmp_path: Path, left: int | None) -> None:
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
