"""Connects the lesson player with its view, and with the window's controls."""

import numpy as np
from PySide6 import QtGui, QtWidgets

from tinynet_gui.core.data.formula import parse_formula
from tinynet_gui.core.experiments.base import ExperimentResult
from tinynet_gui.core.lessons.lesson import CurveQuestion, Lesson, RunExperiment
from tinynet_gui.core.lessons.measurements import of_experiment
from tinynet_gui.core.lessons.playing.course import LessonProgress, StepStatus
from tinynet_gui.core.lessons.playing.predictions import Answer, DrawnCurve, Skipped
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.text.language import gettext as _, gettext_in, ngettext, speaking
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.features.lessons.library import LessonsController, ask_to_open_address
from tinynet_gui.ui.features.lessons.own_views import LessonViews
from tinynet_gui.ui.views.experiments.controller import hindrance
from tinynet_gui.ui.views.lesson.page import page_of
from tinynet_gui.ui.widgets.accessibility import announce
from tinynet_gui.ui.widgets.dialogs import ask
from tinynet_gui.ui.window.context import Context, Controller

TRUTH_POINTS = 201
TRAINING = "startButton", "actionStart", "actionToEnd"  # the targets of tasks to train
ENOUGH_DRAWN = 0.5  # the share of the range of x that an answer must cover


