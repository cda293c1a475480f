"""First weights that PyTorch does not draw here, as code: written out, or read from a table beside it."""

from tinynet_gui.core.config import NetworkConfig
from tinynet_gui.core.export.data_code import SampleFiles
from tinynet_gui.core.export.literals import float32_code, indented, printable, wrapped
from tinynet_gui.core.network.draws import rounding_here
from tinynet_gui.core.network.first_weights import FirstWeights
from tinynet_gui.core.network_files.writing import numbers_csv
from tinynet_gui.core.training.initial_parameters import initial_parameters

_COPY = [
    "with torch.no_grad():",
    *indented(
        [
            "counts = [parameter.numel() for parameter in network.parameters()]",
            "for parameter, values in zip(network.parameters(), torch.tensor(weights).split(counts)):",
            *indented(["parameter[...] = values.reshape(parameter.shape)"]),
        ]
    ),
]


def weights_to_write(config: NetworkConfig) -> FirstWeights | None:
    """Return the first weights that PyTorch does not draw here: they are from elsewhere, or rounded differently."""
    rounding = rounding_here()
    if config.first_weights is not None or config.needs_torch or not config.is_random or config.rounding == rounding:
        return config.first_weights
    origin = f"seed {config.seed}, rounded {config.rounding} (PyTorch rounds {rounding} here)"
    return FirstWeights(initial_parameters(config), origin)


def weights_code(weights: FirstWeights, files: SampleFiles) -> list[str]:
    """Return lines that give a network these weights and biases; from a table if they are many."""
    lines = [f"# its weights and biases, in their order in network.parameters(), from {printable(weights.origin)}"]
    if sum(array.size for array in weights.parameters) <= files.most_written:
        numbers = [float32_code(value) for array in weights.parameters for value in array.ravel().tolist()]
        return [*lines, "weights = np.array([", wrapped(numbers), '], dtype="float32")', *_COPY]
    return [*lines, *files.weights_code(numbers_csv(weights.parameters)), *_COPY]
