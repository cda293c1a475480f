"""Activations and losses in compiled code, sixteen values at a time.

A code is the index of a record in its registry. The arithmetic comes from the record, so a new record needs nothing
here; an activation that cannot be compiled is left out, and refused by its name.
"""

from typing import Any

import numpy as np

from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import ConfigError, NetworkConfig
from tinynet_gui.core.numerics.arrays import Ints
from tinynet_gui.core.training.compiled.compile import by_code, compiled, inlined
from tinynet_gui.core.training.compiled.math import on_vectors, trouble_of
from tinynet_gui.core.training.compiled.vector import LANES, load, store

_TROUBLES = {name: trouble_of(each.function, each.derivative) for name, each in ACTIVATIONS.items()}
_COMPILED = [name for name, trouble in _TROUBLES.items() if not trouble]
LOSS_CODES = {name: code for code, name in enumerate(LOSSES)}

_ACTIVATE = """
for i in range(start, stop, LANES):
    u = load(values, i)
    store(values, i, function(u))
    store(slopes, i, derivative(u))
return
"""

# Replaces pre-activations u by activations h in place, and writes dh/du beside them: in values and slopes, float32,
# flat, elements start to stop, a multiple of 16 of them.
activate: Any = compiled(
    by_code(
        "activate(code, values, slopes, start, stop)",
        _ACTIVATE,
        [
            {"function": on_vectors(activation.function), "derivative": on_vectors(activation.derivative)}
            for activation in map(ACTIVATIONS.__getitem__, _COMPILED)
        ],
        {"LANES": LANES, "load": load, "store": store},
    )
)


def activation_codes(network: NetworkConfig) -> Ints:
    """Return the code of each hidden layer's activation; ConfigError if a record cannot be compiled."""
    for name in network.activation_names:
        if name not in _COMPILED:
            allowed = "a function of u is made of + − · /, numbers and core.choices.elementary"
            raise ConfigError("network.activation", f"{name} cannot be compiled, as {_TROUBLES[name]}; {allowed}")
    return np.array([_COMPILED.index(name) for name in network.activation_names], dtype=np.int64)


def _by_loss(facet: str) -> Any:
    functions = [{facet: on_vectors(getattr(loss, facet))} for loss in LOSSES.values()]
    return inlined(by_code("by_loss(code, error)", f"return {facet}(error)", functions))


loss_of = _by_loss("function")  # of each sample, from its error ŷ − y
loss_slope = _by_loss("derivative")  # by the error
