"""The four phases of a step as a row of buttons, and a button for slow automatic play."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from tinynet_gui.core.step.phases import PHASES, TOOLTIPS, UPDATE
from tinynet_gui.ui.style.icons import make_icon
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.widgets.buttons import SteadyButton
from tinynet_gui.ui.widgets.keys import ARROWS, ENDS, SCROLLS
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.picture import SAYS_SOMETHING

PLAY_MS = 4_000  # time to read a phase
KEYS_OF_THE_VIEW = (*ARROWS, *ENDS, *SCROLLS)
_PLAY = "Go through the phases slowly, four seconds each. Nothing is trained."
_PAUSE = "Stop at this phase."


class PhaseButton(SteadyButton):
    """A small button that leaves the keys of the phases to the view around it."""

    def __init__(
        self, text: str, object_name: str, accessible_name: str, tooltip: str, texts: tuple[str, ...] = ()
    ) -> None:
        super().__init__(*texts)
        named(self, object_name, accessible_name, tooltip)
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("compact", "more")  # so that all of them fit into 240 pixels

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass on keys that move and scroll."""
        if event.key() in KEYS_OF_THE_VIEW:
            event.ignore()
        else:
            super().keyPressEvent(event)


class PhaseBar(QWidget):
    """Knows which phase is shown, and plays them one after the other.

    Attributes
    ----------
    play_button
        Starts and stops automatic play; the view places it.

    Signals
    -------
    phase_changed : int
        0 forward, 1 loss, 2 backward, 3 update.
    """

    phase_changed = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self.index = theme, 0  # the phase shown
        self.buttons = [
            PhaseButton(
                name, f"microscope{name}", f"Phase {i + 1}: {name}", f"{TOOLTIPS[i]}\nKeys: Left, Right, Home, End"
            )
            for i, name in enumerate(PHASES)
        ]
        self.play_button = PhaseButton("Play", "microscopePlay", "Play the phases slowly", _PLAY, ("Play", "Pause"))
        self._group = QButtonGroup(self)
        self.timer = QTimer(self, interval=PLAY_MS)

        for place, button in enumerate(self.buttons):
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(button, place)
            button.setProperty(SAYS_SOMETHING, True)
        filled(QHBoxLayout(self), *self.buttons, margins=(0, 0, 0, 0), spacing=3)
        self.play_button.setCheckable(True)
        self.play_button.setIconSize(QSize(10, 10))
        self.play_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

        self._group.idClicked.connect(self.stop_at)
        self.play_button.toggled.connect(self._on_play_toggled)
        self.timer.timeout.connect(self._on_timeout)
        self.buttons[0].setChecked(True)
        self.setFocusProxy(self.buttons[0])
        self.show_theme(theme)

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours of a theme."""
        self._theme = theme
        playing = self.play_button.isChecked()
        self.play_button.setText("Pause" if playing else "Play")
        self.play_button.setIcon(make_icon("pause" if playing else "play", theme.on_accent if playing else theme.ink))

    def stop(self) -> None:
        """Stop playing."""
        self.play_button.setChecked(False)

    def stop_at(self, phase: int) -> None:
        """Go to a phase, or to the nearest one available, and stop playing."""
        self.stop()
        self.go_to(min(max(phase, 0), UPDATE))

    def go_to(self, phase: int) -> None:
        """Show a phase; the keyboard's focus goes with it."""
        changed, self.index = phase != self.index, phase
        had_focus = self.focusWidget() in self.buttons
        self.buttons[phase].setChecked(True)
        self.setFocusProxy(self.buttons[phase])
        if had_focus:
            self.buttons[phase].setFocus()
        if changed:
            self.phase_changed.emit(phase)

    def _on_play_toggled(self, on: bool) -> None:
        self.show_theme(self._theme)
        self.play_button.setToolTip(_PAUSE if on else _PLAY)
        self.play_button.setAccessibleName("Pause" if on else "Play the phases slowly")
        if not on:
            self.timer.stop()
            return
        if self.index == UPDATE:
            self.go_to(0)
        self.timer.start()

    def _on_timeout(self) -> None:
        self.go_to(min(self.index + 1, UPDATE))
        if self.index == UPDATE:
            self.stop()
