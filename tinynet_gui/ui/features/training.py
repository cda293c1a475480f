"""The actions for training and view options: their effect on the session, and their display."""

from functools import partial

from PySide6 import QtGui

from tinynet_gui.core.run.history import History, change_text
from tinynet_gui.core.run.run import Phase
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text, loss_text
from tinynet_gui.core.training.engines import PACES
from tinynet_gui.core.wording.runs import run_names
from tinynet_gui.ui.widgets.accessibility import allow
from tinynet_gui.ui.widgets.dialogs import LAST_STEP, StepDialog
from tinynet_gui.ui.window.actions import START, START_TEXTS, Action, check
from tinynet_gui.ui.window.context import Context, Controller, Feature

NONE_HELD_OUT = _("No held-out loss of this run is recorded: hold out some samples, and train.")
CHOSEN = _("Chosen by these samples: new ones usually cost more.")
ANSWER_FIRST = _("Answer the lesson’s question first: this would show the answer.")
TRAINING = ("actionStart", "actionStep", "actionToEnd", "actionGoTo")


class TrainingController(Controller):
    """Connects start, step, reset, speed, engine, undo and the switches with the session."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        session, transport = context.session, context.frame.transport
        self._actions = actions = context.actions
        transport.pace_wanted.connect(session.set_pace)
        context.frame.status.cancelled.connect(session.pause)
        loss = context.views.loss_plot
        loss.log_changed.connect(lambda log: session.set_view(log_loss=log))
        switches = context.bind("log_loss", "actionLogLoss"), context.bind("shows_sharpness", "actionSharpness")
        loss.view.menu.menu.addActions(switches)
        actions.engines.triggered.connect(lambda action: session.set_engine(action.data()))
        actions.connect(
            actionStart=self._on_start_triggered,
            actionStep=session.take_step,
            actionReset=session.reset,
            actionNewSeed=session.new_seed,
            actionUndo=session.undo,
            actionRedo=session.redo,
            actionToEnd=lambda: session.fast_forward(None),
            actionGoTo=self._on_go_to,
            actionGoToBest=self._on_go_to_best,
            actionKeep=self._on_keep,
            actionFaster=lambda: self._change_pace(1),
            actionSlower=lambda: self._change_pace(-1),
        )
        session.watch(self, lambda state: state.is_moving, self._show_moving)
        session.watch(self, lambda state: state.status.engine, actions.show_engine_in_use)
        session.watch(self, lambda state: (state.question_is_open, state.run.best_held_out is not None), self._allow)
        session.watch(self, lambda state: state.status.phase, self._on_phase_changed)
        session.watch(self, lambda state: state.session.history, self._show_undo)
        session.watch(self, lambda state: state.session.pace, transport.show_pace)
        session.watch(self, lambda state: state.session.engine, partial(check, actions.engines))
        session.watch(self, lambda state: state.awaits_pytorch, transport.show_waiting)

    def _show_moving(self, is_moving: bool) -> None:
        self._actions.show_running(is_moving)
        self._frame.status.clearMessage()  # a message would cover the progress

    def _allow(self, state: tuple[bool, bool]) -> None:
        question_is_open, has_best = state
        held_back = ANSWER_FIRST if question_is_open else ""
        for name in TRAINING:
            allow(self._actions[name], held_back)
        allow(self._actions["actionGoToBest"], held_back or ("" if has_best else NONE_HELD_OUT))

    def _on_phase_changed(self, phase: Phase) -> None:
        state = self._session.state
        if phase == "no better" and state.run.best_held_out is not None:
            patience, best = state.run.config.training.patience, count_text(state.run.best_held_out[0])
            # Translators: {advice} is "Chosen by these samples: new ones usually cost more."
            words = ngettext(
                "Not better for {count} step: its best is step {step}. {advice}",
                "Not better for {count} steps: its best is step {step}. {advice}",
                patience,
            )
            self._notify(words.format(count=count_text(patience), step=best, advice=CHOSEN))

    def _show_undo(self, history: History) -> None:
        for name, word, words, entry in (
            ("actionUndo", _("&Undo"), _("&Undo {change}"), history.next_undo),
            ("actionRedo", _("&Redo"), _("&Redo {change}"), history.next_redo),
        ):
            self._actions[name].setEnabled(entry is not None)
            self._actions[name].setText(word if entry is None else words.format(change=change_text(entry)))

    def _on_start_triggered(self) -> None:
        if self._session.state.is_moving:
            self._session.pause()
        else:
            self._session.start()
        self._actions.show_running(self._session.state.is_moving)  # the start may have been refused

    def _on_go_to(self) -> None:
        state = self._session.state
        stop_at = min(max(state.run.step, state.status.stop_at), LAST_STEP)
        ahead, anywhere = _("Train at once to step:"), _("Train at once to step, or look at one of the past:")
        dialog = StepDialog(anywhere if state.run.step else ahead, stop_at, self._window)
        dialog.chosen.connect(self._session.fast_forward)
        dialog.open()

    def _on_go_to_best(self) -> None:
        if (best := self._session.state.run.best_held_out) is not None:
            self._session.look_at(best[0])
            step, loss = count_text(best[0]), loss_text(best[1])
            words = _("Lowest recorded held-out loss: {loss}, at step {step}. {advice}")
            self._notify(words.format(loss=loss, step=step, advice=CHOSEN))

    def _on_keep(self) -> None:
        """Keep the run, and confirm it: with no other run to compare, it has no visible effect."""
        before = self._session.state.run
        self._session.keep()
        session = self._session.state.session
        name = run_names(session.kept_runs)[session.run.id]
        is_news = not (before.is_kept and before.is_shown)
        words = _("“{name}” is kept, and drawn over other runs.") if is_news else _("“{name}” is kept already.")
        self._notify(words.format(name=name))

    def _change_pace(self, by: int) -> None:
        self._session.set_pace(min(max(self._session.state.session.pace + by, 0), len(PACES) - 1))


FEATURE = Feature(
    "training",
    TrainingController,
    Action(
        "actionUndo",
        _("&Undo"),
        _("Take back the last change of a setting, or of a weight set by hand."),
        "undo",
        QtGui.QKeySequence.StandardKey.Undo,
        repeats=True,
    ),
    Action(
        "actionRedo",
        _("&Redo"),
        _("Make the change again that was taken back."),
        "undo",
        QtGui.QKeySequence.StandardKey.Redo,
        repeats=True,
    ),
    Action("actionStart", START_TEXTS[False], START, "steps", "Space", "play"),
    Action(
        "actionStep",
        _("Step"),
        _("Take one step: forward, loss, backward, update."),
        "steps",
        "S",
        "step",
        repeats=True,
    ),
    Action(
        "actionReset",
        _("Reset"),
        _("Back to step 0 and the same initial weights."),
        "steps",
        "R",
        "reset",
    ),
    Action(
        "actionNewSeed",
        _("New seed"),
        _("Draw other initial weights and restart."),
        "steps",
        "N",
        "seed",
    ),
    Action(
        "actionToEnd",
        _("To the end"),
        _("Train to the stop step at once, as fast as it goes."),
        "further",
        "E",
        "end",
    ),
    Action(
        "actionGoTo",
        _("&Go to step …"),
        _("Train to a step of your choice at once."),
        "further",
        "Ctrl+G",
    ),
    Action(
        "actionGoToBest",
        _("Go to its &best"),
        _(
            "Show the step with the lowest recorded held-out loss: of those that were shown, and some between; with a "
            "Patience, of all."
        ),
        "further",
    ),
    Action(
        "actionKeep",
        _("&Keep this network"),
        _("Keep it as it is now, trained or not, and draw it over others."),
        "further",
        "K",
    ),
    Action("actionFaster", _("&Faster"), _("Take more steps in the same time."), "speed", "+", repeats=True),
    Action("actionSlower", _("S&lower"), _("Take fewer steps in the same time."), "speed", "-", repeats=True),
    Action(
        "actionLogLoss",
        _("&Logarithmic loss"),
        _("Draw the loss on a logarithmic axis."),
        "plots",
        "L",
        is_checkable=True,
    ),
    Action(
        "actionSharpness",
        _("How &sharply the loss curves"),
        _("Draw below the loss how much it curves, and the line up to which gradient descent is stable."),
        "plots",
        is_checkable=True,
    ),
)
