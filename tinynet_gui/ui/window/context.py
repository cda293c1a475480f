"""The records of a view and of a feature, and the context that both get from the window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from PySide6.QtWidgets import QMainWindow, QWidget

from tinynet_gui.engine.jobs.jobs import Jobs
from tinynet_gui.engine.jobs.linear_regions_finder import LinearRegionsFinder
from tinynet_gui.engine.program import Program
from tinynet_gui.engine.session.session_controller import SessionController
from tinynet_gui.ui.style.theme import ThemeSource
from tinynet_gui.ui.widgets.dialogs.file_dialogs import ask_to_open
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.frame.frame import WindowFrame
from tinynet_gui.ui.window.gestures import Gestures
from tinynet_gui.ui.window.incoming import Incoming
from tinynet_gui.ui.window.menus import Action, Menu
from tinynet_gui.ui.window.preferences import SettingsStore

if TYPE_CHECKING:
    from tinynet_gui.engine.lesson_player import LessonPlayer

ViewPlace = Literal["side", "network", "beside", "inside", "plot", "tab", "below"]
SAVE_NUMBERS = "Save numbers"
SaveTable = Callable[[str, str], None]  # the proposed file name, and the text of the table
W = TypeVar("W", bound=QWidget)


@dataclass
class Context:
    """One window: its program, its views and features by name, and the parts around them.

    Views are made first, in the order of their table, then the frame around them, then the features, and at last the
    controllers of single views.
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
    views: dict[str, Any] = field(default_factory=dict)
    features: dict[str, Any] = field(default_factory=dict)
    controllers: dict[str, Any] = field(default_factory=dict)  # of the views that have one, by the view's name
    frame: WindowFrame = field(init=False)
    gestures: Gestures = field(init=False)

    def __post_init__(self) -> None:
        self.selection = Selection(self.window)
        self.regions = LinearRegionsFinder(self.jobs, self.window)
        self.incoming = Incoming()

    @property
    def session(self) -> SessionController:
        """The session, with all its commands."""
        return self.program.session

    @property
    def jobs(self) -> Jobs:
        """The background computations."""
        return self.program.jobs

    @cached_property
    def lesson_player(self) -> "LessonPlayer":
        """What plays a lesson; the window begins without it."""
        from tinynet_gui.engine.lesson_player import LessonPlayer

        return LessonPlayer(self.session, self.jobs, self.window)

    def leave_lesson(self) -> None:
        """Restore the user's own session, if a lesson is being played."""
        if "lesson_player" in vars(self):
            self.lesson_player.leave()

    def find(self, kind: type[W]) -> W:
        """Return the view of a class."""
        return next(view for view in self.views.values() if isinstance(view, kind))

    def open_by(self, action: str, title: str, kinds: str, open_it: Callable[[str], None]) -> None:
        """Let an action ask for a file, which is then opened."""

        def ask() -> None:
            if name := ask_to_open(self.window, title, kinds):
                open_it(name)

        self.actions[action].triggered.connect(ask)

    def go_to(self, name: str) -> None:
        """Bring a view into sight, and give it the focus."""
        self.frame.layout.show(self.views[name])
        self.views[name].setFocus()

    def show_term(self, name: str) -> None:
        """Show a term in the glossary, if there is one."""
        if "help" in self.features:
            self.features["help"].show_term(name)


def _nothing(_view: Any, _context: Context) -> None:
    """Connect nothing: controllers that join several views do that."""


@dataclass(frozen=True)
class View:
    """One view, with everything the window knows about it.

    Attributes
    ----------
    name
        Its key in `Context.views`.
    title
        The text of its tab, or its name in the list of keys.
    place
        Where it is; *inside* another view, which also gives it its colours.
    make, connect
        Make it, from the context and the views before it; connect it, once all exist.
    comes_later
        Whether its tab is missing at first: `WindowLayout.bring` adds it.
    hidden_as, listed_as
        The name by which lessons and sessions hide it, "" if it is never hidden; and its name in *What students see*,
        if that is not the title.
    action
        The action that brings it into sight, in the Training menu.
    keys
        Those it takes while it has the focus, and their effect; `keys_title` if that is not the title.
    has_picture, save_numbers
        Whether its picture can be saved; and the function that saves its numbers: called with the view, the context,
        and a function that asks for a file, given a proposed name and the text of a table.
    """

    name: str
    title: str
    place: ViewPlace
    make: Callable[[Context], QWidget]
    connect: Callable[[Any, Context], object] = _nothing
    comes_later: bool = False
    hidden_as: str = ""
    listed_as: str = ""
    action: Action | None = None
    keys: tuple[tuple[str, str], ...] = ()
    keys_title: str = ""
    has_picture: bool = False
    save_numbers: Callable[[Any, Context, SaveTable], None] | None = None


class Feature:
    """Something that can be done: a folder in `ui/features`, or a module of it, with a record.

    Attributes
    ----------
    name
        Its key in `Context.features`.
    make
        Makes it, once all views and the frame are there, and connects it.
    entries
        Its actions and its menus, each with its place.
    """

    def __init__(self, name: str, make: Callable[[Context], object], *entries: Action | Menu) -> None:
        self.name, self.make, self.entries = name, make, entries
