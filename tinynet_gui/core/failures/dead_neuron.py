"""Why a ReLU neuron is dead, and what usually helps."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from tinynet_gui.core.choices.activations import ActivationNames
from tinynet_gui.core.config import Config, NetworkConfig
from tinynet_gui.core.failures.diagnosis import Explanation
from tinynet_gui.core.failures.symptoms import Death, DeathBetween, describe_death, revival_clause, stays_dead
from tinynet_gui.core.network.forward import active_counts, as_layers
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.run.events import ParameterSet, StepRule, samples_changed_at
from tinynet_gui.core.run.replay import Moment, Replay
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text, plain, told_apart
from tinynet_gui.core.training.start import TrainerState, batch_length
from tinynet_gui.core.values import Array, Flags, Stop


def leaky_relu_change(network: NetworkConfig) -> tuple[dict[str, ActivationNames], str]:
    """Return the change to leaky ReLU in the layers that can die, and its name."""
    layers = zip(network.activation_names, network.activations, strict=True)
    names = tuple("leaky_relu" if activation.switches_off else name for name, activation in layers)
    return {"network.activation": names}, _("Use leaky ReLU, which is never flat")


def explain_dead_neuron(config: Config, layer: int, index: int, death: Death | DeathBetween | None) -> Explanation:
    """Say why a neuron is dead, and what is worth trying.

    `death` comes from `DeathSearch`; None if the neuron was dead from the first weights on.
    """
    name = _("Neuron {name} of hidden layer {number}").format(name=index + 1, number=layer + 1)
    # Translators: {chance} is such as “by itself it cannot come back”.
    lasting = _("A ReLU that is 0 has the slope 0: no gradient reaches its weights, and {chance}.")
    lasting = lasting.format(chance=revival_clause(config, layer))
    match death:
        case Death():
            return _explain_death(name, lasting, death, config.network)
        case DeathBetween(first=None):
            # Translators: {name} is such as “Neuron 3 of hidden layer 1”.
            what = _("{name} gives 0 on every sample, and did so wherever this long run was looked at.")
            why = _("Between those steps it may have been active for a while, at the latest before step {step}.")
            why = why.format(step=count_text(death.last))
            return Explanation((what.format(name=name), why, lasting), *leaky_relu_change(config.network))
        case DeathBetween(first=int(first)):
            what = _("{name} gives 0 on every sample: it died between step {first} and step {last}.")
            what = what.format(name=name, first=count_text(first), last=count_text(death.last))
            why = _("To look at each step in between would take too long.")
            return Explanation((what, why, lasting), *leaky_relu_change(config.network))
    what = _("{name} gives 0 on every sample, and has done so from the first weights on.").format(name=name)
    network = config.network
    why = _("The seed put its kink outside the samples, or the values that come in never add up to more than 0.")
    if network.first_weights is not None:
        why = _("{source} put its kink outside the samples, or the values that come in never add up to more than 0.")
        why = why.format(source=network.first_weights.origin)
    is_centred = config.data.standardise != "none"
    low, high = (-1.0, 1.0) if is_centred else config.data.x_range
    draws_biases = INITIALIZATIONS[network.initialization].has_biases and network.is_random
    if layer == 0 and draws_biases and network.first_weights is None and low < 0 < high:
        label = _("Begin with Kaiming's weights: with biases of 0 every kink is at x = 0, among the samples")
        if is_centred:
            label = _(
                "Begin with Kaiming's weights: with biases of 0 every kink is at the mean of x, among the samples"
            )
        return Explanation((what, why, lasting), {"network.initialization": "kaiming"}, label)
    return Explanation((what, why, lasting), *leaky_relu_change(config.network))


def _explain_death(name: str, lasting: str, death: Death, network: NetworkConfig) -> Explanation:
    holes = {"name": name, "step": count_text(death.step), "count": count_text(death.samples_before)}
    if death.culprit == "the samples":
        what = _("{name} gives 0 on every sample since the samples were changed at step {step}.")
        why = ngettext(
            "Of those before, one sample still made it active; Undo brings them back.",
            "Of those before, {count} samples still made it active; Undo brings them back.",
            death.samples_before,
        )
        return Explanation((what.format(**holes), why.format(**holes), lasting), *leaky_relu_change(network))
    holes["cause"] = _("That change") if death.is_by_hand else _("That update")
    what = ngettext(
        "{name} gives 0 on every sample since step {step}: before it, one sample still made it active.",
        "{name} gives 0 on every sample since step {step}: before it, {count} samples still made it active.",
        death.samples_before,
    )
    if death.is_by_hand:
        what = ngettext(
            "{name} gives 0 on every sample since numbers were set by hand at step {step}: before it, one sample still "
            "made it active.",
            "{name} gives 0 on every sample since numbers were set by hand at step {step}: before it, {count} samples "
            "still made it active.",
            death.samples_before,
        )
    moves = np.concatenate([death.weights_after - death.weights_before, [death.bias_after - death.bias_before]])
    holes["largest"] = plain(float(np.max(np.abs(moves))))
    holes["bias"], holes["new_bias"] = told_apart(death.bias_before, death.bias_after)
    if death.layer == 0:
        weights = float(death.weights_before[0]), float(death.weights_after[0])
        holes["weight"], holes["new_weight"] = told_apart(*weights)
        # Translators: {cause} is “That change” or “That update”.
        why = _(
            "{cause} moved its bias from {bias} to {new_bias} and its weight from {weight} to {new_weight}, and w·x + "
            "b is above 0 for no sample any more."
        )
    elif death.culprit == "the layers before" and death.is_by_hand:
        why = _(
            "Its own weights did not do it: that change moved the layers before it, and what they send it adds up to "
            "less."
        )
    elif death.culprit == "the layers before":
        why = _(
            "Its own weights did not do it: that update moved the layers before it, and what they send it adds up to "
            "less."
        )
    elif death.culprit == "its own weights":
        why = _(
            "{cause} moved its bias from {bias} to {new_bias} and its parameters by up to {largest}, and its "
            "pre-activation is above 0 for no sample any more."
        )
    elif death.culprit == "either":
        why = _(
            "{cause} moved its bias from {bias} to {new_bias} and its parameters by up to {largest}; the layers before "
            "it moved too. Either alone would have done it."
        )
    else:
        why = _(
            "{cause} moved its bias from {bias} to {new_bias} and its parameters by up to {largest}, and the layers "
            "before it too. Neither alone would have done it: both together did."
        )
    update = None if death.is_by_hand else death.before
    return Explanation((what.format(**holes), why.format(**holes), lasting), *leaky_relu_change(network), update=update)


MAX_WORK = 4e9  # multiplications in a search: some seconds in the background
LEAVING = 50_000  # cost of leaving the compiled loop after a step, in multiplications
PYTORCH = 350_000  # cost of a PyTorch step
KEPT_BYTES = 32 * 2**20  # of cached states
SCANNED_BYTES = 2**20  # of parameters checked together

Activity = tuple[Flags, ...]  # for each hidden layer, which neurons are active on any sample


class DeathSearch:
    """Looks for deaths in a run, with the engine that took each step.

    Checkpoints show which neurons are dead; the steps between two of them are repeated to find the update: by bisection
    where death is final (`symptoms.stays_dead`). Else a neuron may have revived for a while, so every step back to its
    last known activity is checked; if that takes too long, the result is a range of steps.

    `most_work` is the budget for checking single steps, in multiplications.
    """

    def __init__(self, run: Run, most_work: float = MAX_WORK, stop: Stop | None = None) -> None:
        self._work_left = most_work
        self._replay = replay = Replay(run, stop)
        by_hand = {event.step for event in run.events if isinstance(event, ParameterSet)}
        by_hand |= set(samples_changed_at(run.start, run.events))
        cuts = sorted({state.step for state in run.checkpoints} | {e.step for e in run.events if e.step <= run.step})
        pairs = ([(0, 0)] if 0 in by_hand else []) + list(pairwise(cuts))
        self._stretches: list[_Stretch] = []
        for first, last in pairs:
            before = self._stretches[-1] if self._stretches else None
            self._stretches.append(_Stretch(replay, before, first, last, last in by_hand))

    def find(self, layer: int, index: int) -> Death | DeathBetween | None:
        """Return how a neuron that is dead now died; None if dead from the first weights on."""
        self._replay.check_stop()
        alive = [place for place, stretch in enumerate(self._stretches) if stretch.activity_at(0)[layer][index]]
        since = self._stretches[alive[-1] if alive else 0 :]
        for stretch in reversed(since):
            work = 0.0 if stays_dead(stretch.rule.config, layer) else stretch.scan_cost
            if work > self._work_left:
                return DeathBetween(since[0].first if alive else None, stretch.last, layer, index)
            self._work_left -= work
            offset = stretch.last_active(layer, index)
            if offset is not None:
                return stretch.death(offset, layer, index)
        return None


class _Stretch:
    """Steps taken by one rule, from a known state or an event in the run to the next one.

    Repeated steps are cached. If numbers were set by hand or the samples changed at its end, it ends before that.
    """

    def __init__(self, replay: Replay, before: "_Stretch | None", first: int, last: int, ends_by_hand: bool) -> None:
        self.first, self.last = first, last
        self.rule: StepRule = replay.run.start if first == last else replay.run.rule_at(first)
        self._replay, self._before, self._ends_by_hand = replay, before, ends_by_hand
        self._x = self.rule.dataset.x_train[:, 0]
        self._states: dict[int, TrainerState] = {}
        self._activity: dict[int, Activity] = {}
        self._scanned: Activity | None = None
        for state in replay.run.checkpoints:
            if state.step == last:
                self._states[last - first] = state
            if state.step == first:
                # nothing precedes the first weights
                self._states[0] = state if first == last else replay.after_events(state)

    @property
    def scan_cost(self) -> float:
        """The cost of checking every step, in multiplications; 0 once they are checked."""
        config = self.rule.config
        a_step = config.network.parameter_count * batch_length(config, len(self._x)) + LEAVING
        a_step += PYTORCH if self.rule.engine == "PyTorch" else 0
        return 0.0 if self._scanned is not None else float(a_step * (self.last - self.first))

    def last_active(self, layer: int, index: int) -> int | None:
        """Return the number of the stretch's steps after which the neuron was last active, or None."""
        steps = self.last - self.first
        if self._ends_by_hand and self.activity_at(steps)[layer][index]:
            return steps
        if not stays_dead(self.rule.config, layer):
            if self._scanned is None:
                self._scanned = self._scan()
            alive = np.flatnonzero(self._scanned[layer][:steps, index])
            return int(alive[-1]) if alive.size else None
        if not steps or not self.activity_at(0)[layer][index]:
            return None
        return bisect_left(range(1, steps), True, key=lambda offset: not self.activity_at(offset)[layer][index])

    def death(self, offset: int, layer: int, index: int) -> Death:
        """Describe a neuron's death after `offset` steps: by the next update, or by hand if there is none."""
        before = Moment(self._state_at(offset), self.rule)
        is_by_hand = offset == self.last - self.first
        after = self._replay.after_events(before.state) if is_by_hand else self._state_at(offset + 1)
        return describe_death(before, after, layer, index, is_by_hand=is_by_hand)

    def activity_at(self, offset: int) -> Activity:
        """Return the neurons that are active on any training sample after `offset` steps."""
        if offset not in self._activity:
            self._activity[offset] = self._activity_of(self._state_at(offset).parameters)
        return self._activity[offset]

    def _activity_of(self, parameters: Sequence[Array]) -> Activity:
        activation = self.rule.config.network.activation
        return tuple(count > 0 for count in active_counts(as_layers(parameters), activation, self._x))

    def _scan(self) -> Activity:
        """Check the state before each step: bool of shape (steps, neurons) for each hidden layer.

        Many steps are taken and checked together: a loop over single ones would hold the GIL, and block the window.
        """
        state = self._state_at(0)
        portion = max(1, SCANNED_BYTES // sum(array.nbytes for array in state.parameters))
        found = [tuple(layer[None] for layer in self.activity_at(0))]
        while (left := self.last - 1 - state.step) > 0:
            state, parameters = self._replay.stepper.take_each(self.rule, state, min(left, portion))
            found.append(self._activity_of(parameters))
        return tuple(np.concatenate(layer) for layer in zip(*found, strict=True))

    def _state_at(self, offset: int) -> TrainerState:
        if offset not in self._states and not any(known <= offset for known in self._states):
            before = self._before
            assert before is not None  # the run's first state is a checkpoint
            self._states[0] = self._replay.after_events(before._state_at(before.last - before.first))
        if offset in self._states:
            return self._states[offset]
        known = max(place for place in self._states if place < offset)
        state = self._replay.stepper.take(self.rule, self._states[known], offset - known)
        if len(self._states) * state.nbytes < KEPT_BYTES:
            self._states[offset] = state
        return state
