"""What the first sight can do without comes once it has something to say, with a sentence each, and stays."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tinynet_gui.core.values import dataclass
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.function_plot.header import SWITCHES
from tinynet_gui.ui.views.loss_plot.loss_plot import LossPlot
from tinynet_gui.ui.window.context import Context, Feature

if TYPE_CHECKING:
    from tinynet_gui.core.lessons.playing.course import LessonProgress
    from tinynet_gui.engine.lesson_player import LessonPlayer


@dataclass(frozen=True)
class Arrival:
    """A part of a plot that comes later.

    Attributes
    ----------
    name
        As `FunctionPlot.show_come` has it; *log* is of the loss plot.
    said
        Told once, as it comes.
    named_by
        Words for it, and numbers of lessons about it: with a page that has one of them it comes, too.
    hidden_as
        The name by which a teacher hides it; "" if that cannot be.
    """

    name: str
    said: str
    named_by: tuple[str, ...]
    hidden_as: str = ""


def _switch(name: str, does: str, control: str) -> Arrival:
    return Arrival(name, f"New: “{name}” {does}", (f"*{name}*", f"point_at='{control.lower()}'"), f"switch.{name}")


ARRIVALS = (  # what they say fits into a narrow window
    Arrival("kinks", "New: ▲ and ▼ mark kinks, where a neuron switches on or off", ("kink", "directions")),
    Arrival("errors", "New: the RMS error, how far the curve is from the truth", ("rms", "within", "outside")),
    _switch("parts", "draws each neuron’s share of the curve", "curveParts"),
    _switch("probe", "looks into the network at one x", "probe"),
    _switch("seeds", "trains other first weights beside yours", "seedBand"),
    _switch("edit", "lets you drag, add and delete samples", "editData"),
    Arrival("log", "New: “log” draws equal factors of the loss equally far apart", ("*log*", "point_at='losslog'")),
)


class ArrivalsController(QObject):
    """Brings all of it once a training stands still, and single ones when they are used or a lesson names them."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.session)
        self._session, self._store, self._status = context.session, context.store, context.frame.status
        self._plot, self._loss = context.find(FunctionPlot), context.find(LossPlot)
        self._untold: list[Arrival] = []
        come = self._store.come
        self._come = {arrival.name for arrival in ARRIVALS if come is None or arrival.name in come}
        if len(self._come) < len(ARRIVALS):
            self._show()
            self._session.changed.connect(self._follow)
            self._status.messageChanged.connect(self._tell_next)
            for name in SWITCHES:
                getattr(self._plot.switches, name).toggled.connect(partial(self._on_toggled, name))
            self._loss.log_changed.connect(lambda _: self._on_toggled("log", True))
            context.lesson_followers.append(self._follow_lessons)

    def _follow_lessons(self, player: "LessonPlayer") -> None:
        player.changed.connect(lambda: self._on_page_changed(player.progress))

    def _on_page_changed(self, progress: "LessonProgress | None") -> None:
        """Bring what a page names."""
        if progress is not None:
            step = progress.step
            page = f"{step.text} {step.reveal} {step.question} {step.action}".lower()
            self._bring(arrival for arrival in ARRIVALS if any(word in page for word in arrival.named_by))

    def _follow(self, _: AppState, new: AppState) -> None:
        if new.snapshot is not None and new.snapshot.step > 0 and not new.is_moving:
            self._bring(ARRIVALS)

    def _on_toggled(self, name: str, is_on: bool) -> None:
        self._bring(arrival for arrival in ARRIVALS if is_on and arrival.name == name)

    def _bring(self, arrivals: Iterable[Arrival]) -> None:
        new = [arrival for arrival in arrivals if arrival.name not in self._come]
        if new:
            self._come.update(arrival.name for arrival in new)
            self._show()
            hidden = self._session.state.session.view.hidden
            self._untold += [arrival for arrival in new if arrival.hidden_as not in hidden]
        self._tell_next(self._status.currentMessage())

    def _show(self) -> None:
        self._plot.show_come(self._come)
        self._loss.show_come("log" in self._come)
        self._store.come = self._come

    def _tell_next(self, message: str) -> None:
        """Tell one after the other, while the status line has nothing else to tell."""
        if self._untold and not message and not self._session.state.is_moving:
            self._status.tell(self._untold.pop(0).said)


FEATURE = Feature("arrivals", ArrivalsController)
