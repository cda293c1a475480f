"""Keeps the nudge of a number at the moment in view."""

from functools import cached_property, partial

from PySide6.QtCore import QObject

from tinynet_gui.core.network.frozen import is_frozen
from tinynet_gui.core.network.refs import ParameterRef, WeightRef, fits
from tinynet_gui.core.step.nudge import Nudge
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.wording.neuron_names import title_of
from tinynet_gui.core.wording.nudge_text import gradient_of, nudge_rows, nudge_words, symbol_of
from tinynet_gui.engine.jobs.computations import nudge
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.single_shot import single_shot
from tinynet_gui.ui.features.nudge.dialog import NudgeDialog
from tinynet_gui.ui.views.inspector.inspector import Inspector
from tinynet_gui.ui.window.context import Context

KEY = "nudge"
REFRESH_MS = 90  # text is for reading


class NudgeController(QObject):
    """The latest request counts; one that is almost done still finishes, so that the answer follows a drag of ε."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.session)
        self._session, self._jobs = context.session, context.jobs
        self._themes, self._window = context.themes, context.window
        self._parameter: ParameterRef | None = None
        self._refresh = single_shot(self, REFRESH_MS, self._ask, "nudgeRefresh")
        context.find(Inspector).nudge_wanted.connect(self._on_wanted)
        context.session.changed.connect(self._on_changed)

    @cached_property
    def _dialog(self) -> NudgeDialog:
        """Made when it is first wanted: the style sheet is dear."""
        dialog = NudgeDialog(self._themes.theme, self._window)
        self._themes.theme_changed.connect(dialog.show_theme)
        dialog.epsilon_edited.connect(self._ask)
        return dialog

    def _on_wanted(self, parameter: ParameterRef) -> None:
        snapshot = self._session.state.snapshot
        if snapshot is not None and _has(snapshot, parameter):
            self._parameter = parameter
            self._dialog.open_for(title_of(snapshot, parameter))
            self._ask()

    def _on_changed(self, old: AppState, new: AppState) -> None:
        if self._parameter is None or self._dialog.isHidden() or new.snapshot is None:
            return
        if not _has(new.snapshot, self._parameter):
            self._dialog.close()
            return
        is_other = new.snapshot is not old.snapshot or new.session.rule.frozen != old.session.rule.frozen
        if is_other and not self._refresh.isActive():
            self._refresh.start()

    def _ask(self) -> None:
        snapshot, parameter = self._session.state.snapshot, self._parameter
        if snapshot is not None and parameter is not None and _has(snapshot, parameter):
            asked, then = (snapshot, parameter, self._dialog.epsilon), partial(self._on_found, snapshot)
            self._jobs.submit(KEY, nudge, *asked, on_result=then, replaces="when slow")

    def _on_found(self, snapshot: Snapshot, found: Nudge | None) -> None:
        now = self._session.state
        if found is None or found.parameter != self._parameter or now.run.id != snapshot.run_id:
            return
        words = nudge_words(found, snapshot, is_frozen=is_frozen(found.parameter, now.session.rule.frozen))
        self._dialog.show_nudge(title_of(snapshot, found.parameter), nudge_rows(found, snapshot), words)
        self._dialog.curve.show_nudge(found, gradient_of(found.parameter, snapshot), symbol_of(found.parameter))


def _has(snapshot: Snapshot, place: ParameterRef) -> bool:
    """Whether a moment's network has such a number; with each weight of a neuron it has its bias."""
    return fits(snapshot.layers, WeightRef(place.layer, place.neuron, place.input))
