"""The wheel: it holds all that the program needs, and runs from anywhere."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", str(ROOT), "--no-deps", "--no-build-isolation", "-q"]
    subprocess.run([*command, "-w", str(folder)], check=True, timeout=180)
    (found,) = folder.glob("*.whl")
    return found


def test_resources_are_inside(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    for file in (ROOT / "resources").rglob("*.*"):
        assert f"tinynet_gui/resources/{file.relative_to(ROOT / 'resources').as_posix()}" in inside
    assert not any(name.startswith("tests/") for name in inside)


def test_it_runs_from_any_directory(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    command = [sys.executable, "-m", "pip", "install", str(wheel), "--no-deps", "-q", "--target", str(site)]
    subprocess.run(command, check=True, timeout=180)
    code = "import sys, tinynet_gui.app as app; print(app.__file__); sys.exit(app.main(sys.argv[1:]))"
    picture = elsewhere / "window.png"
    result = subprocess.run(
        [sys.executable, "-c", code, "--screenshot", str(picture), "--steps", "20"],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": str(site), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(str(site))
    assert QImage(str(picture)).width() == 1280
