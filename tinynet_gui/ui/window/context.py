"""The records of views and features, the context that they get from the window, and lazy construction."""

import dataclasses
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.engine.jobs.jobs import Jobs
from tinynet_gui.engine.jobs.linear_regions_finder import LinearRegionsFinder
from tinynet_gui.engine.program import Program
from tinynet_gui.engine.session.session_controller import SessionController
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import ThemeSource, show_theme_in
from tinynet_gui.ui.widgets import touch
from tinynet_gui.ui.widgets.accessibility import wrap_tooltips
from tinynet_gui.ui.widgets.dialogs import ask_to_open
from tinynet_gui.ui.widgets.guard import guard_package
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.actions import Action, Actions, Menu
from tinynet_gui.ui.window.frame.arrangement import Placed
from tinynet_gui.ui.window.frame.frame import WindowFrame
from tinynet_gui.ui.window.gestures import Gestures
from tinynet_gui.ui.window.incoming import Incoming
from tinynet_gui.ui.window.preferences import SettingsStore

if TYPE_CHECKING:
    from tinynet_gui.core.run.replay import Moment
    from tinynet_gui.engine.jobs.computations import RunDeaths
    from tinynet_gui.engine.lesson_player import LessonPlayer
    from tinynet_gui.engine.session.app_state import AppState
    from tinynet_gui.ui.views.data_table.data_table import DataTable
    from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
    from tinynet_gui.ui.views.experiments.experiments_view import ExperimentsView
    from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
    from tinynet_gui.ui.views.inspector.inspector import Inspector
    from tinynet_gui.ui.views.lesson.lesson_view import LessonView
    from tinynet_gui.ui.views.loss_plot.loss_plot import LossPlot
    from tinynet_gui.ui.views.map.map_view import MapView
    from tinynet_gui.ui.views.microscope.microscope_view import MicroscopeView
    from tinynet_gui.ui.views.panel.parameter_panel import ParameterPanel
    from tinynet_gui.ui.views.runs.runs_view import RunsView
    from tinynet_gui.ui.views.time_line.time_line import TimeLine


STEP_INTERVAL_MS = 20  # leaves time for a training's frames and the user's input


@frozen_dataclass
class LazyImport:
    """A function by module and name; the module is imported when it is first called."""

    module: str
    name: str

    def __call__(self, *arguments: Any) -> Any:
        return self.load()(*arguments)

    def load(self) -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(import_module(self.module), self.name)
        guard_package("tinynet_gui.ui")
        return function


class Parts(dict[str, Any]):
    """Parts of a window by name, also as attributes; those in `lazy` are built when they are first asked for.

    `get`, `in` and iteration build nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lazy: dict[str, Callable[[], object]] = {}

    def __missing__(self, name: str) -> Any:
        self.lazy[name]()
        return super().__getitem__(name)

    if not TYPE_CHECKING:  # only declared attributes are known

        def __getattr__(self, name: str) -> Any:
            if name in self or name in self.lazy:
                return self[name]
            raise AttributeError(name)

    def build(self, name: str) -> None:
        """Build a lazy part, if it does not exist yet."""
        if name not in self:
            self.lazy[name]()


class Views(Parts):
    lesson: "LessonView"
    panel: "ParameterPanel"
    diagram: "NetworkDiagram"
    function_plot: "FunctionPlot"
    inspector: "Inspector"
    data_table: "DataTable"
    runs: "RunsView"
    loss_plot: "LossPlot"
    experiments: "ExperimentsView"
    map: "MapView"
    microscope: "MicroscopeView"
    time_line: "TimeLine"


class StepDissecting(Protocol):
    """The microscope's controller."""

    @property
    def moment(self) -> "Moment | None":
        """The moment before the step shown; None unless visible."""

    def look_at(self, moment: "Moment") -> None:
        """Show the microscope, with the step after a moment."""


class ShowingDeaths(Protocol):
    """The time line's controller."""

    def show_deaths(self, deaths: "RunDeaths") -> None: ...


class Controllers(Parts):
    """The controllers of single views, by the view's name; those that others call are declared."""

    microscope: StepDissecting
    time_line: ShowingDeaths


