"""How fast the compiled engine is, against the tutorial's loop and against C, in one run.

Each benchmark returns records of name, value, unit, what it was measured against, and the ratio: how
many times as fast as that; only beside C it is our time as a part of C's. What is compared is measured
in turn, several times; the medians are given.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from ctypes import CDLL, POINTER, c_float, c_int
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from tests.benchmarks.effort import SMALL, Effort, so_many
from tests.benchmarks.records import Benchmarks, Record, beside, record, skipped
from tests.by_hand import network_by_hand
from tinynet_gui.core.config import Config, DataConfig, NetworkConfig, TrainingConfig
from tinynet_gui.core.system.machine import core_count
from tinynet_gui.core.training.compiled.cache import CACHE_VARIABLE
from tinynet_gui.core.training.compiled.kernel import Start, run, run_many
from tinynet_gui.core.training.start import make_dataset
from tinynet_gui.core.training.trainer import Trainer

Measurement = tuple[Callable[[int], object], int]  # what takes steps, and how many to take

ROUNDS = 7

TUTORIAL = "the tutorial's PyTorch loop"
PLAIN_C = "plain C, -O3 -march=native -ffast-math"
FIXED_C = "C with fixed sizes and explicit vectors, -O3 -march=native -ffast-math"


def seconds_per_step(measurements: Sequence[Measurement]) -> list[float]:
    """Return the median time of a step of each, measured in turn so that a slow moment hits all."""
    times: list[list[float]] = [[] for _ in measurements]
    measurements = [(take_steps, so_many(steps, 20)) for take_steps, steps in measurements]
    for take_steps, steps in measurements:
        take_steps(max(1, steps // 10))
    for _ in range(so_many(ROUNDS)):
        for (take_steps, steps), spent in zip(measurements, times, strict=True):
            begin = time.perf_counter()
            take_steps(steps)
            spent.append((time.perf_counter() - begin) / steps)
    return [statistics.median(spent) for spent in times]


def tutorial_loop(config: Config) -> Callable[[int], None]:
    """Return the tutorial's own training loop, for a configuration's network, loss and optimiser."""
    torch.set_num_threads(1)
    dataset = make_dataset(config.data)
    x_train, y_train = dataset.x_train.copy(), dataset.y_train.copy()
    activation = getattr(nn, config.network.activations[0].torch_module)
    network, criterion = network_by_hand(config.network.hidden, activation), nn.MSELoss()
    classes = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
    optimizer = classes[config.training.optimizer](network.parameters(), lr=config.training.learning_rate)

    def loop(steps: int) -> None:
        for _ in range(steps):
            outputs = network(torch.tensor(x_train))
            loss = criterion(outputs, torch.tensor(y_train))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return loop


def kernel_loop(config: Config) -> Callable[[int], None]:
    """Return what takes steps in one call of the compiled engine, with the loss of each recorded."""
    dataset, state = make_dataset(config.data), Trainer(config).state()
    return lambda steps: _finite(run(config, dataset, state, steps).diverged_at)


def _finite(diverged_at: int | None) -> None:
    if diverged_at is not None:
        raise RuntimeError(f"the benchmark's training diverged at step {diverged_at}")


def c_loop(config: Config, *, fixed: bool, directory: Path) -> Callable[[int], None]:
    """Compile the C program, check what it computes against ours, and return what takes steps with it."""
    compiler = c_compiler()
    assert compiler is not None
    neurons, samples = config.network.hidden[0], config.data.sample_count
    source = Path(__file__).with_name("train_in_vectors.c" if fixed else "train.c")
    library = directory / f"train{neurons}{fixed}.so"
    sizes = [f"-DNEURONS={neurons}", f"-DSAMPLES={samples}"] if fixed else []
    flags, compiled = ["-O3", "-march=native", "-ffast-math", "-fPIC", *sizes], str(library.with_suffix(".o"))
    subprocess.run([compiler, *flags, "-c", str(source), "-o", compiled], check=True)
    # Linked without -ffast-math: with it, loading the library lets this whole process flush subnormal numbers to zero.
    subprocess.run([compiler, "-shared", compiled, "-o", str(library)], check=True)
    train = CDLL(str(library)).train
    pointer = POINTER(c_float)
    numbers = [] if fixed else [c_int, c_int]
    train.argtypes = [*numbers, *[pointer] * 6, c_float, c_int]
    train.restype = c_float
    dataset, state = make_dataset(config.data), Trainer(config).state()
    rate = config.training.learning_rate

    def loop(steps: int) -> float:
        arrays = [np.array(a, dtype=np.float32).ravel() for a in (dataset.x_train, dataset.y_train)]
        arrays += [a.copy().ravel() for a in state.parameters]
        pointers = [a.ctypes.data_as(pointer) for a in arrays]
        return float(train(*([] if fixed else [neurons, samples]), *pointers, rate, steps))

    ours = run(config, dataset, state, 1_000).losses[-1]
    if abs(loop(1_000) / ours - 1) > 1e-3:
        raise RuntimeError("the C program does not compute what the compiled engine computes")
    return lambda steps: _finite(None if np.isfinite(loop(steps)) else steps)


def c_compiler() -> str | None:
    """Return a C compiler, or None."""
    return next((path for name in ("cc", "gcc", "clang") if (path := shutil.which(name))), None)


def tutorial_config(neurons: int, samples: int = 20) -> Config:
    """Return the tutorial's job at another width; the rate is lowered where it would diverge."""
    rate = 0.001 if neurons <= 1_000 and samples <= 100 else 0.0001
    network, training = NetworkConfig(hidden=(so_many(neurons, SMALL),)), TrainingConfig(learning_rate=rate)
    return Config(DataConfig(sample_count=samples), network, training)


