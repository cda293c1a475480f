"""A session as JSON and arrays, and back, bit for bit; everything read is validated."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import pairwise

from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting import format_of, later_values
from tinynet_gui.core.run.history import MOST_ENTRIES, Entry, History, RunChosen, RunDeleted
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import MOST_EXPERIMENTS, Cursor, Session, ViewState
from tinynet_gui.core.storage.blobs import Blob, BlobReader, Budget, Fetch, Memo, Parts
from tinynet_gui.core.storage.configs import ConfigWriter, read_configs
from tinynet_gui.core.storage.plain_experiment import experiment_to_plain, read_experiment
from tinynet_gui.core.storage.plain_run import (
    entry_to_plain,
    read_entry,
    read_hidden,
    read_neurons,
    read_ref,
    ref_to_plain,
    refs_to_plain,
)
from tinynet_gui.core.storage.plain_values import Plain, StorageError, check_version, read_plain_fields, to_json
from tinynet_gui.core.storage.run_parts import flags_of, pack_run, read_run
from tinynet_gui.core.training.engines import ENGINE_CHOICES, PACES

VIEW_FLAGS = flags_of(ViewState)
_ENTRIES = ("done", "undone")
_FIELDS = (
    *("version", "runs", "cursor", *_ENTRIES, "view"),
    *("pace", "engine", "last_run_id", "baseline", "configs", "experiments"),
)


class Packer:
    """Splits sessions into their parts, caching the results of immutable objects."""

    def __init__(self) -> None:
        self._memo = Memo()

    @property
    def remembered(self) -> int:
        """The number of live objects whose names are cached."""
        return len(self._memo)

    def pack(self, session: Session) -> Parts:
        """Return a session's parts. This may take long, and yields to the window's thread."""
        blobs: dict[str, Blob] = {}
        names = []
        for run in session.runs:
            packed = self._memo.of(run, partial(pack_run, run, self._memo))
            blobs |= packed.blobs
            names.append(packed.name)
        configs = ConfigWriter(self._memo, blobs)
        view = session.view
        entries = {
            name: [entry_to_plain(entry, configs) for entry in getattr(session.history, name)] for name in _ENTRIES
        }
        head = {
            "runs": names,
            "cursor": {"run": session.cursor.run_id, "step": session.cursor.step},
            **entries,
            "view": {
                "pinned": None if view.pinned is None else ref_to_plain(view.pinned),
                "switched_off": refs_to_plain(view.switched_off),
                "hidden": sorted(view.hidden),
                **{flag: getattr(view, flag) for flag in VIEW_FLAGS},
                "map": view.map,
                **later_values(view),
            },
            "pace": session.pace,
            "engine": session.engine,
            "last_run_id": session.last_run_id,
            "baseline": session.baseline,
            "experiments": [experiment_to_plain(e, configs, self._memo, blobs) for e in session.experiments],
            "configs": configs.plain,
        }
        head["version"] = max(configs.format, format_of(session, view))
        return Parts(to_json(head), blobs)


def unpack_session(head: bytes, fetch: Fetch, budget: Budget | None = None) -> Session:
    """Rebuild a session from its parts.

    `fetch` returns the content of a name; it raises `StorageError` for an unknown one.

    Raises
    ------
    StoppedError
        If cancelled.
    NewerVersionError
        If its version is unknown.
    StorageError
        If anything is missing or invalid: a session is read whole or not at all.
    """
    blobs = BlobReader(fetch, budget=budget)
    doc = blobs.parsed(head, "session")
    check_version(doc)
    return _read_session(doc, blobs)


def recover(names: Iterable[str], fetch: Fetch, budget: Budget | None = None) -> Session | None:
    """Return a session of the complete runs; None if there are none. Undo steps through them from last to first."""
    runs: dict[int, Run] = {}
    blobs = BlobReader(fetch, budget=budget)
    for name in names:
        with suppress(StorageError):
            run = read_run(name, blobs)
            runs[run.id] = run
    kept = tuple(runs[run_id] for run_id in sorted(runs))
    if not kept:
        return None
    history = History()
    for before, after in pairwise(kept):
        history = history.with_entry(RunChosen(before.id, after.id, "recovery"))
    return Session(kept, Cursor(kept[-1].id), history, last_run_id=kept[-1].id)


def _read_session(doc: Plain, blobs: BlobReader) -> Session:
    doc.only(*_FIELDS)
    docs = {name: list(doc.parts(name, MOST_ENTRIES)) for name in _ENTRIES}
    asked = list(doc.parts("experiments", MOST_EXPERIMENTS))
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


def _read_cursor(doc: Plain, runs: dict[int, Run]) -> Cursor:
    doc.only("run", "step")
    run_id = doc.whole("run")
    if run_id not in runs:
        raise doc.refused("run", "no run that is there")
    return Cursor(run_id, doc.whole_or_none("step", 0, runs[run_id].step))


def _read_entries(
    docs: list[Plain], configs: Sequence[Config], runs: dict[int, Run], run_id: int, *, backwards: bool
) -> tuple[Entry, ...]:
    """Read the done or undone actions, walking from the current run: the latest entry is the last."""
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
    doc.only(*ViewState.__dataclass_fields__)
    pinned = None if doc.values.get("pinned") is None else read_ref(doc.values["pinned"], doc.place)
    values = read_plain_fields(doc, ViewState)
    return ViewState(
        pinned,
        read_neurons(doc, "switched_off", config.network.widths),
        hidden=read_hidden(doc),
        map=_checked_map(doc.text("map")),
        **values,
    )


def _checked_map(text: str) -> str:
    if not text:
        return ""
    from tinynet_gui.core.maps.axes import MapError
    from tinynet_gui.core.wording.maps import map_text, read_map

    try:
        return map_text(read_map(text))
    except MapError:  # what can be drawn may depend on the version
        return ""
