"""The bar at the top: start and pause, step, reset, new seed, speed, and messages."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSlider, QToolButton

from tinynet_gui.core.training.pace import PACES, TUTORIAL_PACE
from tinynet_gui.ui.widgets.buttons.steady_button import SteadyButton
from tinynet_gui.ui.widgets.naming import caption
from tinynet_gui.ui.window.menus import START_TEXTS


class TransportBar(QFrame):
    """Has the window's training actions as buttons, and the speed.

    Signals
    -------
    pace_wanted : int
        An index into `PACES`.
    """

    pace_wanted = Signal(int)

    def __init__(self, start: QAction, others: list[QAction]) -> None:
        super().__init__()
        self.setObjectName("transportBar")
        self.setAccessibleName("Training controls")
        self._start = self._button(start, "startButton", *START_TEXTS)
        self._speed = QSlider(Qt.Orientation.Horizontal)
        self._speed.setObjectName("speed")
        self._speed.setAccessibleName("Speed of the training")
        self._speed.setToolTip(
            "How fast the training goes: from one step a second to as fast as it can.\n"
            "The tutorial draws every 100 steps. Keys: + and −"
        )
        self._speed.setRange(0, len(PACES) - 1)
        self._speed.setPageStep(1)
        self._speed.setValue(TUTORIAL_PACE)
        self._speed.setMinimumWidth(70)
        self._speed.setMaximumWidth(170)
        speed = caption("Speed", self._speed)
        self._speed_label = QLabel()
        self._speed_label.setObjectName("speedLabel")
        widest = max(self._speed_label.fontMetrics().horizontalAdvance(pace.label) for pace in PACES)
        self._speed_label.setMinimumWidth(widest + 4)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        layout.addWidget(self._start)
        for action in others:
            layout.addWidget(self._button(action, f"{action.objectName()}Button"))
        layout.addSpacing(10)
        layout.addWidget(speed)
        layout.addWidget(self._speed)
        layout.addWidget(self._speed_label)
        layout.addStretch(1)

        self._speed.valueChanged.connect(self._on_speed_changed)
        self._on_speed_changed(self._speed.value())

    def show_pace(self, pace: int) -> None:
        """Show a speed, an index into `PACES`."""
        self._speed.setValue(pace)

    @staticmethod
    def _button(action: QAction, object_name: str, *texts: str) -> QToolButton:
        button = SteadyButton(*texts)
        button.setObjectName(object_name)
        button.setDefaultAction(action)
        button.setAccessibleName(action.text())
        action.changed.connect(lambda: button.setAccessibleName(action.text()))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    @Slot(int)
    def _on_speed_changed(self, index: int) -> None:
        self._speed_label.setText(PACES[index].label)
        self.pace_wanted.emit(index)
