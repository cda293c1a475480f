"""Maps and sweeps go wherever a map-like callable carries them, and come back with the same bits."""

import multiprocessing
import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from tests.not_none import not_none
from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.experiments.claim import Claim
from tinynet_gui.core.experiments.table import EXPERIMENTS
from tinynet_gui.core.maps.axes import RATE, SCALE
from tinynet_gui.core.maps.outcome_map import outcome_map
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.training.workers import ALL_CORES, Workers, map_with

SHORT = Config().with_changes({"training.stop_step": 20, "data.held_out": 0.3})
DEEP = SHORT.replace("network.hidden", (4, 3))  # not side by side with others
LARGEST_TASK = 30_000  # bytes, most of them the coordinates of a thousand points


def a_map(workers: Workers, config: Config = SHORT, size: tuple[int, int] = (70, 50)) -> object:
    return outcome_map(config, (RATE, 0.01, 5), (SCALE, 0.1, 30), "held_out", size, workers=workers).numbers


def an_experiment(name: str, runs: int, config: Config = SHORT, *about: object) -> Callable[[Workers], object]:
    def run(workers: Workers) -> object:
        stop = np.zeros(1, np.uint8)
        return not_none(EXPERIMENTS[name].run(config, runs, stop, lambda *_: None, *about, workers=workers))

    return run


WORK = {
    "map": a_map,
    "map of deep networks": lambda workers: a_map(workers, DEEP, (12, 8)),
    "swarm": an_experiment("swarm", 50),
    "swarm of deep networks": an_experiment("swarm", 10, DEEP),
    "ladder": an_experiment("ladder", 2),
    "influence": an_experiment("influence", 1),
    "claim": an_experiment("claim", 40, SHORT, Claim(5, "always", 0.1)),
}


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


def bits(value: object) -> object:
    """Return what two results have in common if they are the same to the bit."""
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    if is_dataclass(value):
        return [bits(getattr(value, field.name)) for field in fields(value)]
    return [bits(each) for each in value] if isinstance(value, tuple) else repr(value)


@pytest.mark.parametrize("name", WORK)
def test_who_carries_it_makes_no_difference(name: str, pool: ProcessPoolExecutor) -> None:
    alone = bits(WORK[name](1))
    for workers in (2, ALL_CORES, map, pool.map):
        assert bits(WORK[name](workers)) == alone


@pytest.mark.cluster
def test_a_cluster_of_dask_carries_it() -> None:
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        for work in WORK.values():
            assert bits(work(client.get_executor().map)) == bits(work(1))
        assert set(client.run(trained_here).values()) == {True}


def test_shapes_are_compared_by_their_losses_alone() -> None:
    """How long a step takes is measured here, and never the same."""
    assert set(EXPERIMENTS) - set(WORK) == {"depth"}
    found: list[Any] = [an_experiment("depth", 2)(workers) for workers in (1, map)]
    one, other = [[bits(shape.runs) for shape in result.shapes] for result in found]
    assert one == other


@pytest.mark.parametrize("name", WORK)
def test_what_is_sent_is_small(name: str) -> None:
    sizes: list[int] = []

    def weighed(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            sizes.append(len(pickle.dumps((function, item))))
            yield function(item)

    WORK[name](weighed)
    assert 0 < max(sizes) < LARGEST_TASK


def trained_here() -> bool:
    return "tinynet_gui.core.training.compiled.kernel" in sys.modules


def threads_there() -> int:
    """Return how many threads this process has; where the system does not list them, how many Python began."""
    return len(os.listdir("/proc/self/task")) if sys.platform == "linux" else threading.active_count()


def test_a_process_of_a_pool_has_one_thread(pool: ProcessPoolExecutor) -> None:
    for work in WORK.values():
        work(pool.map)
    assert {pool.submit(threads_there).result() for _ in range(4)} == {1}


@pytest.mark.parametrize("workers", [0, -2, True, 1.5, "2", None])
def test_what_is_no_number_of_cores_is_refused(workers: Any) -> None:
    for work in (a_map, WORK["swarm"]):
        with pytest.raises(ConfigError) as refused:
            work(workers)
        assert refused.value.field == "workers"
        assert str(refused.value).startswith(f"workers: {written(workers)} is not allowed: -1 for all cores")


def test_results_come_in_order() -> None:
    assert list(map_with(2, lambda k: k * k, range(7))) == [k * k for k in range(7)]
    assert list(map_with(ALL_CORES, str, [])) == []
