"""Events of a run and actions of the user, as plain values and back."""

from collections.abc import Collection, Sequence
from dataclasses import astuple
from itertools import pairwise
from typing import Any

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.scaling import Scaling
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef, fits_widths
from tinynet_gui.core.run.events import (
    LARGEST,
    EngineChanged,
    Event,
    FrozenChanged,
    LiveSettingsChanged,
    ParameterSet,
    StepRule,
)
from tinynet_gui.core.run.history import (
    AllShown,
    Entry,
    FrozenEdit,
    LiveSettingsEdit,
    ParameterEdit,
    RunChosen,
    RunDeleted,
    SwitchedOffEdit,
)
from tinynet_gui.core.storage.configs import ConfigWriter
from tinynet_gui.core.storage.plain_values import Plain, StorageError, finite, whole
from tinynet_gui.core.text.shortened import encodable
from tinynet_gui.core.training.engines import ENGINES

_REFS: dict[str, type[Ref]] = {"neuron": NeuronRef, "weight": WeightRef, "layer": LayerRef}
_ENTRY_FIELDS = {
    "run": ("label", "before", "after", "before_step"),
    "deleted": ("label", "run"),
    "settings": ("before", "after"),
    "parameter": ("ref", "before", "after"),
    "frozen": ("before", "after"),
    "off": ("before", "after"),
    "shown": ("hidden",),
}
LATER_KINDS = {"shown": 2}  # of entries, and the format that brought them
MOST_HIDDEN, MOST_CHARACTERS = 1_000, 100  # hidden names, and the length of the longest
_NAMES = {kind: name for name, kind in _REFS.items()}


def ref_to_plain(ref: Ref) -> list[Any]:
    """Return a ref as a list: its kind, and its indices."""
    return [_NAMES[type(ref)], *map(int, astuple(ref))]


def read_ref(value: object, place: str, widths: Sequence[int] | None = None) -> Ref:
    """Return the ref that a list describes, checked against the network's widths if they are given."""
    if not isinstance(value, list) or not value or value[0] not in list(_REFS):
        raise StorageError(place, "something that is no neuron, weight or layer")
    kind = _REFS[value[0]]
    if len(value) - 1 != len(kind.__dataclass_fields__):
        raise StorageError(place, f"something that is no {value[0]}")
    ref = kind(*(whole(number, 0, 2**31, place) for number in value[1:]))
    if widths is not None and not fits_widths(widths, ref):
        raise StorageError(place, f"a {value[0]} that its network does not have")
    return ref


def refs_to_plain(refs: Collection[Ref]) -> list[list[Any]]:
    """Return some refs as lists, in a fixed order."""
    return sorted(map(ref_to_plain, refs))


def read_refs(doc: Plain, name: str, widths: Sequence[int]) -> frozenset[Ref]:
    """Return the refs that lists describe in a network of these widths."""
    most = sum((n_in + 2) * n_out for n_in, n_out in pairwise(widths)) + len(widths)  # weights, neurons, layers
    return frozenset(read_ref(value, doc.place, widths) for value in doc.items(name, most))


def _parameter_to_plain(ref: ParameterRef) -> list[Any]:
    return [ref.layer, ref.kind, *map(int, ref.index)]


def _read_parameter(entry: Plain, widths: Sequence[int]) -> ParameterRef:
    values, place = entry.items("ref"), entry.place
    if len(values) < 3 or values[1] not in ("weight", "bias") or len(values) != (4 if values[1] == "weight" else 3):
        raise entry.refused("ref", "no weight or bias")
    layer, *index = (whole(value, 0, 2**31, place) for value in (values[0], *values[2:]))
    at = WeightRef(layer, *index) if values[1] == "weight" else NeuronRef(layer, *index)
    if not fits_widths(widths, at):
        raise entry.refused("ref", "no parameter of its network")
    return ParameterRef(layer, values[1], tuple(index))


def rule_to_plain(rule: StepRule, configs: ConfigWriter) -> dict[str, Any]:
    """Return a step rule as plain values."""
    return {
        "config": configs.place_of(rule.config),
        "frozen": refs_to_plain(rule.frozen),
        "engine": rule.engine,
        "scaling": None if rule.scaling is None else list(map(float, astuple(rule.scaling))),
    }


def read_rule(doc: Plain, configs: Sequence[Config]) -> StepRule:
    """Read a step rule."""
    doc.only("config", "frozen", "engine", "scaling")
    config = config_at(doc, "config", configs)
    frozen = read_refs(doc, "frozen", config.network.widths)
    scaling = None
    if doc.values.get("scaling") is not None:
        numbers = [finite(value, doc.place) for value in doc.items("scaling", 4)]
        if len(numbers) != 4 or min(numbers[1], numbers[3]) <= 0:
            raise doc.refused("scaling", "no means and deviations")
        scaling = Scaling(*numbers)
    return StepRule(config, frozen, doc.choice("engine", ENGINES), scaling)


