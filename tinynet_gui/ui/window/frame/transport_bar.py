"""The bar at the top: start and pause, step, reset, new seed, speed, and messages."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from tinynet_gui.core.training.pace import PACES, TUTORIAL_PACE
from tinynet_gui.ui.widgets.buttons import SteadyButton
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import keep_place, named
from tinynet_gui.ui.widgets.telling import PLACE, tell
from tinynet_gui.ui.window.menus import START_TEXTS

SPEED_TOOLTIP = (
    "How fast the training goes: from one step a second to as fast as it can.\n"
    "The tutorial draws every 100 steps. Keys: + and −"
)


class TransportBar(QFrame):
    """Has the window's training actions as buttons, and the speed.

    Signals
    -------
    pace_wanted : int
        An index into `PACES`.
    tour_wanted, tour_put_away
        The newcomer's tour is to begin, or no longer be offered.
    """

    pace_wanted = Signal(int)
    tour_wanted = Signal()
    tour_put_away = Signal()

    def __init__(self, start: QAction, others: list[QAction]) -> None:
        super().__init__()
        named(self, "transportBar", "Training controls")
        self._start = self._button(start, "startButton", *START_TEXTS)
        self._start.setProperty("primary", True)
        self._speed = named(QSlider(Qt.Orientation.Horizontal), "speed", "Speed of the training", SPEED_TOOLTIP)
        self.show_pace = self._speed.setValue
        self._speed.setRange(0, len(PACES) - 1)
        self._speed.setPageStep(1)
        self._speed.setValue(TUTORIAL_PACE)
        self._speed.setMinimumWidth(70)
        self._speed.setMaximumWidth(170)
        self._speed_label = QLabel()
        self._speed_label.setObjectName("speedLabel")
        widest = max(self._speed_label.fontMetrics().horizontalAdvance(pace.label) for pace in PACES)
        self._speed_label.setMinimumWidth(widest + 4)
        self._tour, self._offers_tour = self._make_tour(), False
        buttons = (self._button(action, f"{action.objectName()}Button") for action in others)
        parts = self._start, *buttons, 10, self._speed, self._speed_label, 4, self._tour, None
        filled(QHBoxLayout(self), *parts, margins=(10, 8, 10, 8), spacing=6)

        self._speed.valueChanged.connect(self._on_speed_changed)
        self._on_speed_changed(self._speed.value())

    def _make_tour(self) -> QWidget:
        """Return what offers the tour, and a cross that puts it away; it stands last, and leaves no gap."""
        begin = named(QToolButton(), "tour", "New here?", "Five minutes through the tutorial, step by step.")
        begin.setText("New here?")
        away = named(QToolButton(), "tourAway", "Put away", "Do not offer this any more; it stays in the Help menu.")
        away.setText("×")
        away.setProperty("bare", True)
        begin.clicked.connect(self.tour_wanted)
        away.clicked.connect(self.tour_put_away)
        both = QWidget()
        filled(QHBoxLayout(both), begin, away, margins=(0, 0, 0, 0), spacing=0)
        both.hide()
        return both

    def show_tour(self, is_offered: bool) -> None:
        """Offer the newcomer's tour, or no longer."""
        self._offers_tour = is_offered
        self.give_tour_space(True)

    def give_tour_space(self, has_space: bool) -> None:
        """Show the offer if there is one, or leave it out."""
        self._tour.setVisible(has_space and self._offers_tour)

    def offer(self, action: str, is_offered: bool) -> None:
        """Show the button of an action, or hide it; it keeps its place."""
        button = self.findChild(QToolButton, f"{action}Button")
        assert button is not None
        keep_place(button).setVisible(is_offered)

    @staticmethod
    def _button(action: QAction, object_name: str, *texts: str) -> QToolButton:
        button = named(SteadyButton(*texts), object_name, action.text())
        button.setDefaultAction(action)
        action.changed.connect(lambda: _tell_of(button, action))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _on_speed_changed(self, index: int) -> None:
        label = PACES[index].label
        self._speed_label.setText(label)
        self._speed.setAccessibleDescription(f"{label}. {self._speed.toolTip()}")
        tell(self, label, topic=PLACE)
        self.pace_wanted.emit(index)


def _tell_of(button: QToolButton, action: QAction) -> None:
    """Tell screen readers what a button does now: of a tooltip alone they keep what it was."""
    button.setAccessibleName(action.text())
    button.setAccessibleDescription(action.toolTip())
