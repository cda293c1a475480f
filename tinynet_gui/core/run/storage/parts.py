"""A session as JSON and arrays, and back, bit for bit; everything read is validated."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from tinynet_gui.core.config import SETTINGS, Config
from tinynet_gui.core.run.events import Event
from tinynet_gui.core.run.finished_experiment import MOST_EXPERIMENTS
from tinynet_gui.core.run.held_out import CAPACITY, HeldOutLosses
from tinynet_gui.core.run.history import MOST_ENTRIES, Entry, History, RunChosen, RunDeleted
from tinynet_gui.core.run.loss_history import CAPACITY as LOSSES_KEPT
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.provenance import Provenance
from tinynet_gui.core.run.run import MOST_CHECKPOINTS, BranchPoint, Run
from tinynet_gui.core.run.session import Cursor, Session, ViewState
from tinynet_gui.core.run.storage.blobs import RUNS, Blob, BlobReader, Fetch, Memo, Parts, name_of
from tinynet_gui.core.run.storage.budget import Budget
from tinynet_gui.core.run.storage.configs import ConfigWriter, read_configs
from tinynet_gui.core.run.storage.plain_experiment import experiment_to_plain, read_experiment
from tinynet_gui.core.run.storage.plain_run import (
    entry_to_plain,
    event_to_plain,
    is_of_one_run,
    read_entry,
    read_event,
    read_neurons,
    read_ref,
    read_rule,
    ref_to_plain,
    refs_to_plain,
    rule_to_plain,
)
from tinynet_gui.core.run.storage.plain_values import LARGEST, Plain, StorageError, to_json, whole
from tinynet_gui.core.text.shortened import encodable
from tinynet_gui.core.training.engines import ENGINE_CHOICES
from tinynet_gui.core.training.optimizers import OPTIMIZERS
from tinynet_gui.core.training.pace import PACES
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.ui_priority import give_way

VERSION = 1
MOST_HIDDEN, MOST_CHARACTERS = 1_000, 100  # hidden names, and the length of the longest
LOSSES = (np.float32, np.float32, np.float64, np.int64)  # low, high, total, count
HELD_OUT = (np.int64, np.float32)
LIVE = {path for path, setting in SETTINGS.items() if setting.effect == "live"}  # may change within a run
RULES = 3  # of a run, besides its events: its start, the wanted one, the one it diverged by
_FIELDS = (
    *(
        "version",
        "runs",
        "cursor",
        "done",
        "undone",
        "view",
        "pace",
        "engine",
        "last_run_id",
        "baseline",
        "configs",
        "experiments",
    ),
)
FLAGS, VIEW_FLAGS = ({f.name: f.default for f in fields(kind) if f.type is bool} for kind in (Run, ViewState))
_RUN_FIELDS = ("version", "configs", *(field.name for field in fields(Run)))


class NewerVersionError(StorageError):
    """It was saved by a newer version of the program."""

    def __init__(self, version: int) -> None:
        super().__init__("version", f"a newer version of tinynet made it (format {version}, known is {VERSION})")


@dataclass(frozen=True)
class _PackedRun:
    name: str
    blobs: dict[str, Blob]


class Packer:
    """Splits sessions into their parts. Immutable objects it has seen before are not processed again."""

    def __init__(self) -> None:
        self._memo = Memo()

    @property
    def remembered(self) -> int:
        """The number of objects whose names it remembers; only of those still alive."""
        return len(self._memo)

    def pack(self, session: Session) -> Parts:
        """Return a session's parts. This may take long; computations for the window's thread go first."""
        blobs: dict[str, Blob] = {}
        names = []
        for run in session.runs:
            packed = self._memo.of(run, partial(self._run, run))
            blobs |= packed.blobs
            names.append(packed.name)
        configs = ConfigWriter(self._memo, blobs)
        history, view = session.history, session.view
        head = {
            "version": VERSION,
            "runs": names,
            "cursor": {"run": session.cursor.run_id, "step": session.cursor.step},
            "done": [entry_to_plain(entry, configs) for entry in history.done],
            "undone": [entry_to_plain(entry, configs) for entry in history.undone],
            "view": {
                "pinned": None if view.pinned is None else ref_to_plain(view.pinned),
                "switched_off": refs_to_plain(view.switched_off),
                "hidden": sorted(view.hidden),
                **{flag: getattr(view, flag) for flag in VIEW_FLAGS},
            },
            "pace": session.pace,
            "engine": session.engine,
            "last_run_id": session.last_run_id,
            "baseline": session.baseline,
            "configs": configs.plain,
        }
        if session.experiments:  # earlier versions do not know it
            head["experiments"] = [experiment_to_plain(e, configs, self._memo, blobs) for e in session.experiments]
        return Parts(to_json(head), blobs)

    def _run(self, run: Run) -> _PackedRun:
        blobs: dict[str, Blob] = {}

        def of_state(state: TrainerState) -> str:
            name = self._memo.of(state, lambda: name_of(state))  # not with the state, or it would keep itself
            blobs[name] = state
            return name

        def of_columns(thing: object, columns: tuple[np.ndarray[Any, Any], ...]) -> str:
            name, content = self._memo.of(thing, lambda: _joined(columns))
            blobs[name] = content
            return name

        configs = ConfigWriter(self._memo, blobs)
        losses, held_out = run.losses, run.held_out_losses
        doc = {
            "version": VERSION,
            "id": run.id,
            "name": run.name,
            "parent": None if run.parent is None else {"run": run.parent.run_id, "step": run.parent.step},
            **{flag: getattr(run, flag) for flag in FLAGS},
            "start": rule_to_plain(run.start, configs),
            "wanted": rule_to_plain(run.wanted, configs),
            "events": [event_to_plain(event, configs) for event in _in_portions(run.events)],
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
            "configs": configs.plain,
        }
        content = to_json(doc)
        name = name_of(content, RUNS)
        return _PackedRun(name, {**blobs, name: content})


def unpack(head: bytes, fetch: Fetch, budget: Budget | None = None) -> Session:
    """Return the session made of these parts.

    Parameters
    ----------
    fetch
        Returns the content of a name; raises `StorageError` for an unknown one.

    Raises
    ------
    ReadingStoppedError
        If the result is no longer wanted.
    NewerVersionError
        If its version is unknown.
    StorageError
        If anything is missing or invalid: there is no half of a session.
    """
    blobs = BlobReader(fetch, budget=budget)
    doc = blobs.parsed(head, "session")
    return _READERS[_version(doc)](doc, blobs)


def recover(names: Iterable[str], fetch: Fetch, budget: Budget | None = None) -> Session | None:
    """Return a session of the complete runs; None if there are none. Undo goes from the last to the first."""
    runs: dict[int, Run] = {}
    blobs = BlobReader(fetch, budget=budget)
    for name in names:
        try:
            run = read_run(name, blobs)
        except StorageError:
            continue
        runs[run.id] = run
    kept = tuple(runs[run_id] for run_id in sorted(runs))
    if not kept:
        return None
    history = History()
    for before, after in pairwise(kept):
        history = history.with_entry(RunChosen(before.id, after.id, "recovery"))
    return Session(kept, Cursor(kept[-1].id), history, last_run_id=kept[-1].id)


def _version(doc: Plain) -> int:
    version = doc.whole("version", 1)
    if version > VERSION:
        raise NewerVersionError(version)
    return version


def _read_session(doc: Plain, blobs: BlobReader) -> Session:
    doc.only(*_FIELDS)
    docs = {name: list(doc.parts(name, MOST_ENTRIES)) for name in ("done", "undone")}
    asked = list(doc.parts("experiments", MOST_EXPERIMENTS)) if "experiments" in doc.values else []
    configs = read_configs(doc, blobs, 2 * sum(map(len, docs.values())) + len(asked))
    by_id: dict[int, Run] = {}
    last_run_id = doc.whole("last_run_id")
    for name in doc.items("runs"):
        run = read_run(name, blobs)
        if run.id in by_id or run.id > last_run_id:
            raise doc.refused("last_run_id", "not the largest number of its runs, or one is used twice")
        by_id[run.id] = run
    if not by_id:
        raise doc.refused("runs", "no run")
    cursor = _read_cursor(doc.part("cursor"), by_id)
    done = _read_entries(docs["done"], configs, by_id, cursor.run_id, backwards=True)
    undone = _read_entries(docs["undone"], configs, by_id, cursor.run_id, backwards=False)
    baseline = doc.whole_or_none("baseline")
    return Session(
        tuple(by_id.values()),
        cursor,
        History(done, undone),
        _read_view(doc.part("view"), by_id[cursor.run_id].config),
        pace=doc.whole("pace", 0, len(PACES) - 1),
        engine=doc.choice("engine", list(ENGINE_CHOICES)),
        last_run_id=last_run_id,
        baseline=baseline if baseline in by_id else None,
        experiments=tuple(read_experiment(each, configs, blobs) for each in asked),
    )


_READERS: dict[int, Callable[[Plain, BlobReader], Session]] = {1: _read_session}  # by version; the oldest still opens


def _read_cursor(doc: Plain, runs: dict[int, Run]) -> Cursor:
    doc.only("run", "step")
    run_id = doc.whole("run")
    if run_id not in runs:
        raise doc.refused("run", "no run that is there")
    return Cursor(run_id, doc.whole_or_none("step", 0, runs[run_id].step))


def _read_entries(
    docs: list[Plain], configs: Sequence[Config], runs: dict[int, Run], run_id: int, *, backwards: bool
) -> tuple[Entry, ...]:
    """Read the done or undone actions, starting from the current run: the latest entry is the last."""
    entries = []
    for doc in reversed(docs):
        entry = read_entry(doc, configs, runs[run_id].config)
        ids = set()
        if isinstance(entry, RunChosen):
            ids = {entry.before, entry.after}
            run_id = entry.before if backwards else entry.after
        elif isinstance(entry, RunDeleted):
            ids = {entry.run_id}
        if not ids <= runs.keys():
            raise StorageError(doc.place, "it leads to a run that is not there")
        if isinstance(entry, RunChosen) and (entry.before_step or 0) > runs[entry.before].step:
            raise doc.refused("before_step", f"beyond step {runs[entry.before].step:,}, where its run stands")
        entries.append(entry)
    return tuple(reversed(entries))


def _read_view(doc: Plain, config: Config) -> ViewState:
    doc.only("pinned", "switched_off", "hidden", *VIEW_FLAGS)
    pinned = None if doc.values.get("pinned") is None else read_ref(doc.values["pinned"], doc.place)
    return ViewState(
        pinned,
        read_neurons(doc, "switched_off", config.network.widths),
        hidden=frozenset(_read_hidden(doc)),
        **_read_flags(doc, VIEW_FLAGS),
    )


def _read_hidden(doc: Plain) -> Iterator[str]:
    """Yield names; sessions from before anything could be hidden have none."""
    for name in doc.items("hidden", MOST_HIDDEN) if "hidden" in doc.values else ():
        if not isinstance(name, str) or len(name) > MOST_CHARACTERS:
            raise doc.refused("hidden", "no list of names")
        yield encodable(name)


def read_run(name: object, blobs: BlobReader) -> Run:
    """Return the run of a name; StorageError if it is incomplete."""
    doc = blobs.run(name)
    run_id = doc.whole("id", 1)
    doc = Plain(doc.values, f"run {run_id}")
    _version(doc)
    doc.only(*_RUN_FIELDS)
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
        **_read_flags(doc, FLAGS),
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


def _read_flags(doc: Plain, flags: dict[str, Any]) -> dict[str, bool]:
    """Read boolean fields; those unknown to older versions have their defaults."""
    return {flag: doc.flag(flag) if flag in doc.values else default for flag, default in flags.items()}


def _read_checkpoints(doc: Plain, config: Config, blobs: BlobReader) -> tuple[TrainerState, ...]:
    widths = config.network.widths
    shapes = tuple(shape for n_in, n_out in pairwise(widths) for shape in ((n_out, n_in), (n_out,)))
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
    count = doc.whole("count", 0, CAPACITY)
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
    """Return columns joined one after the other, and the name of the result."""
    content = b"".join(column.tobytes() for column in columns)
    return name_of(content), content


def _in_portions(events: Sequence[Event]) -> Iterable[Event]:
    for event in events:
        give_way()
        yield event
