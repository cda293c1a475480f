"""Microsoft's C++ runtime on Windows: a copy beside the program is loaded first, and what is missing has a name."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.systems import on_windows
from tinynet_gui import cpp_runtime
from tinynet_gui.cpp_runtime import LIBRARIES, load_cpp_runtime
from tinynet_gui.engine import loading
from tinynet_gui.engine.jobs.jobs import Job

NAME = """
import ctypes, tinynet_gui
kernel, path = ctypes.windll.kernel32, ctypes.create_unicode_buffer(1_000)
kernel.GetModuleHandleW.restype = ctypes.c_void_p
kernel.GetModuleFileNameW.argtypes = ctypes.c_void_p, ctypes.c_wchar_p, ctypes.c_uint
kernel.GetModuleFileNameW(kernel.GetModuleHandleW("msvcp140.dll"), path, 1_000)
print(path.value)
"""


@on_windows
def test_the_package_brings_the_cpp_runtime() -> None:
    loaded = subprocess.run([sys.executable, "-c", NAME], capture_output=True, text=True, check=True).stdout
    brought = [Path(sys.executable).parent, Path(Path(sys.executable).parent.parent, "Lib", "site-packages")]
    assert any(loaded.casefold().startswith(str(folder).casefold()) for folder in brought)


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """As if this were Windows: what is loaded, of what lies in the folders of Python and Qt."""
    python, qt, found = tmp_path / "venv" / "Scripts", tmp_path / "shiboken6", list[str]()
    for folder in (python, qt):
        folder.mkdir(parents=True)

    def load(name: str) -> None:
        if Path(name).name not in map(os.path.basename, found):
            if not Path(name).is_absolute() or not Path(name).exists():
                raise OSError(126, "Module not found.")
            found.append(name)

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "executable", str(python / "python.exe"))
    monkeypatch.setenv("PATH", "usual")
    monkeypatch.setattr(ctypes, "CDLL", load)
    monkeypatch.setattr(cpp_runtime, "find_spec", lambda _: SimpleNamespace(submodule_search_locations=[str(qt)]))
    return found


def test_libraries_come_from_beside_python_else_from_qt(loaded: list[str], tmp_path: Path) -> None:
    python, qt = tmp_path / "venv" / "Scripts", tmp_path / "shiboken6"
    for file in (python / LIBRARIES[2], qt / LIBRARIES[0], qt / LIBRARIES[2]):
        file.touch()
    load_cpp_runtime()
    assert loaded == [str(qt / LIBRARIES[0]), str(python / LIBRARIES[2])]
    assert os.environ["PATH"].split(os.pathsep) == [str(python), "usual"]  # where a script's process finds them
    assert cpp_runtime.missing_libraries() == [LIBRARIES[1]]


def test_a_pytorch_that_lacks_a_library_is_told_which(loaded: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError(126, "Error loading shm.dll or one of its dependencies.")

    monkeypatch.setattr(loading, "load_torch_without_compiler", refuse)
    loaded += LIBRARIES[:2]
    said = loading.load_pytorch(Job(lambda job: None))
    assert said.endswith("; Windows lacks vcruntime140_threads.dll, which pip install msvc-runtime brings")
    loaded += LIBRARIES[2:]
    assert loading.load_pytorch(Job(lambda job: None)).endswith("; pip install --force-reinstall torch may fix it")
