"""What a network is to learn, in one sentence."""

from tinynet_gui.core.config import Config, DataConfig
from tinynet_gui.core.config.targets import FORMULA, TARGETS
from tinynet_gui.core.text.numbers import counted
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.training.dataset import make_dataset

MOST = 60  # characters of a formula, or of a name


def task_text(config: Config) -> str:
    """Say what is learned from how many samples: “A network of 10 neurons learns y = x² from 20 samples.”"""
    hidden, samples = config.network.hidden, len(make_dataset(config.data).x_train)
    neurons = counted(sum(hidden), "neuron") if hidden else "no hidden neurons"
    layers = f" in {len(hidden)} layers" if len(hidden) > 1 else ""
    return f"A network of {neurons}{layers} learns {_learned(config.data)} from {counted(samples, 'sample')}."


def _learned(data: DataConfig) -> str:
    if data.true_formula is None and data.points is not None:
        x, y = (shortened(name, MOST) for name in (data.points.x_name or "x", data.points.y_name or "y"))
        return f"how {y} depends on {x}"
    label = TARGETS[data.target].label
    is_name = data.target == FORMULA or label.isalpha()
    return f"y = {shortened(data.target_formula, MOST) if is_name else label}"
