"""Checks whether a window can be shown; if not, Qt would abort with a core dump."""

import ctypes
import importlib
import os
import re
import socket
import sys
from pathlib import Path

# The system libraries that Qt needs anywhere, and on a platform.
LIBRARIES = {
    "anywhere": "libEGL.so.1 libGL.so.1 libdbus-1.so.3 libfontconfig.so.1 libfreetype.so.6 libglib-2.0.so.0 "
    "libgthread-2.0.so.0 libxkbcommon.so.0",
    "xcb": "libX11-xcb.so.1 libX11.so.6 libxcb-cursor.so.0 libxcb-icccm.so.4 libxcb-image.so.0 libxcb-keysyms.so.1 "
    "libxcb-randr.so.0 libxcb-render-util.so.0 libxcb-render.so.0 libxcb-shape.so.0 libxcb-shm.so.0 libxcb-sync.so.1 "
    "libxcb-util.so.1 libxcb-xfixes.so.0 libxcb-xkb.so.1 libxcb.so.1 libxkbcommon-x11.so.0",
    "wayland": "libwayland-client.so.0 libwayland-cursor.so.0",
}
QT_MODULES = ("QtCore", "QtGui", "QtWidgets", "QtSvg", "QtTest")  # pyqtgraph imports the last two


def display_trouble() -> str:
    """Return why no window can be shown, or ""."""
    if not sys.platform.startswith("linux") or _platforms():
        return ""
    return "there is no display for the window; run it in a desktop session or set DISPLAY (--screenshot needs none)"


def library_trouble() -> str:
    """Return in one line which system libraries Qt lacks here, or ""."""
    platforms = _platforms() if sys.platform.startswith("linux") else []
    try:
        for name in QT_MODULES:
            importlib.import_module(f"PySide6.{name}")
    except ImportError as error:
        return _missing_libraries(str(error), platforms)
    troubles = [_plugin_trouble(platform) for platform in platforms]
    return troubles[0] if troubles and all(troubles) else ""


def _platforms() -> list[str]:
    """Return the platforms that Qt may use on Linux: those named by QT_QPA_PLATFORM, or those that answer."""
    wanted = os.environ.get("QT_QPA_PLATFORM", "") or "xcb;wayland"
    return [name for name in (platform.split(":")[0] for platform in wanted.split(";")) if _answers(name)]


def _answers(platform: str) -> bool:
    if platform == "xcb":
        return _x_answers(os.environ.get("DISPLAY", ""))
    return _wayland_answers() if platform in ("wayland", "wayland-egl") else True


def _plugin_trouble(platform: str) -> str:
    """Return which library Qt's plugin for a platform lacks; a missing plugin is left for Qt to report."""
    from PySide6.QtCore import QLibraryInfo

    folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms"
    troubles = [_load_trouble(str(plugin)) for plugin in sorted(folder.glob(f"libq{platform}*.so"))]
    return _missing_libraries(troubles[0], [platform]) if troubles and all(troubles) else ""


def _load_trouble(library: str) -> str:
    try:
        ctypes.CDLL(library)
    except OSError as error:
        return str(error)
    return ""


def _missing_libraries(trouble: str, platforms: list[str]) -> str:
    """List all missing libraries; the loader names only the first."""
    first = re.match(r"(?:[^:]*/)?(lib[^:/]+\.so[^:/]*): (cannot open shared object file)?", trouble)
    if first is None:
        return f"Qt cannot be loaded: {trouble}"
    needed = [name for platform in ("anywhere", *platforms) for name in LIBRARIES.get(platform, "").split()]
    missing = [first[1], *(name for name in needed if name != first[1] and _load_trouble(name))]
    known = " ".join(LIBRARIES.values()).split()
    packages = sorted({_package(name) for name in missing if name in known})
    advice = f"; on Debian and Ubuntu: apt install {' '.join(packages)}" if packages else ""
    is_missing = ("is missing" if len(missing) == 1 else "are missing") if first[2] else "cannot be loaded"
    return f"Qt needs {', '.join(missing)}, which {is_missing}{advice}"


def _package(library: str) -> str:
    """Return the Debian and Ubuntu package of a library, derived from its name."""
    name, _, version = library.lower().partition(".so.")
    if name in ("libglib-2.0", "libgthread-2.0"):  # the one exception
        return "libglib2.0-0"
    return f"{name}-{version}" if name[-1].isdigit() else name + version


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY", "")
    return bool(name) and _connects(str(Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / name))


def _x_answers(display: str) -> bool:
    """Whether an X server accepts a connection at a DISPLAY such as :0 or host:0.0."""
    host, colon, screen = display.rpartition(":")
    number = screen.split(".")[0]
    if not colon or not number.isdigit():
        return False
    if host and host != "unix":
        try:
            with socket.create_connection((host, 6000 + int(number)), timeout=2):
                return True
        except OSError:
            return False
    path = f"/tmp/.X11-unix/X{number}"
    return any(_connects(address) for address in (path, f"\0{path}"))


def _connects(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(address)
        except OSError:
            return False
        return True
