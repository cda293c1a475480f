"""The window: puts the views together and connects them with the lab."""

from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QInputDialog,
    QMainWindow,
)

from tinynet_gui.core.analysis.preview import Preview
from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.engine.engines import EngineChoice
from tinynet_gui.engine.lab import Lab
from tinynet_gui.engine.pace import PACES, TUTORIAL_PACE
from tinynet_gui.engine.run_state import RunState
from tinynet_gui.ui.controllers.diagnosis_controller import DiagnosisController
from tinynet_gui.ui.controllers.editing_controller import EditingController
from tinynet_gui.ui.controllers.sweep_controller import SweepController
from tinynet_gui.ui.style.icons import make_icon
from tinynet_gui.ui.style.theme import Theme, ThemeSource, style_sheet
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.experiments.experiments_view import ExperimentsView
from tinynet_gui.ui.views.inspector.inspector import Inspector
from tinynet_gui.ui.views.microscope.microscope_view import MicroscopeView
from tinynet_gui.ui.views.panel.parameter_panel import ParameterPanel
from tinynet_gui.ui.views.plots.function_plot import FunctionPlot
from tinynet_gui.ui.views.plots.loss_plot import LossPlot
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.about import show_about
from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.banner import Banner
from tinynet_gui.ui.window.error_dialog import ErrorDialog
from tinynet_gui.ui.window.files import open_settings, save_picture_as, save_settings
from tinynet_gui.ui.window.preferences import SCHEMES, Preferences, SettingsStore
from tinynet_gui.ui.window.status import StatusLine
from tinynet_gui.ui.window.transport_bar import TransportBar
from tinynet_gui.ui.window.window_layout import SIZE, WindowLayout

ACTIONS_OF_THE_TRAINING = (
    *("actionStart", "actionStep", "actionReset", "actionNewSeed", "actionToEnd", "actionGoTo"),
    *("actionUndo", "actionRedo", "actionSave", "actionTutorial"),
)
LAST_STEP = 1_000_000_000
SAVE_DELAY_MS = 1_000  # after the last change of a setting
_COLOR_SCHEMES = dict(zip(SCHEMES, (Qt.ColorScheme.Unknown, Qt.ColorScheme.Light, Qt.ColorScheme.Dark), strict=True))


