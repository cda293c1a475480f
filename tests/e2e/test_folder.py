"""The folder that runs without Python: built once, moved, and used where nothing can be written and no network is."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.in_folder import NOTES
from tests.e2e.play import PATIENCE_S, run_python
from tinynet_gui.core.system.machine import CHOSEN_PROCESSOR
from tinynet_gui.core.system.processes import SCRIPT_PYTHON
from tinynet_gui.core.training.compiled.cache import CACHE_VARIABLE
from tinynet_gui.packaging.folder import inside_of, program_of, size_of

ROOT = Path(__file__).parents[2]
BUILT = "TINYNET_BUILT"  # names the place of a folder and its archive that are to be tried, and stay
PICTURE = ("--screenshot", "picture.png", "--steps", "1000", "--theme", "light")
# Only Linux lets a process have its own network and disks.
ALONE = '{0} --bind "$0" "$0" && {0} -o remount,bind,ro "$0" && exec "$@"'

pytestmark = pytest.mark.folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder, where it was moved to, for reading only; the archive, which may be there already, was measured."""
    place = Path(os.environ.get(BUILT) or tmp_path_factory.mktemp("built")).resolve()
    if BUILT not in os.environ:
        command = [sys.executable, "-m", "tinynet_gui.packaging.folder", str(place)]
        subprocess.run(command, cwd=ROOT, check=True, timeout=3 * PATIENCE_S)
    archive = next(path for path in place.iterdir() if path.is_file())
    built = next(path for path in place.iterdir() if program_of(path).is_file())
    assert size_of(built) <= 350e6
    resources = {path.name for path in (inside_of(built) / "resources").iterdir()}
    assert resources == {path.name for path in (ROOT / "resources").iterdir()} - {"readme"}
    assert archive.stat().st_size <= 100e6
    moved = tmp_path_factory.mktemp("moved") / "Schüler übung"
    if archive.suffix == ".zip":
        shutil.unpack_archive(archive, moved)
    else:
        shutil.unpack_archive(archive, moved, filter="tar")
    if BUILT not in os.environ:
        shutil.rmtree(place)
    for path in (moved, *moved.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)
    yield moved / built.name
    for path in (moved, *moved.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)
    shutil.rmtree(moved)


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """A new user's environment, without Python."""
    kept = [name for name in ("SYSTEMROOT", "LANG", "QT_QPA_PLATFORM") if name in os.environ]
    own = ("HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA", "TEMP", "TMP", "TMPDIR")
    path = tmp_path / "nothing"
    path.mkdir()
    return {name: os.environ[name] for name in kept} | dict.fromkeys(own, str(tmp_path)) | {"PATH": str(path)}


def run(folder: Path, *arguments: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the folder's program to its end; without network and with a disk that is read alone, where that can be."""
    command = [str(program_of(folder)), *arguments]
    if unshare := shutil.which("unshare"):
        own = [unshare, "--net", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
        own += ["/bin/sh", "-c", ALONE.format(shutil.which("mount")), str(folder)]
        if subprocess.run([*own, "true"], capture_output=True, check=False).returncode == 0:
            command = own + command
    return subprocess.run(
        command, cwd=env["HOME"], env=dict(env), capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


def test_it_draws_the_same_picture_as_the_installed_program(
    folder: Path, surroundings: dict[str, str], tmp_path: Path
) -> None:
    """As that without PyTorch, compiled for the same processors; nothing is compiled, or left but the picture."""
    result = run(folder, *PICTURE, env=surroundings)
    assert result.returncode == 0, result.stderr
    drawn = (tmp_path / "picture.png").read_bytes()
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".code", ".pyc")]
    code = (
        "import sys, tinynet_gui.app.application as app; from tinynet_gui.core.system.machine import choose_baseline\n"
    )
    code += "choose_baseline(); sys.modules['torch'] = None; sys.exit(app.main(sys.argv[1:]))"
    installed = run_python(code, *PICTURE, cwd=tmp_path, env=os.environ | {CACHE_VARIABLE: str(tmp_path / "cache")})
    assert installed.returncode == 0, installed.stderr
    assert (tmp_path / "picture.png").read_bytes() == drawn


def test_what_a_class_does_works_in_its_window(folder: Path, surroundings: dict[str, str], tmp_path: Path) -> None:
    """An experiment, a script that the Python that was named verifies, networks, a web page, and four lessons."""
    code = f"import sys; sys.path.append({str(ROOT)!r}); from tests.e2e.in_folder import main; main()"
    result = run(folder, "-P", "-c", code, env=surroundings | {SCRIPT_PYTHON: sys.executable})
    assert result.returncode == 0, result.stderr
    place, *done = (tmp_path / NOTES).read_text(encoding="utf-8").splitlines()
    assert Path(place) == inside_of(folder) / "tinynet_gui"
    assert [name.partition("-")[0] for name in done] == [
        "64 seeds",
        "verified",
        "exchanged",
        "own lesson",
        "01",
        "02",
        "12",
    ]


def test_it_is_the_python_of_its_own_processes(folder: Path, surroundings: dict[str, str], tmp_path: Path) -> None:
    """A spreadsheet is read in one; where the processor is another, the fast engine is compiled in three."""
    (tmp_path / "json.py").write_text("print('mine')", encoding="utf-8")
    said = run(folder, "--data", str(ROOT / "tests" / "data" / "lab.xlsx"), *PICTURE, env=surroundings)
    assert said.returncode == 0, said.stderr
    assert "rows" in said.stderr or sys.platform == "win32"  # where the program has no console
    other = surroundings | {CHOSEN_PROCESSOR[0]: "generic", "NUMBA_OPT": "1"}
    compiled = run(folder, "-m", "tinynet_gui.core.training.compiled.warm_up", env=other)
    assert compiled.returncode == 0, compiled.stderr
    assert list(tmp_path.rglob("*.code"))