class IdleQueue(QObject):
    """Runs short steps while idle: one per turn of the event loop, and none while a mouse button is down.

    `is_busy` says whether something else goes first.
    """

    def __init__(self, parent: QObject, is_busy: Callable[[], bool]) -> None:
        super().__init__(parent)
        self._is_busy = is_busy
        self._steps: deque[Callable[[], object]] = deque()
        self._rest = single_shot(self, STEP_INTERVAL_MS, self._take_step, "idleQueue")
        self._is_shut_down = False

    def add(self, steps: Iterable[Callable[[], object]]) -> None:
        self._steps.extend(steps)

    def begin(self) -> None:
        if self._steps and not self._is_shut_down and not self._rest.isActive():
            self._rest.start()

    def stop(self) -> None:
        self._is_shut_down = True
        self._rest.stop()

    def finish(self) -> None:
        self.stop()
        while self._steps:
            self._steps.popleft()()

    def _take_step(self) -> None:
        if QApplication.mouseButtons() == Qt.MouseButton.NoButton and not self._is_busy():
            self._steps.popleft()()
        self.begin()


SAVE_NUMBERS = _("Save numbers")
MIN_RUNS = 2  # for a view of them
SaveTable = Callable[[str, str], None]  # the proposed file name, and the text of the table


@dataclasses.dataclass
class Context:
    """One window: its program, its views and their controllers, and the parts around them.

    Construction order: the views, as listed in their table; the frame; the features; the controllers of single views.
    """

    window: QMainWindow
    program: Program
    themes: ThemeSource
    store: SettingsStore
    actions: Actions
    table: "Sequence[View]"
    selection: Selection = field(init=False)
    regions: LinearRegionsFinder = field(init=False)
    incoming: Incoming = field(init=False)
    idle: IdleQueue = field(init=False)
    views: Views = field(default_factory=Views)
    controllers: Controllers = field(default_factory=Controllers)
    frame: WindowFrame = field(init=False)
    gestures: Gestures = field(init=False)

    def __post_init__(self) -> None:
        self.selection = Selection(self.window)
        self.regions = LinearRegionsFinder(self.jobs, self.window)
        self.incoming = Incoming()
        # Not before PyTorch: no other extension module can be loaded meanwhile, and the first steps go first.
        self.idle = IdleQueue(self.window, lambda: self.session.state.status.pytorch == "absent")
        self.open_term: Callable[[str], object] | None = None  # opens the glossary
        self.followers: list[Callable[[View, QWidget], object]] = []  # called with each lazy view
        self.lesson_followers: list[Callable[[LessonPlayer], object]] = []  # called with the lesson player
        self.ends: list[Callable[[], bool]] = []  # called by Escape until one has closed something

    @property
    def session(self) -> SessionController:
        return self.program.session

    @property
    def jobs(self) -> Jobs:
        return self.program.jobs

    @cached_property
    def lesson_player(self) -> "LessonPlayer":
        from tinynet_gui.engine.lesson_player import LessonPlayer

        player = LessonPlayer(self.session, self.jobs, self.window)
        for then in self.lesson_followers:
            then(player)
        return player

    def leave_lesson(self) -> None:
        if "lesson_player" in vars(self):
            self.lesson_player.leave()

    @property
    def is_retraining(self) -> bool:
        """Whether a lesson is retraining a page's run, up to the page's moment."""
        return "lesson_player" in vars(self) and self.lesson_player.is_retraining

    def each_view(self, then: "Callable[[View, QWidget], object]") -> None:
        """Call a function with each view's record and view; with a lazy one as soon as it is built."""
        for record in self.table:
            if record.name in self.views:
                then(record, self.views[record.name])
        self.followers.append(then)

    def fit_lazy_part(self, part: QWidget) -> None:
        """Give a lazily built part the tooltips, zoom, buttons and theme that the others got at the start."""
        wrap_tooltips(part)
        touch.zoom_new(part)
        self.frame.arranger.connect_buttons(part)
        self.frame.arranger.show_theme()
        show_theme_in(part)

    def when_built(self, name: str, then: Callable[[Any], object]) -> None:
        """Call a function with a view as soon as it is built."""
        self.each_view(lambda record, view: then(view) if record.name == name else None)

    def part(self, name: str) -> QWidget | None:
        """Return a widget of the window by its object name; if there is none, build all lazy views and look again."""
        if (found := self.window.findChild(QWidget, name)) is None:
            self.views.panel.build_rest()
            for record in self.table:
                self.views.build(record.name)
            found = self.window.findChild(QWidget, name)
        return found

    def bind(self, flag: str, action: str) -> QAction:
        """Bind a checkable action to a flag of the session's view, both ways; return the action."""
        switch = self.actions[action]
        switch.triggered.connect(lambda is_on: self.session.set_view(**{flag: is_on}))
        self.session.watch(switch, lambda state: getattr(state.session.view, flag), switch.setChecked)
        return switch

    def open_by(self, action: str, title: str, kinds: str, open_it: Callable[[str], None]) -> None:
        """Connect an action to a file dialog whose file is then opened."""

        def ask() -> None:
            if name := ask_to_open(self.window, title, kinds):
                open_it(name)

        self.actions[action].triggered.connect(ask)

    def go_to(self, name: str) -> None:
        if self.frame.arranger.presented:
            self.frame.arranger.present(name)
        self.frame.layout.show(self.views[name])
        self.views[name].setFocus()

    def show_term(self, name: str) -> None:
        if self.open_term is not None:
            self.open_term(name)


