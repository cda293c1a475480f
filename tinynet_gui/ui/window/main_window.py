"""The window: puts the views together and connects them with the program."""

from functools import partial
from typing import Any, cast

from PySide6.QtCore import QEvent, QKeyCombination, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QMainWindow,
    QPushButton,
    QToolButton,
    QWidget,
)

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.run.session import Session
from tinynet_gui.engine.autosave_folders import Restored, begin, restore
from tinynet_gui.engine.program import Program
from tinynet_gui.ui.style.icons import make_icon
from tinynet_gui.ui.style.theme import Theme, ThemeSource
from tinynet_gui.ui.style.zoom import zoom
from tinynet_gui.ui.widgets.dialogs.file_dialogs import FOLDER
from tinynet_gui.ui.widgets.focus_ring import move_ring
from tinynet_gui.ui.widgets.guard import guard_package
from tinynet_gui.ui.widgets.keys import ENTER
from tinynet_gui.ui.widgets.menus import open_by_key
from tinynet_gui.ui.widgets.naming import wrap_tooltips
from tinynet_gui.ui.widgets.skin import Skin
from tinynet_gui.ui.widgets.tab_order import pass_focus, pass_region
from tinynet_gui.ui.widgets.zoomed import ZoomFollower, fit_new
from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.context import Context, View
from tinynet_gui.ui.window.features import FEATURES
from tinynet_gui.ui.window.incoming import Application
from tinynet_gui.ui.window.late import Ahead
from tinynet_gui.ui.window.making import Making
from tinynet_gui.ui.window.menus import HIGH_CONTRAST, LETTER_KEYS, OF_WINDOW
from tinynet_gui.ui.window.open_tabs import restore_open_tabs, save_open_tabs
from tinynet_gui.ui.window.preferences import SCHEMES, Preferences, SettingsStore
from tinynet_gui.ui.window.views import VIEWS

_COLOR_SCHEMES = dict(zip(SCHEMES, (Qt.ColorScheme.Unknown, Qt.ColorScheme.Light, Qt.ColorScheme.Dark), strict=True))
SHIFT_F10 = QKeyCombination(Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_F10)
AT_WORK = (QEvent.Type.UpdateRequest, QEvent.Type.Resize, QEvent.Type.LayoutRequest)


