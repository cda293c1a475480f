"""Progressive disclosure: optional switches of the plots are announced and added once they are useful, and stay."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.views.function_plot.header import SWITCHES
from tinynet_gui.ui.window.context import Context, Controller, Feature

if TYPE_CHECKING:
    from tinynet_gui.core.lessons.playing.course import LessonProgress
    from tinynet_gui.engine.lesson_player import LessonPlayer


@frozen_dataclass
class NewPart:
    """A part that is hidden at first: of the function plot (`show_introduced`), or *log* of the loss plot.

    `said` is the message if it is added alone, `label` its name in a message about several. `control` is the object
    name of its switch: a lesson's task that points at it adds it.
    """

    name: str
    said: str
    control: str = ""
    label: str = ""


NEW_PARTS = (
    NewPart(
        "kinks", _("New in the function plot: ▲ and ▼ mark kinks, where a neuron switches on or off"), label=_("kinks")
    ),
    NewPart(
        "errors",
        _("New below the function plot: the RMS error, how far the curve is from the truth"),
        label=_("RMS error"),
    ),
    NewPart(
        "parts",
        _("New above the function plot: “{switch}” draws each neuron’s share of the curve"),
        "curveParts",
        _("parts"),
    ),
    NewPart("probe", _("New above the function plot: “{switch}” looks into the network at one x"), "probe", _("probe")),
    NewPart(
        "seeds",
        _("New below the function plot: “{switch}” trains other first weights beside yours"),
        "seedBand",
        _("seeds"),
    ),
    NewPart(
        "edit",
        _("New above the function plot: “{switch}” lets you drag, add and delete samples"),
        "editData",
        _("edit"),
    ),
    NewPart("log", _("New above the loss: “{switch}” draws equal factors of it equally far apart"), "lossLog", "log"),
)
MANY, FEW_WORDS = _("New in the plots: {names}"), _("New: {names}")  # or how many they are


class IntroductionsController(Controller):
    """Adds all parts once a training has stopped; a single one when it is used, or a lesson mentions it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._store, self._status = context.store, context.frame.status
        self._plot, self._loss = context.views.function_plot, context.views.loss_plot
        introduced = self._store.introduced
        self._introduced = {part.name for part in NEW_PARTS if introduced is None or part.name in introduced}
        if len(self._introduced) < len(NEW_PARTS):
            self._show()
            self._session.changed.connect(self._follow)
            for name in SWITCHES:
                getattr(self._plot.switches, name).toggled.connect(partial(self._on_toggled, name))
            self._loss.log_changed.connect(lambda _: self._on_toggled("log", True))
            context.lesson_followers.append(self._follow_lessons)

    def _follow_lessons(self, player: "LessonPlayer") -> None:
        player.changed.connect(lambda: self._on_page_changed(player.progress))

    def _on_page_changed(self, progress: "LessonProgress | None") -> None:
        if progress is not None:
            steps = progress.lesson.steps[: progress.reached + 1]
            named = {name for step in steps for name in (*step.brings, *(act.point_at for act in step.acts))}
            self._introduce(part for part in NEW_PARTS if not named.isdisjoint((part.name, part.control)))

    def _follow(self, _: AppState, new: AppState) -> None:
        if new.is_moving:
            self._status.add()
        elif new.snapshot is not None and new.snapshot.step > 0:
            self._introduce(NEW_PARTS)

    def _on_toggled(self, name: str, is_on: bool) -> None:
        self._introduce(part for part in NEW_PARTS if is_on and part.name == name)

    def _introduce(self, parts: Iterable[NewPart]) -> None:
        new = [part for part in parts if part.name not in self._introduced]
        if not new:
            return
        self._introduced.update(part.name for part in new)
        self._show()
        hidden = self._session.state.session.view.hidden
        seen = [part for part in new if f"switch.{part.name}" not in hidden]
        if seen:
            names = ", ".join(part.label for part in seen)
            said = MANY.format(names=names) if len(seen) > 1 else seen[0].said.format(switch=names)
            shorter = (
                words.format(names=of) for of, words in ((names, FEW_WORDS), (len(seen), MANY), (len(seen), FEW_WORDS))
            )
            self._status.add(said, *shorter)

    def _show(self) -> None:
        self._plot.show_introduced(self._introduced)
        self._loss.show_introduced("log" in self._introduced)
        self._store.introduced = self._introduced


FEATURE = Feature("introductions", IntroductionsController)
