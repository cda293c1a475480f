"""A run as JSON and arrays, and back, bit for bit; everything read is validated."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from itertools import pairwise
from typing import Any

import numpy as np

from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import SETTINGS, Config
from tinynet_gui.core.config.setting import format_of, later_fields, later_values
from tinynet_gui.core.run.events import Event
from tinynet_gui.core.run.loss_history import MOST_HELD_OUT, HeldOutLosses, LossHistory
from tinynet_gui.core.run.loss_history import MOST_HELD_OUT as LOSSES_KEPT
from tinynet_gui.core.run.run import MOST_CHECKPOINTS, BranchPoint, Provenance, Run
from tinynet_gui.core.storage.blobs import RUNS, Blob, BlobReader, Budget, Memo, blob_name
from tinynet_gui.core.storage.configs import ConfigWriter, read_configs, shapes_of
from tinynet_gui.core.storage.plain_run import fields_to_plain, is_of_one_run, read_event, read_rule, rule_to_plain
from tinynet_gui.core.storage.plain_values import (
    LARGEST,
    Plain,
    StorageError,
    check_version,
    read_plain_fields,
    to_json,
    whole,
)
from tinynet_gui.core.system.background import yield_to_window
from tinynet_gui.core.text.shortened import encodable
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.values import frozen_dataclass

LOSSES = (np.float32, np.float32, np.float64, np.int64)  # low, high, total, count
HELD_OUT = (np.int64, np.float32)
LIVE = {path for path, setting in SETTINGS.items() if setting.effect == "live"}  # may change within a run
RULES = 3  # of a run, besides its events: its start, the wanted one, the one it diverged by


def flags_of(kind: type) -> list[str]:
    """Return the names of a dataclass's boolean fields that were in the first format."""
    later = later_fields(kind)
    return [field.name for field in fields(kind) if field.type is bool and field not in later]


FLAGS = flags_of(Run)
_FIELDS = ("version", "configs", *(field.name for field in fields(Run)))


@frozen_dataclass
class PackedRun:
    """The name of a run's JSON part, and all its parts."""

    name: str
    blobs: dict[str, Blob]


def pack_run(run: Run, memo: Memo) -> PackedRun:
    """Split a run into its JSON part and the arrays that it names."""
    blobs: dict[str, Blob] = {}

    def of_state(state: TrainerState) -> str:
        name = memo.of(state, lambda: blob_name(state))  # not with the state, or it would keep itself
        blobs[name] = state
        return name

    def of_columns(thing: object, columns: tuple[np.ndarray[Any, Any], ...]) -> str:
        name, content = memo.of(thing, lambda: _joined(columns))
        blobs[name] = content
        return name

    configs = ConfigWriter(memo, blobs)
    losses, held_out = run.losses, run.held_out_losses
    doc = {
        "id": run.id,
        "name": run.name,
        "parent": None if run.parent is None else {"run": run.parent.run_id, "step": run.parent.step},
        **{flag: getattr(run, flag) for flag in FLAGS},
        "start": rule_to_plain(run.start, configs),
        "wanted": rule_to_plain(run.wanted, configs),
        "events": [fields_to_plain(event, configs) for event in _in_portions(run.events)],
        "checkpoints": [[state.step, of_state(state)] for state in run.checkpoints],
        "losses": {
            "stride": losses.stride,
            "last_step": losses.last_step,
            "columns": of_columns(losses, losses.columns()),
        },
        "held_out_losses": {
            "count": len(held_out.steps),
            "columns": of_columns(held_out, (held_out.steps, held_out.losses)),
        },
        "diverged_at": run.diverged_at,
        "diverged_by": None if run.diverged_by is None else rule_to_plain(run.diverged_by, configs),
        "diverged_since": run.diverged_since,
        "made_by": None if run.made_by is None else [run.made_by.machine, run.made_by.versions],
        **later_values(run),
        "configs": configs.plain,
        "version": max(configs.format, format_of(run)),
    }
    content = to_json(doc)
    name = blob_name(content, RUNS)
    return PackedRun(name, {**blobs, name: content})


