"""The window: puts the views together and connects them with the program."""

from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QGraphicsView,
    QMainWindow,
)

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.export.film import FilmChoice
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.training.pace import TUTORIAL_PACE
from tinynet_gui.engine.autosave.autosave_folders import Restored, begin, restore
from tinynet_gui.engine.jobs.linear_regions_finder import LinearRegionsFinder
from tinynet_gui.engine.lesson_player import LessonPlayer
from tinynet_gui.engine.program import Program
from tinynet_gui.ui.controllers.actions_controller import ActionsController
from tinynet_gui.ui.controllers.band_controller import BandController
from tinynet_gui.ui.controllers.data_table_controller import DataTableController
from tinynet_gui.ui.controllers.diagnosis_controller import DiagnosisController
from tinynet_gui.ui.controllers.editing_controller import EditingController
from tinynet_gui.ui.controllers.experiments_controller import SweepController
from tinynet_gui.ui.controllers.export_controller import ExportController
from tinynet_gui.ui.controllers.film_controller import FilmController
from tinynet_gui.ui.controllers.film_stage import FilmStage
from tinynet_gui.ui.controllers.gestures import Gestures
from tinynet_gui.ui.controllers.lesson_controller import LessonController
from tinynet_gui.ui.controllers.lessons_controller import LessonsController
from tinynet_gui.ui.controllers.microscope_controller import MicroscopeController
from tinynet_gui.ui.controllers.news_controller import NewsController
from tinynet_gui.ui.controllers.open_data_controller import OpenDataController
from tinynet_gui.ui.controllers.pictures_controller import PicturesController
from tinynet_gui.ui.controllers.preferences_controller import PreferencesController
from tinynet_gui.ui.controllers.preview_controller import PreviewController
from tinynet_gui.ui.controllers.run_controller import RunController
from tinynet_gui.ui.controllers.runs_controller import RunsController
from tinynet_gui.ui.controllers.session_files_controller import SessionFilesController
from tinynet_gui.ui.controllers.time_line_controller import TimeLineController
from tinynet_gui.ui.controllers.visible_controller import VisibleController
from tinynet_gui.ui.style.icons import make_icon
from tinynet_gui.ui.style.theme import Theme, ThemeSource, style_sheet
from tinynet_gui.ui.views.data_table.data_table import DataTable
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.experiments.experiments_view import ExperimentsView
from tinynet_gui.ui.views.inspector.inspector import Inspector
from tinynet_gui.ui.views.lesson.lesson_view import LessonView
from tinynet_gui.ui.views.microscope.microscope_view import MicroscopeView
from tinynet_gui.ui.views.microscope.two_updates import TwoUpdates
from tinynet_gui.ui.views.panel.parameter_panel import ParameterPanel
from tinynet_gui.ui.views.plots.function_plot import FunctionPlot
from tinynet_gui.ui.views.plots.loss_plot import LossPlot
from tinynet_gui.ui.views.runs.runs_view import RunsView
from tinynet_gui.ui.views.time_line.time_line import TimeLine
from tinynet_gui.ui.widgets.guard import guarded
from tinynet_gui.ui.widgets.naming import wrap_tooltips
from tinynet_gui.ui.widgets.pictures.picture import look_of
from tinynet_gui.ui.widgets.pointers.pulse import Pulse
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.widgets.zoomed import ZoomFollower
from tinynet_gui.ui.window.actions import LESSONS, RECENT, Actions
from tinynet_gui.ui.window.dialogs.about import show_about
from tinynet_gui.ui.window.dialogs.error_dialog import ErrorDialog
from tinynet_gui.ui.window.files.export import Export
from tinynet_gui.ui.window.files.files import (
    copy_setting,
    save_data,
    save_settings,
)
from tinynet_gui.ui.window.files.incoming import Incoming
from tinynet_gui.ui.window.files.open_data import OpenData
from tinynet_gui.ui.window.files.session_files import SessionFiles
from tinynet_gui.ui.window.frame.banner import Banner
from tinynet_gui.ui.window.frame.presentation import Presentation
from tinynet_gui.ui.window.frame.status import StatusLine
from tinynet_gui.ui.window.frame.top_bar import TopBar
from tinynet_gui.ui.window.frame.transport_bar import TransportBar
from tinynet_gui.ui.window.frame.window_layout import WindowLayout
from tinynet_gui.ui.window.help.help import Help
from tinynet_gui.ui.window.lesson_menu import LessonMenu
from tinynet_gui.ui.window.preferences import SCHEMES, Preferences, SettingsStore

