"""The undo history: the user's actions in order, with English labels, as sessions keep them."""

import re
from collections.abc import Hashable
from dataclasses import replace
from itertools import takewhile

from tinynet_gui.core.config import SETTINGS, Config, changed_paths
from tinynet_gui.core.config.setting_text import EACH_LAYER, setting_label
from tinynet_gui.core.network.refs import BIAS, WEIGHT, NeuronRef, ParameterRef, Ref
from tinynet_gui.core.text.language import ENGLISH, N_, ngettext, speaking, translate_stored, within_sentence
from tinynet_gui.core.values import frozen_dataclass

MAX_ENTRIES = 200


@frozen_dataclass
class RunChosen:
    """Another run became current: by a setting that needs a new run, by reset, new seed or opening.

    `before_step` is the step that was selected in the previous run; None is its latest.
    """

    before: int
    after: int
    label: str
    before_step: int | None = None


@frozen_dataclass
class RunDeleted:
    """A run was deleted; it is kept only for undo."""

    run_id: int
    label: str


@frozen_dataclass
class LiveSettingsEdit:
    """Live settings of the current run were changed."""

    before: Config
    after: Config

    @property
    def label(self) -> str:
        return settings_label(self.before, self.after)


@frozen_dataclass
class ParameterEdit:
    """One weight or bias of the current run was set by hand; `before` is its value at the start of the gesture."""

    ref: ParameterRef
    before: float
    after: float

    @property
    @speaking(ENGLISH)
    def label(self) -> str:
        return str(self.ref)


@frozen_dataclass
class FrozenEdit:
    """Something was frozen or unfrozen."""

    before: frozenset[Ref]
    after: frozenset[Ref]

    @property
    def label(self) -> str:
        return N_("freezing") if len(self.after) > len(self.before) else N_("letting go")


@frozen_dataclass
class SwitchedOffEdit:
    """A neuron was switched off, or on again, in the plots."""

    before: frozenset[NeuronRef]
    after: frozenset[NeuronRef]

    @property
    def label(self) -> str:
        return N_("switching off") if len(self.after) > len(self.before) else N_("switching on")


@frozen_dataclass
class AllShown:
    """Everything was shown again; `hidden` are the names that had been hidden from students."""

    hidden: frozenset[str]

    @property
    def label(self) -> str:
        return N_("showing all")


NEW_SEED, OPENING = N_("new seed"), N_("opening a setting")  # labels of entries
Entry = RunChosen | RunDeleted | LiveSettingsEdit | ParameterEdit | FrozenEdit | SwitchedOffEdit | AllShown


@frozen_dataclass
class History:
    """The actions done and undone; immutable: methods return a new history.

    Attributes
    ----------
    done, undone
        From the earliest to the latest.
    gesture
        The gesture of the latest entry, while it can go on: similar edits of one gesture merge into one entry.
    """

    done: tuple[Entry, ...] = ()
    undone: tuple[Entry, ...] = ()
    gesture: Hashable | None = None

    @property
    def next_undo(self) -> Entry | None:
        return self.done[-1] if self.done else None

    @property
    def next_redo(self) -> Entry | None:
        return self.undone[-1] if self.undone else None

    def with_entry(self, entry: Entry, gesture: Hashable | None = None) -> "History":
        """Add an action and clear the redo entries; the edits of a drag merge into one entry."""
        continues = self.done and gesture is not None and gesture == self.gesture
        if continues and (merged := _merged(self.done[-1], entry)) is not None:
            return History((*self.done[:-1], merged), (), gesture)
        return History((*self.done, entry)[-MAX_ENTRIES:], (), gesture)

    def undo(self) -> "History":
        return History(self.done[:-1], (*self.undone, self.done[-1]))

    def redo(self) -> "History":
        return History((*self.done, self.undone[-1]), self.undone[:-1])

    def run_ids(self) -> set[int]:
        """Return the runs that undo or redo can lead to."""
        return {run_id for entry in (*self.done, *self.undone) for run_id in _leads_to(entry)}

    def without_run(self, run_id: int) -> "History":
        """Drop the entries that lead to a run, and those that undo and redo could reach only through them."""
        return replace(self, done=_since(self.done, run_id), undone=_since(self.undone, run_id))


def _leads_to(entry: Entry) -> tuple[int, ...]:
    match entry:
        case RunChosen():
            return entry.before, entry.after
        case RunDeleted():
            return (entry.run_id,)
    return ()


def _since(entries: tuple[Entry, ...], run_id: int) -> tuple[Entry, ...]:
    return tuple(reversed(tuple(takewhile(lambda entry: run_id not in _leads_to(entry), reversed(entries)))))


@speaking(ENGLISH)
def settings_label(before: Config, after: Config) -> str:
    """Return the English name of the only setting that differs, or the number of them."""
    paths = [*changed_paths(before, after)]
    if len(paths) > 1:  # first weights change along with what draws them again
        paths = [path for path in paths if path != "network.first_weights"]
    labels = [setting_label(path, before, after) for path in paths]
    if len(labels) == 1:
        return within_sentence(labels[0])
    return ngettext("{count} setting", "{count} settings", len(labels)).format(count=len(labels))


def change_text(entry: Entry) -> str:
    """Return an action's name in the current language; its label is English, as sessions keep it."""
    label = entry.label
    with speaking(ENGLISH):
        names = (EACH_LAYER, *(setting.label for setting in SETTINGS.values()))
        of_setting = {within_sentence(name): name for name in names}
    if label in of_setting:
        return within_sentence(translate_stored(of_setting[label], context="setting"))
    if (several := re.fullmatch("([0-9]{1,3}) settings", label)) is not None:
        return ngettext("{count} setting", "{count} settings", int(several[1])).format(count=several[1])
    return translate_stored(label, WEIGHT, BIAS)


def _merged(earlier: Entry, later: Entry) -> Entry | None:
    """Merge two entries of one gesture; None if they are of different kinds."""
    match earlier, later:
        case ParameterEdit(), ParameterEdit() if earlier.ref == later.ref:
            return replace(later, before=earlier.before)
        case LiveSettingsEdit(), LiveSettingsEdit() if earlier.label == later.label:
            return replace(later, before=earlier.before)
        case RunChosen(), RunChosen() if earlier.label == later.label:
            return replace(later, before=earlier.before, before_step=earlier.before_step)
        case RunChosen(before_step=int()), LiveSettingsEdit() | ParameterEdit() | FrozenEdit():
            return earlier  # the change that began a branch continues in it
    return None
