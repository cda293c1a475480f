"""A window's bars, with the training's controls, its menus and layout, and the views' names in a presentation."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMainWindow, QSlider, QToolButton, QWidget

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.training.engines import PACES, TUTORIAL_PACE
from tinynet_gui.ui.style.theme import ThemeSource, Zoom, whole_px, zoom
from tinynet_gui.ui.widgets.accessibility import PLACE, announce, in_role, named, retain_size
from tinynet_gui.ui.widgets.cards import SteadyButton, filled
from tinynet_gui.ui.widgets.pulse import Pulse
from tinynet_gui.ui.widgets.text import FittingBar, FittingLabel
from tinynet_gui.ui.window.actions import PRESENTATION, START_TEXTS, Actions
from tinynet_gui.ui.window.frame.arrangement import Placed
from tinynet_gui.ui.window.frame.arranger import Arranger
from tinynet_gui.ui.window.frame.presentation import Presentation
from tinynet_gui.ui.window.frame.status import StatusLine
from tinynet_gui.ui.window.frame.window_layout import WindowLayout

SPEED_TOOLTIP = _(
    "How fast the training goes: from one step a second to as fast as it can.\n"
    "The tutorial draws every 100 steps. Keys: + and −"
)
AWAITED = _("waiting for PyTorch …")


class TransportBar(QFrame):
    """Buttons of the window's training actions, the speed, an index into `PACES`, and the offer of the tour."""

    pace_wanted = Signal(int)
    tour_wanted = Signal()
    tour_put_away = Signal()

    def __init__(self, start: QAction, others: list[QAction]) -> None:
        super().__init__()
        named(self, "transportBar", _("Training controls"))
        self._start = self._button(start, "startButton", *START_TEXTS)
        self._start.setProperty("primary", True)
        self._speed = named(QSlider(Qt.Orientation.Horizontal), "speed", _("Speed of the training"), SPEED_TOOLTIP)
        self.show_pace = self._speed.setValue
        self._speed.setRange(0, len(PACES) - 1)
        self._speed.setPageStep(1)
        self._speed.setValue(TUTORIAL_PACE)
        self._speed.setMinimumWidth(70)
        self._speed.setMaximumWidth(170)
        self._speed_label = QLabel()
        self._speed_label.setObjectName("speedLabel")
        texts = (AWAITED, *(pace.label for pace in PACES))
        widest = max(map(self._speed_label.fontMetrics().horizontalAdvance, texts))
        self._speed_label.setMinimumWidth(widest + 8)
        self._tour, self._offers_tour = self._make_tour(), False
        buttons = (self._button(action, f"{action.objectName()}Button") for action in others)
        gap = QWidget()
        gap.setFixedWidth(4)  # between twice the spacing
        parts = self._start, *buttons, gap, self._speed, self._speed_label, self._tour, None
        filled(QHBoxLayout(self), *parts, margins=(10, 8, 10, 8), spacing=6)

        self._speed.valueChanged.connect(self._on_speed_changed)
        self._on_speed_changed(self._speed.value())

    def _make_tour(self) -> QWidget:
        """Return the offer of the tour, with a cross to dismiss it; last in the bar, so hiding it leaves no gap."""
        begin = named(QToolButton(), "tour", _("New here?"), _("Five minutes through the tutorial, step by step."))
        begin.setText(_("New here?"))
        away = named(
            QToolButton(), "tourAway", _("Put away"), _("Do not offer this any more; it stays in the Help menu.")
        )
        away.setText("×")
        away.setProperty("bare", True)
        begin.clicked.connect(self.tour_wanted)
        away.clicked.connect(self.tour_put_away)
        both = QWidget()
        filled(QHBoxLayout(both), begin, away, margins=(0, 0, 0, 0), spacing=0)
        both.hide()
        return both

    def show_tour(self, is_offered: bool) -> None:
        self._offers_tour = is_offered
        self.give_tour_space(True)

    def give_tour_space(self, has_space: bool) -> None:
        self._tour.setVisible(has_space and self._offers_tour)

    def show_waiting(self, is_waiting: bool) -> None:
        """Say in the speed's place that no step is taken before PyTorch is loaded."""
        self._speed_label.setText(AWAITED if is_waiting else PACES[self._speed.value()].label)
        if is_waiting:
            announce(self, AWAITED, topic=PLACE)

    def offer(self, action: str, is_offered: bool) -> None:
        """Show or hide an action's button, which keeps its place."""
        button = self.findChild(QToolButton, f"{action}Button")
        assert button is not None
        retain_size(button).setVisible(is_offered)

    @staticmethod
    def _button(action: QAction, object_name: str, *texts: str) -> QToolButton:
        button = named(SteadyButton(*texts), object_name, action.text())
        button.setDefaultAction(action)
        action.changed.connect(lambda: _update_accessibility(button, action))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _on_speed_changed(self, index: int) -> None:
        label = PACES[index].label
        self._speed_label.setText(label)
        self._speed.setAccessibleDescription(f"{label}. {self._speed.toolTip()}")
        announce(self, label, topic=PLACE)
        self.pace_wanted.emit(index)


