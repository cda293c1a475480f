"""Exports: a script verified, against the plain loop alone; a film of 200 frames, and what the window feels of it."""

import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from unittest.mock import patch

from PySide6.QtWidgets import QFileDialog

from tests.benchmarks.bare_frame import BARE_FRAME, bare_frame
from tests.benchmarks.effort import Effort, so_many
from tests.benchmarks.opened import GapMeter, close_window, let_run, open_window, train_to
from tests.benchmarks.records import Benchmarks, Record, beside, record
from tests.runs import run_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.export.film import MAX_FRAMES
from tinynet_gui.core.export.receipt import Receipt
from tinynet_gui.core.export.script import code_of, script_text
from tinynet_gui.core.export.verification import recorded_losses, verify
from tinynet_gui.core.run.events import StepRule
from tinynet_gui.core.run.replay import Stepper
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.start import initial_state
from tinynet_gui.ui.features.film import FilmDialog
from tinynet_gui.ui.widgets.fields.number_fields import NumberField

STEPS, KEPT = 10_000, 512
LONGEST_S = 120.0
PLAYED_S = 20


def export_verify() -> list[Record]:
    """Verify the tutorial's run, trained by each engine."""
    records = []
    engines: dict[str, EngineName] = {"export_verify": "PyTorch", "export_verify_compiled": "Compiled"}
    for name, engine in list(engines.items())[: so_many(2)]:
        config, stepper, states = Config(), Stepper(), [initial_state(Config())]
        steps = so_many(STEPS, 100)
        while states[-1].step < steps:
            ahead = min(max(1, steps // KEPT), steps - states[-1].step)
            states.append(stepper.take(StepRule(config, engine=engine), states[-1], ahead))
        run = run_of(config, states, engine=engine)
        begun = perf_counter()
        _, losses = stepper.take_with_losses(StepRule(config), states[0], steps)
        plain_s = perf_counter() - begun
        begun = perf_counter()
        script = script_text(code_of(run, recorded_losses(run)), Receipt(steps))
        if Effort.is_quick:
            script = f"losses = {losses.tolist()}"  # PyTorch need not be loaded for it
        receipt = verify(run, script)
        verify_s = perf_counter() - begun
        if receipt.compared < steps:
            raise RuntimeError(receipt.trouble)
        records.append(beside(name, verify_s, "s", "the plain loop", plain_s))
    return records


def film_200_frames() -> list[Record]:
    """Export the tutorial's run as a GIF of so many frames as there may be, through the window."""
    window = open_window(10)
    train_to(window, so_many(10_000, 100))
    window.actions_["actionExportFilm"].trigger()
    dialog = window.findChild(FilmDialog)
    assert isinstance(dialog, FilmDialog)
    length = dialog.findChild(NumberField, "filmLength")
    assert isinstance(length, NumberField)
    length.setValue(so_many(PLAYED_S))
    let_run(2.0)
    with tempfile.TemporaryDirectory() as folder, patch.object(QFileDialog, "getSaveFileName") as asked:
        file = Path(folder) / "film.gif"
        asked.return_value = str(file), ""
        meter, begun = GapMeter(), perf_counter()
        meter.start()
        choice = dialog.choice()
        dialog.wanted.emit(replace(choice, rate=so_many(choice.rate, 2)))
        while not file.exists() and perf_counter() - begun < LONGEST_S:
            let_run(0.1)
        taken_s = perf_counter() - begun
        meter.stop()
        megabytes = file.stat().st_size / 1e6
    frame_ms = sum(bare_frame(window))
    close_window(window)
    return [
        beside("film_200_frames", taken_s, "s", f"{MAX_FRAMES} times {BARE_FRAME}", MAX_FRAMES * frame_ms / 1e3),
        record("film_200_size", megabytes, "MB", f"{MAX_FRAMES} frames", megabytes / MAX_FRAMES),
        beside("film_200_longest_gap", max(meter.gaps_ms), "ms", BARE_FRAME, frame_ms),
    ]


BENCHMARKS: Benchmarks = {"export_verify": export_verify, "film_200_frames": film_200_frames}
