"""Where compiled code is kept, and what is said about it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tinynet_gui.core.training.compiled import cache as kernel_cache
from tinynet_gui.core.training.compiled import kernel


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


def test_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    monkeypatch.setenv(kernel_cache.CACHE_VARIABLE, str(blocked))
    directory = kernel_cache.prepare_cache_directory()
    assert directory.is_dir()
    assert blocked not in directory.parents
    kernel_cache.write_stamp()
    assert not kernel_cache.is_compiled()
    assert kernel.main() == 1


def test_a_directory_for_one_process_goes_with_it(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    program = (
        "from tinynet_gui.core.training.compiled.cache import prepare_cache_directory as prepare;"
        "directory = prepare(); assert directory.is_dir();"
        "(directory / 'code').write_text(''); print(directory)"
    )
    environment = os.environ | {kernel_cache.CACHE_VARIABLE: str(tmp_path / "a file"), "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True)
    directory = Path(done.stdout.strip())
    assert directory.parent == tmp_path
    assert not directory.exists()


def test_the_warm_up_leaves_its_stamp(cache: Path) -> None:
    assert kernel.main() == 0
    assert (cache / kernel_cache.STAMP_NAME).is_file()


def test_asking_imports_no_numba() -> None:
    program = (
        "import sys; from tinynet_gui.core.training.compiled.cache import is_compiled; is_compiled();"
        "assert 'numba' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
