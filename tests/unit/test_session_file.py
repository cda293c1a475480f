"""A session in a file: written whole or not at all, and whatever has become of it, never read by half."""

import errno
import json
import os
import random
import resource
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sessions import a_run, assert_same, fresh_session, session_of, sessions, small_session
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.run.storage.atomic import remove_left_over, replacing
from tinynet_gui.core.run.storage.blobs import Parts
from tinynet_gui.core.run.storage.journal import Journal
from tinynet_gui.core.run.storage.parts import Packer
from tinynet_gui.core.run.storage.session_file import SessionFileError, read_session, write_session

WITH_A_FILE = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
VERSION_1 = {
    "session.json": {
        "version": 1,
        "runs": ["runs/first"],
        "cursor": {"run": 1, "step": None},
        "done": [],
        "undone": [],
        "view": {"pinned": ["neuron", 0, 1], "switched_off": [], "log_loss": True, "shows_preview": False},
        "pace": 6,
        "engine": "auto",
        "last_run_id": 1,
        "baseline": None,
        "configs": [],
    },
    "runs/first": {
        "version": 1,
        "id": 1,
        "name": "of long ago",
        "parent": None,
        "is_starred": True,
        "is_kept": False,
        "is_shown": False,
        "is_deleted": False,
        "start": {"config": 0, "frozen": [], "engine": "PyTorch", "scaling": None},
        "wanted": {"config": 1, "frozen": [["layer", 0]], "engine": "Compiled", "scaling": None},
        "events": [
            {"step": 0, "settings": 1},
            {"step": 0, "ref": [0, "bias", 1], "value": 0.5},
            {"step": 1, "frozen": [["layer", 0]]},
            {"step": 1, "engine": "Compiled"},
        ],
        "checkpoints": [[0, "arrays/zero"], [1, "arrays/one"]],
        "losses": {"stride": 1, "last_step": 0, "columns": "arrays/losses"},
        "held_out_losses": {"count": 0, "columns": "arrays/none"},
        "diverged_at": None,
        "diverged_by": None,
        "diverged_since": 0,
        "made_by": ["a machine", "torch 2.6"],
        "configs": [
            {"whole": {"data": {"sample_count": 3}, "network": {"hidden": [2]}}, "points": None},
            {"changes": {"training.learning_rate": 0.25}},
        ],
    },
}  # as version 1 of the format wrote it


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
    states = np.arange(14, dtype=np.float32)
    losses = [np.array([7.5], kind).tobytes() for kind in (np.float32, np.float32, np.float64)]
    with zipfile.ZipFile(tmp_path / "old.tinynet", "w") as archive:
        for name, values in VERSION_1.items():
            archive.writestr(name, json.dumps(values))
        archive.writestr("arrays/zero", states[:7].tobytes())
        archive.writestr("arrays/one", states[7:].tobytes())
        archive.writestr("arrays/losses", b"".join(losses) + np.array([1]).tobytes())
        archive.writestr("arrays/none", b"")
    run = read_session(tmp_path / "old.tinynet").run
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
    assert refusal.value.recoverable is not None
    assert_same(small_session().runs, refusal.value.recoverable.runs)
    path.write_bytes(content[:100])
    with pytest.raises(SessionFileError, match="nothing of it could be saved"):
        read_session(path)
    path.write_bytes(content)
    Journal(path).append(Parts(b'{"version":2}', {}))
    with pytest.raises(SessionFileError, match="newer version of tinynet made it"):
        read_session(path)


def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "new.tinynet"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("session.json", json.dumps({"version": 2, "runs": "elsewhere"}))
    content = path.read_bytes()
    with pytest.raises(SessionFileError, match="newer version of tinynet made it") as refusal:
        read_session(path)
    assert refusal.value.recoverable is None
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"PK", b"a,b\n1,2\n", random.Random(0).randbytes(5_000)])
def test_what_is_no_session_is_told_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tinynet"
    path.write_bytes(content)
    with pytest.raises(SessionFileError, match=r"^is no session"):
        read_session(path)


def test_a_file_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(SessionFileError, match=r"^cannot be read: there is no such file"):
        read_session(tmp_path / "a.tinynet")
    with pytest.raises(SessionFileError, match="is no file"):
        read_session(tmp_path)


