"""What all tests share."""

import gc
import importlib
import os
import subprocess
import sys
from pathlib import Path

if os.environ.get("QT_QPA_PLATFORM", "offscreen") == "offscreen":  # whose screen would have 800 x 800 pixels
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={Path(__file__).with_name('screen.json')}"

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Networks of this size are slower with more."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True, scope="session")
def _compiled_once() -> None:
    """Compile the fast engine before the first window does, which would start a process for it."""
    from tinynet_gui.core.training.compiled.cache import is_compiled

    if not is_compiled():
        subprocess.run([sys.executable, "-m", "tinynet_gui.core.training.compiled.warm_up"], check=True)


@pytest.fixture(autouse=True, scope="session")
def _what_is_loaded_is_no_garbage(_compiled_once: None) -> None:
    """Half a million objects of torch and numba stay: to look through them takes a fifth of a second each time."""
    importlib.import_module("tinynet_gui.core.training.compiled.kernel")
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _loaded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch is in the process already: no test waits for it."""
    from tinynet_gui.engine import loading

    monkeypatch.setattr(loading, "DELAY_MS", 0)


@pytest.fixture(autouse=True)
def _settings_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's settings or sessions, in this process or one that it starts."""
    from PySide6.QtCore import QSettings

    folder = str(tmp_path_factory.mktemp("settings"))
    monkeypatch.setenv("XDG_CONFIG_HOME", folder)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
