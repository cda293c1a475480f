"""The wheel: it holds all that the program needs, and runs from anywhere."""

import ast
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.e2e.play import PATIENCE_S, run_python
from tests.e2e.test_main import nowhere
from tests.gui.pixels import colors_in
from tests.sessions import small_session
from tinynet_gui.app.application import DESKTOP_ID
from tinynet_gui.core.storage.session_file import SUFFIX, write_session
from tinynet_gui.engine import autosave_folders

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", str(ROOT), "--no-deps", "--no-build-isolation", "-q"]
    subprocess.run([*command, "-w", str(folder)], check=True, timeout=PATIENCE_S)
    (found,) = folder.glob("*.whl")
    return found


def test_sources_and_resources_are_inside(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    files = {file.relative_to(ROOT).as_posix() for file in (ROOT / "resources").rglob("*.*")}
    of_readme = {file for file in files if file.startswith("resources/readme/")}
    of_desktop = {file for file in files if file.startswith("resources/desktop/")}
    resources = {f"tinynet_gui/{file}" for file in files - of_readme - of_desktop}
    sources = {file.relative_to(ROOT).as_posix() for file in (ROOT / "tinynet_gui").rglob("*.py")}
    assert resources | sources | {"tinynet_gui/py.typed"} <= inside
    assert "tinynet_gui/resources/lessons/de/words.mo" in inside  # compiled now
    assert not any(name.startswith("tests/") or "/readme/" in name for name in inside)
    assert of_readme
    places = {Path(name).name: name.partition(".data/data/")[2] for name in inside if ".data/data/" in name}
    folders = "applications", "icons/hicolor/scalable/apps", "metainfo", "mime/packages"
    names = (f"{DESKTOP_ID}.{end}" for end in ("desktop", "svg", "metainfo.xml", "xml"))
    assert places == {name: f"share/{folder}/{name}" for folder, name in zip(folders, names, strict=True)}
    assert {Path(file).name for file in of_desktop} == places.keys() - {f"{DESKTOP_ID}.svg"}


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("desktop", ["desktop-file-validate", "--no-hints"]),
        (
            "metainfo.xml",
            ["appstreamcli", "validate", "--no-net", "--override=url-homepage-missing=info"],
        ),
    ],
)
def test_a_linux_desktop_finds_no_fault_with_its_files(name: str, command: list[str]) -> None:
    """But that the project has no home page."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is missing: on Debian, apt install desktop-file-utils appstream")
    file = ROOT / "resources" / "desktop" / f"{DESKTOP_ID}.{name}"
    found = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, ""), found.stdout


def test_linux_and_macos_know_a_session_by_one_name_and_ending() -> None:
    """Of the spec only the literals are read: PyInstaller runs it."""
    spec = ast.parse((ROOT / "tinynet_gui" / "packaging" / "folder.spec").read_text(encoding="utf-8"))
    written = (node for node in ast.walk(spec) if isinstance(node, ast.Assign))
    values = {node.targets[0].id: node.value for node in written if isinstance(node.targets[0], ast.Name)}
    session, opened = (ast.literal_eval(values[name]) for name in ("session", "opened"))
    assert opened["LSItemContentTypes"] == [session["UTTypeIdentifier"]]
    tags = session["UTTypeTagSpecification"]
    assert [f".{ending}" for ending in tags["public.filename-extension"]] == [SUFFIX]
    [name] = tags["public.mime-type"]
    for end in ("desktop", "metainfo.xml", "xml"):
        assert name in (ROOT / "resources" / "desktop" / f"{DESKTOP_ID}.{end}").read_text(encoding="utf-8")
    assert f'pattern="*{SUFFIX}"' in (ROOT / "resources" / "desktop" / f"{DESKTOP_ID}.xml").read_text(encoding="utf-8")


def test_the_sources_have_all_but_what_readme_shows(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=PATIENCE_S)
    (sources,) = tmp_path.iterdir()
    with tarfile.open(sources) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {"README.md", "resources/lessons/README.md", "tests/e2e/test_wheel.py"} <= inside
    assert not any(name.startswith("resources/readme/") for name in inside)


def test_the_wheel_runs_anywhere_and_draws_without_a_display(wheel: Path, tmp_path: Path) -> None:
    """Of a session, with data of one's own, after some steps more, in a size and at a scale; no session is touched."""
    site = tmp_path / "eine Übung"
    zipfile.ZipFile(wheel).extractall(site)
    session, data, picture = (tmp_path / name for name in ("a.tinynet", "long.csv", "window.png"))
    write_session(session, small_session())
    data.write_text("".join(f"{n / 1000},{n % 7}\n" for n in range(10_500)), encoding="utf-8")
    code = "import sys, tinynet_gui.app.application as app; print(app.__file__)\n"
    code += "sys.modules['torch'] = None  # it would take half of the time\nsys.exit(app.main(sys.argv[1:]))"
    options = ("--data", str(data), "--screenshot", str(picture), "--steps", "20", "--size", "1100x720")
    surroundings = {**nowhere(tmp_path), "PYTHONPATH": str(site), "QT_SCALE_FACTOR": "1.25"}
    result = run_python(code, str(session), *options, cwd=tmp_path, env={**os.environ, **surroundings})
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(str(site))
    assert "stylesheet" not in result.stderr
    assert f"--data {data}: 10,000 of 10,500 rows are used, drawn from seed 2" in result.stderr
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1375, 900)
    assert len(colors_in(image)) > 1_000
    assert not autosave_folders.sessions_folder().exists()
