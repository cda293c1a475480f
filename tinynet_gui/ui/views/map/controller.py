"""Connects the map with the session: its base point, its pictures, and the runs at its points."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QThread

from tinynet_gui.core.config import ConfigError
from tinynet_gui.core.maps import axes
from tinynet_gui.core.maps.axes import Along, Direction, MapChoice, MapError
from tinynet_gui.core.maps.colors import COLORS
from tinynet_gui.core.maps.outcome_map import OutcomeMap
from tinynet_gui.core.maps.standpoint import Standpoint
from tinynet_gui.core.run.replay import PastMoment, branch_from, known_moment, state_at
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.training.engines import engine_of_experiments
from tinynet_gui.core.training.snapshot import make_snapshot
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.wording.maps import along_label, map_text, missing_text, off_plane_texts, read_map
from tinynet_gui.core.wording.runs import run_names
from tinynet_gui.engine.jobs import jobs, maps
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.views.map.controls import axis_around, go_together, is_like, two_weights, weights_near
from tinynet_gui.ui.views.map.map_images import alongs_of
from tinynet_gui.ui.views.map.map_view import MapView
from tinynet_gui.ui.widgets.dialogs import warn
from tinynet_gui.ui.window.context import SAVE_NUMBERS, Context, SaveTable

PICTURE, POINT = "map", "map's point"  # the keys of its jobs
DEBOUNCE_MS = 60  # while the time line is dragged a slice is not refined


def make(context: Context) -> MapView:
    return MapView()


class MapController(QObject):
    """Requests pictures while the map is visible, from coarse to fine, and opens the runs at their points."""

    def __init__(self, view: MapView, context: Context) -> None:
        session = context.session
        super().__init__(session)
        self._session, self._jobs, self._view, self._plot = session, context.jobs, view, context.views.function_plot
        self._size = (0, 0)
        self._wanted: maps.Wanted | None = None  # the map in progress, or drawn
        self._drawn: maps.Drawn | None = None
        self._earlier: OutcomeMap | None = None  # the same map at another size, whose points are reused
        self._is_cancelled = False
        self._rest = single_shot(self, DEBOUNCE_MS, self._refine)
        session.changed.connect(self._follow)
        view.shown.connect(self._on_shown)
        view.plot.size_changed.connect(self._on_size_changed)
        view.choice_wanted.connect(self._on_choice_wanted)
        view.controls.along_wanted.connect(self._on_along_wanted)
        view.controls.named_wanted.connect(self._on_named_wanted)
        view.cancel_wanted.connect(self._on_cancel_wanted)
        view.point_pointed.connect(self._on_point_pointed)
        view.point_chosen.connect(self._on_point_chosen)

    @property
    def is_up_to_date(self) -> bool:
        """Whether the finest picture of the wanted map is drawn."""
        drawn, wanted = self._drawn, self._wanted_now(self._choice)
        if drawn is None or wanted is None or drawn.picture.spacing > 1:
            return False
        return maps.has_pixels_of(drawn.wanted, wanted)

    # The wanted map

    @property
    def _state(self) -> AppState:
        return self._session.state

    @property
    def _choice(self) -> MapChoice:
        text = self._state.session.view.map
        return read_map(text) if text else self._named("failure")

    def _named(self, name: str) -> MapChoice:
        session = self._state.session
        weights = two_weights(session.config, session.view.pinned)
        return axes.NAMED_MAPS[name].choice(weights, next(self._other_runs(), None))

    def _other_runs(self) -> Iterator[int]:
        """Yield the ids of the ticked runs of the same shape as the current one."""
        run = self._state.run
        for other in self._state.session.kept_runs:
            is_alike = other.start.config.network.widths == run.start.config.network.widths
            if other.is_shown and other.id != run.id and is_alike and other.checkpoints:
                yield other.id

    def _show_choice(self) -> None:
        choice, snapshot = self._choice, self._state.snapshot
        has_held_out = snapshot is not None and len(snapshot.dataset.x_held_out) > 0
        names = {name for name in axes.NAMED_MAPS if self._matches(name, choice)}
        self._view.show_offers(self._offers(choice))
        colors = [name for name, color in COLORS.items() if has_held_out or not color.needs_held_out]
        self._view.controls.show_colors(colors)
        self._view.show_choice(choice, min(names, default=""))

    def _matches(self, name: str, choice: MapChoice) -> bool:
        try:
            named = self._named(name)
        except MapError:
            return False
        return is_like(named, choice)

    def _offers(self, choice: MapChoice) -> list[tuple[Along, str]]:
        """Return what can vary along an axis, and what does now, with names."""
        state, pinned = self._state, self._state.session.view.pinned
        runs = [Direction("towards", run_id) for run_id in self._other_runs()]
        settings, weights = axes.settings_to_vary(state.config), weights_near(state.config, pinned)
        alongs: list[Along] = [*settings, *weights, *map(Direction, axes.DIRECTIONS), *runs, *alongs_of(choice.axes)]
        names = run_names(state.session.kept_runs) if runs else {}
        return [(along, along_label(along, state.config, names)) for along in dict.fromkeys(alongs)]

    def _on_named_wanted(self, name: str) -> None:
        try:
            self._on_choice_wanted(self._named(name))
        except MapError as error:
            self._stop()
            self._view.show_trouble(str(error))

    def _on_choice_wanted(self, choice: MapChoice) -> None:
        self._session.set_view(map=map_text(choice))

    def _on_along_wanted(self, side: str, along: Along) -> None:
        choice = self._choice
        wanted = self._wanted_now(choice)  # None before the run's first moment
        around = partial(axis_around, config=self._state.config, state=None if wanted is None else wanted.here.state)
        sides = {"x": choice.x, "y": choice.y, side: around(along)}
        other = "y" if side == "x" else "x"
        if not go_together(*sides.values()):
            sides[other] = around(axes.RATE)
        self._on_choice_wanted(replace(choice, x=sides["x"], y=sides["y"]))

    def _on_size_changed(self, width: int, height: int) -> None:
        self._size = width, height
        self._update()

    # Pictures

    def _on_shown(self) -> None:
        self._show_choice()
        self._update()

    def _follow(self, old: AppState, new: AppState) -> None:
        if not self._view.isVisible():
            return
        is_other = new.session.view.map != old.session.view.map or new.session_number != old.session_number
        if is_other or new.config != old.config or new.session.view.pinned != old.session.view.pinned:
            self._show_choice()
        is_other |= (new.status, new.question_is_open) != (old.status, old.question_is_open)
        if new.run is not old.run or new.snapshot is not old.snapshot or is_other:
            self._update()

    def _update(self) -> None:
        if not self._view.isVisible() or min(self._size) < 1:
            return
        state, choice = self._state, self._choice
        if reason := hindrance(state, choice):
            self._stop()
        self._view.show_hindrance(reason)
        wanted = None if reason else self._wanted_now(choice)
        if wanted is None:
            return
        before = self._wanted
        if before is not None and maps.has_pixels_of(before, wanted):
            self._show_origin()
            self._rest.start(0 if COLORS[choice.color].is_trained else DEBOUNCE_MS)
            return
        is_other_slice = before is not None and before.choice == choice and before.size == wanted.size
        if state.is_moving and COLORS[choice.color].is_trained and not maps.is_of_settings(choice):
            return  # once it pauses
        if not (is_other_slice and self._jobs.is_running(PICTURE) and self._drawn is None):
            self._jobs.cancel(PICTURE)
        if before is None or not maps.is_same_picture(before, wanted):
            self._earlier = None
        elif self._drawn is not None and self._drawn.picture.is_whole:
            self._earlier = self._drawn.picture
        self._wanted, self._drawn, self._is_cancelled = wanted, None, False
        self._view.progress.begin(shows_time_left=True)
        self._view.progress.set_share(0.0)
        earlier, states = self._earlier, () if maps.is_of_settings(choice) else state.run.checkpoints
        self._submit(lambda wanted, job: maps.first_picture(wanted, earlier, states, job), wanted)

    def _wanted_now(self, choice: MapChoice) -> maps.Wanted | None:
        state = self._state
        snapshot, run = state.snapshot, state.run
        if snapshot is None or not run.checkpoints or (snapshot.run_id != run.id):
            return None
        first = state_at(run, 0)
        rule = run.rule_at(0) if choice.from_start else state.session.rule
        if maps.is_of_settings(choice):
            return maps.Wanted(Standpoint(state.config, snapshot.dataset, snapshot.state), choice, self._size)
        here = Standpoint(
            rule.config,
            rule.dataset,
            first if choice.from_start else snapshot.state,
            start=first,
            latest=run.checkpoints[-1],
            other=self._other_state(choice),
        )
        return maps.Wanted(here, choice, self._size)

    def _other_state(self, choice: MapChoice) -> TrainerState | None:
        session = self._state.session
        for along in alongs_of(choice.axes):
            match along:
                case Direction("towards", other) if session.has(other) and session.run_of(other).checkpoints:
                    return state_at(session.run_of(other), session.run_of(other).step)
        return None

    def _submit(self, function: Callable[[Any, jobs.Job], maps.Drawn | str | None], argument: object) -> None:
        self._jobs.submit(
            PICTURE,
            function,
            argument,
            on_result=self._on_drawn,
            on_progress=self._on_progress,
            on_error=self._on_failed,
            replaces="when slow",
            priority=QThread.Priority.LowPriority,
        )

    def _on_drawn(self, drawn: maps.Drawn | str | None) -> None:
        if isinstance(drawn, maps.Drawn):
            self._show(drawn)
            if drawn.picture.spacing > 1:
                self._update()
                return
            if not self._state.is_moving:
                self._view.announce_complete()
        elif drawn is not None:
            self._view.show_trouble(drawn)
        self._view.progress.end()

    def _refine(self) -> None:
        """Request a finer picture, unless one is in progress, or the moment is changing."""
        drawn = self._drawn
        if drawn is None or drawn.wanted is not self._wanted or drawn.picture.spacing == 1 or self._is_cancelled:
            return
        is_moving = self._state.is_moving and not maps.is_of_settings(drawn.wanted.choice)
        if not is_moving and not self._jobs.is_running(PICTURE):
            self._submit(maps.finer, drawn)

    def _on_progress(self, share: float, drawn: maps.Drawn | None) -> None:
        self._view.progress.set_share(share)
        if drawn is not None:
            self._show(drawn)

    def _on_failed(self, _reason: str) -> None:
        self._on_drawn(_("It ended with an error, shown in its own window."))

    def _show(self, drawn: maps.Drawn) -> None:
        self._drawn = drawn
        self._earlier = None if drawn.picture.spacing == 1 else self._earlier
        self._view.plot.box.limit_widths(*map(drawn.picture.plane.least_width, (0, 1), drawn.wanted.size))
        self._view.show_picture(drawn.picture)
        self._view.show_facts(*("",) if drawn.off_plane is None else off_plane_texts(drawn.off_plane))
        self._show_origin()

    def _show_origin(self) -> None:
        """Mark the current settings or moment; on an outdated map, those of its picture."""
        if self._drawn is not None:
            before, now = self._drawn.wanted, self._wanted_now(self._drawn.wanted.choice)
            here = now if now is not None and maps.is_same_picture(before, now) else before
            self._view.plot.show_origin(*self._drawn.picture.plane.origin_of(here.here))

    def _on_cancel_wanted(self) -> None:
        self._is_cancelled = True
        self._jobs.cancel(PICTURE)
        self._view.progress.end()

    def _stop(self) -> None:
        self._jobs.cancel(PICTURE)
        self._wanted = self._drawn = None
        self._view.progress.end()
        self._view.show_picture(None)

    # Points

    def _on_point_pointed(self, point: tuple[float, float] | None) -> None:
        if point is None or self._drawn is None:
            self._jobs.cancel(POINT)
            self._plot.layers.pointed.show_network(None)
            return
        picture = self._drawn.picture
        show, there = self._plot.layers.pointed.show_network, (picture.plane, picture.color, *point)
        self._jobs.submit(POINT, maps.network_at, *there, on_result=show, replaces="when slow")

    def _on_point_chosen(self, x: float, y: float) -> None:
        """Open the run at a point, using the engine that computed its pixel."""
        if self._drawn is None:
            return
        picture, run, choice = self._drawn.picture, self._state.run, self._drawn.wanted.choice
        trains = COLORS[picture.color].is_trained
        try:
            config, dataset, state = picture.plane.start_at(x, y)
        except ConfigError:
            return  # the pixel is empty
        engine = engine_of_experiments(config, len(dataset.x_train))
        if picture.plane.is_of_settings:
            self._session.open_run(config, engine, trains=trains)
        elif (now := self._wanted_now(choice)) is None or (moment := self._moment(choice)) is None:
            return
        elif not trains or maps.is_same_picture(self._drawn.wanted, now):  # a map of trainings is of one moment
            branch = branch_from(run, moment, run.id, config, state.parameters, engine)
            self._session.open_branch(branch, trains=trains)

    def _moment(self, choice: MapChoice) -> PastMoment | None:
        state = self._state
        if choice.from_start:
            rule, first = state.run.rule_at(0), state_at(state.run, 0)
            return known_moment(state.run, 0, make_snapshot(state.run.id, rule.config, rule.dataset, first))
        if state.looks_back or state.snapshot is None:
            return state.past
        return known_moment(state.run, state.run.step, state.snapshot)


def hindrance(state: AppState, choice: MapChoice) -> str:
    """Return why a map cannot be drawn now, or ""; one of trainings could answer a lesson's question."""
    for along in alongs_of(choice.axes):
        if not axes.exists_in(along, state.config):
            return missing_text(along, state.config)
    if not COLORS[choice.color].is_trained:
        return ""
    if state.question_is_open:
        return _("Maps of trainings wait for your guess.")
    if state.run.wanted.frozen and not maps.is_of_settings(choice):
        return _("Frozen weights cannot be trained here: unfreeze them first.")
    match state.status.compiled:
        case "ready":
            return ""
        case "failed":
            return _("Maps of trainings need the compiled engine. {trouble}").format(trouble=state.status.trouble)
        case _:
            return _("Maps of trainings need the compiled engine; it is being made ready.")


def save_numbers(view: MapView, _context: Context, save: SaveTable) -> None:
    """Save the numbers of the map: a line per row, with the values along both axes."""
    if view.picture is None:
        warn(view.window(), SAVE_NUMBERS, _("There are none yet: the map has not been drawn."))
    else:
        save("map.csv", view.picture.csv())
