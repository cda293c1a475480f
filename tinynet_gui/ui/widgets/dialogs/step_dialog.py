"""Asks for the step to go to."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tinynet_gui.ui.widgets.count_box import CountBox
from tinynet_gui.ui.widgets.dialogs.dialog import Button, Dialog
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import caption, named

LAST_STEP = 1_000_000_000
WIDTH, LINE = 360, 18  # px; room for a refusal


class StepDialog(Dialog):
    """Stays open while what is typed is no step.

    Signals
    -------
    chosen : int
    """

    chosen = Signal(int)

    def __init__(self, words: str, step: int, parent: QWidget) -> None:
        super().__init__("goToStepDialog", "Go to step", parent, deleted_when_closed=True)
        self._step = named(CountBox(), "goToStep", "Step")
        self._step.setRange(0, LAST_STEP)
        self._step.setValue(step)
        buttons = self.make_buttons(Button.Ok | Button.Cancel)
        filled(QVBoxLayout(self), caption(words), self._step, LINE, buttons)
        self.setMinimumWidth(WIDTH)
        self._step.setAccessibleDescription(words)
        self._step.selectAll()

    def accept(self) -> None:
        """Go there, or say why that is no step."""
        self._step.commit()
        if not self._step.refusal():
            self.chosen.emit(self._step.count)
            super().accept()
