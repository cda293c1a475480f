"""Values as plain JSON and back, by the type hints of their dataclasses; everything read is validated.

A dataclass is an object with its fields, with its `kind` where a hint allows several; of fields that came after the
first format, only those with another value than the default are written. A configuration is a place in a table; what is
made of arrays names them, and they are stored as blobs. An error names the field.
"""

import json
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import fields
from itertools import accumulate, pairwise
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting import FIRST_FORMAT, format_of, later_fields, values_to_write
from tinynet_gui.core.data.points import Scaling
from tinynet_gui.core.network.forward import parameter_shapes
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, WeightRef, fits_widths
from tinynet_gui.core.run import events, history, loss_history, session
from tinynet_gui.core.run.run import MAX_CHECKPOINTS
from tinynet_gui.core.storage import plain_values
from tinynet_gui.core.storage.blobs import Blob, BlobReader, Memo, blob_name
from tinynet_gui.core.storage.configs import ConfigWriter
from tinynet_gui.core.storage.plain_values import Plain, StorageError, as_plain_object, finite, items, text, whole
from tinynet_gui.core.system.background import yield_to_window
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.training.engines import PACES
from tinynet_gui.core.training.start import TrainerState, slots_of

KINDS: dict[type, str] = {  # where a hint allows several
    NeuronRef: "neuron",
    WeightRef: "weight",
    LayerRef: "layer",
    events.LiveSettingsChanged: "settings",
    events.ParameterSet: "parameter",
    events.FrozenChanged: "frozen",
    events.EngineChanged: "engine",
    history.RunChosen: "run",
    history.RunDeleted: "deleted",
    history.LiveSettingsEdit: "settings",
    history.ParameterEdit: "parameter",
    history.FrozenEdit: "frozen",
    history.SwitchedOffEdit: "off",
    history.AllShown: "shown",
}
MINIMUM = {"Run.id": 1, "FinishedExperiment.runs": 1}
MAXIMUM: dict[str, float] = {  # of a number, of a text's characters, or of items
    "ParameterSet.value": events.LARGEST,
    "ParameterEdit.before": events.LARGEST,
    "ParameterEdit.after": events.LARGEST,
    "ParameterRef.index": 2,
    "Run.checkpoints": MAX_CHECKPOINTS,
    "Provenance.machine": 100_000,
    "Provenance.versions": 100_000,
    "ViewState.hidden": 1_000,
    "AllShown.hidden": 1_000,
    "Session.pace": len(PACES) - 1,
    "Session.experiments": session.MAX_EXPERIMENTS,
    "FinishedExperiment.kind": 100,
    "FinishedExperiment.runs": session.MAX_RUNS,
    "FinishedExperiment.about": session.MAX_PARTS,
    "FinishedExperiment.answer": session.MAX_CHARACTERS,
}
LOSSES = (np.float32, np.float32, np.float64, np.int64)  # low, high, total, count
HELD_OUT = (np.int64, np.float32)


class Writer:
    """Turns values into plain ones.

    Arrays are added to `blobs`, configurations to the table `configs`; `format` is the lowest that knows all of them.
    """

    def __init__(self, memo: Memo, blobs: dict[str, Blob]) -> None:
        self.configs = ConfigWriter(memo, blobs)
        self._memo, self._blobs = memo, blobs
        self._format = FIRST_FORMAT

    @property
    def format(self) -> int:
        return max(self._format, self.configs.format)

    def plain(self, value: Any) -> Any:
        match value:
            case np.generic():
                return value.item()
            case None | bool() | int() | float() | str():
                return value
            case Config():
                return self.configs.place_of(value)
            case TrainerState() | loss_history.LossHistory() | loss_history.HeldOutLosses():
                return self._stored(value)
            case tuple():
                return [self.plain(each) for each in value]
            case Mapping():
                return {str(key): self.plain(each) for key, each in value.items()}
            case Set():
                return sorted(map(self.plain, value), key=json.dumps)
        return self.record(value)

    def record(self, record: Any, *others: str) -> dict[str, Any]:
        """Return the fields of a dataclass, except `others`."""
        yield_to_window()
        self._format = max(self._format, format_of(record))
        kind = {"kind": KINDS[type(record)]} if type(record) in KINDS else {}
        values = {name: value for name, value in values_to_write(record).items() if name not in others}
        hints = {field.name: field.type for field in fields(record)}
        return kind | {
            name: self._numbers(record, value) if hints[name] is session.Numbers else self.plain(value)
            for name, value in values.items()
        }

    def _stored(self, value: TrainerState | loss_history.LossHistory | loss_history.HeldOutLosses) -> Any:
        match value:
            case TrainerState():
                name = self._memo.of(value, lambda: blob_name(value))  # not with the state, or it would keep itself
                self._blobs[name] = value
                return [value.step, name]
            case loss_history.LossHistory():
                return {"stride": value.stride, "last_step": value.last_step, **self._columns(value, value.columns())}
        return {"count": len(value.steps), **self._columns(value, (value.steps, value.losses))}

    def _numbers(self, owner: object, numbers: session.Numbers) -> dict[str, Any]:
        column = np.array([number for column in numbers for number in column], dtype=np.float64)
        return {"lengths": list(map(len, numbers)), **self._columns(owner, (column,))}

    def _columns(self, owner: object, columns: tuple[np.ndarray[Any, Any], ...]) -> dict[str, str]:
        def joined() -> tuple[str, bytes]:
            content = b"".join(column.tobytes() for column in columns)
            return blob_name(content), content

        name, content = self._memo.of(owner, joined)
        self._blobs[name] = content
        return {"columns": name}


