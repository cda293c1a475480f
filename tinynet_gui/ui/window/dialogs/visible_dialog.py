"""What students see: one list of controls, views and experiments to hide or show."""

from collections.abc import Collection, Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QMessageBox, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from tinynet_gui.core.text.numbers import counted
from tinynet_gui.ui.widgets.dialog import Button, Dialog, ask
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import caption, named
from tinynet_gui.ui.widgets.zoomed import give_size

SIZE = 360, 520
NOTE = (
    "Unticked items are hidden at once; their results stay. Saved sessions and settings keep the choice; "
    "a new session shows all."
)


def ask_to_show_all(parent: QWidget, count: int) -> QMessageBox:
    """Ask whether to show everything again that was hidden, and return the question."""
    were = f"{counted(count, 'item')} {'was' if count == 1 else 'were'}"
    text = f"Show everything?\n\n{were} hidden by a teacher or by the lesson. Undo hides them again."
    return ask("showAll", "What students see", text, "Show all", parent)


class VisibleDialog(Dialog):
    """Lists everything that can be hidden, by section; the window stays usable beside it.

    Parameters
    ----------
    sections
        By title: the labels of the things that can be hidden, by name.

    Signals
    -------
    hidden_chosen : frozenset of str
        The names of everything to hide from now on.
    """

    hidden_chosen = Signal(object)

    def __init__(self, sections: Mapping[str, Mapping[str, str]], parent: QWidget | None = None) -> None:
        super().__init__("visibleDialog", "What students see", parent)
        self._tree = named(QTreeWidget(), "visibleTree", "What can be hidden")
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
        note = caption(NOTE)
        note.setWordWrap(True)
        filled(QVBoxLayout(self), (self._tree, 1), note, self.make_buttons(Button.Close))
        give_size(self, *SIZE)
        self._tree.itemChanged.connect(self._on_item_changed)

    def hidden(self) -> frozenset[str]:
        """The names of everything without a tick."""
        return frozenset(n for n, item in self._items.items() if item.checkState(0) == Qt.CheckState.Unchecked)

    def show_hidden(self, hidden: Collection[str]) -> None:
        """Show the hidden names, without a signal."""
        with QSignalBlocker(self._tree):
            for name, item in self._items.items():
                item.setCheckState(0, Qt.CheckState.Unchecked if name in hidden else Qt.CheckState.Checked)

    @Slot(QTreeWidgetItem, int)
    def _on_item_changed(self, _item: QTreeWidgetItem, _column: int) -> None:
        self.hidden_chosen.emit(self.hidden())
