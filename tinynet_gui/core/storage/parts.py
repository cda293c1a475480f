"""A session as JSON and arrays, and back, bit for bit: a text for all but the runs, and one for each run."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import fields, replace
from functools import partial
from itertools import pairwise

from tinynet_gui.core.config import SETTINGS
from tinynet_gui.core.run.history import MAX_ENTRIES, Entry, History, RunChosen, RunDeleted
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import MAX_EXPERIMENTS, Cursor, Session
from tinynet_gui.core.storage.blobs import RUNS, Blob, BlobReader, Budget, Fetch, Memo, SessionParts, blob_name
from tinynet_gui.core.storage.codec import Reader, Writer, is_of_one_run
from tinynet_gui.core.storage.configs import read_configs
from tinynet_gui.core.storage.plain_values import Plain, StorageError, check_version, to_json
from tinynet_gui.core.text.language import N_, gettext as _
from tinynet_gui.core.text.numbers import count_text

LIVE = {path for path, setting in SETTINGS.items() if setting.effect == "live"}  # may change within a run
RULES = 3  # of a run, besides its events: its start, the wanted one, the one it diverged by
TABLE = ("version", "configs")  # in each text, besides the fields


class Packer:
    """Splits sessions into their parts, caching the results of immutable objects."""

    def __init__(self) -> None:
        self._memo = Memo()

    @property
    def remembered(self) -> int:
        """The number of live objects whose names are cached."""
        return len(self._memo)

    def pack(self, session: Session) -> SessionParts:
        """Return a session's parts. This may take long, and yields to the window's thread."""
        blobs: dict[str, Blob] = {}
        runs = []
        for run in session.runs:
            name, of_run = self._memo.of(run, partial(self._pack_run, run))
            blobs |= of_run
            runs.append(name)
        writer = Writer(self._memo, blobs)
        history = {name: writer.plain(getattr(session.history, name)) for name in ("done", "undone")}
        head = {**writer.record(session, "runs", "history"), "runs": runs, "history": history}
        return SessionParts(to_json({**head, "configs": writer.configs.plain, "version": writer.format}), blobs)

    def _pack_run(self, run: Run) -> tuple[str, dict[str, Blob]]:
        """Split a run into its JSON part and the arrays that it names; return the part's name, and all parts."""
        blobs: dict[str, Blob] = {}
        writer = Writer(self._memo, blobs)
        doc = writer.record(run)
        content = to_json({**doc, "configs": writer.configs.plain, "version": writer.format})
        name = blob_name(content, RUNS)
        return name, {**blobs, name: content}


def unpack_session(head: bytes, fetch: Fetch, budget: Budget | None = None) -> Session:
    """Rebuild a session from its parts.

    `fetch` returns the content of a name; it raises `StorageError` for an unknown one.

    Raises
    ------
    StoppedError
        If cancelled.
    OtherVersionError
        If its version is not one that is read.
    StorageError
        If anything is missing or invalid: a session is read whole or not at all.
    """
    blobs = BlobReader(fetch, budget=budget)
    doc = blobs.parsed(head, "session")
    check_version(doc)
    return _read_session(doc, blobs)


def recover(names: Iterable[str], fetch: Fetch, budget: Budget | None = None) -> Session | None:
    """Return a session of the complete runs; None if there are none. Undo goes back through them."""
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
        history = history.with_entry(RunChosen(before.id, after.id, N_("recovery")))
    return Session(kept, Cursor(kept[-1].id), history, last_run_id=kept[-1].id)


def read_run(name: object, blobs: BlobReader) -> Run:
    """Rebuild the run of a name; StorageError if it is incomplete."""
    doc = blobs.run(name)
    doc = Plain(doc.values, f"run {doc.whole('id', 1)}")
    check_version(doc)
    doc.only(*TABLE, *(field.name for field in fields(Run)))
    configs = read_configs(doc, blobs, len(doc.items("events")) + RULES, LIVE)
    config = configs[doc.part("start").whole("config", 0, len(configs) - 1)]
    if not all(is_of_one_run(config, other) for other in configs):
        raise StorageError(doc.place, _("settings of more than one network"))
    run: Run = Reader(blobs, configs, config).record(Run, doc, *TABLE)
    if any(earlier.step > later.step for earlier, later in pairwise(run.events)):
        raise doc.refused("events", _("not in the order of their steps"))
    if any(earlier.step >= later.step for earlier, later in pairwise(run.checkpoints)):
        raise StorageError(doc.place, _("checkpoints that are not in the order of their steps"))
    return run


def _read_session(doc: Plain, blobs: BlobReader) -> Session:
    doc.only(*TABLE, *(field.name for field in fields(Session)))
    history = doc.part("history")
    history.only("done", "undone")
    docs = {name: list(history.parts(name, MAX_ENTRIES)) for name in ("done", "undone")}
    most = 2 * sum(map(len, docs.values())) + len(doc.items("experiments", MAX_EXPERIMENTS))
    most += doc.values.get("own_losses") is not None
    configs = read_configs(doc, blobs, most)
    runs: dict[int, Run] = {}
    last_run_id = doc.whole("last_run_id")
    for name in doc.items("runs"):
        run = read_run(name, blobs)
        if run.id in runs or run.id > last_run_id:
            raise doc.refused("last_run_id", _("not the largest number of its runs, or one is used twice"))
        runs[run.id] = run
    at = doc.part("cursor").whole("run_id")
    if at not in runs:
        raise doc.refused("cursor", _("at no run that is there"))
    reader = Reader(blobs, configs, runs[at].config)
    done, undone = (_read_entries(docs[name], reader, runs, at, backwards=name == "done") for name in docs)
    session: Session = reader.record(
        Session, doc, *TABLE, "runs", "history", runs=(*runs.values(),), history=History(done, undone)
    )
    if (session.cursor.step or 0) > runs[at].step:
        raise doc.refused("cursor", _beyond(runs[at]))
    view = replace(session.view, map=_checked_map(session.view.map))
    return replace(session, view=view, baseline=session.baseline if session.baseline in runs else None)


def _read_entries(
    docs: list[Plain], reader: Reader, runs: dict[int, Run], run_id: int, *, backwards: bool
) -> tuple[Entry, ...]:
    """Read the done or undone actions, walking from the current run: the latest entry is the last."""
    entries = []
    for doc in reversed(docs):
        here = Reader(reader.blobs, reader.configs, runs[run_id].config)
        entry: Entry = here.read(Entry, doc.values, doc.place)
        ids = set()
        if isinstance(entry, RunChosen):
            ids = {entry.before, entry.after}
            run_id = entry.before if backwards else entry.after
        elif isinstance(entry, RunDeleted):
            ids = {entry.run_id}
        if not ids <= runs.keys():
            raise StorageError(doc.place, _("it leads to a run that is not there"))
        if isinstance(entry, RunChosen) and (entry.before_step or 0) > runs[entry.before].step:
            raise doc.refused("before_step", _beyond(runs[entry.before]))
        entries.append(entry)
    return tuple(reversed(entries))


def _checked_map(text: str) -> str:
    if not text:
        return ""
    from tinynet_gui.core.maps.axes import MapError
    from tinynet_gui.core.wording.maps import map_text, read_map

    try:
        return map_text(read_map(text))
    except MapError:  # what can be drawn may depend on the version
        return ""


def _beyond(run: Run) -> str:
    return _("beyond step {step}, where its run stands").format(step=count_text(run.step))
