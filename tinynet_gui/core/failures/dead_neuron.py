"""Why a ReLU neuron is dead, and what usually helps."""

import numpy as np

from tinynet_gui.core.choices.activations import ActivationNames
from tinynet_gui.core.config import Config, NetworkConfig
from tinynet_gui.core.failures.diagnosis import Explanation
from tinynet_gui.core.failures.dying_relu import Death, DeathBetween, chance_of_the_dead
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.text.numbers import plain, told_apart
from tinynet_gui.core.text.words import numbered_layer


def leaky(network: NetworkConfig) -> tuple[dict[str, ActivationNames], str]:
    """Return the change to try, leaky ReLU in the layers that can die, and its name."""
    layers = zip(network.activation_names, network.activations, strict=True)
    names = tuple("leaky_relu" if activation.switches_off else name for name, activation in layers)
    return {"network.activation": names}, "Use leaky ReLU, which is never flat"


def explain_dead_neuron(config: Config, layer: int, index: int, death: Death | DeathBetween | None) -> Explanation:
    """Say why a neuron is dead, and what is worth trying.

    `death` comes from `dying_relu_search`; None if the neuron was dead from the first weights on.
    """
    name = f"Neuron {index + 1} of {numbered_layer(layer)}"
    lasting = (
        f"A ReLU that is 0 has the slope 0: no gradient reaches its weights, and {chance_of_the_dead(config, layer)}."
    )
    match death:
        case Death():
            return _explain_death(name, lasting, death, config.network)
        case DeathBetween(first=None):
            what = f"{name} gives 0 on every sample, and did so wherever this long run was looked at."
            why = f"Between those steps it may have been active for a while, at the latest before step {death.last:,}."
            return Explanation((what, why, lasting), *leaky(config.network))
        case DeathBetween():
            what = f"{name} gives 0 on every sample: it died between step {death.first:,} and step {death.last:,}."
            why = "To look at each step in between would take too long."
            return Explanation((what, why, lasting), *leaky(config.network))
    what = f"{name} gives 0 on every sample, and has done so from the first weights on."
    network = config.network
    source = "The seed" if network.first_weights is None else network.first_weights.origin
    why = f"{source} put its kink outside the samples, or the values that come in never add up to more than 0."
    is_centred = config.data.standardise != "none"
    low, high = (-1.0, 1.0) if is_centred else config.data.x_range
    draws_biases = INITIALIZATIONS[network.initialization].has_biases and network.is_random
    if layer == 0 and draws_biases and network.first_weights is None and low < 0 < high:
        return Explanation(
            (what, why, lasting),
            {"network.initialization": "kaiming"},
            "Begin with Kaiming's weights: with biases of 0 every kink is at "
            f"{'the mean of x' if is_centred else 'x = 0'}, among the samples",
        )
    return Explanation((what, why, lasting), *leaky(config.network))


def _explain_death(name: str, lasting: str, death: Death, network: NetworkConfig) -> Explanation:
    if death.culprit == "the samples":
        what = f"{name} gives 0 on every sample since the samples were changed at step {death.step:,}."
        why = f"Of those before, {_samples(death.samples_before)} still made it active; Undo brings them back."
        return Explanation((what, why, lasting), *leaky(network))
    when = f"numbers were set by hand at step {death.step:,}" if death.is_by_hand else f"step {death.step:,}"
    cause = "That change" if death.is_by_hand else "That update"
    what = (
        f"{name} gives 0 on every sample since {when}: "
        f"before it, {_samples(death.samples_before)} still made it active."
    )
    moves = np.concatenate([death.weights_after - death.weights_before, [death.bias_after - death.bias_before]])
    largest = plain(float(np.max(np.abs(moves))))
    why = "{} moved its bias from {} to {}".format(cause, *told_apart(death.bias_before, death.bias_after))
    if death.layer == 0:
        before, after = told_apart(float(death.weights_before[0]), float(death.weights_after[0]))
        why += f" and its weight from {before} to {after}, and w·x + b is above 0 for no sample any more."
    elif death.culprit == "the layers before":
        why = (
            f"Its own weights did not do it: {cause.lower()} moved the layers before it, and what they send it adds up "
        )
        why += "to less."
    else:
        why += f" and its parameters by up to {largest}"
        why += {
            "its own weights": ", and its pre-activation is above 0 for no sample any more.",
            "either": "; the layers before it moved too. Either alone would have done it.",
        }.get(death.culprit, ", and the layers before it too. Neither alone would have done it: both together did.")
    return Explanation((what, why, lasting), *leaky(network), update=None if death.is_by_hand else death.before)


def _samples(count: int) -> str:
    return "one sample" if count == 1 else f"{count:,} samples"