def _update_accessibility(button: QToolButton, action: QAction) -> None:
    """Update a button's accessible description: screen readers cache that taken from a tooltip."""
    button.setAccessibleName(action.text())
    button.setAccessibleDescription(action.toolTip())


MESSAGE_ROOM, FEW_LINES, BUTTON_ROOM = 280, 224, 94  # px for the banner: usual, less, its button only
NARROWEST = 600


class TopBar(QFrame):
    """Controls and banner side by side; in a narrow window the last buttons have icons only."""

    def __init__(self, controls: TransportBar) -> None:
        super().__init__()
        self.setObjectName("topBar")
        self._controls = controls
        self._box = filled(QHBoxLayout(self), controls, margins=(0, 0, 10, 0), spacing=0)
        self._dropping = [b for b in controls.findChildren(QToolButton) if b.objectName().startswith("action")]
        some = range(len(self._dropping), -1, -1)
        rooms = (True, MESSAGE_ROOM), (False, FEW_LINES), (False, BUTTON_ROOM), (False, 0)
        # By preference: how many buttons have words, whether there are fields, and the px left to the banner.
        self._modes = tuple((words, *room) for room in rooms for words in (some if room[1] else (0,)))
        self._needed: dict[tuple[int, bool, int], int] = {}  # the width of a mode, measured lazily
        self._is_measuring = False
        self._mode: tuple[int, bool] | None = None
        self._zoom: Zoom | None = None  # that `_needed` was measured at

    def add_banner(self, banner: QWidget) -> None:
        self._box.addWidget(banner, 1)

    def minimumSizeHint(self) -> QSize:
        """The width without the texts that are dropped first."""
        return QSize(min(NARROWEST, self._needed.get(self._modes[-1], NARROWEST)), super().minimumSizeHint().height())

    def fit(self) -> None:
        if zoom() != self._zoom:
            self._zoom, self._needed = zoom(), {}
        if self.testAttribute(Qt.WidgetAttribute.WA_PendingResizeEvent):  # its width is unknown until it is shown
            self._measure(self._modes[-1])
        else:
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._needed = {}  # the children change after this event

    def _fit(self) -> None:
        """Drop the texts of the last buttons first, then the fields; the banner gets the rest."""
        if self._is_measuring:  # measuring may trigger layouts
            return
        self._measure(last := self._modes[-1])  # for the minimum size
        words, fields, _ = next((mode for mode in self._modes if self._measure(mode) <= self.width()), last)
        if (words, fields) == self._mode:  # setting it again would cause an endless loop of layouts
            return
        self._mode = words, fields
        self._write(words, fields)

    def _measure(self, mode: tuple[int, bool, int]) -> int:
        """Return the width of a mode; only what is shown can be measured."""
        if mode not in self._needed:
            self._is_measuring, self._mode = True, None
            words, fields, room = mode
            self._write(words, fields)
            for child in self._controls.findChildren(QWidget):
                child.ensurePolished()
            self._needed[mode] = self._controls.sizeHint().width() + whole_px(room + 10)
            self._is_measuring = False
        return self._needed[mode]

    def _write(self, words: int, fields: bool) -> None:
        self._controls.give_tour_space(fields)
        beside, alone = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        for place, button in enumerate(self._dropping):
            button.setToolButtonStyle(beside if place < words else alone)
        for field in (*self._controls.findChildren(QLabel), *self._controls.findChildren(QSlider)):
            field.setVisible(fields)


