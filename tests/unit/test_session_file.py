"""A session in a file: written whole or not at all, and whatever has become of it, never read by half."""

import errno
import io
import json
import os
import random
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.not_none import not_none
from tests.sessions import a_run, assert_same, fresh_session, session_of, sessions, small_session, traced
from tests.systems import has_limits
from tinynet_gui.core.arrays import Stop
from tinynet_gui.core.config.setting import FORMAT
from tinynet_gui.core.run.events import LiveSettingsChanged
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.storage import blobs, session_file
from tinynet_gui.core.storage.atomic import remove_left_over, replacing, set_aside
from tinynet_gui.core.storage.blobs import Parts
from tinynet_gui.core.storage.journal import Journal
from tinynet_gui.core.storage.parts import Packer
from tinynet_gui.core.storage.session_file import SessionFileError, directory_bytes, read_session, write_session
from tinynet_gui.core.system.background import StoppedError

WITH_A_FILE = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
DATA = Path(__file__).parents[1] / "data" / "version_1.json"
VERSION_1 = json.loads(DATA.read_text(encoding="utf-8"))  # as version 1 of the format wrote it


ARRAYS = {
    "arrays/zero": np.arange(7, dtype=np.float32).tobytes(),
    "arrays/one": np.arange(7, 14, dtype=np.float32).tobytes(),
    "arrays/losses": b"".join(np.array([7.5], kind).tobytes() for kind in (np.float32, np.float32, np.float64))
    + np.array([1]).tobytes(),
    "arrays/none": b"",
}


def _zip(path: Path, members: dict[str, str | bytes]) -> Path:
    """Write a session of version 1, some members of which are others."""
    texts = {name: json.dumps(values) for name, values in VERSION_1.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**ARRAYS, **texts, **members}.items():
            archive.writestr(name, content)
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


def test_a_file_of_version_1_opens(tmp_path: Path) -> None:
    run = read_session(_zip(tmp_path / "old.tinynet", {})).run
    assert (run.name, run.step, run.is_starred, run.config.training.learning_rate) == ("of long ago", 1, True, 0.25)
    assert [array.ravel().tolist() for array in run.checkpoints[1].parameters] == [[7, 8], [9, 10], [11, 12], [13]]
    assert run.losses.at(0) == (0, 0, 7.5, 7.5)
    assert len(run.dataset.x_train) == 3


def test_a_journal_that_was_set_aside_opens(tmp_path: Path) -> None:
    path = tmp_path / "damaged.journal"
    Journal(path).append(Packer().pack(small_session()))
    content = path.read_bytes()
    assert_same(small_session(), read_session(path))
    path.write_bytes(content[:-10])
    with pytest.raises(SessionFileError, match=r"^is damaged: journal: no session in it is whole$") as refusal:
        read_session(path)
    assert_same(small_session().runs, not_none(refusal.value.recoverable).runs)
    path.write_bytes(content[:100])
    with pytest.raises(SessionFileError, match="nothing of it could be saved"):
        read_session(path)
    path.write_bytes(content)
    Journal(path).append(Parts(b'{"version":%d}' % (FORMAT + 1), {}))
    with pytest.raises(SessionFileError, match="newer version of tinynet made it"):
        read_session(path)


def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "new.tinynet"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("session.json", json.dumps({"version": FORMAT + 1, "runs": "elsewhere"}))
    content = path.read_bytes()
    with pytest.raises(SessionFileError, match="newer version of tinynet made it") as refusal:
        read_session(path)
    assert refusal.value.recoverable is None
    assert path.read_bytes() == content


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


PARTS = {"session.json": "the list of its runs", "runs/": "a run", "arrays/": "the numbers of a run"}


@pytest.mark.parametrize("begins", PARTS)
def test_it_is_said_which_part_is_damaged_and_whole_runs_are_offered(tmp_path: Path, begins: str) -> None:
    path = _file(tmp_path, small_session())
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = next(info for info in archive.infolist() if info.filename.startswith(begins))
    begin = info.header_offset + 30 + len(info.filename)
    content[begin : begin + info.compress_size] = bytes(info.compress_size)
    path.write_bytes(content)
    with pytest.raises(SessionFileError, match=f"^is damaged: {PARTS[begins]}: it cannot be read$") as refusal:
        read_session(path)
    whole = [1, 2] if begins == "session.json" else [2]
    assert_same(tuple(map(small_session().run_of, whole)), not_none(refusal.value.recoverable).runs)


