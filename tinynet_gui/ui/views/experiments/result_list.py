"""The runs of an experiment, or its samples: one of them is chosen, a run can be opened."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QStyle, QStyleOptionComboBox, QWidget

from tinynet_gui.core.experiments.experiment import ExperimentResult
from tinynet_gui.core.experiments.trained_runs import TrainedRun
from tinynet_gui.ui.views.experiments.explain import run_label
from tinynet_gui.ui.views.experiments.shown import ShownExperiment
from tinynet_gui.ui.views.experiments.table import SHOWN
from tinynet_gui.ui.widgets.fields import QuietComboBox
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import named, wrapped

FEWEST_CHARACTERS = 12  # of an entry, always visible
BETWEEN = " · "  # the parts of an entry


class WholeParts(QuietComboBox):
    """Leaves out whole parts of an entry, the last first, rather than cut a word; its list has all of them."""

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """Say what is written into the box."""
        super().initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width()
        text = self.currentText()
        while self.fontMetrics().horizontalAdvance(text) > room and BETWEEN in text:
            text = text.rpartition(BETWEEN)[0]
        option.currentText = text


class ResultList(QWidget):
    """A row: the list, and the button that opens a run.

    Attributes
    ----------
    chosen
        The run that the user has chosen, or None.

    Signals
    -------
    open_wanted : Config
        Show this run in the window as the current one.
    run_chosen : TrainedRun or None
        Another run is chosen, or no longer any.
    sample_chosen : int or None
        A sample of a result is chosen, by its index, or no longer any.
    """

    open_wanted = Signal(object)
    run_chosen = Signal(object)
    sample_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._runs: list[TrainedRun] = []
        self.chosen: TrainedRun | None = None
        self._list = named(WholeParts(), "experimentRunList", "Runs of the experiment")
        self._list.setMinimumContentsLength(FEWEST_CHARACTERS)
        self._list.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._open = named(QPushButton("Open"), "experimentOpen", "Open the chosen run in the window")
        filled(QHBoxLayout(self), (self._list, 1), self._open, margins=(0, 0, 0, 0))
        self._list.activated.connect(self._on_listed_chosen)
        self._open.clicked.connect(self._on_open_clicked)

    def show_experiment(self, shown: ShownExperiment[Any]) -> None:
        """Empty the list, and say what it will contain."""
        self._list.setAccessibleName(shown.list_name)
        self._open.setToolTip(wrapped(shown.open_hint))
        self._list_runs([])

    def show_result(self, result: ExperimentResult) -> None:
        """List the runs of a result, or its samples."""
        shown = SHOWN[result.experiment]
        self._list_runs(shown.listed(result))
        if shown.samples is not None:
            self._list.addItem("none left out", None)
            for label, place in shown.samples.labels(result):
                self._list.addItem(label, place)

    def show_sample(self, place: int | None) -> None:
        """Mark a sample; the first entry means none."""
        self._list.setCurrentIndex(0 if place is None else self._list.findData(place))

    def choose_run(self, run: TrainedRun | None) -> None:
        """Mark a run, or none."""
        if run is not None:
            self._list.setCurrentIndex(self._runs.index(run))
        self.chosen = run
        self.run_chosen.emit(run)

    def _list_runs(self, runs: Sequence[TrainedRun]) -> None:
        self._runs = list(runs)
        self._list.clear()
        self._list.addItems([run_label(run) for run in runs])
        self._open.setEnabled(bool(runs))
        self.choose_run(None)

    def _on_open_clicked(self) -> None:
        if 0 <= self._list.currentIndex() < len(self._runs):
            self.open_wanted.emit(self._runs[self._list.currentIndex()].config)

    def _on_listed_chosen(self, index: int) -> None:
        if self._runs:
            self.choose_run(self._runs[index])
        else:
            self.sample_chosen.emit(self._list.itemData(index))
