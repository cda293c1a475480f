"""Below the function plot: the network as a function, how far off it is, and the switch for other seeds."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tinynet_gui.core.function.extrapolation import ErrorsApart, errors_apart
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.text.numbers import plain, told_apart
from tinynet_gui.ui.style.theme import small_font
from tinynet_gui.ui.views.plots.function_field import FunctionField
from tinynet_gui.ui.views.plots.sample_editor import GESTURES, HINT
from tinynet_gui.ui.widgets.naming import named, wrapped
from tinynet_gui.ui.widgets.text.elided_label import ElidedLabel

QUESTION = "Can it extrapolate? The root mean square of"


class PlotFoot(QWidget):
    """Says how far off the network is; while samples are edited, what the mouse does.

    Attributes
    ----------
    field
        Where the network is used as a function.
    """

    def __init__(self, seeds: QWidget) -> None:
        super().__init__()
        self.field = FunctionField()
        self._words = named(ElidedLabel(), "plotFoot", "How far off the network is, or what the mouse does to samples")
        self._words.setProperty("role", "caption")
        self._words.setFont(small_font())
        self._errors: ErrorsApart | None = None
        self._is_editing = False
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 14, 0)
        layout.addWidget(self.field, 1)
        layout.addWidget(self._words, 1)
        layout.addWidget(seeds)

    def show_moment(self, snapshot: Snapshot | None) -> None:
        """Say how far off a moment's network is, or nothing."""
        self._errors = None if snapshot is None else errors_apart(snapshot)
        self._write()

    @Slot(bool)
    def show_editing(self, is_editing: bool) -> None:
        """Say what the mouse does, or how far off the network is."""
        self._is_editing = is_editing
        self._write()

    def _write(self) -> None:
        self._words.show_text(HINT if self._is_editing else _errors_text(self._errors))
        self._words.setToolTip(wrapped(GESTURES if self._is_editing else _errors_meant(self._errors)))


def _errors_text(errors: ErrorsApart | None) -> str:
    known = () if errors is None else ((errors.within, "within"), (errors.outside, "outside"))
    parts = [f"{plain(error, 2)} {where}" for error, where in known if error is not None]
    return f"off by {', '.join(parts)}" if parts else ""


def _errors_meant(errors: ErrorsApart | None) -> str:
    """Say of what these are the errors, and within and outside of what."""
    if errors is None:
        return ""
    of_what = f"{QUESTION} network − y of the held-out samples:"
    beyond = "Outside: those beyond, where it is grey."
    if errors.is_of_truth:
        of_what = f"{QUESTION} network − true function:"
        beyond = f"Outside: beyond that, where it is grey, as far as the usual view shows: {_range(errors.looked_at)}."
    return f"{of_what}\nWithin: from the first to the last training sample, {_range(errors.trained)}.\n{beyond}"


def _range(ends: tuple[float, float]) -> str:
    return f"x = {' … '.join(told_apart(*ends, digits=3))}"
