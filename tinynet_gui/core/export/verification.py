"""Verifies that an exported script reproduces a run's losses: runs it in a separate process, and compares each."""

import errno
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import sleep
from typing import BinaryIO

import numpy as np

from tinynet_gui.core.export import driver
from tinynet_gui.core.export.receipt import CANCELLED, Receipt, compiled_steps
from tinynet_gui.core.run.replay import Replay
from tinynet_gui.core.run.run import Run, versions_of, why_it_may_differ
from tinynet_gui.core.system.background import StoppedError, raise_if_stopped, yield_to_window
from tinynet_gui.core.system.processes import SCRIPT_PYTHON, named_python, script_command
from tinynet_gui.core.text.files import file_trouble
from tinynet_gui.core.text.language import ENGLISH, N_, speaking
from tinynet_gui.core.text.numbers import counted
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.values import Array, Stop

MAX_COMPARED = 1_000_000
POLL_S = 0.05
SHOWN_LOSSES = 10
VERSIONS = "versions"  # the file that says what a script was run with
# The plot stays unseen, and any name can be printed.
ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg", "PYTHONIOENCODING": "utf-8"}
NO_PYTHON = f"it needs a Python with PyTorch: name one in the environment variable {SCRIPT_PYTHON}"


Receipts = Callable[[Iterator[Array]], Iterator[Receipt]]  # compares a script's numbers as they arrive


class _EndedError(Exception):
    """The verification ends here; the message says why."""


def unverified(run: Run, why: str) -> Receipt:
    """Return the receipt of a script that was not run, with the reason."""
    return Receipt(run.step, compiled_steps(run), trouble=why)


def recorded_losses(run: Run, stop: Stop | None = None) -> dict[int, float]:
    """Return the losses of at most ten steps of a run, the first and the last among them, by step."""
    replay, last = Replay(run, stop), run.step - 1
    steps = sorted({round(place) for place in np.linspace(0, last, SHOWN_LOSSES)}) if run.step else []
    return {step: float(replay.losses(step, step + 1)[0]) for step in steps}


@speaking(ENGLISH)  # it is written into the script, too
def verify(
    run: Run,
    script: str,
    stop: Stop | None = None,
    report: Callable[[float, int], object] = lambda share, count: None,
    most: int = MAX_COMPARED,
    files: Mapping[str, str] | None = None,
) -> Receipt:
    """Run a run's script in a separate process, and compare its losses with the run's, which are recomputed.

    Parameters
    ----------
    stop
        One element; when another thread makes it nonzero, the process is ended, and the receipt says so. There is no
        timeout: a slow machine may take minutes to load PyTorch.
    report
        Called with the share done, and the number of losses from the script so far.
    most
        The number of losses to compare, from the first on.
    files
        The tables that the script reads, by name.
    """
    receipt = replace(unverified(run, ""), note=why_it_may_differ(run.made_by), date=date.today().isoformat())
    if not run.step:
        return replace(receipt, trouble=N_("the run has taken no step yet, so there is nothing to compare"))
    wanted, replay = min(run.step, most), Replay(run, stop)

    def receipts(found: Iterator[Array]) -> Iterator[Receipt]:
        """Compare as many losses as possible up to a recorded state of the run.

        From there the run's next steps can be recomputed at once.
        """
        so_far, received = receipt, np.empty(0, np.float32)
        for new in found:
            received, first = np.concatenate([received, new]), so_far.compared
            there = first + len(received)
            known = [state.step for state in run.checkpoints if first < state.step <= there]
            ends = known if there < wanted else [*(step for step in known if step < there), there]
            for end in ends:
                yield_to_window()
                expected = replay.losses(so_far.compared, end)
                if so_far.compared + len(expected) < end:  # recomputing diverged earlier than the script
                    trouble = f"the run could not be repeated beyond step {so_far.compared + len(expected):,}"
                    raise _EndedError(trouble)
                so_far = _compared(so_far, received[so_far.compared - first : end - first], expected)
                report((there + end) / (2 * wanted), there)
                yield so_far
            report((there + so_far.compared) / (2 * wanted), there)
            received = received[so_far.compared - first :]

    return _verified(receipt, wanted, receipts, stop, script, files)


def _compared(so_far: Receipt, numbers: Array, expected: Array) -> Receipt:
    """Compare a script's next numbers with the expected ones."""
    difference = np.abs(numbers.astype(np.float64) - expected)
    difference[np.isnan(difference)] = np.inf
    if so_far.compared == 0 and difference[0]:
        so_far = replace(so_far, first=float(difference[0] / expected[0]) if expected[0] else np.inf)
    place = int(np.argmax(difference))
    largest, there = float(difference[place]), float(expected[place])
    if largest > so_far.largest:
        so_far = replace(so_far, largest=largest, largest_at=so_far.compared + place, loss_there=there)
    return replace(so_far, compared=so_far.compared + len(numbers))


