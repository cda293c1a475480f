"""Connects the microscope with the session, the diagram and the function plot."""

from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject

from tinynet_gui.core.run.events import StepRule
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.step.dissection import Dissection
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.values import owned
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.views.microscope.microscope_view import MicroscopeView
from tinynet_gui.ui.window.context import Context, StepDissecting

DELAY_MS = 120  # debounce of changes before the step is dissected


def make(context: Context) -> MicroscopeView:
    return MicroscopeView(context.selection)


class MicroscopeController(QObject):
    """Keeps the visible microscope at the run's next step, and draws its phase in the diagram and the plot.

    Training does not wait for it: meanwhile the step shown is a past one, until the run pauses.
    """

    def __init__(self, microscope: MicroscopeView, context: Context) -> None:
        program, tabs, self._arranger = context.program, context.frame.layout.tabs, context.frame.arranger
        super().__init__(program)
        self._session, self._microscope, self._tabs = program.session, microscope, tabs
        self._diagram, self._plot = context.views.diagram, context.views.function_plot
        self._go_to = partial(context.go_to, "microscope")
        self._requested: tuple[StepRule, TrainerState] | None = None  # the run's state at a request for its next step
        self._dissected: tuple[StepRule, TrainerState] | None = None  # its state at the latest dissection
        self._shown: Moment | None = None  # the moment before the step shown
        self._draws_past = self._awaits_past = False
        self._timer = single_shot(self, DELAY_MS, self._dissect, "dissectionDelay")
        program.session.changed.connect(self._on_changed)
        program.dissected.connect(self._show_dissection)
        microscope.dissection_wanted.connect(self._ask)
        microscope.step_wanted.connect(self._on_step_wanted)
        microscope.flow_changed.connect(self._show_flow)
        tabs.currentChanged.connect(self._show_flow)
        self._arranger.presented_changed.connect(self._on_presented)

    def _on_changed(self, old: AppState, new: AppState) -> None:
        if new.snapshot is None and old.snapshot is not None:
            self._clear_run()
        self._follow()

    @property
    def moment(self) -> Moment | None:
        """The moment before the step shown; None unless visible."""
        return self._shown if self._is_visible() else None

    def look_at(self, moment: Moment) -> None:
        self._go_to()
        self._ask(moment)

    def _is_visible(self) -> bool:
        """Whether it is visible, or only covered: a view that is presented alone hides the others."""
        return self._tabs.currentWidget() is self._microscope and self._arranger.presented in ("", "microscope")

    def _follow(self) -> None:
        """Note whether the run has moved on from the step shown; once it pauses, dissect the next one.

        A step that was requested from the past stays until the run changes.
        """
        state, dissection = self._session.state, self._microscope.dissection
        snapshot = state.snapshot
        if snapshot is None or not self._is_visible():
            return
        is_next = dissection is not None and _is_next(dissection, state)
        if dissection is not None and self._microscope.is_past == is_next:
            self._microscope.show_past(not is_next)
            self._show_errors()
        if self._draws_past and not self._looks_back():
            self._show_flow()
        is_frozen_otherwise = self._dissected is not None and self._dissected[0].frozen != state.session.rule.frozen
        self._awaits_past = self._awaits_past and not state.is_moving
        if self._awaits_past or (is_next and not is_frozen_otherwise) or state.is_moving:
            return
        if self._dissected is None or not self._is_unchanged(state):
            self._timer.start()

    def _on_presented(self) -> None:
        self._follow()
        self._show_flow()

    def _is_unchanged(self, state: AppState) -> bool:
        if self._dissected is None or state.snapshot is None:
            return False
        rule, seen = self._dissected
        now = state.session.rule
        return replace(rule, engine=now.engine) == now and _same(seen, state.snapshot.state)

    def _dissect(self) -> None:
        state = self._session.state
        if state.snapshot is not None and self._is_visible() and not state.is_moving:
            self._ask()

    def _ask(self, moment: Moment | None = None) -> None:
        state = self._session.state
        self._timer.stop()
        self._awaits_past = moment is not None  # the pause that follows must not replace it
        snapshot = state.snapshot if moment is None else None
        self._requested = None if snapshot is None else (state.session.rule, snapshot.state)
        self._session.dissect(moment)

    def _clear_run(self) -> None:
        self._awaits_past, self._dissected, self._shown = False, None, None
        self._microscope.show_dissection(None)
        self._show_flow()

    def _show_dissection(self, moment: Moment, dissection: Dissection) -> None:
        self._timer.stop()
        self._awaits_past, self._shown = False, moment
        self._microscope.show_dissection(dissection)
        state = self._session.state
        if state.snapshot is not None:
            self._dissected = self._requested or (state.session.rule, state.snapshot.state)
            self._microscope.show_past(not _is_next(dissection, state))
        self._show_flow()
        self._follow()  # the run may have changed meanwhile

    def _show_flow(self) -> None:
        """While visible, draw the phase into the diagram and the batch into the plot."""
        flow, d = self._microscope.flow() if self._is_visible() else None, self._microscope.dissection
        self._draws_past = self._looks_back()
        if flow is not None and d is not None and self._draws_past:
            text, step = _("step {step}, {caption}"), count_text(d.before.step + 1)
            flow = replace(flow, caption=text.format(step=step, caption=flow.caption), is_of_the_past=True)
        self._diagram.show_flow(flow)
        self._show_errors()

    def _looks_back(self) -> bool:
        """Whether a past step was requested, and the run has not moved since."""
        return self._microscope.is_past and self._is_unchanged(self._session.state)

    def _show_errors(self) -> None:
        d = self._microscope.dissection
        if d is None or self._microscope.is_past or not self._is_visible():
            self._plot.layers.errors.show_batch(None)
        else:
            scaling = d.scaling
            batch = owned(scaling.x_of(d.x)), owned(scaling.y_of(d.y)), owned(scaling.y_of(d.values.output))
            self._plot.layers.errors.show_batch(batch, self._microscope.position)

    def _on_step_wanted(self) -> None:
        self._session.take_step()
        self._ask()


def connect(microscope: MicroscopeView, context: Context) -> StepDissecting:
    return MicroscopeController(microscope, context)


def _is_next(dissection: Dissection, state: AppState) -> bool:
    """Whether the dissected step is the run's next one."""
    is_here = state.snapshot is not None and _same(dissection.before, state.snapshot.state)
    return is_here and dissection.config == state.config


def _same(a: TrainerState, b: TrainerState) -> bool:
    if a.step != b.step or len(a.slots) != len(b.slots) or len(a.parameters) != len(b.parameters):
        return False  # the network on screen may be one with other layers, for a moment
    arrays = [(a.parameters, b.parameters), *zip(a.slots, b.slots, strict=True)]
    pairs = [pair for ours, theirs in arrays for pair in zip(ours, theirs, strict=True)]
    return all(np.array_equal(ours, theirs, equal_nan=True) for ours, theirs in pairs)
