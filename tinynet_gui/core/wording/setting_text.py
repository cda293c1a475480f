"""How the value of a setting is written: beside its label, and alone, where a few words must do."""

from collections.abc import Mapping
from typing import Any

from tinynet_gui.core.config import SETTINGS, Config
from tinynet_gui.core.config.targets import TARGETS
from tinynet_gui.core.data.scaling import STANDARDISE
from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.text.numbers import count_text, counted, plain
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.training.losses import LOSSES
from tinynet_gui.core.training.optimizers import OPTIMIZERS
from tinynet_gui.core.wording.neuron_names import source_text

MOST_CHARACTERS = 24  # of a formula or of where points come from
_REGISTRIES: dict[str, Mapping[str, Any]] = {
    "data.target": TARGETS,
    "network.activation": ACTIVATIONS,
    "network.initialization": INITIALIZATIONS,
    "training.loss": LOSSES,
    "training.optimizer": OPTIMIZERS,
}


def setting_value(config: Config, path: str) -> str:
    """Write the value of a setting: 0.01, “8, 8”, Adam, 30 %."""
    value = config.get(path)
    match value:
        case bool():
            text = "yes" if value else "no"
        case int() if not path.endswith("seed"):
            text = count_text(value)
        case int() | float():
            text = f"{plain(100 * value)} %" if SETTINGS[path].unit == "%" else plain(value, 10)
        case tuple():
            text = ", ".join(f"{width:,}" for width in value) or "none"
        case _:
            text = shortened(str(value), MOST_CHARACTERS)
    if path in _REGISTRIES:
        text = _REGISTRIES[path][value].label
    elif path == "data.standardise":
        text = STANDARDISE[value]
    elif path == "data.points":
        text = "generated" if value is None else shortened(source_text(config.data), 2 * MOST_CHARACTERS)
    elif path == "training.batch_size" and value == 0:
        text = "all samples"
    return text


def setting_in_short(config: Config, path: str) -> str:
    """Write a setting so that it can be read alone: lr 0.01, “8, 8”, 10 neurons, seed 7, Adam, noise 0.5."""
    value, text = config.get(path), setting_value(config, path)
    match path, value:
        case "network.hidden", ():
            return "no hidden layer"
        case ("network.hidden", (count,)) | ("data.sample_count", count):
            return counted(count, "neuron" if path == "network.hidden" else "sample")
        case "data.target", "formula":
            return setting_value(config, "data.formula")
        case "data.points", None:
            return setting_in_short(config, "data.target")
        case "data.points", _:
            return shortened(value.origin or "edited samples", MOST_CHARACTERS)
        case "training.batch_size", 0:
            return text
    if path in _REGISTRIES:
        return text
    label, short = SETTINGS[path].label, SETTINGS[path].short
    return short.format(text) if short else f"{label if len(label) <= 2 else label[0].lower() + label[1:]} {text}"
