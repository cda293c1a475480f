"""The order of a run's mini-batches as code."""

from collections.abc import Collection

from tinynet_gui.core.config import Config
from tinynet_gui.core.training.batches import steps_per_epoch

SHUFFLED = '''\
def mixed(z):
    """Whole numbers with their bits mixed well: a small generator of random numbers, SplitMix64."""
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def shuffled(epoch, n_samples, seed):
    """The order in which an epoch takes the samples: each draws a number, and the smallest comes first."""
    stream = mixed(mixed(np.array([seed], dtype="uint64")) + np.uint64(epoch))
    places = np.arange(n_samples, dtype="uint64")
    return np.argsort(mixed(stream + places * np.uint64(0x9E3779B97F4A7C15)), kind="stable")'''


def has_batches(config: Config, counts: Collection[int]) -> bool:
    """Whether some step uses only part of the samples; `counts` are the numbers of samples during the run."""
    return any(steps_per_epoch(config, count) > 1 for count in counts)


def batch_code(config: Config, counts: Collection[int]) -> list[str]:
    """Return lines that compute the samples of a step, ``chosen``, by `SHUFFLED`; `counts` as in `has_batches`."""
    order = f"shuffled(epoch, len(x_train), seed={config.data.seed})"
    if any(steps_per_epoch(config, count) == 1 for count in counts):
        order = f"{order} if n_batches > 1 else np.arange(len(x_train))"
    return [
        "n_batches = -(-len(x_train) // batch_size)  # rounded up: the last one may be smaller",
        "epoch, batch = divmod(step, n_batches)",
        f"order = {order}",
        "chosen = order[batch * batch_size : (batch + 1) * batch_size]",
    ]
