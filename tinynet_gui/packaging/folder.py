"""``python -m tinynet_gui.packaging.folder [PLACE]`` makes a folder in a place, by default ``dist``, and its archive.

The folder runs without Python; on macOS it is an app bundle.
"""

import compileall
import os
import platform
import py_compile
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from PySide6 import QtCore, QtGui, QtSvg

from tinynet_gui import __version__
from tinynet_gui.core.system.machine import CHOSEN_PROCESSOR, resource_path
from tinynet_gui.core.training.compiled.cache import CACHE_VARIABLE, STAMP_NAME

NAME = "tinynet"
APP = ".app"
SPEC = Path(__file__).with_name("folder.spec")
WARM_UP = "tinynet_gui.core.training.compiled.warm_up"
# Their symbols are a tenth of the folder. Others are not stripped: that breaks libraries patched by a wheel's builder.
STRIPPED = (
    *("libpython*.so*", "python3*/lib-dynload/*.so", "llvmlite/**/*.so", "numba/**/*.so"),
    *("python_calamine/*.so", "PySide6/Qt/lib/libicu*.so*"),
)


def program_of(folder: Path) -> Path:
    if folder.suffix == APP:
        return folder / "Contents" / "MacOS" / NAME
    return folder / (f"{NAME}.exe" if sys.platform == "win32" else NAME)


def inside_of(folder: Path) -> Path:
    """Return where PyInstaller puts everything except the executable."""
    return folder / ("Contents/Frameworks" if folder.suffix == APP else "_internal")


def make_folder(place: Path) -> Path:
    """Make the folder in a place, replacing an existing one; return its path.

    CalledProcessError if its program does not run, or cannot compile; RuntimeError if this processor is older than
    those that its code is compiled for.
    """
    from PyInstaller.__main__ import run

    with tempfile.TemporaryDirectory() as work:
        run([str(SPEC), "--noconfirm", "--log-level=WARN", "--distpath", str(place), "--workpath", work])
    folder = place / (f"{NAME}{APP}" if sys.platform == "darwin" else NAME)
    inside = inside_of(folder)
    if sys.platform == "linux" and (strip := shutil.which("strip")):
        files = [str(file) for pattern in STRIPPED for file in inside.glob(pattern)]
        subprocess.run([strip, "--strip-unneeded", *files], check=True)
    # Else Python would compile them at each start, as nothing is written there; hash-based .pyc files never go stale.
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(inside / "tinynet_gui", quiet=1, invalidation_mode=mode)
    _compile_kernels(folder)
    if folder.suffix == APP:
        shutil.rmtree(place / NAME)  # the app is a copy of it
        _sign(folder)
    return folder


def _compile_kernels(folder: Path) -> None:
    """Make the folder's own program compile the fast engine into the folder."""
    environment = {name: value for name, value in os.environ.items() if name not in CHOSEN_PROCESSOR}
    environment[CACHE_VARIABLE] = str(inside_of(folder))
    subprocess.run([str(program_of(folder)), "-m", WARM_UP], env=environment, check=True)
    (stamp,) = inside_of(folder).glob(f"kernel/*/{STAMP_NAME}")
    if platform.machine().lower() in ("x86_64", "amd64") and "x86-64-v3" not in stamp.read_text(encoding="utf-8"):
        raise RuntimeError("this processor has no AVX2: the folder's code would run only on processors like it")


def _sign(app: Path) -> None:
    """Sign an app again, ad hoc: the compiled code has broken PyInstaller's signature.

    Only code may be among the frameworks; numba's cache is data, and moves to the resources.
    """
    compiled, resources = inside_of(app) / "kernel", app / "Contents" / "Resources"
    shutil.move(compiled, resources / compiled.name)
    compiled.symlink_to(Path("..") / "Resources" / compiled.name)
    subprocess.run(["codesign", "--force", "--deep", "--sign", "-", str(app)], check=True)


def make_archive(folder: Path) -> Path:
    """Pack a folder into an archive beside it, in its system's usual format; return its path."""
    kind = "zip" if sys.platform == "win32" else "xztar"
    system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    base = folder.with_name(f"{NAME}-{__version__}-{system}-{platform.machine().lower()}")
    return Path(shutil.make_archive(str(base), kind, folder.parent, folder.name))


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


SIDE = 1024  # pixels: the largest that macOS shows


def write_icon(path: Path) -> Path:
    """Render ``resources/icons/tinynet.svg`` in the format of the file's extension, in all its sizes."""
    drawn = QtGui.QImage(SIDE, SIDE, QtGui.QImage.Format.Format_RGBA8888)
    drawn.fill(QtCore.Qt.GlobalColor.transparent)
    with QtGui.QPainter(drawn) as painter:
        QtSvg.QSvgRenderer(str(resource_path("icons/tinynet.svg"))).render(painter)
    Image.frombuffer("RGBA", (SIDE, SIDE), bytes(drawn.constBits())).save(path)
    return path


def main(arguments: Sequence[str]) -> int:
    try:
        folder = make_folder(Path(*arguments[:1] or ["dist"]).resolve())
    except ModuleNotFoundError as error:
        print(f"{error.name} is missing; install it with pip install 'tinynet-gui[package]'", file=sys.stderr)
        return 1
    archive = make_archive(folder)
    print(f"{folder}: {size_of(folder) / 1e6:.0f} MB\n{archive}: {archive.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
