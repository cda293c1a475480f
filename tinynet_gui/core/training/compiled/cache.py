"""The disk cache of compiled code: where it is, and whether it is complete. Imports no numba, compiles nothing."""

import atexit
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import platformdirs

from tinynet_gui.core.choices import elementary
from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.choices.gradient_changes import GRADIENT_CHANGES
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import sections
from tinynet_gui.core.system.machine import CHOSEN_PROCESSOR, users_home

CACHE_VARIABLE = "NUMBA_CACHE_DIR"
STAMP_NAME = "compiled.json"
ROOM_NEEDED = 64_000_000  # bytes: several times the size of all compiled code
PARTS = ("layers", "one_hidden", "lanes")  # the modules with a function that Python calls
KEPT_CACHES = 3  # caches for other versions of the sources that a warm-up keeps
_IMPORT = re.compile(rf"^from {__package__}\.(\w+) import", re.MULTILINE)


@cache
def sources_digest(*parts: str) -> str:
    """Return a digest of what decides whether the code of some `PARTS`, or all, can be used: sources and versions.

    numba checks only the file of the cached function, not those of the functions it calls; hence a directory for each
    state of the sources, independent of their paths and times.
    """
    digest = hashlib.sha256(f"{list(ACTIVATIONS)} {list(LOSSES)} {list(OPTIMIZERS)}".encode())
    activations = [facet for a in ACTIVATIONS.values() for facet in (a.function, a.derivative)]
    losses = [facet for loss in LOSSES.values() for facet in (loss.function, loss.derivative)]
    steps = [facet for o in OPTIMIZERS.values() for rule in o.rules for facet in (rule.constants, rule.update)]
    steps += [change.change for change in GRADIENT_CHANGES]
    records = {Path(function.__code__.co_filename) for function in (*activations, *losses, *steps)}
    own = (*_with_imports(parts or PARTS), Path(elementary.__file__), Path(sections.__file__))
    for path in sorted({*own, *filter(Path.is_file, records)}, key=lambda path: (path.parent.name, path.name)):
        content = path.read_bytes()
        digest.update(f"{path.parent.name}/{path.name} {len(content)} ".encode() + content)
    for package in ("numba", "llvmlite", "numpy"):
        digest.update(importlib.metadata.version(package).encode())
    digest.update(sys.version.encode())
    return digest.hexdigest()[:16]


def _with_imports(modules: Sequence[str]) -> set[Path]:
    """Return the files of these modules and of all that they import from this package."""
    found, waiting = set[Path](), [*modules]
    while waiting:
        path = Path(__file__).with_name(f"{waiting.pop()}.py")
        if path not in found:
            found.add(path)
            waiting += _IMPORT.findall(path.read_text(encoding="utf-8"))
    return found


def cache_directory() -> Path:
    """Return this version's cache directory: a complete one shipped with the program, else the user's.

    numba loads pickles from it, which can run any code: it is never a place that others write to.
    """
    folder = getattr(sys, "_MEIPASS", "")  # set in a program bundled by PyInstaller
    if folder and _is_complete(_of_this_version(folder)):
        return _of_this_version(folder)
    users = os.environ.get(CACHE_VARIABLE) or users_home()
    return _of_this_version(users or platformdirs.user_cache_dir("tinynet", appauthor=False))


def prepare_cache_directory() -> Path:
    """Create the cache directory; if the disk does not allow it, a temporary one for this process and its children.

    A temporary one is removed at exit. A complete cache is not touched. A new one begins as a copy of the latest, of
    which numba reuses the parts that have not changed; the user's was called tinynet-gui earlier.
    """
    earlier, now = (platformdirs.user_cache_dir(name, appauthor=False) for name in ("tinynet-gui", "tinynet"))
    if cache_directory() == _of_this_version(now):
        with suppress(OSError):
            Path(earlier).rename(now)
    if not cache_directory().exists():
        with suppress(OSError):
            _copy_latest(cache_directory())
    if not is_compiled() and not _takes_code(cache_directory()):
        root = tempfile.mkdtemp(prefix="tinynet-kernel-", dir=_place_with_room())
        atexit.register(shutil.rmtree, root, ignore_errors=True)
        os.environ[CACHE_VARIABLE] = root
        cache_directory().mkdir(parents=True)
    return cache_directory()


def _copy_latest(directory: Path) -> None:
    """Copy the latest complete cache, if there is one; the copy appears atomically."""
    if complete := _complete_ones(directory.parent):
        with tempfile.TemporaryDirectory(dir=directory.parent) as folder:
            copy = shutil.copytree(complete[0], Path(folder, "copy"), ignore=shutil.ignore_patterns(STAMP_NAME))
            copy.rename(directory)


def _complete_ones(parent: Path) -> list[Path]:
    """Return the caches in which everything is compiled, latest first."""
    found = [path for path in parent.iterdir() if (path / STAMP_NAME).is_file()]
    return sorted(found, key=lambda path: (path / STAMP_NAME).stat().st_mtime, reverse=True)


def _takes_code(directory: Path) -> bool:
    """Whether the directory is writable, with room for what is missing."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return shutil.disk_usage(directory).free >= ROOM_NEEDED
    except OSError:
        return False


def _place_with_room() -> str | None:
    """Return a parent for a temporary directory: the system's usual place, else in memory."""
    places = (tempfile.gettempdir(), "/dev/shm")
    return next((p for p in places if os.path.isdir(p) and shutil.disk_usage(p).free >= ROOM_NEEDED), None)


def is_compiled() -> bool:
    """Whether the cache has everything for this processor. Does not compile."""
    return _is_complete(cache_directory())


def _is_complete(directory: Path) -> bool:
    try:
        stamp = json.loads((directory / STAMP_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(stamp, dict) and stamp.get("processor") == processor_name()


def write_stamp() -> None:
    """Mark the cache as complete, and remove caches of older sources."""
    directory = cache_directory()
    content = json.dumps({"processor": processor_name()})
    part = directory / f"{STAMP_NAME}.{os.getpid()}"
    part.write_text(content, encoding="utf-8")
    part.replace(directory / STAMP_NAME)  # atomic for readers
    for path in _complete_ones(directory.parent)[KEPT_CACHES:]:
        shutil.rmtree(path, ignore_errors=True)


@cache
def processor_name() -> str:
    """Return numba's target: the chosen one, else this processor's model, if the system tells it cheaply."""
    chosen = [os.environ.get(name, "?") for name in CHOSEN_PROCESSOR]
    if "?" not in chosen:
        return " ".join(chosen)
    names = [*chosen, platform.machine(), platform.processor()]
    # Outside Linux only machine and processor are known.
    with suppress(OSError), open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
        names += [line.strip() for line in lines if line.startswith(("model name", "flags"))][:2]
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]


def _of_this_version(root: str | Path) -> Path:
    return Path(root) / "kernel" / sources_digest()
