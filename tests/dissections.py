"""Steps of a few runs, taken apart: what the tests of the microscope look at."""

from functools import cache

from tests.runs import trained
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.step.dissection import Dissection, dissect
from tinynet_gui.core.training.start import TrainerState

RUNS: dict[str, dict[str, object]] = {
    "sgd": {},
    "nesterov": {"training.optimizer": "momentum", "training.nesterov": True, "training.weight_decay": 0.01},
    "adam": {"training.optimizer": "adam", "training.batch_size": 6},
    "rmsprop": {"training.optimizer": "rmsprop", "training.loss": "huber"},
    "batches": {"training.batch_size": 7, "training.loss": "l1", "network.activation": "tanh"},
    "deep": {"network.hidden": (8, 8, 8), "network.activation": "leaky_relu"},
    "wide": {"network.hidden": (1_000,)},
    "linear": {"network.hidden": ()},
    "one sample": {"training.batch_size": 1},
}


@cache
def dissection(name: str, steps: int = 11) -> Dissection:
    config = Config().with_changes(RUNS[name])
    return dissect(config, trained(config, steps).state())


def some_parameters(d: Dissection) -> list[ParameterRef]:
    """A weight and a bias of each layer, in the middle of it."""
    found = []
    for layer, here in enumerate(d.layers):
        row, column = (size // 2 for size in here.weight.shape)
        found += [ParameterRef(layer, "weight", (row, column)), ParameterRef(layer, "bias", (row,))]
    return found


def optimizer_config(optimizer: str, nesterov: bool, weight_decay: float, l1: float = 0.0) -> Config:
    """A small run with an optimiser."""
    config = Config().replace("network.hidden", (4, 3)).replace("training.learning_rate", 0.01)
    config = config.replace("training.optimizer", optimizer).replace("training.nesterov", nesterov)
    return config.replace("training.weight_decay", weight_decay).replace("training.l1", l1)


def broken_dissection(hidden: tuple[int, ...], optimizer: str, value: float) -> Dissection:
    """The next step of a network of which every other number is replaced by one that does not bode well."""
    config = optimizer_config(optimizer, False, 0.1).replace("network.hidden", hidden)
    state = trained(config, 2).state()
    parameters = [array.copy() for array in state.parameters]
    for array in parameters:
        array.flat[::2] = value
    return dissect(config, TrainerState(state.step, tuple(parameters), state.slots))
