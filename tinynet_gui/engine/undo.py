"""What can be undone: changes of settings, and parameters set by hand."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

from tinynet_gui.core.config import SETTINGS, Config, changed_paths

MOST_EDITS = 200
MERGED_WITHIN_S = 1.0  # edits of one parameter that follow each other so closely are one: a drag, a few notches


@dataclass(frozen=True)
class SettingsEdit:
    """Settings were changed."""

    before: Config
    after: Config

    @property
    def label(self) -> str:
        """What was changed: one setting by its name, or how many."""
        labels = [SETTINGS[path].label for path in changed_paths(self.before, self.after)]
        return f"{labels[0][0].lower()}{labels[0][1:]}" if len(labels) == 1 else f"{len(labels)} settings"


@dataclass(frozen=True)
class ParameterEdit:
    """One weight or bias of the current run was set by hand.

    Attributes
    ----------
    layer, kind, index
        Affine layer, "weight" or "bias", (neuron, input) or (neuron,).
    before
        What it was when it was taken hold of.
    """

    layer: int
    kind: str
    index: tuple[int, ...]
    before: float
    after: float

    @property
    def label(self) -> str:
        """What was set."""
        neuron = f"neuron {self.index[0] + 1} of layer {self.layer + 1}"
        return f"bias of {neuron}" if self.kind == "bias" else f"weight {self.index[1] + 1} of {neuron}"

    def continues(self, earlier: "Edit") -> bool:
        """Whether it sets the same parameter on from where an earlier edit left it."""
        places = [(e.layer, e.kind, e.index) for e in (self, earlier) if isinstance(e, ParameterEdit)]
        return len(places) == 2 and places[0] == places[1]


Edit = SettingsEdit | ParameterEdit


class UndoStack:
    """The edits that were made and those that were taken back."""

    def __init__(self, now: Callable[[], float] = perf_counter) -> None:
        self._now = now
        self._done: list[Edit] = []
        self._undone: list[Edit] = []
        self._latest_at = -MERGED_WITHIN_S

    @property
    def next_undo(self) -> Edit | None:
        """What `undo` would take back, or None."""
        return self._done[-1] if self._done else None

    @property
    def next_redo(self) -> Edit | None:
        """What `redo` would make again, or None."""
        return self._undone[-1] if self._undone else None

    def push(self, edit: Edit) -> bool:
        """Add an edit that was made; whether it became one with the edit before it."""
        now, self._undone = self._now(), []
        latest = self._done[-1] if self._done else None
        is_one = (
            isinstance(edit, ParameterEdit)
            and isinstance(latest, ParameterEdit)
            and edit.continues(latest)
            and now - self._latest_at < MERGED_WITHIN_S
        )
        if is_one and isinstance(latest, ParameterEdit) and isinstance(edit, ParameterEdit):
            self._done[-1] = replace(edit, before=latest.before)
        else:
            self._done = [*self._done[-MOST_EDITS + 1 :], edit]
        self._latest_at = now
        return is_one

    def undo(self) -> Edit | None:
        """Move the last edit to those taken back, and return it."""
        return self._move(self._done, self._undone)

    def redo(self) -> Edit | None:
        """Move the edit taken back last to those made, and return it."""
        return self._move(self._undone, self._done)

    def forget_run(self) -> None:
        """Another run begins: parameters that were set by hand are no more, changes of settings still are."""
        for edits in (self._done, self._undone):
            edits[:] = [edit for edit in edits if isinstance(edit, SettingsEdit)]

    def _move(self, source: list[Edit], target: list[Edit]) -> Edit | None:
        self._latest_at = self._now() - MERGED_WITHIN_S
        if not source:
            return None
        target.append(source.pop())
        return target[-1]
