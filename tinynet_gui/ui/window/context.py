"""What a view is to the window, and what it and the controllers are given of the program."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from PySide6.QtWidgets import QMainWindow, QWidget

from tinynet_gui.engine.jobs.jobs import Jobs
from tinynet_gui.engine.jobs.linear_regions_finder import LinearRegionsFinder
from tinynet_gui.engine.lesson_player import LessonPlayer
from tinynet_gui.engine.program import Program
from tinynet_gui.engine.session.session_controller import SessionController
from tinynet_gui.ui.controllers.gestures import Gestures
from tinynet_gui.ui.style.theme import ThemeSource
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.frame.frame import Frame
from tinynet_gui.ui.window.menus import Action
from tinynet_gui.ui.window.preferences import SettingsStore

Place = Literal["side", "network", "beside", "inside", "plot", "tab", "below"]
SaveTable = Callable[[str, str], None]  # the name of the file to propose, and the text of the table
W = TypeVar("W", bound=QWidget)


@dataclass
class Context:
    """One window: its program, its views by name, and what stands around them.

    Views are made first, in the order of their table, then the frame around them, then whatever connects them.
    """

    window: QMainWindow
    program: Program
    themes: ThemeSource
    store: SettingsStore | None
    actions: Actions
    table: "Sequence[View]"
    selection: Selection = field(init=False)
    regions: LinearRegionsFinder = field(init=False)
    lesson_player: LessonPlayer = field(init=False)
    views: dict[str, QWidget] = field(default_factory=dict)
    controllers: dict[str, Any] = field(default_factory=dict)  # of the views that have one, by the view's name
    frame: Frame = field(init=False)
    gestures: Gestures = field(init=False)

    def __post_init__(self) -> None:
        self.selection = Selection(self.window)
        self.regions = LinearRegionsFinder(self.jobs, self.window)
        self.lesson_player = LessonPlayer(self.session, self.jobs, self.window)

    @property
    def session(self) -> SessionController:
        """The session, with all that can be done to it."""
        return self.program.session

    @property
    def jobs(self) -> Jobs:
        """What computes outside the window's thread."""
        return self.program.jobs

    def find(self, kind: type[W]) -> W:
        """Return the view of a class."""
        return next(view for view in self.views.values() if isinstance(view, kind))

    def go_to(self, name: str) -> None:
        """Bring a view into sight, and the keys to it."""
        self.frame.layout.show(self.views[name])
        self.views[name].setFocus()


def _nothing(_view: Any, _context: Context) -> None:
    """Connect nothing: controllers that join several views do."""


@dataclass(frozen=True)
class View:
    """One view, with all that the window knows of it.

    Attributes
    ----------
    name
        By which it is found in `Context.views`.
    title
        The text of its tab, or what it is called where its keys are listed.
    place
        Where it stands; *inside* another view, which gives it its colours too.
    make, connect
        Make it, of the context and the views before it; connect it, once all are there.
    comes_later
        Whether its tab is not there from the first: `WindowLayout.bring` brings it.
    hidden_as, listed_as
        By which name lessons and sessions hide it, and what it is called in *What students see*; "" if it stays.
    action
        What goes to it, in the Training menu.
    keys
        Those that it takes while it has the focus, and what they do; `keys_title` if that is not the title.
    has_picture, save_numbers
        Whether its picture can be saved; and what saves the numbers behind it: of the view, the context, and a
        function that asks for a file, given a name to propose and the text of a table.
    """

    name: str
    title: str
    place: Place
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
