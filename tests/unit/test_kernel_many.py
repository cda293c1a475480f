"""Many networks at once give what one at a time gives."""

import os
import sys
import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.not_none import not_none
from tests.runs import assert_same_state, config_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.system.background import LOWEST, NICENESS
from tinynet_gui.core.training.compiled import kernel
from tinynet_gui.core.training.compiled.kernel import KernelRun, Start, run, run_in_lanes, run_many
from tinynet_gui.core.training.start import make_dataset
from tinynet_gui.core.training.trainer import Trainer


def start_of(config: Config) -> Start:
    return Start(config, make_dataset(config.data), Trainer(config).state())


def assert_as_alone(start: Start, together: KernelRun, steps: int, stride: int = 1) -> None:
    single = run(start.config, start.dataset, start.state, steps, stride)
    assert together.diverged_at == single.diverged_at
    assert together.state.step == single.state.step
    # The root of a loss is an error in the units of y: 5e-5 of it is 1e-4 of the loss. An error is an output less a
    # target, and another order of summation moves an output by units of its last digit, however small the error is: of
    # a sample that is learned to 1e-6 the error is nothing but such digits, and no share of it bounds their difference.
    # Four units of the largest target are allowed; fewer than two were seen in 700 groups of networks.
    atol = 4 * np.finfo(np.float32).eps * np.abs(start.dataset.y_train).max()
    np.testing.assert_allclose(np.sqrt(together.losses), np.sqrt(single.losses), rtol=5e-5, atol=atol)
    for a, b in zip(together.state.parameters, single.state.parameters, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)
        assert not a.flags.writeable


@settings(max_examples=15)
@given(
    count=st.integers(1, 40),
    neurons=st.integers(1, 20),
    samples=st.integers(1, 30),
    stride=st.integers(1, 7),
    decay=st.sampled_from([0.0, 0.01]),
)
def test_same_shape_different_seeds_and_data(count: int, neurons: int, samples: int, stride: int, decay: float) -> None:
    one = config_of(data__sample_count=samples, network__hidden=(neurons,), training__weight_decay=decay)
    seeds = [{"data.seed": k, "network.seed": k, "training.learning_rate": 0.0005 * (1 + k % 3)} for k in range(count)]
    starts = [start_of(one.with_changes(each)) for each in seeds]
    for start, together in zip(starts, run_many(starts, 100, stride), strict=True):
        assert_as_alone(start, together, 100, stride)


def test_any_mixture_keeps_its_order() -> None:
    changes: list[dict[str, Any]] = [
        *({"network__seed": seed} for seed in range(6)),
        {"network__hidden": (7, 5), "network__activation": "tanh"},
        *({"training__optimizer": "adam"}, {"data__sample_count": 11}, {"training__batch_size": 4}),
        *({"network__seed": seed, "network__hidden": (30,)} for seed in range(5)),
    ]
    starts = [start_of(config_of(**each)) for each in changes]
    for start, together in zip(starts, run_many(starts, 50), strict=True):
        assert_as_alone(start, together, 50)


def test_a_diverging_lane_stops_and_the_others_go_on() -> None:
    rates = [0.001] * 15 + [5.0] * 2
    starts = [start_of(config_of(training__learning_rate=rate)) for rate in rates]
    runs = run_many(starts, 2_000)
    for start, together in zip(starts, runs, strict=True):
        assert_as_alone(start, together, 2_000)
    assert [r.diverged_at is not None for r in runs] == [rate > 1 for rate in rates]


def test_stop_and_progress() -> None:
    starts = [start_of(config_of(network__seed=seed)) for seed in range(20)]
    progress = np.zeros(20, dtype=np.int64)
    run_many(starts, 1_500, progress=progress)
    assert (progress == 1_500).all()
    stopped = run_many(starts, 1_500, stop=np.ones(1, dtype=np.uint8))
    assert [r.state.step for r in stopped] == [0] * 20


def test_what_is_stopped_before_it_begins_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "run", None)
    monkeypatch.setattr(kernel, "run_in_lanes", None)
    starts = [start_of(config_of(network__hidden=(width,))) for width in (10, 10, 10, 10, 60)]
    for start, stopped in zip(starts, run_many(starts, 10, stop=np.ones(1, dtype=np.uint8)), strict=True):
        assert stopped.state is start.state
        assert len(stopped.losses) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no niceness of its own")
@pytest.mark.parametrize("own", [None, 15, 19])
def test_the_window_comes_before_threads_on_all_cores(own: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the program was begun with a low priority, which none but root may raise again."""
    seen: list[int] = []

    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def noted(*args: Any, **options: Any) -> KernelRun:
        seen.append(niceness())
        return run(*args, **options)

    def experiment() -> None:
        if own is not None:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), own)
        seen.append(niceness())
        run_many([start], 5)

    monkeypatch.setattr(kernel, "run", noted)
    start = start_of(config_of(network__hidden=(3, 3)))
    thread = threading.Thread(target=experiment)
    thread.start()
    thread.join()
    assert seen[1] == min(seen[0] + NICENESS, LOWEST)


def test_few_steps_and_nothing_to_run() -> None:
    starts = [start_of(config_of(network__seed=seed)) for seed in range(5)]
    for steps in (0, 1):
        for start, together in zip(starts, run_many(starts, steps), strict=True):
            assert_as_alone(start, together, steps)
    assert run_many([], 10) == []


def _assert_equal(one: KernelRun, other: KernelRun) -> None:
    assert one.diverged_at == other.diverged_at
    np.testing.assert_array_equal(one.losses, other.losses)
    assert_same_state(one.state, other.state)


@pytest.mark.bits
@settings(max_examples=15, derandomize=True)
@given(
    rates=st.lists(st.floats(0.001, 0.3), min_size=1, max_size=20),
    neurons=st.integers(1, 12),
    cut=st.integers(0, 700),
    stride=st.integers(1, 7),
)
def test_a_lane_gives_the_same_bits_in_any_company_and_cut(
    rates: list[float], neurons: int, cut: int, stride: int
) -> None:
    """So a run that is opened from an experiment's list is that run, to the last bit."""
    one = config_of(network__hidden=(neurons,))
    changes = [{"network.seed": seed, "training.learning_rate": rate} for seed, rate in enumerate(rates)]
    starts = [start_of(one.with_changes(each)) for each in changes]
    for start, together in zip(starts, run_many(starts, 700, stride), strict=True):
        _assert_equal(run_in_lanes([start], 700, stride)[0], together)
        first = run_in_lanes([start], cut)[0]
        if first.diverged_at is None:
            rest = run_in_lanes([Start(start.config, start.dataset, first.state)], 700 - cut)[0]
            assert rest.diverged_at == together.diverged_at
            if together.diverged_at != cut:  # then the fatal update was the last before the cut
                _assert_equal(replace(rest, losses=together.losses), together)


def test_a_diverged_lane_goes_back_to_its_last_finite_loss() -> None:
    for rate in (0.3, 1.0, 5.0, 1000.0):
        start = start_of(config_of(training__learning_rate=rate))
        diverged = run_in_lanes([start], 200)[0]
        assert_as_alone(start, diverged, 200)
        assert run_in_lanes([start], not_none(diverged.diverged_at))[0].diverged_at is None