class Reader:
    """Builds values from plain ones.

    `configs` is the table of configurations; `config` has the network that states and references belong to. A subclass
    may know more types, and other limits.
    """

    least: Mapping[str, int] = MINIMUM
    most: Mapping[str, float] = MAXIMUM
    longest = 1_000  # characters of a text

    def __init__(self, blobs: BlobReader, configs: Sequence[Config], config: Config) -> None:
        self.blobs, self.configs, self.config = blobs, configs, config

    def record(self, kind: type, doc: Plain, *others: str, **given: Any) -> Any:
        """Build a dataclass from its fields and those that are given; there may be `others` in the object."""
        self.blobs.budget.go_on()
        known = {field.name: field for field in fields(kind) if field.name not in given}
        doc.only(*known, *others, *(["kind"] if kind in KINDS else []))
        for field in later_fields(kind):
            if field.name not in doc.values:
                known.pop(field.name, None)
        key, place = kind.__name__, doc.place
        values = {
            name: self.read(field.type, doc.value(name), f"{place}, {name}", f"{key}.{name}")
            for name, field in known.items()
        }
        try:
            made = kind(**values, **given)
        except StorageError:
            raise
        except ValueError as error:
            raise StorageError(place, str(error)) from None
        self._check(made, place)
        return made

    def read(self, hint: Any, value: Any, place: str, key: str = "") -> Any:
        """Build a value of a type; `key` is that of its limits in `least` and `most`."""
        if (read := self.READERS.get(hint)) is not None:
            return read(self, value, place, key)
        origin, inner = get_origin(hint), get_args(hint)
        if origin is Literal:
            if value not in inner:
                words = _("{value} is not one of {names}")
                raise StorageError(place, words.format(value=written(value), names=", ".join(inner)))
            return value
        if origin in (Union, UnionType):
            return self._one_of(inner, value, place, key)
        if origin is tuple:
            listed = enumerate(items(value, place, self.most.get(key)))
            return tuple(self.read(inner[0], each, f"{place} {number + 1:,}") for number, each in listed)
        if origin is Mapping:
            doc = as_plain_object(value, place)
            known = (
                (self._key(inner[0], name, place), self.read(inner[1], each, f"{place} {name}", key))
                for name, each in doc.values.items()
            )
            return dict(known)
        if origin is frozenset:
            return self._set(inner[0], value, place, key)
        return self.record(hint, as_plain_object(value, place))

    @staticmethod
    def _key(kind: type, name: str, place: str) -> Any:
        try:
            return kind(name)
        except ValueError:
            raise StorageError(place, _("{text} is not a whole number").format(text=written(name))) from None

    def _one_of(self, kinds: tuple[Any, ...], value: Any, place: str, key: str) -> Any:
        if value is None and NoneType in kinds:
            return None
        kinds = tuple(kind for kind in kinds if kind is not NoneType)
        if len(kinds) == 1:
            return self.read(kinds[0], value, place, key)
        if str in kinds:
            if isinstance(value, str):
                return text(value, place, 100)
            return value if isinstance(value, int) and abs(value) <= plain_values.LARGEST else finite(value, place)
        doc = as_plain_object(value, place)
        by_name = {KINDS[kind]: kind for kind in kinds}
        return self.record(by_name[doc.choice("kind", list(by_name))], doc)

    def _set(self, inner: Any, value: Any, place: str, key: str) -> frozenset[Any]:
        if inner is str:
            names = items(value, place, self.most.get(key))
            return frozenset(text(name, place, 100) for name in names)
        widths = self.config.network.widths
        most = sum((n_in + 2) * n_out for n_in, n_out in pairwise(widths)) + len(widths)  # weights, neurons, layers
        found = frozenset(self.read(inner, each, place) for each in items(value, place, most))
        if inner is NeuronRef:
            widths = widths[:-1]  # the hidden ones
        if not all(fits_widths(widths, ref) for ref in found):
            raise StorageError(place, _("something that its network does not have"))
        return found

    def _check(self, made: object, place: str) -> None:
        if isinstance(made, Scaling) and min(made.x_deviation, made.y_deviation) <= 0:
            raise StorageError(place, _("no means and deviations"))
        if isinstance(made, ParameterRef):
            is_one = len(made.index) == (2 if made.kind == "weight" else 1)
            if not (is_one and fits_widths(self.config.network.widths, made.part)):
                raise StorageError(place, _("no parameter of its network"))
        if isinstance(made, history.LiveSettingsEdit) and not all(
            is_of_one_run(config, self.config) for config in (made.before, made.after)
        ):
            raise StorageError(place, _("settings of another network than the run's"))

    def _flag(self, value: Any, place: str, _key: str) -> bool:
        if not isinstance(value, bool):
            raise StorageError(place, _("{value} is neither true nor false").format(value=written(value)))
        return value

    def _config(self, value: Any, place: str, _key: str) -> Config:
        return self.configs[whole(value, 0, len(self.configs) - 1, place)]

    def _state(self, value: Any, place: str, _key: str) -> TrainerState:
        pair = items(value, place, 2)
        if len(pair) != 2:
            raise StorageError(place, _("not a step and a state"))
        step, slots = whole(pair[0], 0, plain_values.LARGEST, place), len(slots_of(self.config.training))
        return self.blobs.state(pair[1], step, parameter_shapes(self.config.network.widths), slots, place)

    def _losses(self, value: Any, place: str, _key: str) -> loss_history.LossHistory:
        doc = as_plain_object(value, place)
        doc.only("stride", "last_step", "columns")
        stride = doc.whole("stride", 1)
        last_step = doc.whole("last_step", 0, min(stride * loss_history.MAX_HELD_OUT - 1, plain_values.LARGEST))
        columns = self.blobs.columns(doc.values.get("columns"), last_step // stride + 1, LOSSES, place)
        try:
            return loss_history.LossHistory.of_columns(stride, last_step, *columns)
        except ValueError as error:
            raise StorageError(place, str(error)) from None

    def _held_out(self, value: Any, place: str, _key: str) -> loss_history.HeldOutLosses:
        doc = as_plain_object(value, place)
        doc.only("count", "columns")
        count = doc.whole("count", 0, loss_history.MAX_HELD_OUT)
        steps, losses = self.blobs.columns(doc.values.get("columns"), count, HELD_OUT, place)
        if (np.diff(steps) <= 0).any() or (steps < 0).any() or not np.isfinite(losses).all():
            raise StorageError(place, _("held-out losses that are not finite, or not in order"))
        return loss_history.HeldOutLosses(steps, losses)

    def _columns_of_numbers(self, value: Any, place: str, _key: str) -> session.Numbers:
        doc = as_plain_object(value, place)
        doc.only("lengths", "columns")
        lengths = [whole(length, 0, session.MAX_NUMBERS, place) for length in doc.items("lengths", session.MAX_COLUMNS)]
        if sum(lengths) > session.MAX_NUMBERS:
            raise doc.refused("lengths", _("more than any result has"))
        (numbers,) = self.blobs.columns(doc.values.get("columns"), sum(lengths), (np.float64,), place)
        if np.isnan(numbers).any():
            raise StorageError(place, _("a number that is none"))
        ends = [*accumulate(lengths, initial=0)]
        return tuple(tuple(numbers[begin:end].tolist()) for begin, end in pairwise(ends))

    READERS: Mapping[Any, Callable[[Any, Any, str, str], Any]] = {
        bool: _flag,
        int: lambda self, value, place, key: whole(
            value, self.least.get(key, 0), int(self.most.get(key, plain_values.LARGEST)), place
        ),
        float: lambda self, value, place, key: finite(value, place, self.most.get(key, plain_values.LARGEST_FLOAT)),
        str: lambda self, value, place, key: text(value, place, int(self.most.get(key, self.longest))),
        Config: _config,
        TrainerState: _state,
        loss_history.LossHistory: _losses,
        loss_history.HeldOutLosses: _held_out,
        session.Numbers: _columns_of_numbers,
    }


def is_of_one_run(config: Config, other: Config) -> bool:
    """Whether both configurations have interchangeable states."""
    return config.network == other.network and config.training.optimizer == other.training.optimizer
