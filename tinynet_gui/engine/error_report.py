"""What helps to find the cause of an unexpected error, also where the session itself is what is broken."""

import contextlib
import platform
import shutil
from collections.abc import Callable
from pathlib import Path

import PySide6
from PySide6.QtCore import qVersion

from tinynet_gui import __version__
from tinynet_gui.core.run.provenance import here, versions_of
from tinynet_gui.core.storage.atomic import replacing
from tinynet_gui.core.storage.session_file import write_session
from tinynet_gui.core.system.python_process import is_folder
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.wording.setting_line import line_in_short
from tinynet_gui.engine.program import Program

LONGEST_LINE = 1_000


def circumstances(program: Program) -> str:
    """Return the versions, the system, the engine and the setting, a line each; it raises nothing."""
    lines: dict[str, Callable[[], str]] = {
        "tinynet": lambda: f"{__version__}{', the folder' if is_folder() else ''}",
        "System": lambda: f"{platform.platform()}; {here().machine}",
        "Python": lambda: f"{platform.python_version()}, Qt {qVersion()}, PySide6 {PySide6.__version__}",
        "Libraries": lambda: versions_of("torch", "numba", "numpy", "pyqtgraph"),
        "Engine": lambda: _engine(program),
        "Setting": lambda: line_in_short(program.session.state.config),
    }
    return "\n".join(f"{name}: {shortened(_said(say), LONGEST_LINE)}" for name, say in lines.items())


def save_for_report(path: Path, program: Program) -> str:
    """Write the session to a file, or else copy what was saved of it last, and say what became of it."""
    try:
        write_session(path, program.session.state.session)
        return f"the session is in {path.name}"
    except Exception as error:
        trouble = f"the session could not be saved ({type(error).__name__}: {error})"
    with contextlib.suppress(Exception):
        slot = program.autosave.slot if program.autosave is not None else None
        if slot is not None:
            with (slot.folder / "journal").open("rb") as journal, replacing(path) as file:
                shutil.copyfileobj(journal, file)
            return f"{trouble}; what was saved of it before is in {path.name}"
    return trouble


def _engine(program: Program) -> str:
    state = program.session.state
    status = state.status
    return (
        f"{state.session.engine}, now {status.engine}; compiled loop {status.compiled}, PyTorch {status.pytorch}; "
        f"{status.phase} at step {count_text(state.run.step)}"
    )


def _said(say: Callable[[], str]) -> str:
    try:
        return say()
    except Exception as error:
        return f"not known ({type(error).__name__}: {error})"
