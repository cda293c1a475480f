"""Sessions from a script: `open` and `save` a file, or `show` it in a window."""

import os
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.run.session import Cursor, Session
from tinynet_gui.core.run.train import TrainingResult, train
from tinynet_gui.core.storage.session_file import SUFFIX, SessionFileError, read_session, write_session
from tinynet_gui.core.system.processes import POLL_SECONDS, PROGRAM, python_command
from tinynet_gui.core.text.shortened import shortened, written
from tinynet_gui.core.training.engines import TUTORIAL_PACE
from tinynet_gui.core.training.start import initial_state

OPENS_WITHIN_S = 10.0
open_windows: list[subprocess.Popen[bytes]] = []  # Python warns if a running process is garbage-collected


def open(path: str | os.PathLike[str]) -> list[TrainingResult]:
    """Open a session: its runs as the window lists them, and last the one that was in view.

    Parameters
    ----------
    path
        A file of the window, or of `save`.

    Returns
    -------
    list of TrainingResult
        ``run.name`` of its ``run`` is the user's name for it, or empty. ``replay()`` takes its steps again.

    Raises
    ------
    OSError
        If the file cannot be read.
    ConfigError
        If it is not a session, or a damaged one.

    Examples
    --------
    >>> import tempfile, pathlib, tinynet_gui.core as tiny
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "parabola.tinynet"
    ...     tiny.save(tiny.train(steps=100), file)
    ...     [run] = tiny.open(file)
    >>> run.steps, run.replay().loss == run.loss
    (100, True)
    """
    os.stat(path)
    try:
        session = read_session(Path(path))
    except SessionFileError as error:
        raise ConfigError("path", f"{shortened(os.fspath(path), 200)} {error.in_full}") from None
    runs = sorted(session.kept_runs or (session.run,), key=lambda run: run.id == session.run.id)
    return [
        TrainingResult(run if run.checkpoints else replace(run, checkpoints=(initial_state(run.config),)))
        for run in runs
    ]


def save(runs: TrainingResult | Config | Iterable[TrainingResult | Config], path: str | os.PathLike[str]) -> None:
    """Save a session that the window opens: one run or several, the last one in view.

    Parameters
    ----------
    runs
        Results of `train` or `open`; settings are a run without a step.
    path
        Without a suffix it gets ``.tinynet``. An existing file is replaced once the new one is complete.

    Raises
    ------
    OSError
        If the file cannot be written.
    ConfigError
        If `runs` are anything else.

    Examples
    --------
    >>> import os, tempfile, tinynet_gui.core as tiny
    >>> runs = [tiny.train(steps=100, hidden=hidden) for hidden in (2, 3)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     tiny.save(runs, os.path.join(folder, "two runs"))
    ...     os.listdir(folder)
    ['two runs.tinynet']
    """
    place = Path(path)
    write_session(place if place.suffix else place.with_name(place.name + SUFFIX), _session_of(runs))


def show(runs: TrainingResult | Config | Iterable[TrainingResult | Config]) -> None:
    """Show runs in a window of the program, a process of its own; return when it is open.

    The window stays when the script ends, and gives nothing back: save its session there, and `open` it here.

    Parameters
    ----------
    runs
        As for `save`.

    Raises
    ------
    RuntimeError
        If the window does not open within 10 s; the message says why.
    ConfigError
        If `runs` are anything else.

    Examples
    --------
    ::

        import tinynet_gui.core as tiny
        tiny.show(tiny.train())
    """
    session = _session_of(runs)
    descriptor, name = tempfile.mkstemp(SUFFIX, "tinynet-")  # nobody else can read the file
    os.close(descriptor)
    file = Path(name)
    try:
        write_session(file, session)
        _open_window(file)
    finally:
        file.unlink(missing_ok=True)


def _open_window(file: Path) -> None:
    open_windows[:] = [window for window in open_windows if window.poll() is None]
    with tempfile.TemporaryFile() as errors:  # the window keeps it open after this function
        window = subprocess.Popen(
            [*python_command(PROGRAM), "--take", str(file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            start_new_session=True,  # Ctrl+C is for the script
        )
        open_windows.append(window)
        try:
            end = monotonic() + OPENS_WITHIN_S
            while file.exists() and window.poll() is None and monotonic() < end:
                sleep(POLL_SECONDS)
            if not file.exists():
                return
            errors.seek(0)
            lines = errors.read().decode(errors="replace").strip().splitlines()
            late = f"it takes more than {OPENS_WITHIN_S:g} s"
            why = late if window.poll() is None else lines[-1] if lines else f"it ended with {window.returncode}"
            raise RuntimeError(f"the window did not open: {shortened(why)}")
        finally:
            if file.exists():
                window.kill()
                window.wait()


def _session_of(runs: object) -> Session:
    """Return a session of these runs, the last one in view."""
    results = [runs] if isinstance(runs, TrainingResult | Config) else runs
    listed = (
        [train(one, 0) if isinstance(one, Config) else one for one in results] if isinstance(results, Iterable) else []
    )
    for one in listed or [runs]:
        if not isinstance(one, TrainingResult):
            raise ConfigError("runs", f"{written(one)} is neither a Config nor a result of train or open")
    renumbered = [replace(one.run, id=number, parent=None, is_kept=True) for number, one in enumerate(listed, 1)]
    return Session(tuple(renumbered), Cursor(len(listed)), pace=TUTORIAL_PACE, last_run_id=len(listed))
