"""What all tests share."""

import gc
import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if os.environ.get("QT_QPA_PLATFORM", "offscreen") == "offscreen":  # whose screen would have 800 x 800 pixels
    screen = Path(__file__).with_name("screen.json")  # Qt takes a drive's colon for the end of the name
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={str(screen).removeprefix(screen.drive)}"
os.environ["LANGUAGE"] = "en"  # the window's, whatever the system speaks
if sys.platform == "win32":  # where this platform finds no fonts by itself
    os.environ.setdefault("QT_QPA_FONTDIR", str(Path(os.environ["SYSTEMROOT"]) / "Fonts"))
os.environ.setdefault("OMP_NUM_THREADS", "1")  # PyTorch's, of which the program wants one, too
# The suite's own, for all its processes: the user's holds three, and other copies of the program compile there, too.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parents[1] / ".pytest_cache"))

import pytest
from hypothesis import HealthCheck, settings

from tinynet_gui.core.config import config
from tinynet_gui.core.system.machine import HOME
from tinynet_gui.core.training.compiled.cache import is_compiled  # before numpy: the program says how many threads
from tinynet_gui.packaging.translations import compile_words

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

WARM_UP = pytest.StashKey[subprocess.Popen[bytes]]()

# Dozens of processes begin in the suite: each would compile the program's sources again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

gc.disable()  # until all is loaded: a sixth of that time would go into looking through it again and again

# New runs are what files mean, not as PyTorch rounds where the tests run: `test_rounding` is about that.
vars(config).update(rounding_here=lambda: "once")

settings.register_profile("however slow the machine is", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("however slow the machine is")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile translations, and the fast engine once, while tests are collected: each window would do it, else."""
    if not hasattr(session.config, "workerinput"):
        compile_words(Path(__file__).parents[1])
    if not (hasattr(session.config, "workerinput") or session.config.option.collectonly or is_compiled()):
        command = [sys.executable, "-m", "tinynet_gui.core.training.compiled.warm_up"]
        session.config.stash[WARM_UP] = subprocess.Popen(command)
    if hasattr(session.config, "workerinput") and session.config.args == ["tests"]:
        _rewrite_in_turns(**session.config.workerinput)


def pytest_collection_finish(session: pytest.Session) -> None:
    _wait_until_compiled(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any) -> None:
    _wait_until_compiled(node.config)


def _wait_until_compiled(config: pytest.Config) -> None:
    if WARM_UP in config.stash and (warm_up := config.stash[WARM_UP]).wait():
        raise subprocess.CalledProcessError(warm_up.returncode, warm_up.args)


def _rewrite_in_turns(workerid: str, workercount: int, **_: object) -> None:
    """Import the tests, each worker from another one on: what one has rewritten, the others need only load."""
    root = Path(__file__).parents[1]
    files = sorted(root.glob("tests/**/test_*.py"))
    first = len(files) * int(workerid.removeprefix("gw")) // workercount
    for file in files[first:] + files[:first]:
        importlib.import_module(".".join(file.relative_to(root).with_suffix("").parts))


@pytest.fixture(autouse=True, scope="session")
def _what_is_loaded_is_no_garbage() -> None:
    """Torch's quarter of a million objects stay: to look through them takes a tenth of a second."""
    from tinynet_gui.core.system.libraries import load_torch_without_compiler

    importlib.import_module("tinynet_gui.core.training.compiled.kernel")
    load_torch_without_compiler()
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def qapp_cls() -> "type[QApplication]":
    """The program's own, which the system asks to open files."""
    from tinynet_gui.ui.window.incoming import Application

    return Application


@pytest.fixture(scope="session")
def qapp(qapp: "QApplication") -> "QApplication":
    """In the font of Windows' desktop, or one that is wider: without a screen, Qt takes any that it finds there."""
    if sys.platform == "win32":
        from PySide6.QtGui import QFont, QFontDatabase

        family = next(filter(QFontDatabase.hasFamily, ("Segoe UI", "DejaVu Sans")))
        qapp.setFont(QFont(family, qapp.font().pointSize()))
    return qapp


@pytest.fixture(autouse=True, scope="session")
def _no_disk_is_waited_for() -> Iterator[None]:
    """What is written need not outlive the machine: to wait until it does takes milliseconds each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(autouse=True, scope="session")
def _loaded_at_once() -> None:
    """PyTorch is in the process already: no test waits for it."""
    from tinynet_gui.engine import loading

    loading.DELAY_MS = 0


@pytest.fixture(autouse=True)
def _settings_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the user's settings or sessions, in this process or one that it starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME, str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture
def choose_file(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path | str], None]:
    """Answer the dialogs that ask for a file; "" cancels them."""

    def choose(file: Path | str) -> None:
        for name in ("getOpenFileName", "getSaveFileName"):
            monkeypatch.setattr(f"PySide6.QtWidgets.QFileDialog.{name}", lambda *_: (str(file), ""))

    return choose


@pytest.fixture
def made_up_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a record of each kind, for as long as a test lasts."""
    import torch

    from tests import made_up

    monkeypatch.setattr(torch.nn, "SmoothSizeLoss", made_up.SmoothSizeLoss, raising=False)
    made_up.add(monkeypatch.setitem)
