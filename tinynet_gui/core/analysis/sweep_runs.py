"""Train many configurations with the compiled loop, some at a time, and note what came of each."""

import os
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.analysis.quantiles import quantiles
from tinynet_gui.core.analysis.summaries import where_dead
from tinynet_gui.core.analysis.sweep_results import ExperimentResult, Spread, TrainedRun
from tinynet_gui.core.arrays import Array, owned
from tinynet_gui.core.config import MAX_SEED, Config
from tinynet_gui.core.data.dataset import make_dataset, plot_grid
from tinynet_gui.core.network.forward import active_counts, output_curve
from tinynet_gui.core.right_of_way import give_way
from tinynet_gui.core.run.snapshot import as_layers
from tinynet_gui.core.training.compiled import kernel
from tinynet_gui.core.training.trainer import Trainer

Stop = npt.NDArray[np.uint8]
Report = Callable[[float, ExperimentResult | None], None]

BATCH = 32  # runs between two reports: two vectors of sixteen, one for each core
BATCH_PARAMETERS = 10_000_000  # in all runs of a batch, each of which is there three times or more
CURVE_POINTS = 100


def train_all(configs: Sequence[Config], stop: Stop) -> Iterator[list[TrainedRun]]:
    """Train configurations of one network to their stop step, and yield what came of it, some at a time.

    It looks at `stop` before each thing that takes long: to make one large network takes a second.
    """
    size = batch_size(configs)
    for first in range(0, len(configs), size):
        trainers: list[Trainer] = []
        for config in configs[first : first + size]:
            give_way()
            if stop[0]:
                return
            trainers.append(Trainer(config))
        starts = [kernel.Start(t.config, t.dataset, t.state()) for t in trainers]
        total, stride = trainers[0].config.training.stop_step, stride_of(trainers[0].config)
        runs = kernel.run_many(starts, total, stride, stop=stop)
        done: list[TrainedRun] = []
        for trainer, run in zip(trainers, runs, strict=True):
            give_way()
            if stop[0]:
                return
            done.append(_trained_run(trainer, run))
        yield done


def batch_size(configs: Sequence[Config]) -> int:
    """Return how many runs go together: fewer large networks, so that they fit into the memory."""
    largest = max((config.network.parameter_count for config in configs), default=1)
    return min(BATCH, max(os.cpu_count() or 1, BATCH_PARAMETERS // largest))


def spread(losses: Sequence[float]) -> Spread:
    """Return the quartiles."""
    low, median, high = quantiles(losses, [0.25, 0.5, 0.75]).tolist()
    return Spread(low, median, high)


def seeds_of(config: Config, runs: int) -> list[Config]:
    """Return the configuration with so many seeds of the network, from its own on."""
    return [config.replace("network.seed", (config.network.seed + k) % (MAX_SEED + 1)) for k in range(runs)]


def samples_of(config: Config) -> tuple[Array, Array]:
    """Return x and y of the training samples."""
    dataset = make_dataset(config.data)
    return dataset.x_train[:, 0], dataset.y_train[:, 0]


def stride_of(config: Config) -> int:
    """Return the distance of two points of a loss curve."""
    return max(1, config.training.stop_step // CURVE_POINTS)


def _trained_run(trainer: Trainer, run: kernel.KernelRun) -> TrainedRun:
    config = trainer.config
    before = _dead_counts(trainer, trainer.state().parameters)
    trainer.adopt(run.state, run.diverged_at)
    after = _dead_counts(trainer, run.state.parameters)
    layers = as_layers(run.state.parameters)
    widths = config.network.hidden
    diverged = run.diverged_at is not None
    return TrainedRun(
        config=config,
        final_loss=float("inf") if diverged else trainer.loss(),
        validation_loss=float("inf") if diverged and len(trainer.dataset.x_held_out) else trainer.held_out_loss(),
        losses=run.losses,
        output=owned(output_curve(layers, config.network.activation, plot_grid(config.data))),
        neurons=widths[0] if widths else 0,
        dead_at_start=before[0] if before else 0,
        worst_dead_share=max((dead / width for dead, width in zip(after, widths, strict=True)), default=0.0),
        diverged_at=run.diverged_at,
    )


def _dead_counts(trainer: Trainer, parameters: Sequence[Array]) -> list[int]:
    """For each hidden layer, how many neurons are dead."""
    activation = trainer.config.network.activation
    counts = active_counts(as_layers(parameters), activation, trainer.dataset.x_train[:, 0])
    return [int(np.count_nonzero(mask)) for mask in where_dead(activation, counts)]
