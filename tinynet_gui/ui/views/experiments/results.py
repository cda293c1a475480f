"""An experiment's result in widgets: its headline, its text, and the list of its runs or samples."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6 import QtCore, QtWidgets

from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting_text import setting_label, setting_value, source_text
from tinynet_gui.core.experiments.base import ExperimentResult, TrainedRun
from tinynet_gui.core.experiments.table import changed_since
from tinynet_gui.core.run.session import FinishedExperiment
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text, listed, loss_text
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.views.experiments.drawing import ShownExperiment
from tinynet_gui.ui.views.experiments.table import SHOWN
from tinynet_gui.ui.widgets import cards, pulse
from tinynet_gui.ui.widgets.accessibility import named, small, wrapped
from tinynet_gui.ui.widgets.fields.editors import QuietComboBox
from tinynet_gui.ui.widgets.text import ScrolledText

MAX_CHANGES = 2  # settings to name before the list gets too long
AGAIN = _("This is what it said before; run again, it shows its picture and its runs.")


def explain(result: ExperimentResult) -> str:
    return SHOWN[result.experiment].explain(result)


def run_label(run: TrainedRun) -> str:
    hidden = ", ".join(map(str, run.config.network.hidden)) or _("none")
    text = _("seed {seed} · hidden {hidden} · loss {loss}")
    if run.diverged_at is not None:
        text = _("seed {seed} · hidden {hidden} · diverged")
    return text.format(seed=run.config.network.seed, hidden=hidden, loss=loss_text(run.final_loss))


def setting_note(of: Config, changed: Sequence[str], now: Config) -> str:
    """Say which settings a result belongs to, by those that have changed since; "" if none has."""
    if not changed:
        return ""
    named = [_setting_text(of, path, now) for path in changed[:MAX_CHANGES]]
    more = len(changed) - len(named)
    if more:
        text = ngettext("{count} more setting that changed since", "{count} more settings that changed since", more)
        named.append(text.format(count=count_text(more)))
    return _("These results are for a different setting: {settings}.").format(settings=listed(named))


def note_of(found: ExperimentResult | FinishedExperiment | None, now: Config | None) -> str:
    """Say which settings a result belongs to, if not the current ones, and whether only its words are left."""
    if found is None or now is None:
        return ""
    note = setting_note(found.config, changed_since(found, now), now)
    return f"{note} {AGAIN}".lstrip() if isinstance(found, FinishedExperiment) else note


def sentences(text: str) -> tuple[str, str]:
    head, stop, rest = text.partition(". ")
    return head + stop.rstrip(), rest


def _setting_text(of: Config, path: str, now: Config) -> str:
    if path == "data.points":
        return _("other samples") if source_text(of.data) == source_text(now.data) else source_text(of.data)
    return f"{setting_label(path, of)} {setting_value(of, path)}"


class Words(QtCore.QObject):
    """The widgets for a question or a result, and their texts: the first sentence, the rest on demand, `answer` below.

    `has_answer`: a result is shown rather than a question.
    """

    def __init__(self, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self.has_answer = False
        says = _("What the experiment asks, and then says, in a sentence")
        self.headline = named(ScrolledText("title"), "experimentHeadline", says)
        tooltip = _("All that the experiment says, below its picture.")
        self.details = cards.compact_button(_("details"), "experimentDetails", _("Details"), tooltip, checkable=True)
        tooltip = _("Put this result away, here and in the function plot.")
        self.close = cards.compact_button("×", "experimentClose", _("Close the result"), tooltip)
        self.answer = small(named(ScrolledText(), "experimentAnswer", _("What the experiment says")), 0.92)
        self.details.toggled.connect(self._show)
        self._scroll = single_shot(self, 0, partial(pulse.bring_into_sight, self.answer))  # after the layout
        self.details.clicked.connect(self._on_details_clicked)

    def text(self) -> str:
        """The full text; before there is an answer, the message or the question in its place."""
        if not self.has_answer:
            return self.answer.text() or self.headline.text()
        return " ".join(text for text in (self.headline.text(), self.answer.text()) if text)

    def ask(self, question: str, message: str, room_for: str = "") -> None:
        self.has_answer = False
        self.headline.setText(question, room_for=max(question, room_for, key=len))
        self.answer.setText(message)
        self._show()

    def conclude(self, text: str, room_for: str) -> None:
        """Show an answer: its first sentence above the picture, the rest below it on demand."""
        self.has_answer = True
        (head, rest), (head_room, rest_room) = sentences(text), sentences(room_for)
        self.headline.setText(head, room_for=max(head, head_room, key=len))
        self.answer.setText(rest, room_for=rest_room)
        self._show()

    def _on_details_clicked(self, are_wanted: bool) -> None:
        if are_wanted:
            self._scroll.start()

    def _show(self) -> None:
        for button in (self.details, self.close):
            button.setVisible(self.has_answer)
        self.answer.setVisible(self.details.isChecked() if self.has_answer else bool(self.answer.text()))


MIN_CHARACTERS = 12  # of an entry, always visible
BETWEEN = " · "  # the parts of an entry


class WholeParts(QuietComboBox):
    """Elides an entry by dropping whole parts from its end rather than cutting a word; the popup shows all of it."""

    def shortened(self, text: str, room: int) -> str:
        while self.fontMetrics().horizontalAdvance(text) > room and BETWEEN in text:
            text = text.rpartition(BETWEEN)[0]
        return text


class ResultList(QtWidgets.QWidget):
    """The list of runs or samples, and the button that opens a run; `chosen` is the selected run, or None."""

    open_wanted = QtCore.Signal(object)
    run_chosen = QtCore.Signal(object)
    sample_chosen = QtCore.Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._runs: list[TrainedRun] = []
        self.chosen: TrainedRun | None = None
        self._list = named(WholeParts(), "experimentRunList", _("Runs of the experiment"))
        self._list.setMinimumContentsLength(MIN_CHARACTERS)
        self._list.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._open = named(QtWidgets.QPushButton(_("Open")), "experimentOpen", _("Open the chosen run in the window"))
        cards.filled(QtWidgets.QHBoxLayout(self), (self._list, 1), self._open, margins=(0, 0, 0, 0))
        self._list.activated.connect(self._on_listed_chosen)
        self._open.clicked.connect(self._on_open_clicked)

    def show_experiment(self, shown: ShownExperiment[Any]) -> None:
        self._list.setAccessibleName(shown.list_name)
        self._open.setToolTip(wrapped(shown.open_hint))
        self._list_runs([])

    def show_result(self, result: ExperimentResult) -> None:
        shown = SHOWN[result.experiment]
        self._list_runs(shown.listed(result))
        if shown.samples is not None:
            self._list.addItem(_("none left out"), None)
            for label, place in shown.samples.labels(result):
                self._list.addItem(label, place)

    def show_sample(self, place: int | None) -> None:
        """Select a sample; None selects the first entry."""
        self._list.setCurrentIndex(0 if place is None else self._list.findData(place))

    def choose_run(self, run: TrainedRun | None) -> None:
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