def read_run(name: object, blobs: BlobReader) -> Run:
    """Rebuild the run of a name; StorageError if it is incomplete."""
    doc = blobs.run(name)
    run_id = doc.whole("id", 1)
    doc = Plain(doc.values, f"run {run_id}")
    check_version(doc)
    doc.only(*_FIELDS)
    configs = read_configs(doc, blobs, len(doc.items("events")) + RULES, LIVE)
    start = read_rule(doc.part("start"), configs)
    parent, diverged_by = doc.part_or_none("parent"), doc.part_or_none("diverged_by")
    if parent is not None:
        parent.only("run", "step")
    run = Run(
        run_id,
        start,
        name=doc.text("name"),
        parent=None if parent is None else BranchPoint(parent.whole("run"), parent.whole("step")),
        **read_plain_fields(doc, Run),
        wanted=read_rule(doc.part("wanted"), configs),
        events=tuple(_read_events(doc, configs, start.config.network.widths, blobs.budget)),
        checkpoints=_read_checkpoints(doc, start.config, blobs),
        losses=_read_losses(doc.part("losses"), blobs),
        held_out_losses=_read_held_out(doc.part("held_out_losses"), blobs),
        diverged_at=doc.whole_or_none("diverged_at"),
        diverged_by=None if diverged_by is None else read_rule(diverged_by, configs),
        diverged_since=doc.whole("diverged_since"),
        made_by=_read_provenance(doc),
    )
    if not all(is_of_one_run(config, start.config) for config in configs):
        raise StorageError(doc.place, "settings of more than one network")
    if any(earlier.step > later.step for earlier, later in pairwise(run.events)):
        raise doc.refused("events", "not in the order of their steps")
    return run


def _read_events(doc: Plain, configs: Sequence[Config], widths: Sequence[int], budget: Budget) -> Iterator[Event]:
    for event in doc.parts("events"):
        budget.go_on()
        yield read_event(event, configs, widths)


def _read_checkpoints(doc: Plain, config: Config, blobs: BlobReader) -> tuple[TrainerState, ...]:
    shapes = shapes_of(config.network.widths)
    slots = len(OPTIMIZERS[config.training.optimizer].slots)
    states: list[TrainerState] = []
    for entry in doc.items("checkpoints", MOST_CHECKPOINTS):
        if not isinstance(entry, list) or len(entry) != 2:
            raise doc.refused("checkpoints", "not made of steps and states")
        step = whole(entry[0], states[-1].step + 1 if states else 0, 2**53, f"{doc.place}, checkpoints")
        states.append(blobs.state(entry[1], step, shapes, slots, f"{doc.place}, step {step:,}"))
    return tuple(states)


def _read_losses(doc: Plain, blobs: BlobReader) -> LossHistory:
    doc.only("stride", "last_step", "columns")
    stride = doc.whole("stride", 1)
    last_step = doc.whole("last_step", 0, min(stride * LOSSES_KEPT - 1, LARGEST))
    columns = blobs.columns(doc.values.get("columns"), last_step // stride + 1, LOSSES, doc.place)
    try:
        return LossHistory.of_columns(stride, last_step, *columns)
    except ValueError as error:
        raise StorageError(doc.place, str(error)) from None


def _read_held_out(doc: Plain, blobs: BlobReader) -> HeldOutLosses:
    doc.only("count", "columns")
    count = doc.whole("count", 0, MOST_HELD_OUT)
    steps, losses = blobs.columns(doc.values.get("columns"), count, HELD_OUT, doc.place)
    if (np.diff(steps) <= 0).any() or (steps < 0).any() or not np.isfinite(losses).all():
        raise StorageError(doc.place, "held-out losses that are not finite, or not in order")
    return HeldOutLosses(steps, losses)


def _read_provenance(doc: Plain) -> Provenance | None:
    if doc.values.get("made_by") is None:
        return None
    texts = doc.items("made_by", 2)
    if len(texts) != 2 or not all(isinstance(text, str) for text in texts):
        raise doc.refused("made_by", "no machine and versions")
    return Provenance(*map(encodable, texts))


def _joined(columns: Iterable[np.ndarray[Any, Any]]) -> tuple[str, bytes]:
    """Concatenate columns, and return the name and the bytes of the result."""
    content = b"".join(column.tobytes() for column in columns)
    return blob_name(content), content


def _in_portions(events: Sequence[Event]) -> Iterable[Event]:
    for event in events:
        yield_to_window()
        yield event
