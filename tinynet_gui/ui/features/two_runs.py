"""Answers the questions about two of the kept runs, and shows their updates side by side."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from tinynet_gui.core.experiments.luck import SettingOrLuck, setting_or_luck_of
from tinynet_gui.core.maps.valley import Valley, valley_of
from tinynet_gui.core.run.comparison import RunComparison, compare_runs
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.step.dissection import Dissection
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.core.wording.runs import run_names
from tinynet_gui.core.wording.two_runs import (
    by_one_engine_text,
    first_divergence_text,
    hill_text,
    luck_text,
    valley_text,
)
from tinynet_gui.engine.jobs.jobs import Job, Jobs, R, Ts, with_report, with_stop
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.session.session_controller import SessionController
from tinynet_gui.engine.training.step_scheduler import dissect_moment
from tinynet_gui.ui.views.experiments.controller import hindrance_now
from tinynet_gui.ui.views.microscope.microscope_view import TwoUpdates
from tinynet_gui.ui.views.runs.runs_view import RunsView
from tinynet_gui.ui.window.context import Context

LUCK, DIVERGENCE, VALLEY, UPDATES = "setting or luck", "first divergence", "one valley", "updates"
STOPPED = _("It was stopped.")


@frozen_dataclass(eq=False)
class TwoRuns:
    runs: tuple[Run, Run]
    names: tuple[str, str]


class TwoRunsController(QObject):
    """Asks each question in the background, cancelling earlier ones, and shows its answer.

    `updates_shown` has a text on where two runs diverge, their names, and the updates there, to be shown side by side.
    """

    updates_shown = Signal(str, object, object)

    def __init__(self, session: SessionController, jobs: Jobs, view: RunsView) -> None:
        super().__init__(view)
        self._session, self._jobs, self._answer = session, jobs, view.answer
        self._asked: TwoRuns | None = None
        self._moments: tuple[Moment, Moment] | None = None
        session.changed.connect(self._follow)
        view.answer.stopped.connect(self._on_answer_stopped)
        view.answer.cancelled.connect(self._on_answer_cancelled)
        view.answer.updates_wanted.connect(self._on_updates_wanted)
        view.answer.one_engine_wanted.connect(self._on_one_engine_wanted)

    def _follow(self, old: AppState, new: AppState) -> None:
        if self._asked is None or new.session.other_runs is old.session.other_runs:
            return
        asked, listed = (run.id for run in self._asked.runs), [run.id for run in new.session.kept_runs]
        if new.session_number != old.session_number or any(run_id not in listed for run_id in asked):
            self._asked = None
            self._answer.dismiss()

    def ask_luck(self, one: int, other: int) -> None:
        question, meanwhile = _("Setting or luck? “{one}”, “{other}”"), _("Many seeds of each are being trained …")
        asked = self._ask(question, self._two(one, other), meanwhile)
        if self._is_ready():
            low = QThread.Priority.LowPriority
            self._submit(LUCK, with_report(setting_or_luck_of), *asked.runs, on_result=self._on_luck, priority=low)

    def ask_first_divergence(self, one: int, other: int) -> None:
        question, meanwhile = _("Where do they part? “{one}”, “{other}”"), _("Their steps are being taken again …")
        asked = self._ask(question, self._two(one, other), meanwhile)
        if self._is_ready():
            self._compare(asked, by_one_engine=False)

    def ask_valley(self, one: int, other: int) -> None:
        self._ask_for_valley(_("One valley or two? “{one}”, “{other}”"), self._on_valley, one, other)

    def ask_hill(self, one: int, other: int) -> None:
        """Ask for the loss between two runs whose neurons are not matched."""
        self._ask_for_valley(
            _("How high is the hill? “{one}”, “{other}”"), partial(self._on_valley, has_matched=False), one, other
        )

    def _ask_for_valley(self, question: str, then: Any, one: int, other: int) -> None:
        meanwhile = _("The loss between them is being measured …")
        asked = self._ask(question, self._two(one, other), meanwhile, shows_time_left=False)  # matching may take long
        self._submit(VALLEY, with_report(valley_of), asked.runs, asked.names, on_result=then)

    def _on_one_engine_wanted(self) -> None:
        if self._asked is not None:
            meanwhile = _("Both are being trained again, by one engine …")
            asked = self._ask(_("Where do they part? “{one}”, “{other}”"), self._asked, meanwhile)
            self._compare(asked, by_one_engine=True)

    def _compare(self, asked: TwoRuns, *, by_one_engine: bool) -> None:
        self._submit(DIVERGENCE, with_stop(compare_runs), *asked.runs, by_one_engine, on_result=self._on_compared)

    def _two(self, one: int, other: int) -> TwoRuns:
        session = self._session.state.session
        names = run_names(session.kept_runs)
        return TwoRuns((session.run_of(one), session.run_of(other)), (names[one], names[other]))

    def _ask(self, question: str, asked: TwoRuns, status: str, *, shows_time_left: bool = True) -> TwoRuns:
        self._on_answer_cancelled()
        self._asked = asked
        one, other = asked.names
        self._answer.show_question(question.format(one=one, other=other), status, shows_time_left=shows_time_left)
        return asked

    def _is_ready(self) -> bool:
        """Whether steps can be computed; if not, the answer says why."""
        if why := hindrance_now(self._session.state):
            self._answer.show_answer(why)
        return not why

    def _submit(self, key: str, function: Callable[[*Ts, Job], R], *about: *Ts, **options: Any) -> None:
        self._jobs.submit(key, function, *about, on_progress=self._on_progress, on_error=self._on_error, **options)

    def _on_progress(self, share: float, _: object) -> None:
        self._answer.progress.set_share(share)

    def _on_luck(self, found: SettingOrLuck | str | None) -> None:
        if isinstance(found, SettingOrLuck) and self._asked is not None:
            found = luck_text(found, self._asked.names, self._asked.runs)
        self._answer.show_answer(str(found or STOPPED))

    def _on_valley(self, found: Valley | str | None, *, has_matched: bool = True) -> None:
        if isinstance(found, Valley) and self._asked is not None:
            names, loss = self._asked.names, self._asked.runs[0].rule_at(self._asked.runs[0].step).config.training.loss
            self._answer.show_answer(valley_text(found, names, loss) if has_matched else hill_text(found, names))
            self._answer.show_valley(found, names, has_matched=has_matched)
        else:
            self._answer.show_answer(str(found or STOPPED))

    def _on_compared(self, found: RunComparison | None) -> None:
        if found is None or self._asked is None:
            self._answer.show_answer(STOPPED)
            return
        self._moments = None if found.divergence is None else found.divergence.moments
        about = found.divergence, found.runs, self._asked.names
        text = first_divergence_text(*about) if found.engine is None else by_one_engine_text(found.engine, *about)
        has_two_engines = found.divergence is not None and found.divergence.is_of_engines
        self._answer.show_answer(text, self._moments is not None, has_two_engines)

    def _on_error(self, text: str) -> None:
        self._answer.show_answer(_("There is no answer: {trouble}").format(trouble=text.strip().splitlines()[-1]))

    def _on_answer_stopped(self) -> None:
        for key in (LUCK, DIVERGENCE, VALLEY):
            self._jobs.stop(key)

    def _on_answer_cancelled(self) -> None:
        self._moments = None
        for key in (LUCK, DIVERGENCE, VALLEY):
            self._jobs.cancel(key)

    def _on_updates_wanted(self) -> None:
        if self._moments is not None and self._session.state.status.pytorch == "ready":
            self._jobs.submit(UPDATES, dissect_both, self._moments, on_result=self._on_updates)

    def _on_updates(self, updates: tuple[Dissection, Dissection]) -> None:
        if self._asked is not None:
            self.updates_shown.emit(self._answer.text(), self._asked.names, updates)


def dissect_both(moments: tuple[Moment, Moment], _job: Job) -> tuple[Dissection, Dissection]:
    """Dissect the steps after two moments, each with its own engine."""
    one, other = (dissect_moment(moment, moment.rule.engine) for moment in moments)
    return one, other


def connect(context: Context) -> TwoRunsController:
    controller = TwoRunsController(context.session, context.jobs, context.views.runs)

    def show_two_updates(text: str, names: tuple[str, str], updates: tuple[Any, Any]) -> None:
        dialog = TwoUpdates(text, names, updates, context.selection, context.window)
        dialog.term_wanted.connect(context.show_term)
        dialog.show()

    controller.updates_shown.connect(show_two_updates)
    return controller