@speaking(ENGLISH)
def verify_step(
    expected: Array, script: str, stop: Stop, files: Mapping[str, str] | None = None, note: str = ""
) -> Receipt:
    """Run a step's code in a separate process, and compare its numbers with the expected ones, shape (numbers,).

    `stop` and `files` are those of `verify`; `note` is a remark for the receipt.
    """
    receipt = Receipt(1, note=note, date=date.today().isoformat(), is_of_step=True)

    def receipts(found: Iterator[Array]) -> Iterator[Receipt]:
        yield _compared(receipt, np.concatenate([*found]), expected)

    return _verified(receipt, len(expected), receipts, stop, script, files)


def _verified(
    receipt: Receipt, wanted: int, receipts: Receipts, stop: Stop | None, script: str, files: Mapping[str, str] | None
) -> Receipt:
    """Run a script for `wanted` numbers; `receipts` compares them as they arrive; its last receipt counts."""
    if not script_command():
        return replace(receipt, trouble=NO_PYTHON)
    trouble = ""
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            for name, text in (files or {}).items():
                (Path(folder) / name).write_text(text, encoding="utf-8")
            try:
                with closing(_numbers_of(Path(folder), script, wanted, stop, receipt.is_of_step)) as numbers:
                    for so_far in receipts(numbers):
                        receipt = so_far
            finally:
                receipt = _with_versions(receipt, Path(folder))
    except _EndedError as stopped:
        trouble = str(stopped)
    except StoppedError:
        trouble = CANCELLED
    except (ImportError, OSError) as error:
        trouble = f"it could not be compared here: {shortened(file_trouble(error))}"
    return replace(receipt, trouble=trouble)


def _numbers_of(folder: Path, script: str, wanted: int, stop: Stop | None, is_of_step: bool) -> Generator[Array]:
    """Run a script, and yield its numbers as they are computed, until all wanted ones are there.

    `_EndedError` if it ends before, `StoppedError` if it is stopped.
    """
    (folder / "script.py").write_text(script, encoding="utf-8")
    numbers, count = folder / "numbers", 0
    numbers.touch()
    with _process(folder, wanted) as process, open(numbers, "rb") as file:
        while count < wanted:
            raise_if_stopped(stop)
            is_over = process.poll() is not None
            if len(new := _whole_numbers(file)):
                count += len(new)
                yield new
            elif is_over:
                raise _EndedError(_why_it_ended(process.returncode, folder, count, is_of_step))
            else:
                sleep(POLL_S)


def _whole_numbers(file: BinaryIO) -> Array:
    """Return the float32 numbers appended to a file, without an incomplete last one."""
    content = file.read()
    part = len(content) % 4
    file.seek(-part, os.SEEK_CUR)
    return np.frombuffer(content[: len(content) - part], np.float32)


@contextmanager
def _process(folder: Path, wanted: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the script in a folder, in a process that ends with this one."""
    command = script_command(driver.__file__, str(folder / "script.py"), str(folder / "numbers"), str(wanted))
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # on Windows, where a console would appear
    with open(folder / "errors", "wb") as errors:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd=folder,
                creationflags=flags,
                env=os.environ | ENVIRONMENT,
            )
        except OSError as error:
            why = "it is not a program" if error.errno == errno.ENOEXEC else file_trouble(error)
            why = "it is a folder" if os.path.isdir(command[0]) else why
            raise _EndedError(f"{_named(command[0])} cannot be started: {why}") from None
        with process:
            try:
                yield process
            finally:
                process.kill()


def _named(python: str) -> str:
    """Name the Python that runs scripts, and who chose it."""
    return f"“{shortened(python, 200)}”" + (f", which {SCRIPT_PYTHON} names," if named_python() else "")


def _with_versions(receipt: Receipt, folder: Path) -> Receipt:
    """Return a receipt with the versions of the Python that ran the script, which may differ from the run's."""
    try:
        versions = (folder / VERSIONS).read_text(encoding="utf-8")
    except OSError:  # the script did not start
        return receipt
    ours, note = versions_of("torch", "numpy"), receipt.note
    if receipt.compared and not (note or receipt.compiled or versions.endswith(ours)):
        note = f"The run itself was repeated with {ours}. The last digits may differ."
    loop = f"; the compiled loop has {versions_of('numba')}" if receipt.compiled else ""
    return replace(receipt, versions=versions + loop, note=note)


def _why_it_ended(code: int, folder: Path, numbers: int, is_of_step: bool) -> str:
    said = (folder / "errors").read_text(encoding="utf-8", errors="replace").strip()
    how = f"signal {-code}" if code < 0 else f"code {code}"
    why = f": {shortened(said.splitlines()[-1], 200).rstrip('.')}" if said else ""
    for line in re.findall(r'script\.py", line \d+.*\n +(.*)', said)[-1:]:  # of the traceback, which ends there
        why += f", in the line “{shortened(line, 200)}”"
    if not (folder / VERSIONS).exists():
        return f"{_named(script_command()[0])} did not start as a Python 3.11 or newer does: it ended with {how}{why}"
    count = counted(numbers, "number") if is_of_step else counted(numbers, "loss", "losses")
    by = f" with {_named(script_command()[0])}" if named_python() else ""
    return f"the process that ran the script{by} ended after {count}, with {how}{why}"
