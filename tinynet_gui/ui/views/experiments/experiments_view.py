"""The experiments: choose one, watch it run, read its result, open any of its runs."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.base import ExperimentResult, TrainedRun
from tinynet_gui.core.experiments.table import EXPERIMENTS, stored_result
from tinynet_gui.core.run.session import FinishedExperiment
from tinynet_gui.core.text.language import gettext as _, pgettext
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.ui.views.experiments.experiment_plot import ExperimentPlot
from tinynet_gui.ui.views.experiments.results import ResultList, Words, explain, note_of
from tinynet_gui.ui.views.experiments.table import SHOWN
from tinynet_gui.ui.widgets.accessibility import announce, caption, named, retain_size, show_words, small, wrapped
from tinynet_gui.ui.widgets.cards import CardFrame, compact_button, filled
from tinynet_gui.ui.widgets.fields.editors import ChoiceBox
from tinynet_gui.ui.widgets.fields.number_fields import count_field
from tinynet_gui.ui.widgets.plots.layer import LegendLabel
from tinynet_gui.ui.widgets.progress import Progress
from tinynet_gui.ui.widgets.text import scrolled


@frozen_dataclass
class ExperimentsState:
    """An experiment and its number of runs, its result, if any, and whether its full text is shown."""

    kind: str
    runs: int
    result: ExperimentResult | None = None
    has_details: bool = False


class ExperimentsView(CardFrame):
    """Shows experiments and their results; emits the user's requests.

    Signals
    -------
    run_wanted : str, int
        The experiment, a name in `SHOWN`, and the number of runs; `about` has its further input.
    run_pointed : TrainedRun or None
        The hovered run, else the chosen one.
    sample_pointed : int or None
        The index of the hovered sample.
    result_changed : ExperimentResult or None
        Another result is shown; other views may illustrate it.
    finished : ExperimentResult or None
        An experiment has ended, with its result so far.
    shown, left
        It becomes visible, so that an experiment may be run soon; or hidden: others may stop illustrating a result.
    """

    run_wanted = Signal(str, int)
    run_pointed = Signal(object)
    sample_pointed = Signal(object)
    result_changed = Signal(object)
    running_changed = Signal(bool)
    finished = Signal(object)
    left = Signal()

    def __init__(self) -> None:
        super().__init__("experimentsView", _("Experiments with many runs"))
        self.is_running, self._hindrance = False, ""  # whether an experiment is in progress
        self._asked: dict[str, FinishedExperiment] = {}  # earlier experiments, by kind
        self._sample: int | None = None
        self.result: ExperimentResult | None = None  # the result shown, or None
        self._config: Config | None = None
        choices = ChoiceBox({name: shown.label for name, shown in SHOWN.items()})
        self._kind = named(choices, "experimentKind", pgettext("label", "Experiment"))
        tooltip = _("How many seeds are trained; more of them make the answer surer.")
        self._runs = named(count_field(" " + _("seeds")), "experimentRuns", _("Number of runs"), tooltip)
        tooltip = _("Train all of them with the present settings; the current run is not touched.")
        self._run = named(QPushButton(_("Run")), "experimentRun", _("Run the experiment"), tooltip)
        tooltip = _("Compare at equal time (milliseconds of the compiled engine) rather than equal steps.")
        self._by_seconds = compact_button(
            _("by time"), "experimentBySeconds", _("Compare by time instead of steps"), tooltip, checkable=True
        )
        self._controls = {name: shown.control() for name, shown in SHOWN.items() if shown.control is not None}
        self._progress = Progress("experiment")
        self.plot = ExperimentPlot()
        self._words = Words(self)
        self.term_wanted, self.answer = self._words.answer.term_wanted, self._words.text
        self._about = small(caption(wraps=True), 0.92)
        self._legend = named(LegendLabel(), "experimentKey", _("What the dots and lines are"))
        self._setting = small(named(caption(wraps=True), "experimentSetting", _("The setting of the result")), 0.92)
        self._setting.setVisible(False)
        self._list = ResultList()

        self._lay_out()

        self._kind.value_edited.connect(self._on_kind_changed)
        self._run.clicked.connect(lambda: self.run_wanted.emit(self._kind.currentData(), self._runs.count))
        for control in self._controls.values():
            control.changed.connect(self._enable)
            control.entered.connect(self._run.click)
        self._runs.lineEdit().textChanged.connect(self._enable)
        self.cancel_wanted = self._progress.cancelled
        self._by_seconds.toggled.connect(self.plot.show_by_seconds)
        self.open_wanted = self._list.open_wanted
        self.cancel, self.open_run = self.cancel_wanted.emit, self.open_wanted.emit  # as the user does
        self._list.sample_chosen.connect(self.sample_pointed)
        self._words.close.clicked.connect(self._put_away)
        self.plot.run_clicked.connect(self._list.choose_run)
        self._list.run_chosen.connect(self.plot.show_run)
        self._list.run_chosen.connect(self.run_pointed)
        self.plot.run_pointed.connect(lambda run: self.run_pointed.emit(run or self.chosen))
        self.plot.sample_pointed.connect(self.sample_pointed)
        self._on_kind_changed(self._kind.currentData())

    def _lay_out(self) -> None:
        self._kind.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._kind.setMinimumWidth(110)
        self._runs.setMaximumWidth(64 + 8 * len(_("seeds")))
        choice_row = filled(QHBoxLayout(), (self._kind, 1), self._runs, self._run, retain_size(self._words.close))
        key_row = filled(QHBoxLayout(), (self._legend, 1), (self._about, 1))
        parts = self._words.headline, self._setting, key_row, (self.plot, 1), self._words.answer
        filled(QVBoxLayout(page := QWidget()), *parts, margins=(0, 0, 0, 0), spacing=2)
        says = _("The picture of an experiment, and what it says")
        result = scrolled(page, "experimentResult", says, takes_focus=False)
        chosen_row = filled(QHBoxLayout(), (self._list, 1), self._by_seconds, self._words.details)
        layout = filled(QVBoxLayout(self), choice_row, *self._controls.values(), margins=(12, 7, 12, 6), spacing=2)
        filled(layout, self._progress, (result, 1), chosen_row)

    def remember(self, asked: Sequence[FinishedExperiment], *, shows_latest: bool = False) -> None:
        """Take over the texts of earlier results, shown when their experiment is chosen; or the latest at once."""
        self._asked = {one.kind: one for one in asked if one.kind in SHOWN}
        if shows_latest and not self.is_running and (self._asked or self.result is None):
            self._kind.set_value(list(self._asked)[-1] if self._asked else self._kind.currentData())
            self._on_kind_changed(self._kind.currentData())

    def _recall(self) -> None:
        """Show the chosen experiment's earlier result; only its text if its numbers were not kept."""
        if (asked := self._asked.get(self._kind.currentData())) is not None and asked.answer:
            self._runs.setValue(asked.runs)
            if asked.kind in self._controls:
                self._controls[asked.kind].show_about(asked.about)
            if (result := stored_result(asked)) is not None:
                self._show(result)
            else:
                self._words.conclude(asked.answer, asked.answer)
                self._mark()

    def run(self, kind: str, runs: int | None = None) -> None:
        """Choose an experiment and run it, as its button does; by default with the chosen number of runs."""
        if self._run.isEnabled():
            self._kind.setCurrentIndex(self._kind.findData(kind))
            self._runs.setValue(runs or self._runs.count)
            self._run.click()

    def show_hidden(self, hidden: Collection[str]) -> None:
        """Offer all experiments but these; one that runs, and a shown result, stay."""
        self._kind.show_hidden(hidden)
        offered = [name for name in SHOWN if name not in hidden]
        is_in_use = self.is_running or self.result is not None
        if not is_in_use and offered and self._kind.currentData() not in offered:
            self._kind.setCurrentIndex(self._kind.findData(offered[0]))

    def show_config(self, config: Config) -> None:
        """Mark a result that belongs to other settings than these."""
        self._config = config
        for control in self._controls.values():
            control.show_config(config)
        self._mark()

    def show_hindrance(self, reason: str) -> None:
        """Show why no experiment can be run, or "" if one can; an earlier result stays."""
        nothing_said = not (self.is_running or self._words.has_answer) and self._words.answer.text() == self._hindrance
        self._hindrance = reason
        if nothing_said:
            self._show_message(reason)
        self._enable()

    def begin(self) -> None:
        """Enter the running state: inputs are disabled until `finish`."""
        self.is_running = True
        self._forget_sample()
        self._enable()
        self._progress.begin(SHOWN[self._kind.currentData()].shows_time_left)
        question = SHOWN[self._kind.currentData()].question
        self._words.ask(f"{question} …", "", room_for=self._words.headline.text())  # the picture keeps its size
        self._mark()
        self.running_changed.emit(True)

    def show_progress(self, share: float, result: ExperimentResult | None) -> None:
        """Show the progress, and the result so far if it has changed."""
        self._progress.set_share(share)
        if result is not None:
            self._show(result)

    def finish(self, result: ExperimentResult | None) -> None:
        """End the running state; the result is None if the experiment was cancelled before it had any."""
        self.is_running = False
        self._enable()
        self._progress.end()
        if result is None:
            self._show_message(_("Cancelled."))
        else:
            self._show(result)
        self.running_changed.emit(False)
        announce(self, self._words.headline.text() if result is not None else _("Cancelled."))
        self.finished.emit(result)

    def fail(self, _reason: str) -> None:
        self.finish(None)
        self._show_message(_("It ended with an error, shown in its own window."))

    @property
    def chosen(self) -> TrainedRun | None:
        return self._list.chosen

    @property
    def about(self) -> object:
        """The experiment's further input, such as a claim; None if it needs none, or the input is invalid."""
        control = self._controls.get(self._kind.currentData())
        return None if control is None else control.about

    @property
    def state(self) -> ExperimentsState:
        has_details = self._words.details.isChecked()
        return ExperimentsState(self._kind.currentData(), self._runs.count, self.result, has_details)

    def show_state(self, state: ExperimentsState) -> None:
        self._kind.set_value(state.kind)
        self._on_kind_changed(state.kind)
        self._runs.setValue(state.runs)
        self._words.details.setChecked(state.has_details)
        if state.result is not None:
            self._show(state.result)

    def _put_away(self) -> None:
        runs = self._runs.count
        self._ask(self._kind.currentData())
        self._runs.setValue(runs)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.left.emit()

    def _show_message(self, text: str) -> None:
        self._words.ask(SHOWN[self._kind.currentData()].question, text)
        self._mark()

    def _write_legend(self) -> None:
        """Write the legend of the picture, or before that of the one to come."""
        self._legend.show_entries([self.plot.entries])
        self._legend.setVisible(bool(self.plot.entries))
        self._about.setVisible(not self.plot.entries)

    show_theme = _write_legend

    def _enable(self) -> None:
        is_said = self._kind.currentData() not in self._controls or self.about is not None
        self._run.setEnabled(not self.is_running and not self._hindrance and is_said and not self._runs.refusal())
        self._kind.setEnabled(not self.is_running)
        self._runs.setEnabled(not self.is_running)

    def _show(self, result: ExperimentResult) -> None:
        self.result = result
        self._mark()
        self.plot.show_result(result)
        self._write_legend()
        self._list.show_result(result)
        self._describe_sample(self._sample)
        self.result_changed.emit(result)

    def show_sample(self, place: int | None) -> None:
        """Mark and describe the hovered sample; None shows the result's own text again."""
        self._sample = place
        self.plot.show_sample(place)
        self._describe_sample(place)

    def _forget_sample(self) -> None:
        self.show_sample(None)
        self.sample_pointed.emit(None)

    def _describe_sample(self, place: int | None) -> None:
        """Describe a sample, in the space of the longest text, so that the picture does not move under the mouse."""
        if (result := self.result) is None:
            return
        words, text = "", explain(result)
        if (samples := SHOWN[result.experiment].samples) is not None:
            words = "" if place is None else samples.explain(result, place)
            self._list.show_sample(place if words else None)
        self._words.conclude(words or text, text)

    def _mark(self) -> None:
        asked = self._asked.get(self._kind.currentData()) if self._words.has_answer and self.result is None else None
        self._run.setText(_("Run") if asked is None else _("Run again"))
        note = note_of(self.result or asked, self._config)
        show_words(self._setting, note)
        self.plot.show_faint(bool(note))

    def _on_kind_changed(self, name: str) -> None:
        self._ask(name)
        self._recall()

    def _ask(self, name: str) -> None:
        experiment, shown = EXPERIMENTS[name], SHOWN[name]
        self._runs.setRange(experiment.fewest, experiment.most)
        self._runs.setValue(experiment.usual)
        self._runs.setVisible(experiment.fewest < experiment.most)
        self._list.show_experiment(shown)
        self._about.setText(shown.hint)
        self.plot.setToolTip(wrapped(shown.hint))
        self._by_seconds.setVisible(shown.axes_by_seconds is not None)
        for kind, control in self._controls.items():
            control.setVisible(kind == name)
        self._enable()
        self._forget_sample()
        self.result = None
        self._mark()
        self.plot.show_result(None)
        self._write_legend()
        self._show_message(self._hindrance)
        self.result_changed.emit(None)
