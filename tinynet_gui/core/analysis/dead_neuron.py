"""Why a ReLU neuron is dead, and what would help."""

import numpy as np

from tinynet_gui.core.analysis.diagnosis import Explanation
from tinynet_gui.core.analysis.dying_relu import Death, chance_of_the_dead
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.text.numbers import plain, told_apart


def explain_dead_neuron(
    config: Config, layer: int, index: int, death: Death | None, recorded_from: int = 0
) -> Explanation:
    """Say why a neuron is dead.

    Parameters
    ----------
    death
        From `core.analysis.dying_relu_search`, None if it has been dead for as long as there is a record.
    recorded_from
        The step at which the record begins.
    """
    name = f"Neuron {index + 1} of hidden layer {layer + 1}"
    chance = chance_of_the_dead(config, layer)
    lasting = f"A ReLU that is 0 has the slope 0: no gradient reaches its weights, and {chance}."
    if death is None and recorded_from > 0:
        what = f"{name} gives 0 on every sample, and did so already at step {recorded_from:,}."
        why = "What was before is no longer recorded: the run was changed at too many places."
        return Explanation(
            (what, why, lasting), {"network.activation": "leaky_relu"}, "Use leaky ReLU, which is never flat"
        )
    if death is None:
        what = f"{name} gives 0 on every sample, and has done so from the first weights on."
        why = "The seed put its kink outside the samples, or the values that come in never add up to more than 0."
        if (
            layer == 0
            and INITIALIZATIONS[config.network.initialization].has_biases
            and config.data.x_min < 0 < config.data.x_max
        ):
            return Explanation(
                (what, why, lasting),
                {"network.initialization": "kaiming"},
                "Begin with Kaiming's weights: with biases of 0 every kink is at x = 0, among the samples",
            )
        return Explanation(
            (what, why, lasting), {"network.activation": "leaky_relu"}, "Use leaky ReLU, which is never flat"
        )
    when = f"numbers were set by hand at step {death.step:,}" if death.is_by_hand else f"step {death.step:,}"
    cause = "That change" if death.is_by_hand else "That update"
    what = (
        f"{name} gives 0 on every sample since {when}: "
        f"before it, {_samples(death.samples_before)} still made it active."
    )
    if death.by_its_own_update:
        moves = np.concatenate([death.weights_after - death.weights_before, [death.bias_after - death.bias_before]])
        largest = float(np.max(np.abs(moves)))
        why = "{} moved its bias from {} to {}".format(cause, *told_apart(death.bias_before, death.bias_after))
        if len(death.weights_before) == 1:
            before, after = told_apart(float(death.weights_before[0]), float(death.weights_after[0]))
            why += f" and its weight from {before} to {after}, and w·x + b is above 0 for no sample any more."
        else:
            why += f" and its parameters by up to {plain(largest)}, and its pre-activation is above 0 for no sample "
            why += "any more."
    else:
        why = (
            f"Not its own weights did it: {cause.lower()} moved the layers before it, and what they send it adds up "
            "to less."
        )
    return Explanation(
        (what, why, lasting),
        {"network.activation": "leaky_relu"},
        "Use leaky ReLU, which is never flat",
        update=None if death.is_by_hand else death.before,
    )


def _samples(count: int) -> str:
    return "one sample" if count == 1 else f"{count:,} samples"
