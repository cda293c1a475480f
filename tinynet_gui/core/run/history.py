"""What the user did, in one order, so that it can be undone."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from itertools import takewhile

from tinynet_gui.core.config import SETTINGS, Config, changed_paths
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef, Ref

MOST_ENTRIES = 200


@dataclass(frozen=True)
class RunChosen:
    """Another run became the current one: by a setting that needs a new one, by reset, new seed or opening.

    `before_step` is the step at which the one that was before was looked at, or None: its latest.
    """

    before: int
    after: int
    label: str
    before_step: int | None = None


@dataclass(frozen=True)
class RunDeleted:
    """A run is kept no more for anything but undo."""

    run_id: int
    label: str


@dataclass(frozen=True)
class LiveSettingsEdit:
    """Live settings of the current run were changed."""

    before: Config
    after: Config

    @property
    def label(self) -> str:
        """What was changed."""
        return settings_label(self.before, self.after)


@dataclass(frozen=True)
class ParameterEdit:
    """One weight or bias of the current run was set by hand; `before` is what it was when it was taken hold of."""

    ref: ParameterRef
    before: float
    after: float

    @property
    def label(self) -> str:
        """What was set."""
        return str(self.ref)


@dataclass(frozen=True)
class FrozenEdit:
    """Something was frozen, or let go."""

    before: frozenset[Ref]
    after: frozenset[Ref]

    @property
    def label(self) -> str:
        """What was done."""
        return "freezing" if len(self.after) > len(self.before) else "letting go"


@dataclass(frozen=True)
class SwitchedOffEdit:
    """A neuron was switched off, or on again, in what is drawn."""

    before: frozenset[NeuronRef]
    after: frozenset[NeuronRef]

    @property
    def label(self) -> str:
        """What was done."""
        return "switching off" if len(self.after) > len(self.before) else "switching on"


Entry = RunChosen | RunDeleted | LiveSettingsEdit | ParameterEdit | FrozenEdit | SwitchedOffEdit


@dataclass(frozen=True)
class History:
    """What was done and what was taken back; a value.

    Attributes
    ----------
    done, undone
        From the earliest to the latest.
    gesture
        The stroke of the hand that the latest entry came from, if it can still go on: what follows within it and
        does the same is one entry with it.
    """

    done: tuple[Entry, ...] = ()
    undone: tuple[Entry, ...] = ()
    gesture: Hashable | None = None

    @property
    def next_undo(self) -> Entry | None:
        """What `undo` would take back, or None."""
        return self.done[-1] if self.done else None

    @property
    def next_redo(self) -> Entry | None:
        """What `redo` would do again, or None."""
        return self.undone[-1] if self.undone else None

    def with_entry(self, entry: Entry, gesture: Hashable | None = None) -> "History":
        """Return it with what was done now; what had been taken back is forgotten.

        A drag is one entry: it goes from where the hand took hold to where it is.
        """
        latest = self.next_undo
        if latest is not None and gesture is not None and gesture == self.gesture:
            merged = _merged(latest, entry)
            if merged is not None:
                return History((*self.done[:-1], merged), (), gesture)
        return History((*self.done, entry)[-MOST_ENTRIES:], (), gesture)

    def undo(self) -> "History":
        """Return it with the latest entry taken back."""
        return History(self.done[:-1], (*self.undone, self.done[-1]))

    def redo(self) -> "History":
        """Return it with the entry done again that was taken back last."""
        return History((*self.done, self.undone[-1]), self.undone[:-1])

    def run_ids(self) -> set[int]:
        """Return the runs that undo or redo can go to."""
        return {run_id for entry in (*self.done, *self.undone) for run_id in _leads_to(entry)}

    def without_run(self, run_id: int) -> "History":
        """Return it as far as it does not lead to a run: without what undo and redo could reach only by way of it."""
        return replace(self, done=_since(self.done, run_id), undone=_since(self.undone, run_id))


def _leads_to(entry: Entry) -> tuple[int, ...]:
    match entry:
        case RunChosen():
            return entry.before, entry.after
        case RunDeleted():
            return (entry.run_id,)
    return ()


def _since(entries: tuple[Entry, ...], run_id: int) -> tuple[Entry, ...]:
    """Return the entries behind the last that leads to a run."""
    return tuple(reversed(tuple(takewhile(lambda entry: run_id not in _leads_to(entry), reversed(entries)))))


def settings_label(before: Config, after: Config) -> str:
    """One setting that differs by its name, or how many do."""
    labels = [SETTINGS[path].label for path in changed_paths(before, after)]
    return f"{labels[0][0].lower()}{labels[0][1:]}" if len(labels) == 1 else f"{len(labels)} settings"


def _merged(earlier: Entry, later: Entry) -> Entry | None:
    """Return two entries of one stroke as one, or None if they do not do the same."""
    match earlier, later:
        case ParameterEdit(), ParameterEdit() if earlier.ref == later.ref:
            return replace(later, before=earlier.before)
        case LiveSettingsEdit(), LiveSettingsEdit() if earlier.label == later.label:
            return replace(later, before=earlier.before)
        case RunChosen(), RunChosen() if earlier.label == later.label:
            return replace(later, before=earlier.before, before_step=earlier.before_step)
        case RunChosen(before_step=int()), LiveSettingsEdit() | ParameterEdit() | FrozenEdit():
            return earlier  # the change that began a branch goes on in it
    return None
