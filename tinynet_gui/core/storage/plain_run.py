"""A run's events and the user's actions, as plain values and back."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import astuple
from itertools import pairwise
from typing import Any

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Scaling
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
from tinynet_gui.core.training.engines import ENGINES, EngineName

_REFS: dict[str, type[Ref]] = {"neuron": NeuronRef, "weight": WeightRef, "layer": LayerRef}
_ENTRIES: dict[str, type[Entry]] = {
    "run": RunChosen,
    "deleted": RunDeleted,
    "settings": LiveSettingsEdit,
    "parameter": ParameterEdit,
    "frozen": FrozenEdit,
    "off": SwitchedOffEdit,
    "shown": AllShown,
}
_EVENTS = {"settings": LiveSettingsChanged, "ref": ParameterSet, "frozen": FrozenChanged}  # by their own field
_IN_FILES = {"run_id": "run", "config": "settings"}  # where a field is called otherwise there
MOST_HIDDEN, MOST_CHARACTERS = 1_000, 100  # hidden names, and the length of the longest
_NAMES = {kind: name for name, kind in (*_REFS.items(), *_ENTRIES.items())}


def ref_to_plain(ref: Ref) -> list[Any]:
    """Return a ref as a list: its kind, then its indices."""
    return [_NAMES[type(ref)], *map(int, astuple(ref))]


def read_ref(value: object, place: str, widths: Sequence[int] | None = None) -> Ref:
    """Parse a ref from such a list, checked against the network's widths if they are given."""
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
    """Return refs as lists, in a canonical order."""
    return sorted(map(ref_to_plain, refs))


def read_refs(doc: Plain, name: str, widths: Sequence[int]) -> frozenset[Ref]:
    """Parse refs, checked against the network's widths."""
    most = sum((n_in + 2) * n_out for n_in, n_out in pairwise(widths)) + len(widths)  # weights, neurons, layers
    return frozenset(read_ref(value, doc.place, widths) for value in doc.items(name, most))


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
    return {
        "config": configs.place_of(rule.config),
        "frozen": refs_to_plain(rule.frozen),
        "engine": rule.engine,
        "scaling": None if rule.scaling is None else list(map(float, astuple(rule.scaling))),
    }


def read_rule(doc: Plain, configs: Sequence[Config]) -> StepRule:
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


def read_event(doc: Plain, configs: Sequence[Config], widths: Sequence[int]) -> Event:
    """Read an event of a run whose network has these widths."""
    kind = next((kind for field, kind in _EVENTS.items() if field in doc.values), EngineChanged)
    event: Event = _read_fields(kind, doc, configs, widths)
    return event


def entry_to_plain(entry: Entry, configs: ConfigWriter) -> dict[str, Any]:
    return {"kind": _NAMES[type(entry)], **fields_to_plain(entry, configs)}


def read_entry(doc: Plain, configs: Sequence[Config], current: Config) -> Entry:
    """Read an action of the user; `current` are the settings of the run that was current then."""
    kind = _ENTRIES[doc.choice("kind", list(_ENTRIES))]
    entry: Entry = _read_fields(kind, doc, configs, current.network.widths, "kind")
    settings = (entry.before, entry.after) if isinstance(entry, LiveSettingsEdit) else ()
    if not all(is_of_one_run(config, current) for config in settings):
        raise StorageError(doc.place, "settings of another network than the run's")
    return entry


def fields_to_plain(item: Entry | Event, configs: ConfigWriter) -> dict[str, Any]:
    """Return the fields of an action or an event as plain values."""
    return {_IN_FILES.get(name, name): _to_plain(getattr(item, name), configs) for name in item.__dataclass_fields__}


def _to_plain(value: object, configs: ConfigWriter) -> Any:
    match value:
        case Config():
            return configs.place_of(value)
        case ParameterRef():
            return [value.layer, value.kind, *map(int, value.index)]
        case frozenset():
            return sorted(one if isinstance(one, str) else ref_to_plain(one) for one in value)
        case float() | np.floating():
            return float(value)
    return value


def _read_fields(kind: Any, doc: Plain, configs: Sequence[Config], widths: Sequence[int], *others: str) -> Any:
    """Read an action or an event field by field; unknown fields are refused, except `others`."""
    fields = {_IN_FILES.get(name, name): field for name, field in kind.__dataclass_fields__.items()}
    doc.only(*fields, *others)
    return kind(**{field.name: _READERS[field.type](doc, name, configs, widths) for name, field in fields.items()})


def read_hidden(doc: Plain) -> frozenset[str]:
    """Return the names of what is hidden from students."""
    names = doc.items("hidden", MOST_HIDDEN)
    if not all(isinstance(name, str) and len(name) <= MOST_CHARACTERS for name in names):
        raise doc.refused("hidden", "no list of names")
    return frozenset(map(encodable, names))


def read_neurons(doc: Plain, name: str, widths: Sequence[int]) -> frozenset[NeuronRef]:
    """Parse refs to hidden neurons, checked against the network's widths."""
    refs = read_refs(doc, name, widths[:-1])
    neurons = frozenset(ref for ref in refs if isinstance(ref, NeuronRef))
    if len(neurons) != len(refs):
        raise StorageError(doc.place, "something that is no neuron")
    return neurons


def is_of_one_run(config: Config, other: Config) -> bool:
    """Whether both configurations have interchangeable states."""
    return config.network == other.network and config.training.optimizer == other.training.optimizer


_READERS: dict[Any, Callable[[Plain, str, Sequence[Config], Sequence[int]], Any]] = {  # by the type of a field
    int: lambda doc, name, *_: doc.whole(name),
    int | None: lambda doc, name, *_: doc.whole_or_none(name),
    float: lambda doc, name, *_: doc.number(name, LARGEST),
    str: lambda doc, name, *_: doc.text(name),
    EngineName: lambda doc, name, *_: doc.choice(name, ENGINES),
    Config: lambda doc, name, configs, _: config_at(doc, name, configs),
    ParameterRef: lambda doc, _name, _, widths: _read_parameter(doc, widths),
    frozenset[Ref]: lambda doc, name, _, widths: read_refs(doc, name, widths),
    frozenset[NeuronRef]: lambda doc, name, _, widths: read_neurons(doc, name, widths),
    frozenset[str]: lambda doc, *_: read_hidden(doc),
}
