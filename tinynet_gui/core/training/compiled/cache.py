"""The disk cache of compiled code: where it is, whether it is complete, and how its functions are called.

Imports no numba, whose import takes longer than all else until the first step, and compiles only what is missing.
"""

import atexit
import ctypes
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from importlib.machinery import PathFinder
from itertools import chain
from operator import index
from pathlib import Path
from typing import Any

import numpy as np
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
_IMPORT = re.compile(rf"^from {__package__}(?:\.(\w+)| import (.+))", re.MULTILINE)


@cache
def sources_digest(*parts: str) -> str:
    """Return a digest of what decides whether the code of some `PARTS`, or all, can be used: sources and versions.

    There is a directory for each state of the sources, independent of their paths and times.
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
            for module, several in _IMPORT.findall(path.read_text(encoding="utf-8")):
                waiting += [module] if module else several.split(", ")
    return found


def cache_directory() -> Path:
    """Return this version's cache directory: a complete one shipped with the program, else the user's.

    What is loaded from it can do anything: it is never a place that others write to.
    """
    folder = getattr(sys, "_MEIPASS", "")  # set in a program bundled by PyInstaller
    if folder and _is_complete(_of_this_version(folder)):
        return _of_this_version(folder)
    users = os.environ.get(CACHE_VARIABLE) or users_home()
    return _of_this_version(users or platformdirs.user_cache_dir("tinynet", appauthor=False))


def prepare_cache_directory() -> Path:
    """Create the cache directory; if the disk does not allow it, a temporary one for this process and its children.

    A temporary one is removed at exit. A complete cache is not touched. A new one begins as a copy of the latest, of
    which the parts that have not changed are used; the user's was called tinynet-gui earlier.
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
    _write(directory / STAMP_NAME, json.dumps({"processor": processor_name()}).encode())
    for path in _complete_ones(directory.parent)[KEPT_CACHES:]:
        shutil.rmtree(path, ignore_errors=True)


def _write(file: Path, content: bytes) -> None:
    """Write a file of the cache, atomically for readers."""
    part = file.with_name(f"{file.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(file)


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


def save_code(part: str, function: str, kinds: Sequence[tuple[str, int]], code: bytes) -> None:
    """Save a part's machine code for `load_part`.

    Parameters
    ----------
    function
        What it is called in the code.
    kinds
        The type of each argument, tuples flattened: the name of its numbers' and how many dimensions it has.
    """
    header = {"of": _fingerprint(part, code), "function": function, "kinds": kinds}
    _write(prepare_cache_directory() / f"{part}.code", json.dumps(header).encode() + b"\n" + code)


def _fingerprint(part: str, code: bytes) -> str:
    return f"{sources_digest(part)} {processor_name()} {hashlib.sha256(code).hexdigest()}"


def saved_code(part: str) -> tuple[dict[str, Any], bytes] | None:
    """Return the header and the code that `save_code` wrote, if whole, of these sources and for this processor."""
    with suppress(OSError, ValueError, AttributeError):
        line, _, code = (cache_directory() / f"{part}.code").read_bytes().partition(b"\n")
        if (header := json.loads(line)).get("of") == _fingerprint(part, code):
            return header, code
    return None


def load_part(part: str) -> Callable[..., tuple[int, int]]:
    """Return a part's function, which releases the GIL; compile it, for some seconds, if it is not in the cache.

    LLVM alone loads it: with numba that takes ten times as long. The function takes ints, arrays and tuples of them,
    as they are flattened by numba, and returns two ints, which say nothing where it has no result.
    """
    from llvmlite import binding as llvm

    prepare_cache_directory()
    if saved_code(part) is None:
        importlib.import_module(f"{__package__}.{part}")  # compiles it
    found = saved_code(part)
    assert found is not None
    header, code = found
    for name, address in _addresses().items():
        llvm.add_symbol(name, address)
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    kinds = [(np.dtype(name), dimensions) for name, dimensions in header["kinds"]]
    words = sum(5 + 2 * dimensions if dimensions else 1 for _, dimensions in kinds)
    prototype = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * words)
    function = prototype(engine.get_function_address(header["function"]))

    def call(*values: Any) -> tuple[int, int]:
        assert engine  # it holds the code
        result, trouble = (ctypes.c_int64 * 2)(), ctypes.c_void_p()
        if function(result, ctypes.byref(trouble), *as_passed(values, kinds)):
            raise MemoryError("there is no memory for these steps")  # nothing else can go wrong there
        return result[0], result[1]

    return call


@cache
def _addresses() -> dict[str, int]:
    """Return the addresses of what the code calls: numba's memory manager, found without importing numba; and `pow`."""
    numba = Path(str(getattr(importlib.util.find_spec("numba"), "origin", ""))).parent
    places = {"_helperlib": numba, "_nrt_python": numba / "core" / "runtime"}
    found = [PathFinder.find_spec(module, [str(folder)]) for module, folder in places.items()]
    math, memory = (importlib.util.module_from_spec(spec).c_helpers for spec in found if spec is not None)
    return {"pow": math["pow"], **{f"NRT_{name}": address for name, address in memory.items()}}


def as_passed(values: Sequence[Any], kinds: Sequence[tuple[np.dtype[Any], int]]) -> Iterator[int]:
    """Flatten arguments as numba passes them, an array without an owner; TypeError if one is not of its kind."""
    leaves = chain.from_iterable(value if isinstance(value, tuple) else (value,) for value in values)
    for value, (kind, dimensions) in zip(leaves, kinds, strict=True):
        if not dimensions:
            yield index(value)
        elif value.dtype != kind or value.ndim != dimensions or not value.flags.carray:
            raise TypeError(f"{value.dtype} of {value.ndim} dimensions, not {kind} of {dimensions}, contiguous")
        else:
            data = ctypes.addressof(ctypes.c_char.from_buffer(value)) if value.size else 0  # quicker than value.ctypes
            yield from (0, 0, value.size, value.itemsize, data, *value.shape, *value.strides)
