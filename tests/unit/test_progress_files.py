"""The progress in lessons, in files: what is written is read, whatever was written before; the folder stays small."""

import os
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import given, settings, strategies as st

from tinynet_gui.core.lessons.playing import progress_files
from tinynet_gui.core.lessons.playing.progress_files import read_progress, write_progress

SMALL = {"MAX_BYTES": 300, "MAX_FILES": 3, "MAX_TOTAL_BYTES": 500}
LESSONS = ["01 kinks", "de/01", "/a/é b.md", "/a/\udcff.md", ""]
PAGES = st.builds(
    lambda at, text, moments: {"at": at, "texts": {"0": text}, "moments": {"0": "m" * moments}},
    st.integers(0, 60),
    st.text(max_size=60),
    st.integers(0, 300),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(LESSONS), PAGES), min_size=1, max_size=12))
def test_any_page_turns_leave_what_was_written_last(
    turns: list[tuple[str, dict[str, object]]],
) -> None:
    written: dict[str, object] = {}
    with TemporaryDirectory() as name, ExitStack() as patched:
        for limit, value in SMALL.items():
            patched.enter_context(patch.object(progress_files, limit, value))
        folder = Path(name) / "lessons"
        for lesson, page in turns:
            before = read_progress(folder, lesson)
            try:
                write_progress(folder, lesson, page)
                assert read_progress(folder, lesson) in (page, {**page, "moments": {}})
                written[lesson] = read_progress(folder, lesson)
            except ValueError:
                assert read_progress(folder, lesson) == before  # the old one stays
            for other in LESSONS:
                assert read_progress(folder, other) in (written.get(other), None)
            sizes = [file.stat().st_size for file in folder.iterdir()] if folder.exists() else []
            assert len(sizes) <= SMALL["MAX_FILES"]
            assert sum(sizes) <= SMALL["MAX_TOTAL_BYTES"]
            assert max(sizes, default=0) <= SMALL["MAX_BYTES"]


def test_the_latest_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_files, "MAX_FILES", 3)
    for minute in range(5):
        write_progress(tmp_path, f"lesson {minute}", minute)
        [latest] = [file for file in tmp_path.iterdir() if file.stat().st_mtime > 1e6]
        os.utime(latest, (minute, minute))
    assert [read_progress(tmp_path, f"lesson {minute}") for minute in range(5)] == [None, None, 2, 3, 4]


@pytest.mark.parametrize("at", ["fsync", "replace"])
def test_an_end_in_the_middle_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    write_progress(tmp_path, "a", {"at": 1})

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, at, end)
        patched.setattr(Path, "unlink", end)  # a killed process tidies nothing up
        with pytest.raises(KeyboardInterrupt):
            write_progress(tmp_path, "a", {"at": 2})
    assert len([*tmp_path.iterdir()]) == 2
    assert read_progress(tmp_path, "a") == {"at": 1}
    write_progress(tmp_path, "a", {"at": 3})
    assert (read_progress(tmp_path, "a"), len([*tmp_path.iterdir()])) == ({"at": 3}, 1)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"version": 6, "lesson": "b", "progress": 1}'])
def test_what_is_no_progress_in_this_lesson_is_none(tmp_path: Path, content: bytes) -> None:
    write_progress(tmp_path, "a", {"at": 1})
    [file] = tmp_path.iterdir()
    file.write_bytes(content)
    assert read_progress(tmp_path, "a") is None
