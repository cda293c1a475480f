"""Prepares the views for each page of a lesson, and restores the user's afterwards."""

from collections.abc import Callable
from functools import partial

import shiboken6
from PySide6 import QtWidgets

from tinynet_gui.core.lessons.lesson import Lesson, LessonStep, RunExperiment
from tinynet_gui.core.lessons.measured_names import ALL_SETTINGS, FIRST_STEPS, HILL, MODES, SHARPNESS, TWIN, VALLEY
from tinynet_gui.core.lessons.measurements import others_of
from tinynet_gui.core.lessons.playing.course import LessonProgress
from tinynet_gui.core.maps.valley import end_of
from tinynet_gui.core.run.run import Run
from tinynet_gui.engine.lesson_player import LessonPlayer
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.views.experiments.experiments_view import ExperimentsState
from tinynet_gui.ui.widgets.plots.plot_menu import Range
from tinynet_gui.ui.window.context import Context, Controller

RUNS_SHARE = 1 / 3  # of the height, for the runs until a hill is drawn


class LessonViews(Controller):
    """Saves the state of the user's views for a lesson, and restores it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._plot, self._loss = context.views.function_plot, context.views.loss_plot
        self._layout, self._arranger = context.frame.layout, context.frame.arranger
        self._panel, self._experiments = context.views.panel, context.views.experiments
        self._tabs = (self._layout.tabs, context.views.inspector.tabs)
        self._named = {"view.loss": "loss_plot"}  # by their names in lessons
        self._named |= {record.hidden_as: record.name for record in context.table if record.hidden_as}
        self._switches = (*self._plot.switches.all(), self._plot.switches.seeds)
        typed = self._plot.findChild(QtWidgets.QLineEdit, "functionInput")
        assert typed is not None
        self._probe, self._typed = self._plot.layers.handles.probe, typed
        self._large = "", ""  # the enlarged view, and the tab to return to
        self._prepared: tuple[Lesson, int] | None = None  # the lesson and page last prepared for
        self._shown: tuple[Lesson, int, str] | None = None  # the page shown, and its enlarged view
        self._hill_shown: tuple[Lesson, int, str] | None = None
        self._hill_timer = single_shot(self, 0, self._show_hill)  # after the page's moment is shown
        self._in_front = dict[int, tuple[QtWidgets.QWidget, ...]]()  # the open tabs, by page, when it was left
        self._restores = list[Callable[[], object]]()  # callbacks that restore the user's views
        self._shows_all = False  # whether the user's panel showed all settings
        self._pending_experiments: ExperimentsState | None = None  # applied once the running experiment has ended
        self._experiments.finished.connect(self._on_experiment_finished)
        self._player = player = context.lesson_player
        self._page = _page_of(player)
        player.changed.connect(self._on_lesson_changed)

    def set_aside(self) -> None:
        if self._restores:
            return
        self._shows_all = self._panel.shows_all
        zooms = self._session.state.run, self._plot.view.zoomed(), self._loss.view.typed
        self._restores = [
            partial(self._show_experiments, self._experiments.state),
            *(partial(tabs.setCurrentWidget, tabs.currentWidget()) for tabs in self._tabs),
            partial(self._typed.setText, self._typed.text()),
            *(partial(switch.setChecked, switch.isChecked()) for switch in self._switches),
            partial(self._probe.setValue, self._probe.value()),
            partial(self._panel.show_all, self._shows_all),
            partial(self._zoom, *zooms),
            partial(self._focus, QtWidgets.QApplication.focusWidget()),
        ]
        self._clear()

    def _on_lesson_changed(self) -> None:
        """On another page, reset manual zooms, and close the answer about two runs unless the page is about it."""
        if (page := _page_of(self._player)) != self._page:
            self._page = page
            if "runs" in self._views and not self._keeps_hill():
                self._views.runs.answer.dismiss()
            self._plot.view.show_everything()
            self._loss.view.show_everything()

    def _keeps_hill(self) -> bool:
        """Whether a hill is drawn, and the page asks for the same two runs, matched."""
        progress, answer = self._player.progress, self._views.runs.answer
        if progress is None or progress.is_at_end or answer.valley.isHidden() or answer.has_matched:
            return False
        step = progress.lesson.steps[progress.at]
        return step.setting is None and VALLEY in step.show

    def _clear(self) -> None:
        self._typed.clear()
        for switch in self._switches:
            switch.setChecked(False)

    def enter(self) -> None:
        """Treat the next page shown as a new one, even if it is the same."""
        self._prepared = None

    def show_page(self, progress: LessonProgress) -> None:
        """Prepare the views when a page is entered; enlarge the one it asks for while it is shown."""
        step = progress.lesson.steps[progress.at]
        large = "" if progress.is_at_end else step.large
        is_done = progress.at < progress.reached or progress.status == "done"
        has_hill = not {HILL, VALLEY}.isdisjoint(step.show)
        is_awaited = has_hill and large == "runs" and not is_done and self._views.runs.answer.isHidden()
        if is_awaited:
            large = "function_plot"  # no hill to see yet
        self._arranger.need("runs", RUNS_SHARE if is_awaited else None)
        is_turned = (shown := (progress.lesson, progress.at, large)) != self._shown
        was, self._shown = self._shown, shown
        is_elsewhere = was is not None and was[:2] != shown[:2]
        if was is not None and is_elsewhere:
            self._in_front[was[1]] = self._open_pages()
        if was is None or was[0] != shown[0]:
            self._in_front.clear()
        if is_turned:
            self._end_enlargement(but=large)
        is_entered = (furthest := (progress.lesson, progress.reached)) != self._prepared
        if is_entered:
            self._prepared = furthest
            self._prepare(progress.step)
            self._in_front.pop(progress.at, None)
        if is_entered or is_elsewhere:
            self._bring_to_front(progress.at, step)
        if is_entered or is_turned:
            self._switch(step)
        if is_turned:
            self._enlarge(large)
        if is_done and has_hill and shown != self._hill_shown:
            self._hill_shown = shown
            self._hill_timer.start()
        elif is_turned:
            self._hill_shown = None

    def _prepare(self, step: LessonStep) -> None:
        """On entering a step, clear earlier experiments; for a new run also the switches and the pinned part."""
        if step.setting is not None:
            self._clear()
            self._session.pin(None)
        chosen = step.action if isinstance(step.action, RunExperiment) else self._experiments.state
        if step.question is not None or not self._experiments.is_running:  # the learner's own might answer it
            self._show_experiments(ExperimentsState(chosen.kind, chosen.runs))

    def _open_pages(self) -> tuple[QtWidgets.QWidget, ...]:
        return tuple(tabs.currentWidget() for tabs in self._tabs)

    def _bring_to_front(self, at: int, step: LessonStep) -> None:
        """Show the views that a step mentions; on return, those that were in front when its page was left."""
        hidden = self._session.state.session.view.hidden
        for tabs, page in zip(self._tabs, self._in_front.get(at, ()), strict=False):
            if tabs.indexOf(page) >= 0:
                tabs.setCurrentWidget(page)
        usual = ["view.experiments" if isinstance(step.action, RunExperiment) else "view.loss"]
        if step.question is not None:
            usual.append("view.numbers")  # results of the page before might answer it
        for name in () if at in self._in_front else (*usual, *step.show):
            if name in self._named and name not in hidden:
                self._bring(self._named[name])

    def _switch(self, step: LessonStep) -> None:
        """Switch on what a step mentions, and off what only others mention."""
        self._panel.show_all(ALL_SETTINGS in step.show or self._shows_all)
        flags = {"dense_beginning": FIRST_STEPS, "shows_sharpness": SHARPNESS, "shows_twin": TWIN, "shows_modes": MODES}
        self._session.set_view(**{flag: name in step.show for flag, name in flags.items()})

    def _end_enlargement(self, but: str = "") -> None:
        was, in_front = self._large
        if was and was != but:
            self._large, is_open = ("", ""), self._layout.open_name == was
            self._arranger.enlarge(None)
            if is_open:
                self._bring(in_front)

    def _enlarge(self, name: str) -> None:
        hidden = self._session.state.session.view.hidden
        if not name or name in {self._named[each] for each in hidden if each in self._named}:
            return
        if name != self._large[0]:
            self._large = name, self._layout.open_name
        self._bring(name)
        self._arranger.enlarge(self._views[name])

    def _show_hill(self) -> None:
        progress, state, runs = self._player.progress, self._session.state, self._views.runs
        others = list(others_of(end_of(state.run), state.run.id, state.session.runs))
        if progress is not None and len(others) == 1:
            asks_for_all = VALLEY in progress.lesson.steps[progress.at].show
            runs.ask_for_valley(others[0], state.run.id, is_matched=asks_for_all)

    def _bring(self, name: str) -> None:
        view = self._views[name]
        if self._layout.tabs_of(view) is self._layout.tabs and view in self._layout.without_tab:
            self._layout.add_tab(view)
        self._layout.show(view)

    def clear_experiments(self) -> None:
        chosen = self._experiments.state
        self._experiments.show_state(ExperimentsState(chosen.kind, chosen.runs))

    def _show_experiments(self, state: ExperimentsState) -> None:
        """Show a state, after stopping a running experiment."""
        if self._experiments.is_running:
            self._pending_experiments = state
            self._experiments.cancel()
        else:
            self._experiments.show_state(state)

    def restore(self) -> None:
        restores, self._restores = self._restores, []
        self._prepared = self._shown = self._hill_shown = None
        if restores:
            self._end_enlargement()
            self._arranger.need("runs", None)
        for restore in restores:
            restore()

    def _zoom(self, run: Run, zoomed: tuple[Range | None, Range | None], losses: tuple[Range, Range] | None) -> None:
        if self._session.state.run.start is run.start:  # else another session has been opened
            self._plot.view.show_range(*zoomed)
            if losses is not None:
                self._loss.view.show_range(*losses)

    def _focus(self, focus: QtWidgets.QWidget | None) -> None:
        is_there = focus is not None and shiboken6.isValid(focus) and self._window.isAncestorOf(focus)
        (focus if focus is not None and is_there and focus.isVisible() else self._views.diagram).setFocus()

    def _on_experiment_finished(self, _: object) -> None:
        pending, self._pending_experiments = self._pending_experiments, None
        if pending is not None:
            self._experiments.show_state(pending)


def _page_of(player: LessonPlayer) -> tuple[str, int] | None:
    progress = player.progress
    return None if progress is None else (progress.lesson.title, progress.at)