def test_it_is_said_which_part_is_missing(tmp_path: Path) -> None:
    path = _file(tmp_path, small_session())
    for begins, part in PARTS.items():
        left = tmp_path / "left.tinynet"
        with zipfile.ZipFile(path) as whole, zipfile.ZipFile(left, "w") as archive:
            for name in whole.namelist():
                if not name.startswith(begins):
                    archive.writestr(name, whole.read(name))
        with pytest.raises(SessionFileError, match=f"^is damaged: {part}: it is missing"):
            read_session(left)


def _same_or_refused(path: Path, session: Session) -> SessionFileError | None:
    """Read a damaged file: it is the session, or it is refused, and what is recovered are whole runs of it."""
    try:
        assert_same(session, read_session(path))
    except SessionFileError as error:
        for run in () if error.recoverable is None else error.recoverable.runs:
            assert_same(session.run_of(run.id), run)
        return error
    return None


def test_wherever_it_is_cut_off_no_half_of_it_is_loaded(tmp_path: Path) -> None:
    session = small_session()
    path = _file(tmp_path, session)
    content, found = path.read_bytes(), []
    for length in sorted({*range(0, len(content), 97), *range(len(content) - 30, len(content))}):
        path.write_bytes(content[:length])
        error = not_none(_same_or_refused(path, session))
        found.append(0 if error.recoverable is None else len(error.recoverable.runs))
    assert found == sorted(found)
    assert set(found) == {0, 1, 2}


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


def test_no_bomb_explodes(tmp_path: Path) -> None:
    path = tmp_path / "bomb.tinynet"
    for name, count in (("session.json", 2**27), ("runs/bomb", 2**26)):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            head = {**VERSION_1["session.json"], "runs": ["runs/bomb", "runs/bomb"]}
            archive.writestr("session.json", json.dumps(head))
            with archive.open(name if name != "session.json" else "more", "w") as member:
                member.write(bytes(count))
        with pytest.raises(SessionFileError, match="damaged"):
            read_session(path)


def _head(more: str) -> dict[str, str | bytes]:
    return {"session.json": json.dumps(VERSION_1["session.json"])[:-1] + more + "}"}


def _changed(member: str, part: str, other: str) -> dict[str, str | bytes]:
    return {member: json.dumps(VERSION_1[member]).replace(part, other)}


HOSTILE: dict[str, Callable[[], dict[str, str | bytes]]] = {
    "lists": lambda: _head(f',"x":[{"[]," * 5_000_000}0]'),
    "objects": lambda: _head(f',"x":[{"{}," * 5_000_000}0]'),
    "names": lambda: _head("".join(f',"{number:x}":0' for number in range(1_300_000))),
    "widths": lambda: _changed("runs/first", '"hidden": [2]', f'"hidden": [{"[]," * 5_000_000}2]'),
    "settings": lambda: _changed("session.json", '"configs": []', f'"configs": [{"{}," * 1_500_000}{{}}]'),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_small_file_takes_little_memory(tmp_path: Path, kind: str) -> None:
    """What Python would make of these takes 130 to 700 megabytes."""
    path = _zip(tmp_path / "hostile.tinynet", HOSTILE[kind]())
    with traced() as peak:
        with pytest.raises(SessionFileError, match="more memory than a session in a file of this size can need"):
            read_session(path)
        assert peak() < 60_000_000


CENTRAL, LOCAL = struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s5H3I2H")  # headers of a zip's member


@pytest.mark.parametrize("is_large", [False, True])
def test_a_directory_beyond_that_of_any_session_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_large: bool
) -> None:
    """Python takes half a kilobyte for each of 47 bytes."""
    monkeypatch.setattr(session_file, "MOST_MEMBERS", 5_000)
    path, count = tmp_path / "hostile.tinynet", 20_000
    entry = CENTRAL.pack(b"PK\1\2", *6 * [0], *3 * [0], 1, *4 * [0], 0, 0) + b"x"
    directory, end = count * entry, struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 9, 9, count * len(entry), 0, 0)
    if is_large:
        record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 9, 9, len(directory), 0)
        end = record + struct.pack("<4sIQI", b"PK\6\7", 0, len(directory), 1) + end.replace(end[12:16], bytes(4))
    path.write_bytes(directory + end)
    with zipfile.ZipFile(path) as archive:
        assert len(archive.filelist) == count
    with traced() as peak:
        with pytest.raises(SessionFileError, match="is not a session of tinynet: none has more than 5,000 parts"):
            read_session(path)
        assert peak() < 1_000_000