ACTIONS_OF_THE_TRAINING = (
    *("actionStart", "actionStep", "actionReset", "actionNewSeed", "actionToEnd", "actionGoTo"),
    *(
        "actionUndo",
        "actionRedo",
        "actionSave",
        "actionTutorial",
        "actionNew",
        "actionSaveSession",
        "actionSaveSessionAs",
    ),
    *("actionOpenData", "actionSaveData", "actionPasteData", "actionCopySetting", "actionPasteSetting"),
)
_COLOR_SCHEMES = dict(zip(SCHEMES, (Qt.ColorScheme.Unknown, Qt.ColorScheme.Light, Qt.ColorScheme.Dark), strict=True))
AT_WORK = (QEvent.Type.UpdateRequest, QEvent.Type.Resize, QEvent.Type.LayoutRequest)


@guarded
class MainWindow(QMainWindow):
    """The whole working program; it needs a QApplication and nothing else.

    Parameters
    ----------
    config
        What to begin with; by default what was set when the program was last closed.
    remember
        Whether settings and layout are read at the start and written at the end.
    points
        Samples to begin with, whatever the rest of the settings is.
    session, file
        A session to go on with, and the file that it was read from; a file alone is read once the window is there. By
        default, if nothing else is given, the one in which the program was last closed.
    """

    def __init__(
        self,
        config: Config | None = None,
        remember: bool = True,
        points: Points | None = None,
        session: Session | None = None,
        file: str = "",
    ) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowIcon(make_icon("tinynet", "#000000"))
        self._store = SettingsStore() if remember else None
        saved_config, preferences = self._store.load() if self._store else (Config(), Preferences())
        self.themes = ThemeSource(self)
        is_new = (config, points, session, file) != (None, None, None, "")
        kept = Restored(None) if not remember else begin() if is_new else restore()
        later = file if session is None else ""  # read once the window is there
        session, config = session or kept.session, config or saved_config
        if points is not None and not later:
            config = config.replace("data.points", points)
        self.program = Program(config, self, session)
        if remember:
            self.program.keep_in(kept.slot)
        self.session = self.program.session
        self.regions = LinearRegionsFinder(self.program.jobs, self)
        self.selection = Selection(self)
        self._error_dialog: ErrorDialog | None = None

        self._zoom_follower = ZoomFollower(self)
        self._make_views(self.themes.theme)
        self._lay_out()
        wrap_tooltips(self)
        self._make_controllers()
        self._files_controller = SessionFilesController(
            self.program, self.session_files, self._store, "" if later else file
        )
        self._connect()
        if session is None:
            self.session.set_pace(preferences.pace)
            self.session.set_engine(preferences.engine)
            self.session.set_view(log_loss=preferences.log_loss, shows_preview=preferences.end_in_sight)
        self._show_first_state(preferences)
        self.diagram.setFocus()
        self._preferences = PreferencesController(
            self.session, self._store, actions=self.actions_, presentation=self.presentation, window=self
        )
        QTimer.singleShot(0, partial(self._open, kept, points if later or session is not None else None, later))

    def _make_views(self, theme: Theme) -> None:
        self.actions_ = Actions(self)
        self.panel = ParameterPanel()
        self.diagram = NetworkDiagram(self.selection, theme)
        self.function_plot = FunctionPlot(self.selection, theme)
        self.loss_plot = LossPlot(theme)
        self.experiments = ExperimentsView(theme)
        self.inspector = Inspector(self.selection, theme)
        self.data_table = DataTable(theme)
        self.inspector.add_tab(self.data_table, "Data", "Every sample in a table that can be edited", "Samples")
        self.microscope = MicroscopeView(self.selection, theme)
        self.time_line = TimeLine(theme)
        self.runs = RunsView(theme, self)  # in sight once there is a second run
        self.runs.hide()
        self.lesson = LessonView(theme)
        self.transport = TransportBar(
            self.actions_["actionStart"],
            [self.actions_[name] for name in ("actionStep", "actionReset", "actionNewSeed", "actionToEnd")],
        )
        self.status = StatusLine()
        self.banner = Banner()
        self.top_bar = TopBar(self.transport, self.banner)
        self.open_data = OpenData(self, self.themes)
        self.help = Help(self, self.themes)
        self.export = Export(self, self.actions_)
        menus = self.actions_.fill(self.menuBar())
        self.session_files = SessionFiles(self, self.actions_, menus[RECENT])
        self.lesson_menu = LessonMenu(self, self.actions_, menus[LESSONS])
        self.incoming = Incoming(self, self.open_data, self.session_files, self.lesson_menu)

    def _show_first_state(self, preferences: Preferences) -> None:
        self._actions_controller.show()
        with QSignalBlocker(self.themes):  # both at once: a style sheet is the dearest part of it
            self.set_scheme(preferences.scheme)
            self.presentation.set_percent(preferences.zoom)
        self.show_theme(self.themes.theme)
        self._layout.fit(self)
        if self._store is not None:
            self._layout.restore(self, self._store)

    def _open(self, kept: Restored, points: Points | None, file: str) -> None:
        """Let the program begin, and read a file; with other samples than its session has, if there are some."""
        self.program.open()
        if file:
            self._files_controller.open_file(file, points)
        elif points is not None:
            self.session.edit({"data.points": points})
        self.session_files.say(kept.words)
        if kept.trouble:
            self.session_files.tell(kept.trouble)

    def _lay_out(self) -> None:
        self._layout = WindowLayout(
            bar=self.top_bar,
            panel=self.panel,
            lesson=self.lesson,
            diagram=self.diagram,
            inspector=self.inspector,
            explanation=self.banner.card,
            plot=self.function_plot,
            tabs={"Loss": self.loss_plot, "Experiments": self.experiments, "Microscope": self.microscope},
            time_line=self.time_line,
        )
        self.setCentralWidget(self._layout.widget)
        self.stage = self._layout.make_stage(self)
        self.presentation = Presentation(self, self.themes, self.stage, self.actions_)
        self.setStatusBar(self.status)
        self.status.setMinimumWidth(1)  # a narrow window cuts it rather than be wider than its screen
        self._layout.fit(self)
        self.setAcceptDrops(True)
        for view in self.findChildren(QGraphicsView):  # which would let nothing through
            view.setAcceptDrops(False)

    def _make_controllers(self) -> None:
        session, jobs = self.session, self.program.jobs
        self._gestures = Gestures(self)  # now that the views are made: it looks at all that happens to any
        self._microscope = MicroscopeController(
            self.program, self.microscope, self.diagram, self.function_plot, self._layout.tabs
        )
        diagnosis = DiagnosisController(session, jobs, banner=self.banner, diagram=self.diagram)
        time_line = TimeLineController(session, jobs, self.time_line, self._layout.below)
        diagnosis.deaths_found.connect(time_line.show_deaths)
        self._runs_controller = RunsController(
            session, jobs, view=self.runs, plot=self.function_plot, loss=self.loss_plot
        )
        self._controllers = (
            RunController(
                session,
                self.selection,
                panel=self.panel,
                diagram=self.diagram,
                plot=self.function_plot,
                loss=self.loss_plot,
                inspector=self.inspector,
                status=self.status,
            ),
            EditingController(
                session,
                self.selection,
                self.regions,
                panel=self.panel,
                diagram=self.diagram,
                plot=self.function_plot,
                inspector=self.inspector,
                gestures=self._gestures,
            ),
            PreviewController(session, jobs, plot=self.function_plot, loss=self.loss_plot),
            SweepController(session, jobs, view=self.experiments, plot=self.function_plot),
            BandController(session, jobs, self.function_plot),
            DataTableController(session, jobs, table=self.data_table, samples=self.function_plot.samples),
            diagnosis,
            time_line,
            OpenDataController(session, jobs, self.open_data),
            ExportController(session, jobs, self.export),
            NewsController(session, self.status),
        )
        tabs, inside = self._layout.tabs, self.inspector.tabs
        self._visible = VisibleController(
            session,
            panel=self.panel,
            experiments=self.experiments,
            status=self.status,
            tabs={
                "view.runs": ("Runs", tabs, self.runs),
                "view.experiments": ("Experiments", tabs, self.experiments),
                "view.microscope": ("Microscope", tabs, self.microscope),
                "view.pytorch": ("PyTorch's print", inside, self.inspector.torch_text),
                "view.mathematics": ("Mathematics", inside, self.inspector.mathematics),
                "view.data": ("Table of the data", inside, self.data_table),
            },
            stage=self.stage,
            actions={"view.microscope": self.actions_["actionMicroscope"]},
            window=self,
        )
        views = (
            *(self.diagram, self.function_plot, self.loss_plot, self.runs, self.experiments),
            *(self.inspector, self.microscope, self.time_line),
        )
        self._pictures = PicturesController(self.program, views, partial(look_of, self.themes), self.actions_)
        self.lesson_player = LessonPlayer(session, jobs, self)
        self._lessons = LessonsController(
            self.lesson_player, menu=self.lesson_menu, status=self.status, store=self._store
        )
        self._pulse = Pulse(self, self.themes.theme)
        LessonController(
            session,
            self.lesson_player,
            self._lessons,
            view=self.lesson,
            experiments=self.experiments,
            guess=self.function_plot.guess,
            pulse=self._pulse,
            layout=self._layout,
            actions=self.actions_,
            window=self,
        )
        self._film = FilmController(self.program, self, self._film_stage, self.actions_)
        for controller in (self._pictures, self._film):
            controller.told.connect(self.status.tell)
        self._runs_controller.runs_listed.connect(self._on_runs_listed)
        self._on_runs_listed(len(session.state.session.kept_runs))
        self._runs_controller.updates_shown.connect(self._show_two_updates)
        for speaker in (self.banner.card, self.experiments, self.runs, self.microscope, self.lesson):
            speaker.term_wanted.connect(self.help.show_term)
        self.banner.update_wanted.connect(self._microscope.look_at)
        self.selection.pinned_changed.connect(self.banner.fold)  # its numbers are wanted

    def _film_stage(self, choice: FilmChoice) -> FilmStage:
        theme, selection = self.themes.theme, Selection()
        diagram = NetworkDiagram(selection, theme) if choice.has_diagram else None
        return FilmStage(choice.width, FunctionPlot(selection, theme), diagram, style_sheet(theme))

    def _connect(self) -> None:
        self.program.failed.connect(self.show_error)
        self.panel.tutorial_wanted.connect(self._on_tutorial_wanted)
        self.status.moment_shown.connect(self.function_plot.show_loss)
        self.themes.theme_changed.connect(self.show_theme)
        self.actions_["actionEditData"].toggled.connect(self.function_plot.switches.edit.setChecked)
        self.function_plot.switches.edit.toggled.connect(self.actions_["actionEditData"].setChecked)
        self.function_plot.samples.difference_wanted.connect(self._on_difference_wanted)
        for name in ACTIONS_OF_THE_TRAINING:  # before their own slots: what has been typed counts
            self.actions_[name].triggered.connect(self.panel.commit_typing)
        self.experiments.run_wanted.connect(self.panel.commit_typing)
        self._actions_controller = ActionsController(
            self.session,
            self.actions_,
            transport=self.transport,
            loss=self.loss_plot,
            status=self.status,
            window=self,
        )
        self.actions_.connect(
            actionTutorial=self._on_tutorial_wanted,
            actionMicroscope=self._on_microscope,
            actionOpen=self.incoming.ask_for_settings,
            actionSave=self._on_save,
            actionOpenData=self.open_data.ask_for_file,
            actionPasteData=self.incoming.paste,
            actionCopySetting=self._on_copy_setting,
            actionPasteSetting=self.incoming.paste_setting,
            actionSaveData=self._on_save_data,
            actionQuit=self.close,
            actionVisible=self._visible.choose,
            actionKeys=self.help.show_keys,
            actionGlossary=self.help.show_glossary,
            actionWhatsThis=self.help.whats_this.ask,
            actionAbout=self._on_about,
        )
        self.incoming.config_chosen.connect(self._take_settings)
        self.incoming.told.connect(self.status.tell)
        self.actions_.schemes.triggered.connect(self._on_scheme_chosen)

    @Slot(object)
    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        with self._gestures.asleep():
            self.setStyleSheet(style_sheet(theme))
            self._zoom_follower.follow()
        self.actions_.show_theme(theme)
        self.stage.show_theme(theme)
        for view in self._themed_views():
            view.show_theme(theme)

    def _themed_views(self) -> tuple[Any, ...]:
        plots = (self.function_plot, self.loss_plot, self.time_line, self.runs)
        return (
            self.diagram,
            *plots,
            self.experiments,
            self.inspector,
            self.data_table,
            self.microscope,
            self.lesson,
            self.status,
            self.top_bar,
            self._pulse,
        )

    @Slot(str)
    def show_error(self, traceback_text: str) -> None:
        """Show an unexpected error; the program goes on."""
        if self._error_dialog is not None:
            self._error_dialog.add(traceback_text)
            return
        self._error_dialog = ErrorDialog(traceback_text, self)
        self._error_dialog.finished.connect(self._on_error_closed)
        self._error_dialog.show()

    # From the user

    @Slot()
    def _on_tutorial_wanted(self) -> None:
        self.session.restore_tutorial()
        self.panel.discard_errors()
        self.session.set_pace(TUTORIAL_PACE)

    @Slot()
    def _on_microscope(self) -> None:
        self._layout.tabs.setCurrentWidget(self.microscope)
        self.microscope.setFocus()

    @Slot(int)
    def _on_runs_listed(self, count: int) -> None:
        """Offer the runs once there is something to compare; the place stays then."""
        if count > 1 and self._layout.tabs.indexOf(self.runs) < 0:
            self._layout.insert_tab(1, self.runs, "Runs")
            self._visible.show()

    @Slot(str, object, object)
    def _show_two_updates(self, text: str, names: tuple[str, str], updates: tuple[Any, Any]) -> None:
        dialog = TwoUpdates(text, names, updates, self.selection, self.themes.theme, self)
        self.themes.theme_changed.connect(dialog.show_theme)
        dialog.term_wanted.connect(self.help.show_term)
        dialog.show()

    @Slot(int)
    def _on_difference_wanted(self, _place: int) -> None:
        self._layout.tabs.setCurrentWidget(self.experiments)

    @Slot(object)
    def _on_scheme_chosen(self, action: QAction) -> None:
        self.set_scheme(action.data())

    @Slot(object)
    def _take_settings(self, config: Config) -> None:
        self.session.set_config(config)
        self.panel.discard_errors()

    @Slot()
    def _on_copy_setting(self) -> None:
        self.status.tell(copy_setting(self, self.session.state.config))

    @Slot()
    def _on_save(self) -> None:
        self.status.tell(save_settings(self, self.session.config))

    @Slot()
    def _on_save_data(self) -> None:
        state = self.session.state
        snapshot = state.snapshot
        is_of_now = snapshot is not None and snapshot.run_id == state.run.id
        self.status.tell(save_data(self, state.config, snapshot if is_of_now else None))

    @Slot()
    def _on_about(self) -> None:
        show_about(self)

    @Slot()
    def _on_error_closed(self) -> None:
        self._error_dialog = None

    def set_scheme(self, scheme: str) -> None:
        """Follow the system's colours, or keep to light or dark."""
        self.actions_.show_scheme(scheme)
        self.themes.set_scheme(_COLOR_SCHEMES[scheme])

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember everything, go from the screen, and end all threads, for which a large network needs a moment."""
        self.panel.commit_typing()
        self.presentation.set_on(False)
        self.stage.give_back()
        self.lesson_player.leave()
        if self._store is not None:
            self._layout.save(self, self._store)
        self.hide()
        self._preferences.save()
        self.regions.stop()
        self.program.shut_down()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Escape, where no view has ended anything with it, end what is shown in an unusual way."""
        if event.key() != Qt.Key.Key_Escape or not self.presentation.end_innermost():
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Let one file, or the text of a setting, be dropped onto the window."""
        if self.incoming.takes(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)  # whatever is proposed: the file stays where it is
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped, by what it is."""
        if self.incoming.takes(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.panel.commit_typing()
            self.incoming.take(event.mimeData())

    def event(self, event: QEvent) -> bool:
        """Paint before work that is done aside; Space presses the button that has the focus, and starts no training."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Space
            and isinstance(QApplication.focusWidget(), QAbstractButton | QComboBox)
        ):
            event.accept()
            return True
        if event.type() in AT_WORK and self.isVisible():
            self.program.jobs.let_window_go_first()
        return super().event(event)
