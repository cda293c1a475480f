"""The session: all runs, the current moment, the undo history and the view state, as one immutable value."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import field, replace
from functools import cached_property
from typing import Any

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting import since
from tinynet_gui.core.network.refs import NeuronRef, Ref
from tinynet_gui.core.run import events, loss_history, replay
from tinynet_gui.core.run.history import Entry, History, RunChosen
from tinynet_gui.core.run.run import Run, are_equal, checkpoints_bytes, here, within_budget
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.training.engines import EngineChoice, EngineName
from tinynet_gui.core.values import Floats, Ints, frozen_dataclass

MAX_LISTED = 20  # besides the starred ones and the current one


class OtherRuns:
    """The runs of a session other than the current one.

    They do not change while that one trains; their properties are cached and passed on from session to session, so that
    the cost of a frame does not depend on their number.

    `runs` are all runs in order of creation, `current` is the id of the current one.
    """

    def __init__(self, runs: Sequence[Run], current: int) -> None:
        place = [run.id for run in runs].index(current)
        self._before, self._after = tuple(runs[:place]), tuple(runs[place + 1 :])

    def with_run(self, current: Run) -> tuple[Run, ...]:
        return (*self._before, current, *self._after)

    @cached_property
    def checkpoints_bytes(self) -> int:
        return checkpoints_bytes((*self._before, *self._after))

    def listed_with(self, current: Run) -> tuple[Run, ...]:
        """Return the listed runs of the session, in order of creation.

        A run is listed if it has taken a step, is kept or is starred, and is not deleted. Of equal runs one is listed:
        the current one, else one that the user has changed, else the latest. Of the unstarred runs the latest twenty
        are listed, and the current one.
        """
        mine = [current] if _can_be_listed(current) else []
        listed = {*mine, *(run for run in self._listed if not mine or not are_equal(run, current))}
        latest = _in_order(run for run in listed if not run.is_starred)[-MAX_LISTED:]
        return tuple(_in_order({*mine, *latest, *(run for run in listed if run.is_starred)}))

    @cached_property
    def _listed(self) -> list[Run]:
        """The listable runs, plus one in case one of them equals the current run."""

        def rank(run: Run) -> tuple[int, ...]:
            return run.is_starred, run.name != "", run.is_shown, run.is_kept, run.id

        alike: dict[tuple[object, ...], list[Run]] = defaultdict(list)
        for run in sorted(filter(_can_be_listed, (*self._before, *self._after)), key=rank, reverse=True):
            known = alike[_key(run)]
            if not any(are_equal(run, other) for other in known):
                known.append(run)
        distinct = [run for known in alike.values() for run in known]
        latest = _in_order(run for run in distinct if not run.is_starred)[-MAX_LISTED - 1 :]
        return [*latest, *(run for run in distinct if run.is_starred)]


def _can_be_listed(run: Run) -> bool:
    return not run.is_deleted and bool(run.step or run.is_kept or run.is_starred)


def _key(run: Run) -> tuple[object, ...]:
    """A hash key: shared by equal runs, and by hardly any others."""
    return run.step, run.diverged_at, *(state.parameters[0].tobytes() for state in run.checkpoints[-1:])


def _in_order(runs: Iterable[Run]) -> list[Run]:
    return sorted(runs, key=lambda run: run.id)


MAX_EXPERIMENTS = 8  # experiments of a session, the latest of each kind
MAX_RUNS = 1_000
MAX_COLUMNS, MAX_NUMBERS = 12, 10_000  # of its result
MAX_PARTS, MAX_CHARACTERS = 8, 6_000  # of the user's input, and of the answer

Numbers = tuple[tuple[float, ...], ...]


@frozen_dataclass
class FinishedExperiment:
    """A finished experiment.

    Attributes
    ----------
    kind, runs
        Its name in `core.experiments.table`, and the number of runs.
    about
        Further input by the user, such as the parts of a claim.
    answer
        Its answer in plain text.
    numbers
        Columns without NaN, from which `core.experiments.table` restores its result.
    """

    kind: str
    config: Config
    runs: int
    about: tuple[int | float | str, ...] = ()
    answer: str = ""
    numbers: Numbers = ()


def with_experiment(known: Sequence[FinishedExperiment], asked: FinishedExperiment) -> tuple[FinishedExperiment, ...]:
    """Add the latest experiment; it replaces the one of its kind."""
    others = [other for other in known if other.kind != asked.kind]
    is_short = sum(map(len, asked.numbers)) <= MAX_NUMBERS
    numbers = asked.numbers if is_short else ()
    answer = shortened(asked.answer, MAX_CHARACTERS)
    return (*others, replace(asked, answer=answer, numbers=numbers))[-MAX_EXPERIMENTS:]


@frozen_dataclass(eq=False)
class OwnLosses:
    """The losses that a loop outside the program printed, and the settings that its run would start from."""

    config: Config
    losses: loss_history.HeldOutLosses

    @classmethod
    def of(cls, config: Config, steps: Ints, losses: Floats) -> "OwnLosses":
        """Return the losses that are finite in float32, thinned out if they are many."""
        with np.errstate(over="ignore"):
            pairs = zip(steps.tolist(), losses.astype(np.float32).tolist(), strict=True)
        return cls(config, loss_history.HeldOutLosses().with_losses(pairs))


MEMORY_BUDGET = 256 * 2**20  # bytes of all checkpoints of all runs


@frozen_dataclass
class Cursor:
    """The current moment: a run and a step; None is its latest."""

    run_id: int
    step: int | None = None


@frozen_dataclass
class ViewState:
    """How a session is shown.

    Attributes
    ----------
    pinned
        The selected neuron, weight or layer, or None.
    switched_off
        Neurons of the current run without which the curve is drawn.
    shows_preview
        Whether the end of the training is shown while settings change.
    shows_twin, shows_modes
        Whether the lazy twin is drawn beside the network, and its loss split into modes.
    dense_beginning
        Whether the time line gives the first steps more room.
    pauses_at_plateau
        Whether training pauses by itself once its loss no longer moves.
    map
        The requested map, as `core.wording.maps.map_text` writes it; "" for the default one.
    hidden
        The names of the controls, views and experiments hidden from students: a setting's path, or a name like
        ``view.microscope``. Their results stay visible.
    """

    pinned: Ref | None = None
    switched_off: frozenset[NeuronRef] = frozenset()
    log_loss: bool = True
    shows_preview: bool = True
    shows_sharpness: bool = False
    shows_twin: bool = False
    shows_modes: bool = False
    dense_beginning: bool = False
    pauses_at_plateau: bool = False
    map: str = ""
    hidden: frozenset[str] = frozenset()


@frozen_dataclass(eq=False)
class Session:
    """The kept runs, the current moment, the undo history, and how training continues; methods return new sessions.

    Attributes
    ----------
    runs
        In order of creation: the current one, the listed ones (`OtherRuns.listed_with`), and those that undo and redo
        can lead to.
    pace
        An index into `core.training.engines.PACES`.
    engine
        The engine that the user has chosen.
    last_run_id
        The largest id so far; none is reused.
    baseline
        The run with which others are compared, or None.
    experiments
        The finished experiments, the latest last; undo does not affect them.
    own_losses
        The grey line in the loss plot; undo does not affect it.
    """

    runs: tuple[Run, ...]
    cursor: Cursor
    history: History = field(default_factory=History)
    view: ViewState = field(default_factory=ViewState)
    pace: int = 0
    engine: EngineChoice = "auto"
    last_run_id: int = 1
    baseline: int | None = None
    experiments: tuple[FinishedExperiment, ...] = ()
    own_losses: OwnLosses | None = since(7, None)

    @cached_property
    def run(self) -> Run:
        return self._find(self.cursor.run_id)

    @cached_property
    def other_runs(self) -> OtherRuns:
        return OtherRuns(self.runs, self.cursor.run_id)

    @cached_property
    def rule(self) -> events.StepRule:
        """The rule of the next step from the current moment; from the latest, as the user requested last."""
        return self.run.wanted if self.cursor.step is None else self.run.rule_at(self.cursor.step)

    @property
    def config(self) -> Config:
        """The settings at the current moment."""
        return self.rule.config

    @property
    def looks_back(self) -> bool:
        """Whether the current step is a past one."""
        return self.cursor.step is not None

    def looking_at(self, step: int | None) -> "Session":
        """Go to another step of the current run; its last step or later means the latest."""
        past = None if step is None or step >= self.run.step else max(step, 0)
        if past == self.cursor.step:
            return self
        return self._with_caches(replace(self, cursor=Cursor(self.cursor.run_id, past)), self.run)

    @cached_property
    def kept_runs(self) -> tuple[Run, ...]:
        """The listed runs in order, for viewing and comparing."""
        return self.other_runs.listed_with(self.run)

    def run_of(self, run_id: int) -> Run:
        """Return a run by its id; KeyError if it is no longer kept."""
        return self.run if run_id == self.cursor.run_id else self._find(run_id)

    def _find(self, run_id: int) -> Run:
        for run in reversed(self.runs):
            if run.id == run_id:
                return run
        raise KeyError(run_id)

    def has(self, run_id: int) -> bool:
        return run_id == self.cursor.run_id or any(run.id == run_id for run in self.runs)

    def with_run(self, run: Run, budget: int = MEMORY_BUDGET) -> "Session":
        """Replace a run by a new value, within the memory budget.

        If thinning out checkpoints is not enough, runs are dropped with the part of the history that leads to them:
        first those kept only for undo, the earliest first. Starred runs and the current one stay.
        """
        if run.id == self.cursor.run_id and self.other_runs.checkpoints_bytes + checkpoints_bytes([run]) <= budget:
            return self._with_caches(replace(self, runs=self.other_runs.with_run(run)), run)
        runs = within_budget([run if kept.id == run.id else kept for kept in self.runs], budget)
        session = replace(self, runs=runs)
        while checkpoints_bytes(session.runs) > budget:
            listed = {kept.id: kept.is_starred for kept in session.kept_runs}
            can_go = [kept for kept in session.runs if kept.checkpoints and not listed.get(kept.id)]
            ids = {kept.id for kept in can_go} - {self.cursor.run_id}
            if not ids:
                break
            session = session._without_run(min(ids, key=lambda run_id: (run_id in listed, run_id)))
        return session

    def _with_caches(self, other: "Session", run: Run) -> "Session":
        """Pass the cached values of the other runs on to another session with this current run."""
        vars(other).update(run=run, other_runs=self.other_runs)
        return other

    def with_run_as(self, run_id: int, **changes: Any) -> "Session":
        """Change fields of a run that is kept, such as `is_starred`."""
        runs = tuple(replace(run, **changes) if run.id == run_id else run for run in self.runs)
        return replace(self, runs=runs)

    def with_new_run(
        self, config: Config, engine: EngineName, label: str, gesture: Hashable | None = None
    ) -> "Session":
        """Create a run and make it current; undo returns to the previous one."""
        return self._with_run_chosen(new_run(self.last_run_id + 1, config, engine), label, gesture)

    def with_branch(self, moment: replay.PastMoment, label: str, gesture: Hashable | None = None) -> "Session":
        """Branch at the current moment and make the branch current."""
        grown = self._with_run_chosen(replay.branch(self.run, moment, self.last_run_id + 1), label, gesture)
        grown = grown.with_run_as(self.cursor.run_id, is_shown=True)  # show where the original leads instead
        return replace(grown, view=self.view)  # the network is the same

    def with_run_opened(self, run: Run, label: str, beside: Run | None = None) -> "Session":
        """Add a run made elsewhere, and make it current; `beside`, a run to compare it with, is added before it."""
        session, run_id = self, self.last_run_id + 1
        if beside is not None:
            session = replace(self, runs=(*self.runs, replace(beside, id=run_id)))
            run_id += 1
        return session._with_run_chosen(replace(run, id=run_id), label, None)

    def _with_run_chosen(self, run: Run, label: str, gesture: Hashable | None) -> "Session":
        entry = RunChosen(self.cursor.run_id, run.id, label, self.cursor.step)
        history = self.history.with_entry(entry, gesture)
        runs = self.runs
        if history.next_undo != entry:  # one gesture makes one run
            runs = tuple(other for other in runs if other.id != self.cursor.run_id or other.is_starred or other.is_kept)
        grown = replace(self, runs=(*runs, run), history=history, last_run_id=run.id)
        return self._at_cursor(grown, Cursor(run.id))

    def with_entry(self, entry: Entry, gesture: Hashable | None = None) -> "Session":
        return replace(self, history=self.history.with_entry(entry, gesture))._without_unreachable()

    def at_run(self, run_id: int, history: History, step: int | None = None) -> "Session":
        """Go to a kept run, at a step or its latest."""
        return self._at_cursor(replace(self, history=history), Cursor(run_id, step))

    @staticmethod
    def _at_cursor(session: "Session", cursor: Cursor) -> "Session":
        view = replace(session.view, switched_off=frozenset())
        return replace(session, cursor=cursor, view=view)._without_unreachable()

    def _without_run(self, run_id: int) -> "Session":
        """Drop a run, and everything that is unreachable without it."""
        runs = tuple(run for run in self.runs if run.id != run_id)
        return replace(self, runs=runs, history=self.history.without_run(run_id))._without_unreachable()

    def _without_unreachable(self) -> "Session":
        """Drop the runs that are no longer reachable."""
        kept = {self.cursor.run_id, *self.history.run_ids(), *(run.id for run in self.kept_runs)}
        return replace(self, runs=tuple(run for run in self.runs if run.id in kept))


def new_run(run_id: int, config: Config, engine: EngineName) -> Run:
    """Return a run that has not begun."""
    rule = events.first_rule(config, engine)
    return Run(run_id, rule, wanted=rule, made_by=here())


def new_session(config: Config) -> Session:
    """Return a session with one run that has not begun."""
    return Session((new_run(1, config, "PyTorch"),), Cursor(1))
