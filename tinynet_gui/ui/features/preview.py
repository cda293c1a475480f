"""Previews where the training will end while its settings are being changed."""

from tinynet_gui.core.run.history import LiveSettingsEdit, settings_label
from tinynet_gui.core.run.train import Preview, PreviewStart, preview_end
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.engine.jobs.jobs import with_stop
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.window.actions import Action
from tinynet_gui.ui.window.context import Context, Controller, Feature

FADES_MS = 4_000  # after the last change, if training runs or no newer preview has come
TIMEOUT_MS = 3_000  # slower previews are dropped
KEY = "preview"


class PreviewController(Controller):
    """Requests a preview when the user changes a setting; any other change, or training, removes it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._plot, self._loss = context.views.function_plot, context.views.loss_plot
        self._is_waiting = False  # for the compiled loop
        self._fades = single_shot(self, FADES_MS, self._forget)
        context.bind("shows_preview", "actionEndInSight")
        self._session.changed.connect(self._follow)

    def _follow(self, old: AppState, new: AppState) -> None:
        is_opened = new.session_number != old.session_number
        is_changed = is_opened or new.run.id != old.run.id or new.session.history is not old.session.history
        begins = new.is_running and not old.is_running
        goes_on = new.run.step > old.run.step and not new.is_running
        if new.shows_preview and not is_opened and _is_by_hand(old, new):
            self._ask(new)
        elif is_changed or begins or goes_on or new.looks_back or not new.shows_preview:
            self._forget()
        if self._is_waiting and new.status.compiled == "ready":
            self._ask(new)

    def _ask(self, state: AppState) -> None:
        self._is_waiting = state.shows_preview and state.status.compiled != "ready"
        if state.run.wanted.frozen:  # the compiled loop does not support freezing
            self._forget()
        elif state.shows_preview and not self._is_waiting:
            asked, how, then = (state.config, _start_of(state)), with_stop(preview_end), self._show
            self._fades.start()  # remove the old preview unless a new one arrives
            self._jobs.submit(KEY, how, *asked, on_result=then, timeout_ms=TIMEOUT_MS, replaces="when slow")

    def _forget(self) -> None:
        self._is_waiting = False
        self._fades.stop()
        self._jobs.cancel(KEY)
        self._show_in_plots(None)

    def _show(self, found: Preview | None) -> None:
        self._show_in_plots(found)
        if not self._session.state.is_running:
            self._fades.stop()

    def _show_in_plots(self, found: Preview | None) -> None:
        if found is not None or self._plot.layers.ghost.preview is not None:
            self._plot.layers.ghost.show_preview(found)
            self._loss.layers.ghost.show_preview(found)


def _is_by_hand(old: AppState, new: AppState) -> bool:
    """Whether the user changed a setting: not by undo or redo, a new seed, a reset, or opening a file."""
    before, history = old.session.history, new.session.history
    latest = history.next_undo
    is_new = history is not before and not history.undone and latest is not before.next_redo
    if not is_new or latest is None or new.config == old.config:
        return False
    return isinstance(latest, LiveSettingsEdit) or latest.label == settings_label(old.config, new.config)


def _start_of(state: AppState) -> PreviewStart | None:
    """Return the state to continue from; None at the beginning, or if the run must start again."""
    run, latest = state.run, state.latest
    if run.diverged_at is not None or not run.checkpoints:
        return None
    is_latest = latest is not None and latest.run_id == run.id and latest.step >= run.step
    return PreviewStart(latest.state if is_latest and latest is not None else run.checkpoints[-1], run.dataset, run)


FEATURE = Feature(
    "preview",
    PreviewController,
    Action(
        "actionEndInSight",
        _("Preview the &end"),
        _("While a setting is being changed, show where the training would end with it."),
        "plots",
        is_checkable=True,
    ),
)