class LessonController(Controller):
    """Shows each page, points at the page's controls in the window, and passes the learner's actions to the player."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        session, player, actions = context.session, context.lesson_player, context.actions
        experiments, view = context.views.experiments, context.views.lesson
        plot, panel, self._arranger = context.views.function_plot, context.views.panel, context.frame.arranger
        self._player, self._view, self._experiments, self._plot = player, view, experiments, plot
        self._lessons = LessonsController(context)
        self.open_file, self.forget_tour = self._lessons.open_file, self._lessons.forget_tour
        self._panel, self._pulse, self._guess = panel, context.frame.pulse, plot.layers.guess
        self._layout, self._actions = context.frame.layout, actions
        self._wanted: RunExperiment | None = None  # the experiment in progress
        self._is_waiting = False  # it begins once another one has been cancelled
        self._pointed = ""
        self._is_drawn = False
        self._own_views = LessonViews(context)
        self._seen: tuple[Lesson, int, int, StepStatus] | None = None  # lesson, page, furthest page, its status
        player.beginning.connect(self._own_views.set_aside)
        player.changed.connect(self._show)
        player.share_changed.connect(view.show_progress)
        player.experiment_wanted.connect(self._on_experiment_wanted)
        experiments.run_wanted.connect(self._on_run_by_hand)
        experiments.finished.connect(self._on_experiment_finished)
        session.changed.connect(self._follow)
        self._layout.side.currentChanged.connect(self._on_side_chosen)
        self._arranger.presented_changed.connect(lambda: view.show_ways_out(not self._arranger.presented))
        view.answered.connect(self._on_answered)
        view.skipped.connect(lambda: player.answer(Skipped()))
        view.action_wanted.connect(panel.commit_typing)
        view.action_wanted.connect(player.act)
        view.cancel_wanted.connect(self._on_cancel_wanted)
        view.curve_cleared.connect(self._on_curve_cleared)
        self._guess.changed.connect(self._on_guess_changed)
        view.open_wanted.connect(self._on_open_wanted)
        view.address_wanted.connect(self._on_address_wanted)
        view.again_wanted.connect(player.restart)
        view.put_back_wanted.connect(player.restore_page)
        for wanted, name, slot in (
            (view.next_wanted, "actionLessonNext", self._on_next_wanted),
            (view.back_wanted, "actionLessonBack", player.go_back),
            (view.restart_wanted, "actionLessonRestart", self._on_restart_wanted),
            (view.leave_wanted, "actionLessonLeave", player.leave),
        ):
            wanted.connect(slot)
            actions[name].triggered.connect(slot)
        self._show()

    def _show(self) -> None:
        player, progress = self._player, self._player.progress
        for name in ("actionLessonRestart", "actionLessonLeave"):
            self._actions[name].setEnabled(progress is not None)
        self._actions["actionReloadLesson"].setEnabled(progress is not None and self._lessons.has_file)
        if progress is None:
            if self._seen is not None:
                lesson, self._seen = self._seen[0], None
                self._view.forget_page()
                announce(self._view, gettext_in(lesson.language, "The lesson “{title}” is left.", title=lesson.title))
            self._layout.show_beside_settings(self._view, False)
            self._arranger.show_lesson(False)
            for name in ("actionLessonNext", "actionLessonBack"):
                self._actions[name].setEnabled(False)
            self._guess.clear()
            self._plot.layers.truth.set_withheld(False)
            self._point_at("")
            self._own_views.restore()
            return
        if progress.status == "enter" and progress.at == progress.reached:
            self._own_views.enter()
            return  # called again at the first moment of the run
        if (seen := (progress.lesson, progress.at, progress.reached, progress.status)) != self._seen:
            self._seen = seen
            if progress.is_asking and not self._experiments.is_running:
                self._own_views.clear_experiments()
            self._layout.show_beside_settings(self._view, True)  # something to read
            self._arranger.show_lesson(True)
        self._own_views.show_page(progress)
        self._is_drawn = self._guess.share >= ENOUGH_DRAWN
        acts = progress.step.acts if progress.status == "act" and progress.at == progress.reached else ()
        point_at = acts[progress.act].point_at if acts else ""
        is_training = self._session.state.is_running and point_at in TRAINING
        sequel = self._lessons.sequel if progress.is_at_end else None
        with speaking(progress.lesson.language):
            page = page_of(
                progress,
                is_busy=player.is_busy,
                unmet=player.unmet,
                has_failed=player.has_failed,
                is_reopened=player.is_reopened,
                hindrance=hindrance(self._session.state.status),
                is_drawn=self._is_drawn,
                following=None if sequel is None else (sequel.title, sequel.about),
                is_training=is_training,
                farewell=self._lessons.farewell if progress.is_at_end and sequel is None else "",
                strayed="" if player.strayed is None else player.strayed.text,
            )
        self._view.show_page(page)
        self._actions["actionLessonNext"].setEnabled(True)  # without a next page, a click explains why
        self._actions["actionLessonBack"].setEnabled(page.can_back)
        self._show_curves(progress)
        self._point_at("" if is_training else point_at)

    def _follow(self, old: AppState, new: AppState) -> None:
        is_other = new.status.compiled != old.status.compiled or new.is_running != old.is_running
        if self._player.progress is not None and is_other:
            self._show()

    def _point_at(self, name: str) -> None:
        """Pulse around a control, a view or the widget of an action; stop for an empty name."""
        if name != self._pointed:
            self._pointed = name
            self._point()

    def _point(self) -> None:
        """Point at the target; if the lesson hides it in a tab, at the tab bar, so that the lesson stays readable."""
        name, side = self._pointed, self._layout.side
        target: QtWidgets.QWidget | None
        if (action := self._window.findChild(QtGui.QAction, name) if name else None) is not None:
            buttons = self._window.findChildren(QtWidgets.QToolButton)
            in_a_menu = self._window.menuBar()
            target = next((button for button in buttons if button.defaultAction() is action), in_a_menu)
        else:
            target = self._context.part(name) if name else None
        if target is not None and side.isAncestorOf(target) and not target.isVisible():
            target = side.tabBar()
        if target is None:
            self._pulse.stop()
        else:
            self._arranger.reveal(target)
            self._pulse.start(target)

    def _on_side_chosen(self) -> None:
        """Point again; select the text of a target in the settings, ready to be typed over."""
        self._point()
        target = self._pulse.target
        if target is not None and target.isVisible() and self._panel.isAncestorOf(target):
            target.setFocus()
            if isinstance(target, QtWidgets.QLineEdit | QtWidgets.QAbstractSpinBox):
                target.selectAll()

    # Drawn into the plot

    def _show_curves(self, progress: LessonProgress) -> None:
        """Let the user draw a curve while a question asks for it; once answered, show it with the truth."""
        question, place = progress.lesson.steps[progress.at].question, progress.at
        is_asked = progress.is_asking and isinstance(question, CurveQuestion) and question.of == "target"
        self._plot.layers.truth.set_withheld(is_asked)
        if not isinstance(question, CurveQuestion):
            self._guess.clear()
            return
        given, self._guess.language = progress.answers.get(place), progress.lesson.language
        if place == progress.reached and progress.status == "ask":
            if not self._guess.is_on:
                self._arranger.reveal(self._plot)
                self._guess.begin(question.low, question.high)
                if (focus := QtWidgets.QApplication.focusWidget()) is not None and self._view.isAncestorOf(focus):
                    self._plot.plot.setFocus()  # the answer can be drawn by keys
            return
        if not isinstance(given, DrawnCurve):
            self._guess.clear()
            return
        self._guess.show(given.x, given.y)
        if place == progress.reached and progress.status == "done":
            self._guess.show_truth(*self._truth(question))

    def _truth(self, question: CurveQuestion) -> tuple[np.ndarray, np.ndarray]:
        """Return the curve to compare with a drawn one: x and y, float64 of shape (201,)."""
        x = np.linspace(question.low, question.high, TRUTH_POINTS, dtype=np.float32)
        state = self._session.state
        if question.of == "target":
            formula = state.config.data.true_formula
            y = np.full_like(x, np.nan) if formula is None else parse_formula(formula)(x)
        elif state.snapshot is None:
            y = np.full_like(x, np.nan)
        else:
            y = output_curve(state.snapshot.curve_layers, state.config.network.activation, x)
        return x.astype(np.float64), np.asarray(y, dtype=np.float64)

    # The learner's actions

    def _on_answered(self, given: Answer | None) -> None:
        if given is not None:
            self._player.answer(given)
        elif (drawn := self._guess.curve()) is not None:
            self._player.answer(DrawnCurve(*drawn))

    def _on_guess_changed(self) -> None:
        """Accept the drawn curve as an answer once it is long enough."""
        if self._guess.is_on and (self._guess.share >= ENOUGH_DRAWN) != self._is_drawn:
            self._show()

    def _on_curve_cleared(self) -> None:
        question = None if self._player.progress is None else self._player.progress.step.question
        if isinstance(question, CurveQuestion):
            self._guess.begin(question.low, question.high)
            self._show()

    def _on_next_wanted(self) -> None:
        progress = self._player.progress
        if self._view.waits:
            self._view.go_to_missing()
            self._notify(self._view.waits)
        elif self._player.is_reopened:
            self._player.go_on()
        elif progress is not None and progress.is_at_end and (sequel := self._lessons.sequel) is not None:
            self._lessons.open_file(sequel.file)
        else:
            self._player.go_next()

    def _on_restart_wanted(self) -> None:
        """Restart, after a question if that discards guesses."""
        progress = self._player.progress
        if progress is None:
            return
        if count := sum(not isinstance(answer, Skipped) for answer in progress.answers.values()):
            with speaking(progress.lesson.language):
                lost = ngettext("Your guess is forgotten.", "Your {count} guesses are forgotten.", count)
                text = _("Start again?") + "\n\n" + lost.format(count=count)
                title, yes, no = _("Restart"), _("Start again"), _("Cancel")
            ask("restartLesson", title, text, yes, self._window, no=no).accepted.connect(self._player.restart)
        else:
            self._player.restart()

    def _on_experiment_wanted(self, wanted: RunExperiment) -> None:
        """Run it, after stopping another experiment begun by the learner."""
        self._wanted = wanted
        self._is_waiting = self._experiments.is_running
        if self._is_waiting:
            self._experiments.cancel()
        else:
            self._run(wanted)

    def _on_run_by_hand(self, kind: str, runs: int) -> None:
        """Count an experiment begun by hand as the page's own if it is the one that the page waits for."""
        progress = self._player.progress
        if progress is None or progress.status != "act" or self._player.is_busy:
            return
        action = progress.step.action
        if isinstance(action, RunExperiment) and (action.kind, action.runs) == (kind, runs):
            self._wanted = action
            self._player.begin_experiment()

    def _run(self, wanted: RunExperiment) -> None:
        self._layout.show(self._experiments)
        self._experiments.run(wanted.kind, wanted.runs)

    def _on_experiment_finished(self, result: ExperimentResult | None) -> None:
        wanted = self._wanted
        if wanted is not None and self._is_waiting:
            self._is_waiting = False
            self._run(wanted)
            return
        self._wanted = None
        if wanted is not None:
            self._player.experiment_ended(None if result is None else of_experiment(wanted.name, result))

    def _on_cancel_wanted(self) -> None:
        if self._wanted is not None:
            self._wanted = None  # an incomplete result is no answer
            self._experiments.cancel()
        self._player.cancel()

    def _on_address_wanted(self, address: str) -> None:
        with speaking(self._view.language):
            ask_to_open_address(address, self._window)

    def _on_open_wanted(self) -> None:
        unmet = self._player.unmet
        if unmet is not None and unmet.counterexample is not None:
            self._experiments.open_run(unmet.counterexample)
