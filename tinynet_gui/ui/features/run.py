"""Two-way binding of the run in view: changes of the session are drawn, the user's edits are passed on."""

from tinynet_gui.core.config import ConfigError
from tinynet_gui.core.network.refs import Ref
from tinynet_gui.core.run import events, history, marks, replay
from tinynet_gui.core.run.session import new_session
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.engines import TUTORIAL_PACE
from tinynet_gui.core.training.snapshot import look_alike
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.window.actions import Action
from tinynet_gui.ui.window.context import Context, Controller, Feature


class RunController(Controller):
    """Shows settings, samples, the current moment, the losses, and the user's manual changes."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        session, views = context.session, context.views
        self._selection, self._panel, self._diagram = context.selection, views.panel, views.diagram
        self._plot, self._loss, self._inspector = views.function_plot, views.loss_plot, views.inspector
        self._status = context.frame.status
        self._status.moment_shown.connect(self._plot.show_loss)
        self._marks = marks.marks(session.state.run)
        self._events: tuple[events.Event, ...] = ()  # those that `_alike_since` was computed from: it is slow for many
        self._alike_since = 0
        session.watch(self, lambda state: state.question_is_open, self._status.set_withheld)
        session.watch(self, lambda state: state.question_is_open, self._loss.set_withheld)
        session.watch(self, lambda state: state.status.pytorch, self._inspector.show_pytorch)
        session.watch(self, lambda state: state.session.view.log_loss, self._loss.set_log)
        session.watch(
            self,
            lambda state: (state.status, state.run.step if state.looks_back else None),
            lambda shown: self._status.show_status(*shown),
        )
        session.changed.connect(self._show_difference)
        self._show_settings(session.state)
        self._show_by_hand(AppState(new_session(session.config), session.state.status), session.state)

    def _show_difference(self, old: AppState, new: AppState) -> None:
        if new.session_number != old.session_number:
            self._selection.hover(None)
        if new.snapshot is None and old.snapshot is not None:
            self._plot.clear_run()
            self._inspector.clear_run()
        if new.config != old.config:
            self._show_settings(new, keeps_view=new.run.id == old.run.id)
        if new.run.id != old.run.id or new.session_number != old.session_number:
            self._plot.view.show_everything()  # reset manual zooms
            self._loss.view.show_everything()
        marks_before, is_other_moment = self._marks, not look_alike(new.snapshot, old.snapshot)
        if new.run.events is not old.run.events or new.run.id != old.run.id:
            self._marks = marks.marks(new.run)
        self._show_by_hand(old, new)
        self._inspector.numbers.step_time = new.status.step_seconds, new.status.engine
        if is_other_moment and new.snapshot is not None:
            self._diagram.show_snapshot(new.snapshot)
            self._plot.show_snapshot(new.snapshot)
            self._status.show_snapshot(new.snapshot)
            run = new.run_so_far
            if run.events is not self._events:
                self._events, self._alike_since = run.events, events.alike_since(run.start, run.events)
            self._inspector.show_snapshot(new.snapshot, replay.known_states(run), self._alike_since)
        if is_other_moment or self._marks != marks_before or _has_other_losses(old, new):
            self._show_losses(new)
        self._notify(_news(old, new))

    def _show_settings(self, state: AppState, *, keeps_view: bool = False) -> None:
        self._panel.show_config(state.config)
        self._plot.show_config(state.config, keeps_view=keeps_view)
        self._diagram.show_config(state.config)

    def _show_by_hand(self, old: AppState, new: AppState) -> None:
        frozen = new.session.rule.frozen
        if frozen != old.session.rule.frozen:
            self._diagram.show_frozen(frozen)
            self._inspector.show_frozen(frozen)
        view = new.session.view
        if view.switched_off != old.session.view.switched_off:
            self._inspector.show_switched_off(view.switched_off)
            self._diagram.show_switched_off(view.switched_off)
            self._plot.layers.without.show_refs(view.switched_off)
        if view.pinned != old.session.view.pinned:
            self._selection.pin(view.pinned)

    def _show_losses(self, state: AppState) -> None:
        # A run that has diverged goes no further: its few steps fill the plot.
        has_diverged = state.status.phase == "diverged" and state.snapshot is not None
        shown_to = max(state.run.step, 1) if has_diverged else state.status.stop_at
        run = state.run
        moment, latest = (s if s is not None and s.run_id == run.id else None for s in (state.snapshot, state.latest))
        self._loss.show_history(run.losses, run.held_out_losses, self._marks, latest, shown_to, moment)


def _has_other_losses(old: AppState, new: AppState) -> bool:
    one, other = old.run, new.run
    if (one.id, old.session_number, old.status) != (other.id, new.session_number, new.status):
        return True
    is_longer = one.losses is not other.losses or one.held_out_losses is not other.held_out_losses
    return is_longer or not look_alike(old.latest, new.latest)


def _news(old: AppState, new: AppState) -> str:
    """Say that a branch has begun or a run was deleted; "" if neither has happened."""
    run, latest = new.run, new.session.history.next_undo
    is_done = len(new.session.history.undone) == 0 and latest is not old.session.history.next_undo
    if new.session_number != old.session_number:
        return ""
    if run.id > old.session.last_run_id and run.parent is not None:
        words = _("A branch begins at step {step}. The run that was there is in Runs; Undo goes back.")
        return words.format(step=count_text(run.parent.step))
    is_deleted = is_done and isinstance(latest, history.RunDeleted)
    return _("The run is deleted; Undo brings it back.") if is_deleted else ""


FEATURE = Feature("run", RunController)


class EditingController(Controller):
    """Makes each gesture one command, or one series that is undone together."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        session, regions, views = context.session, context.regions, context.views
        panel, diagram, plot, inspector = views.panel, views.diagram, views.function_plot, views.inspector
        self._panel, self._gestures = panel, context.gestures
        panel.edited.connect(self._on_edited)
        panel.source_wanted.connect(self._on_source_wanted)
        panel.tutorial_wanted.connect(self._on_tutorial_wanted)
        context.actions.connect(actionTutorial=self._on_tutorial_wanted)
        switch, action = plot.switches.edit, context.actions["actionEditData"]
        action.toggled.connect(switch.setChecked)
        switch.toggled.connect(action.setChecked)
        diagram.menu_wanted.connect(inspector.fill_menu)
        for view in (diagram, plot.layers.handles, inspector):
            view.parameter_edited.connect(lambda ref, to: session.set_parameter(ref, to, self._gestures.current()))
        editor = plot.layers.editor
        editor.points_edited.connect(lambda points: session.edit({"data.points": points}, self._gestures.current()))
        plot.linear_regions_wanted.connect(regions.find)
        regions.found.connect(plot.show_linear_regions)
        plot.layers.handles.probed.connect(self._on_probed)
        inspector.frozen_toggled.connect(session.freeze)
        inspector.switched_off_toggled.connect(session.switch_off)
        context.selection.pinned_changed.connect(self._on_pinned_changed)

    def _on_edited(self, changes: dict[str, object]) -> None:
        try:
            self._session.edit(changes, self._gestures.current())
        except ConfigError as error:
            self._panel.show_error(error, changes)

    def _on_source_wanted(self, changes: dict[str, object]) -> None:
        try:
            self._session.begin_with(changes)
        except ConfigError as error:  # a formula not used so far
            self._panel.show_error(error, changes)

    def _on_tutorial_wanted(self) -> None:
        self._session.restore_tutorial()
        self._panel.discard_errors()
        self._session.set_pace(TUTORIAL_PACE)

    def _on_pinned_changed(self, ref: Ref | None) -> None:
        if ref != self._session.state.session.view.pinned:
            self._session.pin(ref)

    def _on_probed(self, x: float | None) -> None:
        self._views.diagram.show_probe(x)
        if x is not None:
            self._views.inspector.show_input(x)


EDITING = Feature(
    "editing",
    EditingController,
    Action(
        "actionEditData",
        _("E&dit data"),
        _("Change the samples with the mouse; training continues with them."),
        "samples",
        "D",
        is_checkable=True,
    ),
    Action(
        "actionTutorial",
        _("Defaul&t settings"),
        _("Go back to the settings of the first start, and show everything; this can be undone."),
        "tutorial",
        "Ctrl+T",
    ),
)
