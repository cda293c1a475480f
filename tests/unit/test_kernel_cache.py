"""Where compiled code is saved, and what is said about it."""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

import tinynet_gui
from tests.not_none import not_none
from tinynet_gui.core.system import machine
from tinynet_gui.core.training.compiled import cache as kernel_cache, warm_up


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


def test_the_cache_of_earlier_versions_is_renamed_and_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(kernel_cache.CACHE_VARIABLE, raising=False)
    monkeypatch.delenv("TINYNET_HOME", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name, appauthor: str(tmp_path / name))
    known = tmp_path / "tinynet-gui" / "kernel" / kernel_cache.sources_digest()
    known.mkdir(parents=True)
    assert kernel_cache.prepare_cache_directory() == tmp_path / "tinynet" / "kernel" / known.name
    assert [path.name for path in tmp_path.iterdir()] == ["tinynet"]


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


def test_a_process_has_its_own_cache_if_none_is_writable(blocked: Path) -> None:
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


@pytest.mark.parametrize("is_complete", [True, False])
def test_the_packaged_folder_brings_a_read_only_cache(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_complete: bool
) -> None:
    """For the processor that it was compiled for: elsewhere the user's serves."""
    kernel_cache.write_stamp()
    own = tmp_path / "users"
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    monkeypatch.setenv(kernel_cache.CACHE_VARIABLE, str(own))
    monkeypatch.setattr(kernel_cache, "processor_name", kernel_cache.processor_name if is_complete else lambda: "other")
    before = sorted(cache.rglob("*"))
    assert kernel_cache.prepare_cache_directory() == (cache if is_complete else own / "kernel" / cache.name)
    assert kernel_cache.is_compiled() == is_complete
    assert own.exists() != is_complete
    assert sorted(cache.rglob("*")) == before


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    """The compiled loop in a copy of the package's sources."""
    package = Path(tinynet_gui.__file__).parent
    copy = tmp_path / "eine Übung" / package.name
    shutil.copytree(
        package, copy, ignore=shutil.ignore_patterns("ui", "engine", "__pycache__"), copy_function=shutil.copy
    )
    return copy / "core" / "training" / "compiled"


def loaded(compiled: Path, parts: Sequence[str], env: Mapping[str, str] | None = None) -> list[str]:
    """Load parts, none of which is compiled for it; return the place of the cache's module, and of the cache."""
    program = (
        "import sys; from tinynet_gui.core.training.compiled import cache\n"
        f"assert all([callable(cache.load_part(part)) for part in {parts}]) and 'numba' not in sys.modules\n"
        "print(cache.__file__, cache.cache_directory(), sep='\\n')"
    )
    command, place = [sys.executable, "-c", program], compiled.parents[3]
    done = subprocess.run(command, cwd=place, env=env, check=True, capture_output=True, text=True)
    return done.stdout.split("\n")[:2]


def test_compiled_code_serves_copied_sources(compiled: Path) -> None:
    place = compiled / "cache.py"
    assert loaded(compiled, kernel_cache.PARTS) == [str(place), str(kernel_cache.cache_directory())]


def test_only_the_parts_that_an_edit_concerns_are_compiled_anew(compiled: Path, tmp_path: Path) -> None:
    known = kernel_cache.cache_directory()
    shutil.copytree(known, tmp_path / "kernel" / known.name)
    environment = os.environ | {kernel_cache.CACHE_VARIABLE: str(tmp_path)}
    for edited, is_another in (("kernel.py", False), ("one_hidden.py", True)):
        with (compiled / edited).open("a", encoding="utf-8") as source:
            source.write("# edited\n")
        _, directory = loaded(compiled, ("layers", "lanes"), environment)
        assert (Path(directory).name != known.name) == is_another
    names = {part: kernel_cache.sources_digest(part) for part in kernel_cache.PARTS}
    asking = "from tinynet_gui.core.training.compiled.cache import PARTS, sources_digest as d; print(*map(d, PARTS))"
    command = [sys.executable, "-c", asking]
    done = subprocess.run(command, cwd=compiled.parents[3], check=True, capture_output=True, text=True)
    now = dict(zip(kernel_cache.PARTS, done.stdout.split(), strict=True))
    assert [part for part in names if now[part] != names[part]] == ["one_hidden"]


def test_code_that_is_not_whole_or_of_other_sources_is_not_used(cache: Path) -> None:
    kernel_cache.save_code("lanes", "train", [("int64", 0)], b"machine code")
    head, code = not_none(kernel_cache.saved_code("lanes"))
    assert (head["function"], head["kinds"], code) == ("train", [["int64", 0]], b"machine code")
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    for content in (b"", b"[]\n", whole[:-1], whole.replace(kernel_cache.sources_digest("lanes").encode(), b"other")):
        file.write_bytes(content)
        assert kernel_cache.saved_code("lanes") is None


def test_an_array_of_another_kind_is_refused() -> None:
    """The machine code would write anywhere."""
    kinds: list[tuple[np.dtype[Any], int]] = [(np.dtype(np.int64), 0), (np.dtype(np.float32), 1)]
    right = np.zeros(3, np.float32)
    assert [*kernel_cache.as_passed(((5, right),), kinds)] == [5, 0, 0, 3, 4, right.ctypes.data, 3, 4]
    constant = right.copy()
    constant.flags.writeable = False
    for wrong in (right.astype(float), right[::2], right[None], constant):
        with pytest.raises(TypeError):
            [*kernel_cache.as_passed((5, wrong), kinds)]
    with pytest.raises(TypeError):
        [*kernel_cache.as_passed((5.5, right), kinds)]


def test_code_for_a_baseline_ignores_this_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that lacks the baseline's instructions compiles for itself."""
    names = {}
    for here in ("X86_V3 X86_V4", "FMA3 AVX2", "AVX2", "SSE42"):
        monkeypatch.setattr(machine, "instruction_sets", here.split)
        monkeypatch.setattr(platform, "machine", lambda: "AMD64")
        with patch.dict(os.environ):
            machine.choose_baseline()
            names[here] = kernel_cache.processor_name.__wrapped__()
    own = kernel_cache.processor_name.__wrapped__()
    assert [*names.values()] == ["x86-64-v3 ", "x86-64-v3 ", own, own]


def test_a_temporary_cache_is_shared_with_children_and_removed(tmp_path: Path) -> None:
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
    own, childs = map(Path, done.stdout.splitlines())
    assert own == childs
    assert tmp_path in own.parents
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]


@pytest.mark.parametrize(("part", "status"), [("cache", 0), ("nothing", 1)])
def test_the_warm_up_leaves_its_stamp_if_all_parts_were_imported(
    cache: Path, monkeypatch: pytest.MonkeyPatch, part: str, status: int
) -> None:
    """The tests of the engine are themselves a proof that its parts can be: they begin with a warm-up."""
    monkeypatch.setattr(warm_up, "PARTS", ("cache", part))
    assert warm_up.main() == status
    assert kernel_cache.is_compiled() == (status == 0)


def test_asking_imports_no_numba() -> None:
    program = (
        "import sys; from tinynet_gui.core.training.compiled.cache import is_compiled; is_compiled();"
        "assert 'numba' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
