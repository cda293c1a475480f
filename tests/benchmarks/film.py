"""A film of 200 frames: how long it takes, and what the window feels of it."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from unittest.mock import patch

from PySide6.QtWidgets import QFileDialog, QSpinBox

from tests.benchmarks.effort import so_many
from tests.benchmarks.records import Record, record
from tests.benchmarks.window import GapMeter, close_window, let_run, open_window, wait_for_kernel
from tinynet_gui.core.export.film import MOST_FRAMES
from tinynet_gui.ui.window.dialogs.film_dialog import FilmDialog

LONGEST_S = 120.0
PLAYED_S = 20


def film_200_frames() -> list[Record]:
    """Export the tutorial's run as a GIF of so many frames as there may be, through the window."""
    window = open_window(10)
    wait_for_kernel(window)
    window.session.set_engine("compiled")
    steps = so_many(10_000, 100)
    window.session.fast_forward(steps)
    while window.session.state.run.step < steps:
        let_run(0.1)
    window.actions_["actionExportFilm"].trigger()
    dialog = window.findChild(FilmDialog)
    assert isinstance(dialog, FilmDialog)
    length = dialog.findChild(QSpinBox, "filmLength")
    assert isinstance(length, QSpinBox)
    length.setValue(so_many(PLAYED_S))
    let_run(2.0)
    with tempfile.TemporaryDirectory() as folder, patch.object(QFileDialog, "getSaveFileName") as asked:
        file = Path(folder) / "film.gif"
        asked.return_value = str(file), ""
        meter, begun = GapMeter(), perf_counter()
        meter.start()
        dialog.wanted.emit(dialog.choice())
        while not file.exists() and perf_counter() - begun < LONGEST_S:
            let_run(0.1)
        taken_s = perf_counter() - begun
        meter.stop()
        megabytes = file.stat().st_size / 1e6
    close_window(window)
    return [
        record("film_200_frames", taken_s, "s", f"the film's own length, {PLAYED_S} s", taken_s / PLAYED_S),
        record("film_200_size", megabytes, "MB", f"{MOST_FRAMES} frames", megabytes / MOST_FRAMES),
        record("film_200_longest_gap", max(meter.gaps_ms), "ms", "a tenth of a second", max(meter.gaps_ms) / 100),
    ]


BENCHMARKS: dict[str, Callable[[], list[Record]]] = {"film_200_frames": film_200_frames}