def config_at(doc: Plain, name: str, configs: Sequence[Config]) -> Config:
    """Return a configuration by its index in the table."""
    return configs[doc.whole(name, 0, len(configs) - 1)]


def event_to_plain(event: Event, configs: ConfigWriter) -> dict[str, Any]:
    """Return an event of a run as plain values."""
    match event:
        case LiveSettingsChanged():
            return {"step": event.step, "settings": configs.place_of(event.config)}
        case ParameterSet():
            return {"step": event.step, "ref": _parameter_to_plain(event.ref), "value": float(event.value)}
        case FrozenChanged():
            return {"step": event.step, "frozen": refs_to_plain(event.frozen)}
    return {"step": event.step, "engine": event.engine}


def read_event(doc: Plain, configs: Sequence[Config], widths: Sequence[int]) -> Event:
    """Read an event of a run whose network has these widths."""
    step = doc.whole("step")
    if "settings" in doc.values:
        doc.only("step", "settings")
        return LiveSettingsChanged(step, config_at(doc, "settings", configs))
    if "ref" in doc.values:
        doc.only("step", "ref", "value")
        return ParameterSet(step, _read_parameter(doc, widths), doc.number("value", LARGEST))
    if "frozen" in doc.values:
        doc.only("step", "frozen")
        return FrozenChanged(step, read_refs(doc, "frozen", widths))
    doc.only("step", "engine")
    return EngineChanged(step, doc.choice("engine", ENGINES))


def entry_to_plain(entry: Entry, configs: ConfigWriter) -> dict[str, Any]:
    """Return an action of the user as plain values."""
    match entry:
        case RunChosen():
            ids = {"before": entry.before, "after": entry.after, "before_step": entry.before_step}
            return {"kind": "run", "label": entry.label, **ids}
        case RunDeleted():
            return {"kind": "deleted", "label": entry.label, "run": entry.run_id}
        case LiveSettingsEdit():
            before, after = configs.place_of(entry.before), configs.place_of(entry.after)
            return {"kind": "settings", "before": before, "after": after}
        case ParameterEdit():
            values = {"before": float(entry.before), "after": float(entry.after)}
            return {"kind": "parameter", "ref": _parameter_to_plain(entry.ref), **values}
        case AllShown():
            return {"kind": "shown", "hidden": sorted(entry.hidden)}
        case FrozenEdit():
            kind = "frozen"
        case SwitchedOffEdit():
            kind = "off"
    return {"kind": kind, "before": refs_to_plain(entry.before), "after": refs_to_plain(entry.after)}


def read_entry(doc: Plain, configs: Sequence[Config], current: Config) -> Entry:
    """Read an action of the user, made while the current run had settings such as these."""
    widths = current.network.widths
    kind = doc.choice("kind", list(_ENTRY_FIELDS))
    doc.only("kind", *_ENTRY_FIELDS[kind])
    match kind:
        case "run":
            step = doc.whole_or_none("before_step")
            return RunChosen(doc.whole("before"), doc.whole("after"), doc.text("label"), step)
        case "deleted":
            return RunDeleted(doc.whole("run"), doc.text("label"))
        case "settings":
            before, after = config_at(doc, "before", configs), config_at(doc, "after", configs)
            if not (is_of_one_run(before, current) and is_of_one_run(after, current)):
                raise StorageError(doc.place, "settings of another network than the run's")
            return LiveSettingsEdit(before, after)
        case "parameter":
            values = [doc.number(name, LARGEST) for name in ("before", "after")]
            return ParameterEdit(_read_parameter(doc, widths), *values)
        case "shown":
            return AllShown(read_hidden(doc))
        case "frozen":
            return FrozenEdit(*(read_refs(doc, name, widths) for name in ("before", "after")))
    return SwitchedOffEdit(*(read_neurons(doc, name, widths) for name in ("before", "after")))


def read_hidden(doc: Plain) -> frozenset[str]:
    """Return the names of what is hidden from students."""
    names = doc.items("hidden", MOST_HIDDEN)
    if not all(isinstance(name, str) and len(name) <= MOST_CHARACTERS for name in names):
        raise doc.refused("hidden", "no list of names")
    return frozenset(map(encodable, names))


def read_neurons(doc: Plain, name: str, widths: Sequence[int]) -> frozenset[NeuronRef]:
    """Return the hidden neurons that lists describe in a network of these widths."""
    refs = read_refs(doc, name, widths[:-1])
    neurons = frozenset(ref for ref in refs if isinstance(ref, NeuronRef))
    if len(neurons) != len(refs):
        raise StorageError(doc.place, "something that is no neuron")
    return neurons


def is_of_one_run(config: Config, other: Config) -> bool:
    """Whether both configurations have interchangeable states."""
    return config.network == other.network and config.training.optimizer == other.training.optimizer