class MainWindow(QMainWindow):
    """The whole working program; it needs a QApplication and nothing else.

    Parameters
    ----------
    config
        What to begin with; by default what was set when the program was last closed.
    remember
        Whether settings and layout are read at the start and written at the end.
    """

    def __init__(self, config: Config | None = None, remember: bool = True) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle("tinynet")
        self.setWindowIcon(make_icon("tinynet", "#000000"))
        self._store = SettingsStore() if remember else None
        saved_config, preferences = self._store.load() if self._store else (Config(), Preferences())
        self.themes = ThemeSource(self)
        self.lab = Lab(config or saved_config, self)
        self.selection = Selection(self)
        self._error_dialog: ErrorDialog | None = None

        theme = self.themes.theme
        self.actions_ = Actions(self)
        self.panel = ParameterPanel()
        self.diagram = NetworkDiagram(self.selection, theme)
        self.function_plot = FunctionPlot(self.selection, theme)
        self.loss_plot = LossPlot(theme)
        self.experiments = ExperimentsView(theme)
        self.inspector = Inspector(self.selection, theme)
        self.microscope = MicroscopeView(self.selection, theme)
        self.transport = TransportBar(
            self.actions_["actionStart"],
            [self.actions_[name] for name in ("actionStep", "actionReset", "actionNewSeed", "actionToEnd")],
        )
        self.status = StatusLine()
        self.banner = Banner(self.diagram)
        self._save_timer = QTimer(self)
        self._save_timer.setSingleShot(True)
        self._save_timer.setInterval(SAVE_DELAY_MS)

        self._lay_out()
        self._connect()
        self._editing = EditingController(
            self.lab,
            diagram=self.diagram,
            plot=self.function_plot,
            inspector=self.inspector,
            microscope=self.microscope,
            tabs=self._layout.tabs,
        )
        self._sweeps = SweepController(self.lab, view=self.experiments, plot=self.function_plot)
        self._diagnosis = DiagnosisController(self.lab, self.selection, banner=self.banner, diagram=self.diagram)
        self.banner.update_wanted.connect(self._editing.microscope.look_at)

        self.transport.set_pace_index(preferences.pace)
        self.transport.set_engine_choice(preferences.engine)
        self.loss_plot.set_log(preferences.log_loss)
        self.actions_["actionLogLoss"].setChecked(preferences.log_loss)
        self.actions_["actionEndInSight"].setChecked(preferences.end_in_sight)
        self.lab.end_in_sight.set_wanted(preferences.end_in_sight)
        self.set_scheme(preferences.scheme)
        self._show_theme(self.themes.theme)
        self._show_config(self.lab.config)
        self._show_run_state(self.lab.run_state)
        self._show_undo()
        if self._store is not None:
            self._layout.restore(self, self._store)
        self.diagram.setFocus()
        QTimer.singleShot(0, self.lab.open)

    def _lay_out(self) -> None:
        self.actions_.fill(self.menuBar())
        self._layout = WindowLayout(
            bar=self.transport,
            panel=self.panel,
            diagram=self.diagram,
            inspector=self.inspector,
            plot=self.function_plot,
            tabs={"Loss": self.loss_plot, "Experiments": self.experiments, "Microscope": self.microscope},
        )
        self.setCentralWidget(self._layout.widget)
        self.setStatusBar(self.status)
        self.resize(*SIZE)

    def _connect(self) -> None:
        lab = self.lab
        lab.config_changed.connect(self._show_config)
        lab.snapshot_changed.connect(self._show_snapshot)
        lab.run_state_changed.connect(self._show_run_state)
        lab.run_began.connect(self._clear_run)
        lab.undo_changed.connect(self._show_undo)
        lab.end_in_sight.preview_changed.connect(self._show_preview)
        lab.failed.connect(self.show_error)
        self.panel.edited.connect(self._on_edited)
        self.panel.tutorial_wanted.connect(self._on_tutorial_wanted)
        self.transport.pace_wanted.connect(self._on_pace_wanted)
        self.transport.engine_wanted.connect(self._on_engine_wanted)
        self.status.cancelled.connect(lab.pause)
        self.status.moment_shown.connect(self.function_plot.show_loss)
        self.themes.theme_changed.connect(self._show_theme)
        self.loss_plot.log_changed.connect(self._on_log_changed)
        self._save_timer.timeout.connect(self._save_settings)
        for name in ACTIONS_OF_THE_TRAINING:  # before their own slots: what has been typed counts
            self.actions_[name].triggered.connect(self.panel.commit_typing)
        self.experiments.run_wanted.connect(self.panel.commit_typing)
        self.actions_.connect(
            actionStart=self._on_start_triggered,
            actionStep=lab.take_step,
            actionReset=lab.reset,
            actionNewSeed=lab.new_seed,
            actionTutorial=self._on_tutorial_wanted,
            actionUndo=lab.undo,
            actionRedo=lab.redo,
            actionToEnd=self._on_to_end,
            actionGoTo=self._on_go_to,
            actionMicroscope=self._on_microscope,
            actionEndInSight=self._on_end_in_sight_chosen,
            actionFaster=self._on_faster,
            actionSlower=self._on_slower,
            actionLogLoss=self.loss_plot.set_log,
            actionOpen=self._on_open,
            actionSave=self._on_save,
            actionSavePicture=self._on_save_picture,
            actionQuit=self.close,
            actionAbout=self._on_about,
        )
        self.actions_.schemes.triggered.connect(self._on_scheme_chosen)

    # From the lab to the views

    @Slot(object)
    def _show_config(self, config: Config) -> None:
        self.panel.show_config(config)
        self.function_plot.show_config(config)
        self.diagram.show_config(config)
        self._save_timer.start()

    @Slot(object)
    def _show_snapshot(self, snapshot: Snapshot) -> None:
        self.diagram.show_snapshot(snapshot)
        self.function_plot.show_snapshot(snapshot)
        self.status.show_snapshot(snapshot)
        recording = self.lab.record.recording
        self.inspector.show_snapshot(snapshot, () if recording is None else recording.checkpoints)
        self._show_history()

    @Slot(object)
    def _show_run_state(self, state: RunState) -> None:
        self.actions_.show_running(state.phase == "running", self.themes.theme)
        self.status.show_run_state(state)
        if self.lab.snapshot is not None:
            self._show_history()

    @Slot()
    def _clear_run(self) -> None:
        self.function_plot.clear_run()
        self._show_history()

    def _show_history(self) -> None:
        lab = self.lab
        # A run that has diverged goes no further: its few steps fill the plot.
        has_diverged = lab.run_state.phase == "diverged" and lab.snapshot is not None
        shown_to = max(lab.snapshot.step, 1) if has_diverged and lab.snapshot is not None else lab.run_state.stop_at
        record = lab.record
        self.loss_plot.show_history(record.losses, record.validation_losses, record.marks, lab.snapshot, shown_to)

    @Slot(object)
    def _show_preview(self, preview: Preview | None) -> None:
        self.function_plot.show_preview(preview)
        self.loss_plot.show_preview(preview)

    @Slot()
    def _show_undo(self) -> None:
        for name, word, edit in (
            ("actionUndo", "&Undo", self.lab.next_undo),
            ("actionRedo", "&Redo", self.lab.next_redo),
        ):
            self.actions_[name].setEnabled(edit is not None)
            self.actions_[name].setText(word if edit is None else f"{word} {edit.label}")

    @Slot(object)
    def _show_theme(self, theme: Theme) -> None:
        self.setStyleSheet(style_sheet(theme))
        self.actions_.show_theme(theme)
        for view in self._themed_views():
            view.show_theme(theme)

    def _themed_views(self) -> tuple[Any, ...]:
        plots = (self.function_plot, self.loss_plot)
        return (self.diagram, *plots, self.experiments, self.inspector, self.microscope)

    @Slot(str)
    def show_error(self, traceback_text: str) -> None:
        """Show an unexpected error; the program goes on."""
        if self._error_dialog is not None:
            self._error_dialog.add(traceback_text)
            return
        self._error_dialog = ErrorDialog(traceback_text, self)
        self._error_dialog.finished.connect(self._on_error_closed)
        self._error_dialog.show()

    # From the user to the lab

    @Slot(object)
    def _on_edited(self, changes: dict[str, object]) -> None:
        try:
            self.lab.edit(changes)
        except ConfigError as error:
            self.panel.show_error(error, changes)

    @Slot(bool)
    def _on_start_triggered(self, running: bool) -> None:
        if running:
            self.lab.start()
        else:
            self.lab.pause()

    @Slot()
    def _on_tutorial_wanted(self) -> None:
        self.lab.restore_tutorial()
        self.panel.discard_errors()
        self.transport.set_pace_index(TUTORIAL_PACE)

    @Slot(object)
    def _on_pace_wanted(self, pace: object) -> None:
        self.lab.set_pace(PACES[self.transport.pace_index])
        self._save_timer.start()

    @Slot(str)
    def _on_engine_wanted(self, choice: EngineChoice) -> None:
        self.lab.set_engine(choice)
        self._save_timer.start()

    @Slot(bool)
    def _on_end_in_sight_chosen(self, wanted: bool) -> None:
        self.lab.end_in_sight.set_wanted(wanted)
        self._save_timer.start()

    @Slot()
    def _on_microscope(self) -> None:
        self._layout.tabs.setCurrentWidget(self.microscope)
        self.microscope.setFocus()

    @Slot()
    def _on_to_end(self) -> None:
        self.lab.fast_forward()

    @Slot()
    def _on_go_to(self) -> None:
        now = self.lab.snapshot.step if self.lab.snapshot is not None else 0
        step, accepted = QInputDialog.getInt(
            self, "Go to step", "Train at once to step:", max(now, self.lab.run_state.stop_at), now, LAST_STEP
        )
        if accepted:
            self.lab.fast_forward(step)

    @Slot()
    def _on_faster(self) -> None:
        self.transport.set_pace_index(self.transport.pace_index + 1)

    @Slot()
    def _on_slower(self) -> None:
        self.transport.set_pace_index(self.transport.pace_index - 1)

    @Slot(bool)
    def _on_log_changed(self, log: bool) -> None:
        self.actions_["actionLogLoss"].setChecked(log)
        self._save_timer.start()

    @Slot(object)
    def _on_scheme_chosen(self, action: object) -> None:
        self.set_scheme(self._scheme())
        self._save_timer.start()

    @Slot()
    def _on_open(self) -> None:
        config = open_settings(self)
        if config is not None:
            self.lab.set_config(config)
            self.panel.discard_errors()

    @Slot()
    def _on_save(self) -> None:
        save_settings(self, self.lab.config)

    @Slot()
    def _on_save_picture(self) -> None:
        save_picture_as(self)

    @Slot()
    def _on_about(self) -> None:
        show_about(self)

    @Slot()
    def _on_error_closed(self) -> None:
        self._error_dialog = None

    # What is remembered

    def _scheme(self) -> str:
        action = self.actions_.schemes.checkedAction()
        return str(action.data()) if action is not None else "system"

    def set_scheme(self, scheme: str) -> None:
        """Follow the system's colours, or keep to light or dark."""
        for action in self.actions_.schemes.actions():
            action.setChecked(action.data() == scheme)
        self.themes.set_scheme(_COLOR_SCHEMES[scheme])

    @Slot()
    def _save_settings(self) -> None:
        if self._store is not None:
            self._store.save(
                self.lab.config,
                Preferences(
                    pace=self.transport.pace_index,
                    engine=self.transport.engine_choice,
                    log_loss=self.loss_plot.is_log,
                    end_in_sight=self.lab.end_in_sight.is_wanted,
                    scheme=self._scheme(),
                ),
            )

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember everything, go from the screen, and end all threads, for which a large network needs a moment."""
        self.panel.commit_typing()
        self._save_timer.stop()
        if self._store is not None:
            self._layout.save(self, self._store)
            self._save_settings()
        self.hide()
        self.lab.shut_down()
        super().closeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Let Space press the button that has the keyboard focus, rather than start the training."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Space
            and isinstance(QApplication.focusWidget(), QAbstractButton | QComboBox)
        ):
            event.accept()
            return True
        return super().event(event)
