"""Makes a film of a run: moments in the background, frames painted a few at a time, encoded as they come."""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from queue import Queue

from PySide6.QtCore import QObject, QTimer

from tinynet_gui.core.export.film import FORMATS, FilmChoice, FilmFrame
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.engine.jobs.film import AHEAD, encode, estimate, make_moments
from tinynet_gui.engine.session.past import usable_engines
from tinynet_gui.ui.features.film.dialog import FilmDialog
from tinynet_gui.ui.features.film.stage import FilmStage
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.widgets.dialogs.file_dialogs import ask_to_save, write_file
from tinynet_gui.ui.widgets.dialogs.messages import warn
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.context import Context

MOMENTS, ENCODING, ESTIMATE = "film moments", "film encoding", "film estimate"
TITLE = "Export film"
REST_MS = 2  # between two frames: the window stays responsive
SAMPLES = 3  # pairs of frames for the estimate of the size


class FilmController(QObject):
    """Asks for the options of a film, estimates its size, and makes it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.program)
        self._session, self._jobs, self._themes = context.session, context.jobs, context.themes
        self._window = context.window
        self._choice = FilmChoice()
        self._dialog: FilmDialog | None = None
        self._stage: FilmStage | None = None
        self._moments: tuple[Snapshot, ...] = ()
        self._painted, self._file = 0, ""
        self._frames: Queue[FilmFrame] | None = None
        self._brush = QTimer(self, interval=REST_MS)
        self._brush.setObjectName("filmBrush")
        self._brush.timeout.connect(self._paint_next)
        context.actions.connect(actionExportFilm=self.ask)
        self._tell = context.frame.status.tell

    def ask(self) -> None:
        """Ask for the film's options."""
        run = self._session.state.run_so_far
        if run.step == 0:
            warn(self._window, TITLE, "There is nothing to show yet: the run has taken no step.")
            return
        self._dialog = FilmDialog(self._choice, self._window)
        self._dialog.changed.connect(self._look)
        self._dialog.wanted.connect(self._begin)
        self._dialog.finished.connect(self._end)
        self._dialog.open()
        self._look(self._choice)

    def _look(self, choice: FilmChoice) -> None:
        """Estimate the size of the film."""
        self._submit_moments(choice, self._estimate)

    def _submit_moments(self, choice: FilmChoice, then: Callable[[list[Snapshot] | None], None]) -> None:
        self._choice = choice
        state = self._session.state
        run, usable = state.run_so_far, usable_engines(state.status)
        self._jobs.submit(MOMENTS, make_moments, run, choice.frame_count, usable, on_result=then, on_error=self._fail)

    def _make_stage(self) -> FilmStage:
        theme, selection = self._themes.theme, Selection()
        diagram = NetworkDiagram(selection, theme) if self._choice.has_diagram else None
        plot = FunctionPlot(selection, theme)
        return FilmStage(self._choice.width, plot, diagram)

    def _estimate(self, found: list[Snapshot] | None) -> None:
        if found is None or self._dialog is None:
            return
        with closing(self._make_stage()) as stage:
            places = [round(share * (len(found) - 2) / (SAMPLES - 1)) for share in range(SAMPLES)]
            pairs = [(stage.frame(found[place]), stage.frame(found[place + 1])) for place in places]
        count, show = len(found), partial(self._dialog.show_size, len(found))
        self._jobs.submit(ESTIMATE, estimate, pairs, self._choice.kind, count, on_result=show, on_error=self._fail)

    def _begin(self, choice: FilmChoice) -> None:
        kinds = [f"{FORMATS[kind]} (*.{kind})" for kind in sorted(FORMATS, key=choice.kind.__ne__)]
        name, _ = ask_to_save(self._window, TITLE, f"film.{choice.kind}", ";;".join(kinds))
        if name and self._dialog is not None:
            choice, self._file = choice.saved_as(name)
            self._jobs.cancel(ESTIMATE)
            self._dialog.set_busy(True)
            self._submit_moments(choice, self._paint)

    def _paint(self, found: list[Snapshot] | None) -> None:
        if found is None or self._dialog is None:
            return
        self._moments, self._painted = tuple(found), 0
        self._stage = self._make_stage()
        frame_ms = round(1_000 * self._choice.seconds / len(found))
        self._frames = Queue(AHEAD)
        self._jobs.submit(
            ENCODING,
            encode,
            self._frames,
            self._choice.kind,
            frame_ms,
            len(found),
            on_result=self._save,
            on_progress=self._dialog.show_progress,
            on_error=self._fail,
        )
        self._brush.start()

    def _paint_next(self) -> None:
        if self._frames is None or self._stage is None or self._painted == len(self._moments):
            self._brush.stop()
            return
        if not self._frames.full():
            self._frames.put_nowait(self._stage.frame(self._moments[self._painted]))
            self._painted += 1

    def _save(self, content: bytes | None) -> None:
        if content is not None and self._dialog is not None:
            self._tell(write_file(self._window, TITLE, self._file, content, "the film"))
            self._dialog.done(FilmDialog.DialogCode.Accepted)  # `accept` would make the film once more

    def _fail(self, _traceback_text: str) -> None:
        if self._dialog is not None:
            self._dialog.reject()

    def _end(self) -> None:
        """Release everything: the film is made, or no longer wanted."""
        self._brush.stop()
        for key in (MOMENTS, ENCODING, ESTIMATE):
            self._jobs.cancel(key)
        if self._stage is not None:
            self._stage.close()
        self._stage = self._dialog = self._frames = None
        self._moments = ()
