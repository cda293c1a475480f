"""Hides controls and views from students as the teacher chose: part of the session, not of the setting."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMessageBox, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.ui.views.panel.parameter_rows import SECTIONS
from tinynet_gui.ui.widgets import accessibility, cards, dialogs, touch
from tinynet_gui.ui.window.actions import Action
from tinynet_gui.ui.window.context import Context, Controller, Feature

if TYPE_CHECKING:
    from tinynet_gui.ui.views.experiments.experiments_view import ExperimentsView

SIZE = 360, 520
MAX_LISTED = 12  # names in the question whether to show everything
NOTE = _(
    "Unticked items are hidden at once; their results stay. Saved sessions and settings keep the choice; "
    "a new session shows all."
)
NEW_SEED = "actionNewSeed"
EXPERIMENT_PREFIX = "experiment."  # prefix of the names of experiments


@frozen_dataclass
class Hideable:
    """A control that can be hidden, by its `name` in sessions and lessons: see `core.wording.setting_line.hideable`.

    `label` is its name in *What students see*; `offer` shows it in a window, or hides all access to it and turns it
    off.
    """

    name: str
    label: str
    offer: Callable[[Context, bool], None]


def _offer(action: QAction, is_offered: bool) -> None:
    """Show an action in its menu, or hide it and refuse even a call of it."""
    action.setVisible(is_offered)
    action.setEnabled(is_offered)


def _offer_editing(context: Context, is_offered: bool) -> None:
    context.views.function_plot.offer_editing(is_offered)
    _offer(context.actions["actionEditData"], is_offered)


def _offer_new_seed(context: Context, is_offered: bool) -> None:
    context.frame.transport.offer(NEW_SEED, is_offered)
    _offer(context.actions[NEW_SEED], is_offered)


def _switch(name: str, label: str) -> Hideable:
    return Hideable(f"switch.{name}", label, lambda context, on: context.views.function_plot.switches.offer(name, on))


CONTROLS = (
    Hideable("switch.edit", _("Edit data in the plot"), _offer_editing),
    _switch("parts", _("Parts of the curve")),
    _switch("probe", _("Probe")),
    _switch("seeds", _("Other seeds beside the curve")),
    Hideable("action.new_seed", _("New seed"), _offer_new_seed),
    Hideable("action.freeze", _("Freeze"), lambda context, on: context.views.inspector.numbers.offer_freezing(on)),
)


def ask_to_show_all(parent: QWidget, hidden: Sequence[str]) -> QMessageBox:
    """Ask whether to show again what was hidden, by its labels, and return the question."""
    listed, more = list(hidden[:MAX_LISTED]), len(hidden) - MAX_LISTED
    if more > 0:
        # Translators: the end of a list of what is hidden.
        listed.append(ngettext("{count} more", "{count} more", more).format(count=more))
    text = _(
        "Show everything?\n\nHidden by a teacher or by the lesson: {names}. It is no lock: whoever works here can show "
        "all of it. Undo hides it again."
    ).format(names=", ".join(listed))
    return dialogs.ask("showAll", _("What students see"), text, _("Show all"), parent)


class VisibleDialog(dialogs.Dialog):
    """Lists everything that can be hidden, by section; not modal. `hidden_chosen` has all unticked names."""

    hidden_chosen = Signal(object)

    def __init__(self, sections: Mapping[str, Mapping[str, str]], parent: QWidget | None = None) -> None:
        super().__init__("visibleDialog", _("What students see"), parent)
        self._tree = accessibility.named(QTreeWidget(), "visibleTree", _("What can be hidden"))
        self._tree.setHeaderHidden(True)
        self._items: dict[str, QTreeWidgetItem] = {}
        for title, names in sections.items():
            section = QTreeWidgetItem(self._tree, [title])
            section.setFlags(section.flags() | Qt.ItemFlag.ItemIsAutoTristate | Qt.ItemFlag.ItemIsUserCheckable)
            for name, label in names.items():
                item = QTreeWidgetItem(section, [label])
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(0, Qt.CheckState.Checked)
                self._items[name] = item
        self._tree.expandAll()
        note = accessibility.caption(NOTE, wraps=True)
        cards.filled(QVBoxLayout(self), (self._tree, 1), note, self.make_buttons(dialogs.Button.Close))
        touch.give_size(self, *SIZE)
        self._tree.itemChanged.connect(lambda: self.hidden_chosen.emit(self.hidden()))

    def hidden(self) -> frozenset[str]:
        return frozenset(n for n, item in self._items.items() if item.checkState(0) == Qt.CheckState.Unchecked)

    def show_hidden(self, hidden: Collection[str]) -> None:
        """Untick the hidden names, without a signal."""
        with QSignalBlocker(self._tree):
            for name, item in self._items.items():
                item.setCheckState(0, Qt.CheckState.Unchecked if name in hidden else Qt.CheckState.Checked)


class VisibleController(Controller):
    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._records = [record for record in context.table if record.hidden_as]
        self._tabs = {record.hidden_as for record in self._records if record.place == "inside"}  # of the inspector
        self._is_used = False  # an experiment runs or has a result: its view stays until the list changes
        self._dialog: VisibleDialog | None = None
        context.frame.layout.tab_added.connect(self.show)
        context.actions.connect(actionVisible=self.choose)
        self._frame.status.show_all_wanted.connect(self._on_show_all_wanted)
        context.when_built("experiments", self._on_experiments_built)
        context.session.watch(self, lambda state: state.session.view.hidden, self._on_hidden_changed)

    def _on_experiments_built(self, view: "ExperimentsView") -> None:
        view.running_changed.connect(self._on_running_changed)
        self._show_experiments()

    def choose(self) -> None:
        if self._dialog is None:
            self._dialog = VisibleDialog(self._sections(), self._window)
            self._dialog.hidden_chosen.connect(lambda hidden: self._session.set_view(hidden=hidden))
        self._dialog.show_hidden(self._session.state.session.view.hidden)
        self._dialog.show()
        self._dialog.activateWindow()

    def _sections(self) -> dict[str, dict[str, str]]:
        from tinynet_gui.ui.views.experiments.table import SHOWN  # lazy, for a quick start

        hideable = self._context.actions.hideable_actions
        actions = {name: action.text().replace("&", "") for name, action in hideable.items()}
        fields = {title: {row.path: row.title for row in rows} for title, rows in SECTIONS}
        return {
            **fields,
            _("Controls"): {**{control.name: control.label for control in CONTROLS}, **actions},
            _("Views"): {record.hidden_as: record.listed_as or record.title for record in self._records},
            _("Experiments"): {f"{EXPERIMENT_PREFIX}{name}": shown.label for name, shown in SHOWN.items()},
        }

    def _on_hidden_changed(self, _hidden: object) -> None:
        experiments = self._views.get("experiments")
        self._is_used = experiments is not None and experiments.is_running
        self.show()

    def _on_running_changed(self, is_running: bool) -> None:
        """Show the experiments while one is running, so that it can be stopped, and its result seen."""
        was_used, self._is_used = self._is_used, is_running or self._views.experiments.result is not None
        if self._is_used != was_used:
            self.show()

    def show(self) -> None:
        """Apply the list to all views: a hidden one may just have been added."""
        hidden = self._session.state.session.view.hidden
        self._views.panel.show_hidden(hidden)
        self._show_experiments()
        influence = {"view.experiments", "experiment.influence"}
        self._views.function_plot.layers.editor.offers_difference = not influence & hidden
        for control in CONTROLS:
            control.offer(self._context, control.name not in hidden)
        for name, action in self._context.actions.hideable_actions.items():
            action.setVisible(name not in hidden)
        has_no_tab = hidden >= self._tabs
        self._views.inspector.show_role_only(has_no_tab)
        for record in self._records:
            is_hidden, layout = record.hidden_as in hidden, self._frame.layout
            is_shown = not is_hidden or (record.name == "experiments" and self._is_used)
            is_shown |= has_no_tab and record.name == "numbers"
            if (page := layout.pages.get(record.name)) is not None:
                self._show_page(page, is_shown)
            if record.action is not None:
                _offer(self._context.actions[record.action.name], not is_hidden)
        self._frame.names.show_state()
        self._frame.status.show_hidden(len(hidden))
        if self._dialog is not None and self._dialog.hidden() != hidden:
            self._dialog.show_hidden(hidden)

    def _show_experiments(self) -> None:
        names = self._session.state.session.view.hidden
        if "experiments" in self._views:
            self._views.experiments.show_hidden({name.removeprefix(EXPERIMENT_PREFIX) for name in names})

    def _show_page(self, page: QWidget, is_shown: bool) -> None:
        if not is_shown:
            self._frame.arranger.leave(page)
        tabs = self._frame.layout.tabs_of(page)
        if (place := tabs.indexOf(page)) >= 0:
            if not is_shown and tabs.currentIndex() == place:
                loss = self._frame.layout.pages["loss_plot"]  # never hidden, and never the only one
                tabs.setCurrentIndex(max(0, tabs.indexOf(loss)))
            tabs.setTabVisible(place, is_shown)

    def _on_show_all_wanted(self) -> None:
        hidden = self._session.state.session.view.hidden
        listed = [label for names in self._sections().values() for name, label in names.items() if name in hidden]
        box = ask_to_show_all(self._window, listed)
        box.accepted.connect(self._session.show_all)


FEATURE = Feature(
    "visible",
    VisibleController,
    Action(
        "actionVisible",
        _("&What students see …"),
        _("Hide controls, views and experiments, or show them again."),
        "students",
    ),
)