class Controller(QObject):
    """Connects views with the session, and what the user does with commands; it lives as long as the session."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.session)
        self._context, self._session, self._jobs = context, context.session, context.jobs
        self._window, self._views, self._frame = context.window, context.views, context.frame
        self._notify = context.frame.status.notify


def _nothing(_view: Any, _context: Context) -> None:
    """Connect nothing: a feature does that, as it joins several views."""


@frozen_dataclass
class View(Placed):
    """One view, with everything the window knows about it.

    Attributes
    ----------
    place
        Where it is; *inside* another view, which also gives it its colours.
    make, connect
        Builds it, from the context and the views before it; connects it, once all exist. If `make` is `LazyImport`, an
        empty page is in its place until then.
    on_demand, required_when
        Whether its tab is missing at first: `WindowLayout.add_tab` adds it. For a lazy view, a predicate of the
        session's state that requires it.
    hidden_as, listed_as
        The name by which lessons and sessions hide it, "" if it is never hidden; and its name in *What students see*,
        if that is not the title.
    action
        The action in the Training menu that shows it.
    keys
        Keys that it handles while it has the focus, and their effect; `keys_title` if that is not the title.
    room
        The share of the height that it gets when its tab is chosen, or `WHOLE`: the space of all views.
    companion
        The views that stay beside it when it is maximized, fully usable.
    presented_as
        The key that shows it in a presentation, and its short name there.
    has_picture, save_numbers
        Whether its picture can be saved; and the function that saves its numbers: called with the view, the context,
        and a function that asks for a file, given a proposed name and the text of a table.
    """

    connect: Callable[[Any, Context], object] = _nothing
    required_when: "Callable[[AppState], bool] | None" = None
    hidden_as: str = ""
    listed_as: str = ""
    action: Action | None = None
    keys: tuple[tuple[str, str], ...] = ()
    keys_title: str = ""
    has_picture: bool = False
    save_numbers: Callable[[Any, Context, SaveTable], None] | None = None

    @property
    def is_lazy(self) -> bool:
        return isinstance(self.make, LazyImport)


class Feature:
    """Something the user can do: a module or a folder in `ui/features`, with a record of its actions and menus.

    Attributes
    ----------
    name
        The name of its module in `ui/features`.
    make
        Builds and connects it, once all views and the frame exist. If it is `LazyImport`, it is built when one of its
        actions is triggered, when a menu with one of them is opened, or while the program is idle.
    connect
        Connects a lazy feature with what else it answers, given a function that returns it.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[Context], object],
        *entries: Action | Menu,
        connect: Callable[[Context, Callable[[], Any]], object] | None = None,
    ) -> None:
        self.name, self.make, self.entries, self.connect = name, make, entries, connect

    @property
    def is_lazy(self) -> bool:
        return isinstance(self.make, LazyImport)