_KEY = QKeySequence(PRESENTATION).toString(QKeySequence.SequenceFormat.NativeText)
ENDS = _("Esc or {key} ends the presentation").format(key=_KEY), _("Esc ends it"), "Esc"


class ViewNames(QWidget):
    """Switches views in a presentation, by a key or a click on a name; hidden otherwise, with its keys disabled."""

    def __init__(self, layout: WindowLayout, arranger: Arranger, records: Sequence[Placed]) -> None:
        super().__init__()
        self._layout, self._arranger = layout, arranger
        says = _("The views, each after its key")
        self.bar = named(FittingBar("presentedViewsMenu", says), "presentedViews", says)
        self.bar.setExpanding(False)
        called = sorted((record.presented_as, record.name) for record in records if record.presented_as is not None)
        self._names = [name for _, name in called]
        for (key, short), name in called:
            QShortcut(QKeySequence(key), self, partial(arranger.present, name))
            self.bar.addTab(f"{key} {short}")
        leave = in_role(named(FittingLabel(), "presentationEnd", _("How the presentation ends")), "caption")
        leave.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        leave.show_longest(ENDS)
        filled(QHBoxLayout(self), self.bar, (leave, 1), margins=(10, 6, 10, 0))
        self.hide()
        arranger.presented_changed.connect(self.show_state)
        layout.tab_added.connect(self.show_state)
        self.bar.currentChanged.connect(self._on_chosen)

    def use_keys(self, are_used: bool) -> None:
        for shortcut in self.findChildren(QShortcut):
            shortcut.setEnabled(are_used)

    def show_state(self) -> None:
        presented, there = self._arranger.presented, self._layout.presentable
        self.setVisible(bool(presented))
        for place, name in enumerate(self._names):
            self.bar.setTabVisible(place, name in there)
            if name == presented:
                self.bar.setCurrentIndex(place)

    def _on_chosen(self, place: int) -> None:
        if self._arranger.presented not in ("", self._names[place]):
            self._arranger.present(self._names[place])


class WindowFrame:
    def __init__(
        self, window: QMainWindow, themes: ThemeSource, actions: Actions, views: Sequence[tuple[Placed, QWidget | None]]
    ) -> None:
        others = [actions[name] for name in ("actionStep", "actionReset", "actionNewSeed", "actionToEnd")]
        self.transport = TransportBar(actions["actionStart"], others)
        self.status = StatusLine()
        self.top_bar = TopBar(self.transport)
        self.menus = actions.fill(window.menuBar())
        self.layout = WindowLayout(self.top_bar, views)
        window.setCentralWidget(self.layout.widget)
        window.setStatusBar(self.status)
        self.status.setMinimumWidth(1)  # so that it never widens the window
        self.arranger = Arranger(self.layout, window)
        self.names = ViewNames(self.layout, self.arranger, [record for record, _ in views])
        self.layout.add_above(self.names)
        self.presentation = Presentation(window, themes, self.layout, self.arranger, actions)
        self.pulse = Pulse(window)

    @property
    def regions(self) -> tuple[QWidget, ...]:
        """The regions between which F6 cycles, in reading order."""
        layout = self.layout
        diagram, plot, time_line = (layout.pages[name] for name in ("diagram", "function_plot", "time_line"))
        side, inspector, tab = (pages.currentWidget() for pages in (layout.side, layout.beside, layout.tabs))
        parts = self.transport, side, diagram, plot, inspector, tab, time_line, self.status
        return tuple(dict.fromkeys(part for part in parts if part is not None))

    def show_theme(self) -> None:
        self.arranger.show_theme()
        self.status.fit()
        self.top_bar.fit()