class MainWindow(QMainWindow):
    """The whole working program; it only needs a QApplication.

    Parameters
    ----------
    config
        The initial settings; by default those of the last time the program was closed.
    remember
        Whether settings and layout are read at the start and written at the end.
    points
        The initial samples, whatever the other settings are.
    session, file
        A session to continue, and the file that it was read from; a file alone is read once the window is there. By
        default, if nothing else is given, the session in which the program was last closed.

    Signals
    -------
    told : str, bool, str
        Words for a screen reader, whether they are of an error, and their topic: what `tell` was called with in the
        window.
    """

    told = Signal(str, bool, str)

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
        self._store = SettingsStore(in_memory=not remember)
        saved_config, preferences = self._store.load()
        self.setProperty(FOLDER, self._store.folder)
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
        entries = (entry for feature in FEATURES for entry in feature.entries)
        self.actions_ = Actions(self, [*entries, *(view.action for view in VIEWS if view.action), *OF_WINDOW])
        self._zoom_follower = ZoomFollower(self)
        self._skin = Skin(self)
        self.context = Context(self, self.program, self.themes, self._store, self.actions_, VIEWS)
        self.making = Making(self.context, VIEWS, FEATURES)
        self.making.make_views()
        self.views, self.features, self.frame = self.context.views, self.context.features, self.context.frame
        self.frame.layout.fit(self)
        self.setAcceptDrops(True)
        self._connect()
        self.ahead = Ahead(self.making.steps_ahead(), self)
        self.session.drawn.connect(self.ahead.begin)
        self.context.followers.append(self._on_made_late)
        wrap_tooltips(self)
        if file and not later:
            self.features["sessions"].show_file(file)
        if session is None:
            self.session.set_pace(preferences.pace)
            self.session.set_engine(preferences.engine)
            self.session.set_view(
                log_loss=preferences.log_loss,
                shows_preview=preferences.end_in_sight,
                shows_sharpness=preferences.sharpness,
            )
        self._show_first_state(preferences)
        self.setFocus()  # then Tab begins with Start
        QTimer.singleShot(0, partial(self._open, kept, points if later or session is not None else None, later))

    def _connect(self) -> None:
        self.themes.theme_changed.connect(self.show_theme)
        self.actions_.connect(actionQuit=self.close)
        self.actions_["actionLessMotion"].toggled.connect(lambda is_less: self.themes.set_motion(not is_less))
        self.actions_[LETTER_KEYS].toggled.connect(self.frame.names.use_keys)
        self.actions_.connect(
            actionNextRegion=lambda: pass_region(self.frame.regions, True),
            actionRegionBefore=lambda: pass_region(self.frame.regions, False),
        )
        self.actions_[HIGH_CONTRAST].toggled.connect(self.themes.set_high_contrast)
        self.actions_.schemes.triggered.connect(lambda action: self.set_scheme(action.data()))
        self.making.connect()
        for record in VIEWS:
            if record.action is not None:
                self.actions_[record.action.name].setData(record.name)
                self.actions_[record.action.name].triggered.connect(self._on_view_wanted)
        self.session.changed.connect(self.making.make_what_comes)
        application = cast(QApplication, QApplication.instance())
        application.focusChanged.connect(self._on_focus_changed)
        if isinstance(application, Application):
            application.file_opened.connect(self._on_file_opened)

    def _on_file_opened(self, name: str) -> None:
        self.views["panel"].commit_typing()
        QTimer.singleShot(0, partial(self.context.incoming.open_files, [name]))  # once the window is open

    def _on_made_late(self, _: View, view: Any) -> None:
        """Do with a view all that was done with the others at the start."""
        wrap_tooltips(view)
        fit_new(view)
        self.frame.stage.listen_to(view)
        for part in (self.frame.stage, view):
            part.show_theme(self.themes.theme)

    def _show_first_state(self, preferences: Preferences) -> None:
        made_in = self.themes.theme, zoom()
        with QSignalBlocker(self.themes):  # both at once: the style sheet is the slowest part
            self.set_scheme(preferences.scheme)
            self.actions_[HIGH_CONTRAST].setChecked(preferences.high_contrast)
            self.actions_[LETTER_KEYS].setChecked(preferences.letter_keys)
            self.actions_["actionLessMotion"].setChecked(preferences.less_motion)
            self.themes.set_motion(not preferences.less_motion)
            self.frame.presentation.set_percent(preferences.zoom)
        self.views["panel"].show_all(preferences.all_settings)
        self.views["inspector"].numbers.show_all(preferences.all_numbers)
        self._dress(self.themes.theme)
        if (self.themes.theme, zoom()) != made_in:
            self._show_theme_in_views(self.themes.theme)
        self.frame.layout.fit(self)
        self.frame.layout.restore(self, self._store)
        self.making.make_what_comes()
        restore_open_tabs((self.frame.layout.tabs, self.views["inspector"].tabs), self._store)

    def _open(self, kept: Restored, points: Points | None, file: str) -> None:
        """Start the program, and read a file; then replace the session's samples, if others are given."""
        self.program.open()
        if file:
            self.features["sessions"].open_file(file, points)
        elif points is not None:
            self.session.edit({"data.points": points})
        self.frame.status.tell(kept.words)
        if kept.trouble:
            self.features["sessions"].tell(kept.trouble)

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours of a theme."""
        if self.isVisible():
            self.program.jobs.let_window_go_first()  # thousands of calls, each of which takes the interpreter's lock
        self._dress(theme)
        self._show_theme_in_views(theme)

    def _dress(self, theme: Theme) -> None:
        """Apply a theme and the zoom to the window itself."""
        context = self.context
        with context.gestures.asleep():
            self._skin.follow()
            self._zoom_follower.follow(*context.frame.layout.aside)
        self.actions_.show_theme(theme)
        context.frame.show_theme(theme)

    def _show_theme_in_views(self, theme: Theme) -> None:
        for record in VIEWS:
            view: Any = self.views.get(record.name)
            if record.place != "inside" and hasattr(view, "show_theme"):
                view.show_theme(theme)

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        """Frame what has it; point at nothing where Qt has moved it on, because what had it was hidden."""
        move_ring(old, new, self.context.gestures.are_by_mouse)
        if old is not None and not old.isVisible():
            self.context.selection.hover(None)

    def _on_view_wanted(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.context.go_to(action.data())

    def set_scheme(self, scheme: str) -> None:
        """Follow the system's colours, or keep to light or dark."""
        self.actions_.show_scheme(scheme)
        self.themes.set_scheme(_COLOR_SCHEMES[scheme])

    def closeEvent(self, event: QCloseEvent) -> None:
        """Save everything, hide, and end all threads, which may take a moment with a large network."""
        self.ahead.stop()
        self.views["panel"].commit_typing()
        self.frame.presentation.set_on(False)
        self.frame.stage.clear()
        self.context.leave_lesson()
        self.frame.layout.save(self, self._store)
        save_open_tabs((self.frame.layout.tabs, self.views["inspector"].tabs), self._store)
        for view in self.frame.layout.aside:
            view.setParent(self)  # Qt destroys all of them with the window
        self.hide()
        self.features["preferences"].save()
        self.context.regions.stop()
        self.program.shut_down()
        super().closeEvent(event)

    def focusNextPrevChild(self, is_onward: bool) -> bool:
        """Let Tab go through the window as it is read."""
        return pass_focus(self, is_onward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Escape, if no view has used it, end what the user has begun; Enter: a button; Shift+F10: a menu."""
        has_focus = QApplication.focusWidget()
        if has_focus is not None and event.keyCombination() == SHIFT_F10:
            open_by_key(has_focus)
        elif event.key() in ENTER and isinstance(has_focus, QPushButton | QToolButton) and not event.isAutoRepeat():
            has_focus.click()
        elif event.key() != Qt.Key.Key_Escape or not any(
            end() for end in (self.frame.presentation.end_innermost, *self.context.ends)
        ):
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Let one file, or the text of a setting, be dropped onto the window."""
        if self.context.incoming.takes(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)  # whatever is proposed: the file stays where it is
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take dropped content, by its kind."""
        if self.context.incoming.takes(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.views["panel"].commit_typing()
            self.context.incoming.take(event.mimeData())

    def event(self, event: QEvent) -> bool:
        """Paint before background work; Space presses the button that has the focus, and does not start a training."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Space
            and isinstance(QApplication.focusWidget(), QAbstractButton | QComboBox)
        ):
            event.accept()
            return True
        if event.type() in (QEvent.Type.WindowDeactivate, QEvent.Type.WindowBlocked):
            self.context.selection.hover(None)  # the mouse is elsewhere, and may not come back
        if event.type() in AT_WORK and self.isVisible():
            self.program.jobs.let_window_go_first()
        return super().event(event)


guard_package("tinynet_gui.ui")  # what is loaded later is guarded by what loads it
