"""What was done to a run, as the loss plot marks it."""

from collections.abc import Sequence
from dataclasses import dataclass

from tinynet_gui.core.config import SETTINGS, Config, changed_paths
from tinynet_gui.core.network.refs import NeuronRef, Ref, WeightRef
from tinynet_gui.core.run.events import FrozenChanged, LiveSettingsChanged, ParameterSet
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.numbers import plain

MOST_MARKS = 200


@dataclass(frozen=True)
class Mark:
    """Something was done to the run in mid-way, at this step."""

    step: int
    text: str


def marks(run: Run) -> tuple[Mark, ...]:
    """Return what was done to a run after its first step, in order; the latest 200.

    A parameter that was set again and again without anything else between has one mark, at the first step. Before
    the first step nothing has been done otherwise; which engine takes the steps and where they stop is no mark.
    """
    found: list[Mark] = []
    config, frozen = run.start.config, run.start.frozen
    dragged: ParameterSet | None = None
    for event in run.events:
        text, step = "", event.step
        match event:
            case LiveSettingsChanged():
                text, config = settings_text(config, event.config), event.config
            case FrozenChanged():
                parts = [f"froze {_name_of(ref)}" for ref in event.frozen - frozen]
                parts += [f"let {_name_of(ref)} go" for ref in frozen - event.frozen]
                text, frozen = ", ".join(sorted(parts)).capitalize(), event.frozen
            case ParameterSet():
                if dragged is not None and dragged.ref == event.ref:
                    step = dragged.step
                    if found and found[-1].step == step:
                        found.pop()
                text = f"{str(event.ref)[0].upper()}{str(event.ref)[1:]} → {plain(event.value)}"
        dragged = ParameterSet(step, event.ref, event.value) if isinstance(event, ParameterSet) else None
        if text and step > 0:
            found.append(Mark(step, text))
    return tuple(found[-MOST_MARKS:])


def _name_of(ref: Ref) -> str:
    match ref:
        case WeightRef():
            return f"weight {ref.input + 1} of neuron {ref.output + 1} of layer {ref.layer + 1}"
        case NeuronRef():
            return f"neuron {ref.index + 1} of layer {ref.layer + 1}"
    return f"layer {ref.layer + 1}"


def settings_text(before: Config, after: Config) -> str:
    """Say which live settings were changed; at which step to stop says nothing of the run."""
    paths: Sequence[str] = [path for path in changed_paths(before, after) if path != "training.stop_step"]
    return ", ".join(f"{SETTINGS[path].label} {before.get(path):g} → {after.get(path):g}" for path in paths)
