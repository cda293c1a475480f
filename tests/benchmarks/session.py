"""How large a session is, and whether saving one holds up the window."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from unittest.mock import patch

from tests.benchmarks.effort import lasting, so_many
from tests.benchmarks.opened import GapMeter, close_window, let_run, many_steps, open_window, train_to
from tests.benchmarks.records import Benchmarks, Record, beside, percentile
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.storage.session_file import read_session, write_session
from tinynet_gui.core.system.machine import HOME
from tinynet_gui.engine import autosave_folders
from tinynet_gui.engine.session_files import AUTOSAVE, Autosave
from tinynet_gui.ui.window.main_window import MainWindow

STEPS, ROUNDS = 10_000, 3
SIZES = ((10, 1), (10, 20), (1_000, 1), (1_000, 20))  # neurons, runs
MEGABYTE = 2**20


@contextmanager
def _window_of(n_hidden: int, runs: int) -> Iterator[MainWindow]:
    """A window in which so many runs have been trained, with another seed each."""
    window, steps = open_window(n_hidden), so_many(STEPS, 100)
    window.session.edit({"training.stop_step": steps})
    for number in range(so_many(runs)):
        if number:
            window.session.new_seed()
        train_to(window, steps)
    yield window
    close_window(window)


def _saved(session: Session) -> tuple[float, float, float]:
    """Its size as a file in MB, and how many seconds it takes to write and to read it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tinynet"
        times = [perf_counter()]
        for act in (lambda: write_session(path, session), lambda: read_session(path)):
            act()
            times.append(perf_counter())
        return path.stat().st_size / MEGABYTE, times[1] - times[0], times[2] - times[1]


def session_size() -> list[Record]:
    """A session's file in MB: the tutorial's run, and how it grows with runs and with neurons."""
    records = []
    for n_hidden, runs in SIZES[: so_many(len(SIZES))]:
        with _window_of(n_hidden, runs) as window:
            session = window.session.state.session
        size, writing_s, reading_s = _saved(session)
        states = sum(run.checkpoint_bytes * len(run.checkpoints) for run in session.runs) / MEGABYTE
        name = f"session_size_{n_hidden}_x{runs}"
        records.append(beside(name, size, "MB", "its states in memory", states))
        records.append(beside(f"{name}_written", writing_s, "s", "reading it", reading_s))
    return records


def frame_gap_autosave() -> list[Record]:
    """The time between turns of the GUI's event loop while 20 runs of 1,000 neurons are saved beside a training.

    In turns with the same window when nothing is saved: machines are shared.
    """
    gaps_ms: dict[bool, list[float]] = {False: [], True: []}
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.dict(os.environ, {HOME: folder}),
        _window_of(1_000, 20) as window,
    ):
        autosave = window.program.autosave
        window.program.keep_in(autosave_folders.new_slot())
        window.session.edit({"training.stop_step": many_steps()})
        window.session.start()
        let_run(1.0)
        for _ in range(so_many(ROUNDS)):
            gaps_ms[False] += _gaps_ms(window, None)
            gaps_ms[True] += _gaps_ms(window, autosave)
        window.session.pause()
        autosave.move_to(None)
        while autosave.is_busy:
            let_run(0.05)
    alone, saving = (percentile(gaps, 0.99) for gaps in gaps_ms.values())
    return [beside("frame_gap_p99_autosave", saving, "ms", "the same while nothing is saved", alone)]


def _gaps_ms(window: MainWindow, autosave: Autosave | None) -> list[float]:
    """Measure for some seconds, while the whole session is saved again and again if there is what saves it."""
    meter, started = GapMeter(), perf_counter()
    meter.start()
    while perf_counter() - started < lasting(4.0):
        if autosave is not None and not window.program.jobs.is_running(AUTOSAVE):
            autosave.move_to(autosave_folders.new_slot())
        let_run(0.05)
    meter.stop()
    return meter.gaps_ms


BENCHMARKS: Benchmarks = {"session_size": session_size, "frame_gap_p99_autosave": frame_gap_autosave}
