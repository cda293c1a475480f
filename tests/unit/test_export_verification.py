"""A script is run in a process of its own, and its losses are compared with the run's."""

import subprocess
import sys
import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.exported import ACTS, EVERYTHING, by_pytorch, script_of
from tests.runs import walk
from tinynet_gui.core.config import Config
from tinynet_gui.core.export.receipt import Receipt, receipt_lines
from tinynet_gui.core.export.verification import recorded_losses, verify
from tinynet_gui.core.run.provenance import Provenance
from tinynet_gui.core.run.replay import Replay
from tinynet_gui.core.run.run import Run

STEPS = 60


@pytest.fixture(scope="module")
def run() -> Run:
    return walk(Config(), [(STEPS, "nothing", 0.0)], 7).run


@pytest.fixture(scope="module")
def losses(run: Run) -> list[float]:
    return [float(loss) for loss in Replay(run).losses(0, run.step)]


def text(receipt: Receipt) -> str:
    return " ".join(receipt_lines(receipt))


@pytest.mark.bits
def test_the_script_of_a_run_is_equal_bit_for_bit() -> None:
    """In a fresh interpreter; `test_export_script` says so of runs of all kinds in this one."""
    run = by_pytorch(walk(Config().with_changes(EVERYTHING), ACTS, 4).run)
    told: list[tuple[float, int]] = []
    receipt = verify(run, script_of(run), report=lambda share, step: told.append((share, step)))
    assert (receipt.trouble, receipt.is_verified, receipt.compared, receipt.largest) == ("", True, run.step, 0)
    assert told[-1] == (1, run.step)
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert f"Verified on {receipt.date}" in text(receipt)
    assert f"losses of all {run.step} steps are equal bit for bit" in text(receipt)
    for module in ("torch", "numpy"):  # torch calls itself 2.6.0+cu124 where the package is 2.6.0
        assert f"{module} {sys.modules[module].__version__.partition('+')[0]}" in text(receipt)
    assert "compiled loop" not in text(receipt)


def test_of_a_long_run_a_stated_number_is_compared(run: Run, losses: list[float]) -> None:
    endless = f"known = {losses}\nlosses = []\nwhile True:\n    losses.append(known[len(losses) % {STEPS}])"
    receipt = verify(run, endless, most=25)
    assert (receipt.is_verified, receipt.compared, receipt.largest) == (True, 25, 0)
    assert "the losses of the first 25 of 60 steps are equal" in text(receipt)


def test_compiled_steps_are_said_to_differ() -> None:
    run = walk(Config(), [(5, "nothing", 0.0), (300, "engine", 0.0)], 40).run
    assert run.rule_at(6).engine == "Compiled"
    receipt = verify(run, f"losses = {Replay(by_pytorch(run)).losses(0, run.step).tolist()}")
    assert (receipt.is_verified, receipt.compiled, receipt.compared) == (True, 300, 305)
    assert text(receipt).startswith(f"Compared on {receipt.date}: ")
    assert "300 of 305 steps were taken by the compiled loop" in text(receipt)
    assert 0 < receipt.largest < 1e-3
    assert f"at step {receipt.largest_at}, where the loss is" in text(receipt)


@pytest.mark.parametrize(
    ("first", "other", "is_verified"),
    [(1 + 1e-6, 1.5, True), (1 - 1e-3, 1.0, False), (1.0, np.nan, False), (1.0, np.inf, False), (np.nan, 1.0, False)],
)
def test_a_compiled_step_excuses_no_other_first_loss_and_none_that_is_not_finite(
    first: float, other: float, is_verified: bool
) -> None:
    run = walk(Config(), [(5, "nothing", 0.0), (STEPS - 5, "engine", 0.0)], 7).run
    expected = Replay(run).losses(0, run.step).tolist()
    wrong = [expected[0] * first, *expected[1:41], expected[41] * other, *expected[42:]]
    receipt = verify(run, f"from math import nan, inf; losses = {wrong}")
    assert (receipt.compared, receipt.is_verified) == (STEPS, is_verified)
    assert text(receipt).startswith(f"{'Compared' if is_verified else 'NOT THE SAME'} on {receipt.date}: ")


def test_a_difference_is_found_where_it_is(run: Run, losses: list[float]) -> None:
    wrong = list(losses)
    wrong[41] += 0.5
    receipt = verify(run, f"losses = {wrong}")
    assert (receipt.is_verified, receipt.compared, receipt.largest_at) == (False, STEPS, 41)
    assert receipt.largest == pytest.approx(0.5, rel=1e-5)
    assert receipt.loss_there == losses[41]
    assert text(receipt).startswith(f"NOT THE SAME on {receipt.date}: this code was run")
    assert "The largest difference is 0.5, at step 41, where the loss is" in text(receipt)
    wrong[41] = float("nan")
    assert verify(run, f"nan = float('nan'); losses = {wrong}").largest == np.inf


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("losses = [1.0]; raise ValueError('out of luck')", "after 1 loss, with code 1: ValueError: out of luck"),
        ("this is no code", "SyntaxError"),
        ("losses = []", "ended after 0 losses, with code 0"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "with signal 9"),
    ],
)
def test_a_script_that_ends_is_not_verified(run: Run, script: str, why: str) -> None:
    receipt = verify(run, script)
    assert not receipt.is_verified
    assert why in text(receipt)
    assert text(receipt).startswith("NOT VERIFIED: the process that ran the script ended after")


def test_what_was_found_before_it_ended_is_said(run: Run, losses: list[float]) -> None:
    receipt = verify(run, f"losses = {losses[:30]}; raise SystemExit(3)")
    assert (receipt.compared, receipt.largest) == (28, 0)  # as far as a state that the run knows
    assert "ended after 30 losses, with code 3" in text(receipt)
    assert "the losses of the first 28 of 60 steps are equal" in text(receipt)


def test_one_that_stands_still_is_ended(run: Run) -> None:
    receipt = verify(run, "import threading; threading.Event().wait()", longest_silence_s=0.2)
    assert receipt.trouble == "the script stood still for 0 s"


def test_it_can_be_cancelled(run: Run) -> None:
    stop = np.zeros(1, np.uint8)
    threading.Timer(0.3, stop.fill, [1]).start()
    receipt = verify(run, "import threading; threading.Event().wait()", stop)
    assert "The check was cancelled before its end." in text(receipt)


def test_nothing_is_verified_without_steps_or_without_a_python(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "has taken no step" in text(verify(replace(run, checkpoints=run.checkpoints[:1]), ""))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert "NOT VERIFIED: this program has no separate Python" in text(verify(run, script_of(run)))


def test_no_process_is_left(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    started, begin = list[Any](), subprocess.Popen

    def popen(*args: Any, **keywords: Any) -> Any:
        started.append(begin(*args, **keywords))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)
    verify(run, "import threading; threading.Event().wait()", longest_silence_s=0.1)
    assert [process.returncode is not None for process in started] == [True]


def test_a_run_of_another_machine_is_said_to_be_one(run: Run, losses: list[float]) -> None:
    elsewhere = replace(run, made_by=Provenance("a loom", "torch 0.1"))
    assert "It was trained with torch 0.1" in text(verify(elsewhere, f"losses = {losses}"))


def test_recorded_losses_are_the_first_the_last_and_some_between(run: Run, losses: list[float]) -> None:
    recorded = recorded_losses(run)
    assert len(recorded) == 10
    assert {0, STEPS - 1} <= set(recorded)
    assert all(loss == losses[step] for step, loss in recorded.items())
