"""A network that was read, checked against those that can be trained here."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.config import MAX_HIDDEN_LAYERS, MAX_WIDTH, Config
from tinynet_gui.core.config.setting_text import setting_value
from tinynet_gui.core.data.scaling import AS_THEY_ARE, STANDARDISE, Scaling
from tinynet_gui.core.network.first_weights import FirstWeights
from tinynet_gui.core.network.forward import as_layers
from tinynet_gui.core.numerics.arrays import Array
from tinynet_gui.core.text.numbers import counted
from tinynet_gui.core.text.shortened import shortened, written
from tinynet_gui.core.text.words import listed
from tinynet_gui.core.training.dataset import make_dataset
from tinynet_gui.core.values import dataclass

MOST_ARRAYS = 2 * (MAX_HIDDEN_LAYERS + 1)
MOST_NUMBERS = 2 * MAX_WIDTH + 1 + (MAX_HIDDEN_LAYERS - 1) * (MAX_WIDTH + 1) * MAX_WIDTH + MAX_WIDTH  # of a network
SCALES = tuple(field.name for field in fields(Scaling))
AGREES = 1e-9  # of a mean and a deviation, relative to their size: a spreadsheet may have cut their last digits


class NetworkFileError(ValueError):
    """The network cannot be opened; the message says why, and where in the file."""

    def __init__(self, trouble: str) -> None:
        super().__init__(shortened(trouble))


@dataclass(frozen=True)
class OpenedNetwork:
    """A network that was read.

    Attributes
    ----------
    parameters
        As in `core.training.state.TrainerState`.
    scaling
        What its samples were standardised by, if the file has that.
    remark
        What the user should know about the reading, such as missing digits; "" if nothing.
    """

    parameters: tuple[Array, ...]
    scaling: Scaling = AS_THEY_ARE
    remark: str = ""


def network_of(named: Sequence[tuple[str, npt.NDArray[Any]]], remark: str = "") -> OpenedNetwork:
    """Return the network of some arrays: weight, bias, weight, bias, ... in their order, and μ and σ by their names.

    `NetworkFileError` if they do not make a network 1 → hidden layers → 1, or are not finite.
    """
    scales = {name: array for name, array in named if name in SCALES}
    arrays = [(name or f"array {place + 1}", array) for place, (name, array) in enumerate(named) if name not in SCALES]
    _check_shapes(arrays)
    found = list[Array]()
    for name, array in arrays:
        with np.errstate(over="ignore"):
            single = array.astype(np.float32)
        if len(bad := np.argwhere(~np.isfinite(single))):
            value, place = array[tuple(bad[0])], ", ".join(map(str, bad[0]))
            trouble = f"{written(name)} has {value:g} at [{place}]: only finite float32 numbers are allowed"
            raise NetworkFileError(trouble)
        found.append(single)
    return OpenedNetwork(tuple(found), _scaling(scales), remark)


def _check_shapes(arrays: Sequence[tuple[str, npt.NDArray[Any]]]) -> None:
    if not arrays:
        raise NetworkFileError("there are no weights in it")
    inputs = 1
    order = f"; layers are taken in the order in which they are in the file ({written(arrays[0][0])} first)"
    for place, (name, array) in enumerate(arrays):
        shape, what = array.shape, written(name)
        if place % 2:
            if shape != (inputs,):
                raise NetworkFileError(f"{what} of shape {shape} is not a bias of {counted(inputs, 'neuron')}")
            continue
        if len(shape) != 2:
            raise NetworkFileError(f"{what} of shape {shape} is not a weight of a Linear layer: (outputs, inputs)")
        if place == len(arrays) - 1 or arrays[place + 1][1].ndim != 1:
            raise NetworkFileError(f"{what} has no bias after it; each layer of networks here has one")
        if place == 0 and shape[1] != 1:
            known = order if len(arrays) > 2 else ""
            raise NetworkFileError(f"its first layer takes {shape[1]:,} inputs; networks here have one{known}")
        if shape[1] != inputs:
            raise NetworkFileError(f"the layers do not fit: {what} takes {shape[1]:,} inputs, not {inputs:,}{order}")
        inputs = shape[0]
        if not 1 <= inputs <= MAX_WIDTH:
            raise NetworkFileError(f"{what} gives {counted(inputs, 'output')}; a layer here has 1 to {MAX_WIDTH:,}")
    if inputs != 1:
        raise NetworkFileError(f"its last layer gives {inputs:,} outputs; networks here have one")
    if len(arrays) > MOST_ARRAYS:
        raise NetworkFileError(f"{len(arrays) // 2 - 1} hidden layers are not allowed: 0 to {MAX_HIDDEN_LAYERS}")


def _scaling(scales: Mapping[str, npt.NDArray[Any]]) -> Scaling:
    values = {}
    for name, array in scales.items():
        if array.size != 1 or not np.isfinite(array).all() or (name.endswith("deviation") and array.item() <= 0):
            raise NetworkFileError(f"{name} is not a mean or deviation: a single finite number, a deviation above 0")
        values[name] = float(array.item())
    for axis in "xy":
        if (f"{axis}_mean" in values) != (f"{axis}_deviation" in values):
            raise NetworkFileError(f"{axis}_mean and {axis}_deviation go together: one of them is missing")
    return Scaling(**values)


def setting_of(opened: OpenedNetwork, origin: str, config: Config) -> tuple[Config, str]:
    """Return the setting of a run that begins with a network that was opened, and a sentence about it.

    Data and training stay. So that the curve is the one that the network had, its samples are standardised if the
    present ones have the same μ and σ as its own; else they are not, and the network is put into the data's own units.

    `NetworkFileError` if its numbers in the data's own units are beyond float32.
    """
    parameters, scaling = opened.parameters, opened.scaling
    standardise = "xy" if scaling.has_y else "x" if scaling.has_x else "none"
    seen = make_dataset(replace(config.data, standardise=standardise)).scaling
    remarks = [opened.remark] if opened.remark else []
    if not np.allclose(astuple(seen), astuple(scaling), rtol=AGREES, atol=0):
        with np.errstate(over="ignore", invalid="ignore"):
            layers = scaling.in_units_of_data(as_layers(parameters))
        parameters = tuple(array for layer in layers for array in (layer.weight, layer.bias))
        if not all(np.isfinite(array).all() for array in parameters):
            raise NetworkFileError("in the data's own units its weights are beyond float32")
        standardise = "none"
        remarks.append("now in the data's own units, as its μ and σ are not those of these samples")
    if standardise != config.data.standardise:
        remarks.append(f"Standardise: {STANDARDISE[standardise]}")
    weights = FirstWeights(parameters, origin)
    changes = {"network.hidden": weights.hidden, "network.first_weights": weights, "data.standardise": standardise}
    new = config.with_changes(changes)
    shape = f"{listed([f'{width:,}' for width in weights.hidden])} neurons" if weights.hidden else "no hidden layer"
    activation = f", activation {setting_value(new, 'network.activation')} kept" if weights.hidden else ""
    said = "; ".join([f"Opened {shortened(weights.origin, 30)}: {shape}{activation}", *remarks])
    return new, f"{said}."
