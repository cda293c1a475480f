"""Two dissected updates side by side: the place where two runs diverge."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tinynet_gui.core.step.dissection import Dissection
from tinynet_gui.core.step.phases import UPDATE
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.microscope.microscope_view import MicroscopeView
from tinynet_gui.ui.widgets.dialogs.dialog import Button, Dialog
from tinynet_gui.ui.widgets.labels import ElidedLabel
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import in_role, named
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.widgets.zoomed import give_size

SIZE = 900, 560


class TwoUpdates(Dialog):
    """Shows two steps in the same phase, with the numbers of the same neuron.

    Parameters
    ----------
    text
        A comment on the two.
    names
        The names of their runs.
    selection
        The neuron, weight or layer whose numbers are shown.

    Signals
    -------
    term_wanted : str
        Explain a word of the glossary.
    """

    term_wanted = Signal(str)

    def __init__(
        self,
        text: str,
        names: tuple[str, str],
        updates: tuple[Dissection, Dissection],
        selection: Selection,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("twoUpdates", "Where they part", parent, deleted_when_closed=True)
        said = named(QLabel(text), "twoUpdatesText", "Where the two runs part")
        said.setWordWrap(True)
        said.setTextFormat(Qt.TextFormat.PlainText)
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.views = tuple(MicroscopeView(selection, theme, stands_alone=False) for _ in names)
        sides = QHBoxLayout()
        for name, view, update in zip(names, self.views, updates, strict=True):
            view.show_dissection(update)
            view.term_wanted.connect(self.term_wanted)
            title = in_role(named(ElidedLabel(), "twoUpdatesName", "The run whose update stands below"), "title")
            title.show_text(name)
            sides.addLayout(filled(QVBoxLayout(), title, (view, 1)), 1)
        filled(QVBoxLayout(self), said, (sides, 1), self.make_buttons(Button.Close))
        give_size(self, *SIZE)
        first, second = self.views
        for one, other in ((first, second), (second, first)):
            one.phases.phase_changed.connect(other.set_phase)
        if first.text() == second.text():  # they differ only later in the computation
            first.set_phase(UPDATE)

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours of a theme."""
        for view in self.views:
            view.show_theme(theme)