def times_as_fast(name: str, seconds: float, against: str, reference: float) -> Record:
    """Return a record of the time of a step; its ratio says how many times as fast as the reference."""
    against = f"{against}: {reference * 1e9:.4g} ns"
    return record(name, seconds * 1e9, "ns a step", against, reference / seconds)


def kernel_ratio(neurons: int) -> list[Record]:
    """One hidden ReLU layer, 20 samples, gradient descent: against the tutorial's loop."""
    config = tutorial_config(neurons)
    steps = max(10_000, 1_000_000 // neurons)
    ours, theirs = seconds_per_step([(kernel_loop(config), steps), (tutorial_loop(config), 1_000)])
    return [times_as_fast(f"kernel_ratio_{neurons}", ours, TUTORIAL, theirs)]


def kernel_vs_c(neurons: int) -> list[Record]:
    """The same job against C, once with sizes known at run time and once compiled for these."""
    name = f"kernel_vs_c_{neurons}"
    if c_compiler() is None:
        return [skipped(name, "no C compiler")]
    config = tutorial_config(neurons)
    steps = max(10_000, 1_000_000 // neurons)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        loops = [c_loop(config, fixed=fixed, directory=Path(directory)) for fixed in (False, True)]
        ours, plain, fixed = seconds_per_step([(loop, steps) for loop in (kernel_loop(config), *loops)])
    return [
        record(name, ours * 1e9, "ns a step", f"{PLAIN_C}: {plain * 1e9:.4g} ns", ours / plain),
        record(f"{name}_vectors", ours * 1e9, "ns a step", f"{FIXED_C}: {fixed * 1e9:.4g} ns", ours / fixed),
    ]


def kernel_deep() -> list[Record]:
    """Three hidden layers of 10, tanh, Adam: against the same in the tutorial's loop."""
    config = Config(network=NetworkConfig((10, 10, 10), "tanh"), training=TrainingConfig(optimizer="adam"))
    ours, theirs = seconds_per_step([(kernel_loop(config), 20_000), (tutorial_loop(config), 500)])
    return [times_as_fast("kernel_deep", ours, TUTORIAL, theirs)]


def kernel_growth() -> list[Record]:
    """How the time of a step grows with samples, neurons and layers, beside the tutorial's loop."""
    configs = {f"samples={n}": tutorial_config(10, n) for n in (20, 100, 1_000)}
    configs |= {f"neurons={n}": tutorial_config(n) for n in (1, 10, 100, 1_000)}
    configs |= {f"layers={n}": Config(network=NetworkConfig(hidden=(10,) * n, activation="tanh")) for n in range(1, 7)}
    records = []
    for name, config in configs.items():
        ours, theirs = seconds_per_step([(kernel_loop(config), 20_000), (tutorial_loop(config), 200)])
        records.append(times_as_fast(f"kernel_growth {name}", ours, TUTORIAL, theirs))
    return records


def swarm_starts(count: int = 256, config: Config | None = None) -> list[Start]:
    """Return the beginnings of a job, by default the tutorial's, with different seeds."""
    configs = [(config or Config()).replace("network.seed", seed) for seed in range(so_many(count, 2))]
    return [Start(one, make_dataset(one.data), Trainer(one).state()) for one in configs]


def swarm_ratio() -> list[Record]:
    """256 networks of 10 neurons at once, on all cores: a network's step against the tutorial's loop."""
    starts = swarm_starts()

    def together(total: int) -> None:
        run_many(starts, total // len(starts), 100)

    ours, theirs = seconds_per_step([(together, 40_000 * len(starts)), (tutorial_loop(Config()), 1_000)])
    return [times_as_fast("swarm_ratio_10", ours, f"{TUTORIAL} (ours on {core_count()} cores)", theirs)]


def swarm_cores() -> list[Record]:
    """256 networks of 10 neurons at once on one core and on all, against one after the other."""
    starts, cores = swarm_starts(), core_count()

    def one_by_one(total: int) -> None:
        for start in starts:
            run(start.config, start.dataset, start.state, total // len(starts), 100)

    def together(threads: int) -> Callable[[int], object]:
        return lambda total: run_many(starts, total // len(starts), 100, threads=threads)

    total = 40_000 * len(starts)
    alone, one, all_cores = seconds_per_step([(one_by_one, total), (together(1), total), (together(cores), total)])
    return [
        times_as_fast("swarm_cores 1", one, "one after the other on one core", alone),
        times_as_fast(f"swarm_cores {cores}", all_cores, "the same on one core", one),
    ]


def first_compile() -> list[Record]:
    """A first launch, which compiles everything, beside numba's import and the first function that it compiles."""
    compiled = "tinynet_gui.core.training.compiled"
    bare = "import json" if Effort.is_quick else "import numba; numba.njit('int64(int64)')(lambda n: n + 1)"
    bare = f"import tinynet_gui.core.config, numpy; import time; t = time.perf_counter(); {bare}; "
    bare += "print(time.perf_counter() - t)"
    compile_all = f"from {compiled} import warm_up; {'warm_up.PARTS = ();' if Effort.is_quick else ''} warm_up.main()"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        environment = {**os.environ, CACHE_VARIABLE: directory}
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", compile_all], env=environment, check=True)
        first = time.perf_counter() - begin
        command = [sys.executable, "-c", bare]
        runs = [subprocess.run(command, env=environment, check=True, capture_output=True) for _ in range(so_many(3))]
        later = statistics.median(float(done.stdout) for done in runs)
    return [beside("first_compile", first, "s", "the import of numba and the first function that it compiles", later)]


BENCHMARKS: Benchmarks = {
    **{f"kernel_ratio_{n}": partial(kernel_ratio, n) for n in (10, 100, 1_000)},
    **{f"kernel_vs_c_{n}": partial(kernel_vs_c, n) for n in (10, 100, 1_000)},
    "kernel_deep": kernel_deep,
    "kernel_growth": kernel_growth,
    "swarm_ratio_10": swarm_ratio,
    "swarm_cores": swarm_cores,
    "first_compile": first_compile,
}