def test_what_is_too_large_for_a_session_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.tinynet"
    with path.open("wb") as file:
        file.truncate(2**33)  # which takes no room
    with pytest.raises(SessionFileError, match=r"^is no session of tinynet: none is larger than 2\.1 GB"):
        read_session(path)


def test_it_is_said_how_much_is_read(tmp_path: Path) -> None:
    shares: list[float] = []
    read_session(_file(tmp_path, small_session()), shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize(("begins", "part"), [("session.json", "the list of its runs"), ("runs/", "a run")])
def test_it_is_said_which_part_is_damaged(tmp_path: Path, begins: str, part: str) -> None:
    path = _file(tmp_path, small_session())
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = next(info for info in archive.infolist() if info.filename.startswith(begins))
    begin = info.header_offset + 30 + len(info.filename)
    content[begin : begin + info.compress_size] = bytes(info.compress_size)
    path.write_bytes(content)
    with pytest.raises(SessionFileError, match=f"^is damaged: {part}: it cannot be read"):
        read_session(path)


def test_it_is_said_which_part_is_missing(tmp_path: Path) -> None:
    path = _file(tmp_path, small_session())
    for begins, part in (
        ("arrays/", "the numbers of a run"),
        ("runs/", "a run"),
        ("session.json", "the list of its runs"),
    ):
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
        error = _same_or_refused(path, session)
        assert error is not None
        found.append(0 if error.recoverable is None else len(error.recoverable.runs))
    assert found == sorted(found)
    assert set(found) == {0, 1, 2}


@settings(WITH_A_FILE, max_examples=300)
@given(places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 7)), min_size=1, max_size=3))
def test_whichever_bits_are_flipped_no_half_of_it_is_loaded(tmp_path: Path, places: list[tuple[float, int]]) -> None:
    session = small_session()
    path = _file(tmp_path, session)
    content = bytearray(path.read_bytes())
    for share, bit in places:
        content[min(int(share * len(content)), len(content) - 1)] ^= 1 << bit
    path.write_bytes(content)
    _same_or_refused(path, session)


def test_of_a_damaged_file_the_other_run_is_offered(tmp_path: Path) -> None:
    session = small_session()
    path = _file(tmp_path, session)
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        first = next(info for info in archive.infolist() if info.filename.startswith("arrays/"))
    begin = first.header_offset + 30 + len(first.filename)
    path.write_bytes(content[:begin] + bytes([content[begin] ^ 1]) + content[begin + 1 :])
    with pytest.raises(SessionFileError, match=r"^is damaged: the numbers of a run: it cannot be read$") as refusal:
        read_session(path)
    assert refusal.value.recoverable is not None
    assert_same(session.runs[1:], refusal.value.recoverable.runs)


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


FULL = """
import resource, signal, sys
from pathlib import Path
from tests.sessions import a_run, session_of
from tinynet_gui.core.run.storage.atomic import remove_left_over, replacing
from tinynet_gui.core.run.storage.session_file import write_session
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
session = session_of(a_run(1, 60, 1, 50))
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    write_session(Path(sys.argv[1]), session)
except OSError as error:
    print(error.strerror)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no such limit")
def test_a_file_stays_as_it_was_if_there_is_no_room(saved: tuple[Path, bytes]) -> None:
    """A file may not grow beyond a limit of the system's: as on a disk that is full."""
    result = subprocess.run([sys.executable, "-c", FULL, str(saved[0])], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "File too large"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 20_000


def test_what_a_link_points_at_is_replaced(tmp_path: Path) -> None:
    path = _file(tmp_path, fresh_session())
    link = tmp_path / "link.tinynet"
    link.symlink_to(path)
    write_session(link, small_session())
    assert link.is_symlink()
    assert_same(small_session(), read_session(path))


def test_what_a_killed_process_left_goes_at_the_next_save_and_nothing_else(tmp_path: Path) -> None:
    left, other = tmp_path / ".a.tinynet.1234.part", tmp_path / ".b.tinynet.1234.part"
    for path in (left, other):
        path.touch()
    with replacing(tmp_path / "b.tinynet") as file:  # as another window is doing it
        (mine,) = tmp_path.glob(".b.*.part")
        beside = mine.rename(tmp_path / ".b.tinynet.99.part")
        _file(tmp_path, fresh_session())
        remove_left_over(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {"a.tinynet", beside.name}
        file.write(b"12")
        beside.rename(mine)
    assert {path.name for path in tmp_path.iterdir()} == {"a.tinynet", "b.tinynet"}


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
