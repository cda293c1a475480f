"""Where compiled code is kept, and what is said about it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from tinynet_gui.core.training.compiled import cache as kernel_cache
from tinynet_gui.core.training.compiled import warm_up


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(kernel_cache.CACHE_VARIABLE, str(tmp_path))
    return kernel_cache.prepare_cache_directory()


def test_directory_is_the_chosen_ones_and_depends_on_the_sources(cache: Path, tmp_path: Path) -> None:
    assert tmp_path in cache.parents
    assert cache.name == kernel_cache.sources_digest()


def test_compiled_only_after_the_stamp(cache: Path) -> None:
    assert not kernel_cache.is_compiled()
    kernel_cache.write_stamp()
    assert kernel_cache.is_compiled()
    assert [path.name for path in cache.iterdir()] == [kernel_cache.STAMP_NAME]


@pytest.mark.parametrize("content", ["", "[]", '{"processor": "another"}'])
def test_a_bad_stamp_is_no_stamp(cache: Path, content: str) -> None:
    (cache / kernel_cache.STAMP_NAME).write_text(content)
    assert not kernel_cache.is_compiled()


def test_old_caches_go(cache: Path) -> None:
    for age in range(5):
        old = cache.parent / f"old{age}"
        old.mkdir()
        (old / kernel_cache.STAMP_NAME).write_text(json.dumps({}))
        os.utime(old / kernel_cache.STAMP_NAME, (age, age))
    kernel_cache.write_stamp()
    left = {path.name for path in cache.parent.iterdir()}
    assert left == {cache.name, "old4", "old3"}


@pytest.fixture
def blocked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for the cache where nothing can be made, as on a disk that may only be read."""
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv(kernel_cache.CACHE_VARIABLE, str(tmp_path / "a file"))
    return tmp_path / "a file"


def test_where_nothing_can_be_written_this_process_has_a_cache_of_its_own(blocked: Path) -> None:
    directory = kernel_cache.prepare_cache_directory()
    assert directory.is_dir()
    assert blocked not in directory.parents
    assert not kernel_cache.is_compiled()
    kernel_cache.write_stamp()
    assert kernel_cache.is_compiled()
    assert kernel_cache.prepare_cache_directory() == directory


def test_where_there_is_no_room_likewise(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_there(place: object) -> SimpleNamespace:
        return SimpleNamespace(free=1_000 if Path(str(place)) == cache else 10**12)

    monkeypatch.setattr(shutil, "disk_usage", full_there)
    directory = kernel_cache.prepare_cache_directory()
    assert directory != cache
    assert directory.is_dir()


def test_compiled_code_that_may_only_be_read_is_copied(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (cache / "code").write_text("compiled")
    kernel_cache.write_stamp()
    temporary_file = tempfile.TemporaryFile

    def refused_there(*, dir: Path) -> object:
        if dir == cache:
            raise PermissionError(dir)
        return temporary_file(dir=dir)

    monkeypatch.setattr(tempfile, "TemporaryFile", refused_there)
    directory = kernel_cache.prepare_cache_directory()
    assert directory != cache
    assert (directory / "code").read_text() == "compiled"
    assert kernel_cache.is_compiled()


def test_a_directory_for_one_process_goes_with_it_and_its_children_use_it(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    asking = "from tinynet_gui.core.training.compiled.cache import prepare_cache_directory as p; print(p())"
    program = (
        "import subprocess, sys\n"
        f"{asking}\n"
        f"subprocess.run([sys.executable, '-c', {asking!r}], check=True)\n"
        "(p() / 'code').write_text('')"
    )
    environment = os.environ | {kernel_cache.CACHE_VARIABLE: str(tmp_path / "a file"), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-u", "-c", program]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    own, childs = map(Path, done.stdout.split())
    assert own == childs
    assert tmp_path in own.parents
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]


@pytest.mark.parametrize(("part", "status"), [("cache", 0), ("nothing", 1)])
def test_the_warm_up_leaves_its_stamp_if_all_parts_were_imported(
    cache: Path, monkeypatch: pytest.MonkeyPatch, part: str, status: int
) -> None:
    """The tests of the engine are themselves a proof that its parts can be: they begin with a warm-up."""
    monkeypatch.setattr(warm_up, "PARTS", (("cache",), (part,)))
    assert warm_up.main() == status
    assert kernel_cache.is_compiled() == (status == 0)


def test_asking_imports_no_numba() -> None:
    program = (
        "import sys; from tinynet_gui.core.training.compiled.cache import is_compiled; is_compiled();"
        "assert 'numba' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
