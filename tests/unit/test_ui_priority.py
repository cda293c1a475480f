"""What computes in Python aside waits while the window is at work, and asks often enough."""

import threading
from collections.abc import Callable
from time import perf_counter
from unittest.mock import Mock

import numpy as np
import pytest

from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments import base
from tinynet_gui.core.function import best_piecewise_linear
from tinynet_gui.core.step.curvature import largest_curvature
from tinynet_gui.core.system import background
from tinynet_gui.core.system.background import UiPriority
from tinynet_gui.core.training.trainer import Trainer

LONG_S = 60.0
NEVER_S = 0.02  # so long nothing comes


def in_background(work: Callable[[], None]) -> threading.Event:
    """Do something in a thread of its own; return what tells when it is done."""
    done = threading.Event()

    def run() -> None:
        work()
        done.set()

    threading.Thread(target=run, daemon=True).start()
    return done


def test_work_waits_while_the_way_is_taken() -> None:
    way = UiPriority(longest_wait_s=LONG_S)
    way.take()
    work = in_background(way.give)
    assert not work.wait(NEVER_S)
    way.release()
    assert work.wait(LONG_S)


def test_nothing_waits_while_the_way_is_free() -> None:
    way = UiPriority(longest_wait_s=LONG_S)
    way.give()
    way.take()
    way.release()
    way.release()
    assert in_background(way.give).wait(LONG_S / 2)


def test_what_the_window_itself_waits_for_goes_on_for_some_time() -> None:
    way = UiPriority(longest_wait_s=LONG_S)
    way.take()

    def in_a_hurry(seconds: float) -> None:
        way.hurry(seconds)
        way.give()

    assert in_background(lambda: in_a_hurry(LONG_S)).wait(LONG_S / 2)
    waits = in_background(lambda: in_a_hurry(0.0))
    assert not waits.wait(NEVER_S)
    way.release()
    assert waits.wait(LONG_S)


def test_the_thread_that_goes_first_does_not_wait_for_itself() -> None:
    way = UiPriority(longest_wait_s=LONG_S)
    way.take()
    way.give()
    work = in_background(way.give)
    way.release()
    assert work.wait(LONG_S / 2)


def test_work_goes_on_beside_a_window_that_is_always_busy() -> None:
    way = UiPriority(longest_wait_s=0.001)
    way.take()
    assert in_background(way.give).wait(LONG_S)


def test_who_has_waited_has_a_portion_of_time() -> None:
    way = UiPriority(longest_wait_s=0.001, portion_s=LONG_S)

    def work() -> None:
        for _ in range(1_000):
            way.give()

    way.take()
    assert in_background(work).wait(LONG_S / 2)


def test_when_the_portion_is_over_it_waits_again() -> None:
    way = UiPriority(longest_wait_s=NEVER_S, portion_s=0.0)

    def work() -> None:
        way.give()
        way.give()

    begun = perf_counter()
    way.take()
    assert in_background(work).wait(LONG_S)
    assert perf_counter() - begun >= 2 * NEVER_S


def test_the_search_for_the_best_line_yields_often(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Mock()
    decomposing = [Mock(wraps=np.linalg.qr), Mock(wraps=np.linalg.lstsq)]
    monkeypatch.setattr(best_piecewise_linear, "yield_to_window", asked)
    monkeypatch.setattr(np.linalg, "qr", decomposing[0])
    monkeypatch.setattr(np.linalg, "lstsq", decomposing[1])
    x = np.linspace(-1, 1, 20)
    best_piecewise_linear.best_lines(x, np.sin(9 * x), 8)
    assert asked.call_count >= sum(mock.call_count for mock in decomposing) > 100


def test_an_experiment_yields_before_networks_and_results(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Mock()
    monkeypatch.setattr(base, "yield_to_window", asked)
    config = Config().replace("training.stop_step", 10)
    assert [len(batch) for batch in base.train_all([config] * 5, np.zeros(1, dtype=np.uint8))] == [5]
    assert asked.call_count == 6


def test_the_curvature_asks_at_each_iteration(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Mock()
    monkeypatch.setattr(background, "yield_to_window", asked)
    trainer = Trainer(Config().replace("network.hidden", (100,)))
    largest_curvature(trainer.config, trainer.dataset, trainer.state())
    assert asked.call_count > 20
