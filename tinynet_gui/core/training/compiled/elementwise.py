"""Activations and losses in compiled code, sixteen values at a time.

A code is the index of a record in its registry. The arithmetic comes from the record, so a new record needs nothing
here.
"""

from typing import Any

from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.training.compiled.compile import by_code, compiled, inlined
from tinynet_gui.core.training.compiled.math import on_vectors
from tinynet_gui.core.training.compiled.vector import LANES, load, store

ACTIVATION_CODES = {name: code for code, name in enumerate(ACTIVATIONS)}
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
            for activation in ACTIVATIONS.values()
        ],
        {"LANES": LANES, "load": load, "store": store},
    )
)


def _by_loss(facet: str) -> Any:
    functions = [{facet: on_vectors(getattr(loss, facet))} for loss in LOSSES.values()]
    return inlined(by_code("by_loss(code, error)", f"return {facet}(error)", functions))


loss_of = _by_loss("function")  # of each sample, from its error ŷ − y
loss_slope = _by_loss("derivative")  # by the error