def test_the_parts_that_are_looked_for_in_a_damaged_file_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hostile.tinynet"
    path.write_bytes(b"".join(LOCAL.pack(b"PK\3\4", *5 * [0], 0, 0, 0, 9, 0) + b"%09d" % n for n in range(20_000)))
    monkeypatch.setattr(session_file, "MOST_MEMBERS", 100)
    with traced() as peak:
        with pytest.raises(SessionFileError, match="nothing of it could be saved"):
            read_session(path)
        assert peak() < 1_000_000
    monkeypatch.setattr(session_file, "MOST_MEMBERS", 3)
    with pytest.raises(OSError, match="and 3 are read: delete some runs"):
        write_session(path, small_session())


@pytest.mark.parametrize("comment", [b"", b"PK", bytes(65_535)])
def test_the_size_of_a_directory_is_that_which_zipfile_reads(tmp_path: Path, comment: bytes) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = comment
        for name in ("a", "b" * 70):
            archive.writestr(name, "content")
    with path.open("rb") as file:
        assert directory_bytes(file) == 2 * CENTRAL.size + 71
        assert directory_bytes(io.BytesIO(b"no zip")) == directory_bytes(io.BytesIO()) == 0


def test_a_member_packed_in_another_way_is_told_so(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.tinynet", {})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_LZMA) as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("session.json", json.dumps(VERSION_1["session.json"]))
    with pytest.raises(SessionFileError, match=r"damaged: the list of its runs: it is packed by method 14, as no ses"):
        read_session(path)


def test_zeros_are_not_unfolded_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "SPARE_BYTES", 10_000_000)
    run = deepcopy(VERSION_1["runs/first"])
    run["configs"][0]["whole"]["network"]["hidden"] = [700, 700]
    zeros = bytes(4 * (2 * 700 + 700 * 701 + 701))  # two megabytes

    def read(names: list[str]) -> tuple[Session, int]:
        run["checkpoints"] = [[step, name] for step, name in enumerate(names)]
        path = _zip(tmp_path / "a.tinynet", {"runs/first": json.dumps(run), **dict.fromkeys(names, zeros)})
        with traced() as peak:
            return read_session(path), peak()

    with pytest.raises(SessionFileError, match="the numbers of a run: it would take more memory"):
        read([f"arrays/{number}" for number in range(6)])
    session, peak = read(["arrays/same"] * 50)  # what a run is whose learning rate is 0
    assert [state.step for state in session.run.checkpoints] == list(range(50))
    assert peak < 10_000_000


def test_many_points_are_not_repeated_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "SMALL_BYTES", 5_000_000)
    run = deepcopy(VERSION_1["runs/first"])
    names = {"x": "arrays/zeros", "y": "arrays/zeros", "held_out": "arrays/flags"}
    run["configs"][0]["points"] = {"origin": "mine", "count": 10_000, **names}
    moved = {"changes": {}, "points": {"origin": "mine", "at": [], "x": [], "y": [], "held_out": []}}
    run["configs"] += [moved] * 200  # 34 megabytes
    run["events"] = [{"step": 0, "settings": 1}] * 200
    arrays = {"arrays/zeros": bytes(80_000), "arrays/flags": bytes(10_000)}
    path = _zip(tmp_path / "a.tinynet", {"runs/first": json.dumps(run), **arrays})
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
@pytest.mark.parametrize("ending", ["tinynet", "journal"])
def test_reading_can_be_ended(tmp_path: Path, patience: int, ending: str) -> None:
    run = a_run(1)
    configs = [run.config.replace("training.learning_rate", step / 100) for step in range(40)]
    events = tuple(map(LiveSettingsChanged, range(40), configs))
    path, session = tmp_path / f"a.{ending}", session_of(replace(run, events=events))
    if ending == "journal":
        Journal(path).append(Packer().pack(session))
    else:
        write_session(path, session)
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
def test_a_file_stays_as_it_was_if_the_new_one_cannot_be_finished(
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


def test_what_a_killed_process_left_goes_at_the_next_save_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
