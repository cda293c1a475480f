"""The context menu of a plot: show everything, type a range, and the actions of its card."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from tinynet_gui.ui.widgets.menus import add_actions_around
from tinynet_gui.ui.widgets.plots.plot import Plot
from tinynet_gui.ui.widgets.plots.range_dialog import Range, RangeDialog


class PlotMenu(QObject):
    """The menu of a plot.

    Parameters
    ----------
    names
        Of the horizontal and of the vertical axis.
    extra
        Actions of this plot alone.
    menu_at
        Returns another menu for the item drawn at a position of the plot's viewport, or for what the keyboard has
        chosen; or None.

    Signals
    -------
    everything_wanted
    range_chosen : tuple of float, tuple of float
        The visible range of x and of y, in the plot's coordinates: for a logarithmic axis the exponents of ten.
    """

    everything_wanted = Signal()
    range_chosen = Signal(object, object)

    def __init__(
        self,
        plot: Plot,
        names: tuple[str, str],
        extra: Sequence[QAction] = (),
        menu_at: Callable[[QPoint | None], QMenu | None] = lambda _: None,
    ) -> None:
        super().__init__(plot)
        self._menu_at = menu_at
        self._plot, self._names = plot, names
        self.menu = QMenu(plot)
        self.menu.setObjectName("plotMenu")
        self.menu.addAction("Show everything", self.everything_wanted.emit)
        self.menu.addAction("Visible range …", self.ask_for_range)
        self.menu.addActions(list(extra))
        self.serve(plot)

    def serve(self, plot: Plot) -> None:
        """Open on a right-click, a long press or the Menu key on a plot: its own, or another of its card."""
        plot.has_menu = True
        plot.menu_wanted.connect(self._open)
        plot.scene().sigMouseClicked.connect(self._on_mouse_clicked)  # a drag of the right button zooms

    def name_axes(self, names: tuple[str, str]) -> None:
        """Take other names of both axes."""
        self._names = names

    def ask_for_range(self) -> None:
        """Let the user type the visible range."""
        is_log = tuple(bool(self._plot.getAxis(side).logMode) for side in ("bottom", "left"))
        x, y = (Range(float(low), float(high)) for low, high in self._plot.getViewBox().viewRange())
        dialog = RangeDialog(self._names, (x, y), (is_log[0], is_log[1]), self._plot.window())
        dialog.chosen.connect(lambda ends: self.range_chosen.emit(*ends))
        dialog.open()

    def _on_mouse_clicked(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            self._open(event.screenPos().toPoint())

    def _open(self, position: QPoint | None) -> None:
        viewport = self._plot.viewport()
        own = self._menu_at(None if position is None else viewport.mapFromGlobal(position))
        middle = viewport.mapToGlobal(viewport.rect().center())
        if own is None:
            add_actions_around(self.menu, self._plot)
        (own or self.menu).popup(middle if position is None else position)
