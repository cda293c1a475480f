"""The main window: builds the views and features, and connects them with the program."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

from PySide6.QtCore import QEvent, QKeyCombination, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QMainWindow, QPushButton, QToolButton, QWidget

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.run.session import Session
from tinynet_gui.engine.autosave_folders import Restored, begin, restore
from tinynet_gui.engine.program import Program
from tinynet_gui.ui.style.theme import ThemeSource, make_icon, show_theme_in, theme, zoom
from tinynet_gui.ui.widgets import cards, dialogs, guard, skin, touch
from tinynet_gui.ui.widgets.accessibility import ENTER, focus_next, focus_next_region, move_ring
from tinynet_gui.ui.window.actions import MENUS, SWITCHES, WINDOW_ACTIONS, Action, Actions, Menu, check
from tinynet_gui.ui.window.context import Context, Feature, LazyImport, View
from tinynet_gui.ui.window.features import FEATURES, Features
from tinynet_gui.ui.window.frame.frame import WindowFrame
from tinynet_gui.ui.window.gestures import Fingers, Gestures
from tinynet_gui.ui.window.incoming import Application
from tinynet_gui.ui.window.preferences import SCHEMES, Preferences, SettingsStore, restore_open_tabs, save_open_tabs
from tinynet_gui.ui.window.views import VIEWS


class WindowBuilder:
    """Builds a window's parts in order; lazy ones when they are first used, and else while the program is idle."""

    def __init__(self, context: Context, views: Sequence[View], features: Sequence[Feature]) -> None:
        self._context, self._views, self.features = context, views, Features()
        self._all_features = features
        self._lazy_views = [record for record in views if record.is_lazy]
        self._lazy_features = [feature for feature in features if feature.is_lazy]
        for record in self._lazy_views:
            context.views.lazy[record.name] = partial(self._build_view, record)
            context.controllers.lazy[record.name] = partial(context.views.build, record.name)
        for feature in self._lazy_features:
            self.features.lazy[feature.name] = partial(self._build_feature, feature)

    def build_views(self) -> None:
        context = self._context
        for record in self._views:
            if not record.is_lazy:
                context.views[record.name] = record.make(context)
        placed = [(record, context.views.get(record.name)) for record in self._views]
        context.frame = WindowFrame(context.window, context.themes, context.actions, placed)
        context.frame.layout.wanted.connect(context.views.build)
        fingers = Fingers(context.window, context.themes.set_touch)
        context.gestures = Gestures(context.window, keeps=fingers.take)

    def connect(self) -> None:
        """Build the features, connect the views, and queue the lazy ones."""
        context = self._context
        for feature in self._all_features:
            if feature.is_lazy:
                self._await_use(feature)
            else:
                self._build_feature(feature)
        for record in self._views:
            if not record.is_lazy:
                context.controllers[record.name] = record.connect(context.views[record.name], context)
        lazy: list[View | Feature] = [*self._lazy_views, *self._lazy_features]
        context.idle.add(each.make.load for each in lazy if isinstance(each.make, LazyImport))
        context.idle.add([self._build_rest_of_panel])
        for parts in (context.views, self.features):
            context.idle.add(partial(parts.build, name) for name in parts.lazy)
        context.session.drawn.connect(context.idle.begin)

    def build_required(self) -> None:
        """Build the lazy views that the session's state requires."""
        state, views = self._context.session.state, self._context.views
        for record in self._lazy_views:
            if record.name not in views and record.required_when is not None and record.required_when(state):
                views.build(record.name)

    def _await_use(self, feature: Feature) -> None:
        """Build a lazy feature when one of its actions is triggered, or a menu with one of them is opened."""
        context = self._context
        if feature.connect is not None:
            feature.connect(context, partial(self.features.__getitem__, feature.name))
        for entry in feature.entries:
            if isinstance(entry, Action):
                action = context.actions[entry.name]
                action.triggered.connect(partial(self._on_first_use, feature.name, action.trigger))
        sections = {entry.section for entry in feature.entries}
        menus = (entry for each in self._all_features for entry in each.entries if isinstance(entry, Menu))
        for each in (*MENUS, *menus):
            if not sections.isdisjoint(each.sections):
                opened = context.frame.menus[each.name].aboutToShow
                opened.connect(partial(self._on_first_use, feature.name, opened.emit))

    def _on_first_use(self, name: str, repeat: Callable[[], object], *_: object) -> None:
        """Build a feature, and repeat the signal for it, unless it has just disabled the action."""
        if name not in self.features:
            self.features.build(name)
            repeat()

    def _build_rest_of_panel(self) -> None:
        with self._context.gestures.suspended():
            self._context.views.panel.build_rest()

    def _build_view(self, record: View) -> None:
        context, name = self._context, record.name
        with context.gestures.suspended():
            context.views[name] = view = record.make(context)
            context.frame.layout.pages.setdefault(name, view)  # unless it has a placeholder
            context.controllers[name] = record.connect(view, context)
            context.frame.layout.fill(name, view)
            for then in context.followers:
                then(record, view)

    def _build_feature(self, feature: Feature) -> None:
        self.features[feature.name] = feature.make(self._context)


_COLOR_SCHEMES = dict(zip(SCHEMES, (Qt.ColorScheme.Unknown, Qt.ColorScheme.Light, Qt.ColorScheme.Dark), strict=True))
SHIFT_F10 = QKeyCombination(Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_F10)
PAINT_EVENTS = (QEvent.Type.UpdateRequest, QEvent.Type.Resize, QEvent.Type.LayoutRequest)


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
    """

    announced = Signal(str, bool, str)

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
        self.setProperty(dialogs.FOLDER, self._store.folder)
        self.themes = ThemeSource(self)
        is_new = (config, points, session, file) != (None, None, None, "")
        kept = Restored(None) if not remember else begin() if is_new else restore()
        later = file if session is None else ""  # read once the window exists
        session, config = session or kept.session, config or saved_config
        if points is not None and not later:
            config = config.replace("data.points", points)
        self.program = Program(config, self, session)
        if remember:
            self.program.keep_in(kept.slot)
        self.session = self.program.session
        entries = (entry for feature in FEATURES for entry in feature.entries)
        self.actions_ = Actions(self, [*entries, *(view.action for view in VIEWS if view.action), *WINDOW_ACTIONS])
        self._zoom_follower = touch.ZoomFollower(self)
        self._skin = skin.Skin(self)
        self.context = Context(self, self.program, self.themes, self._store, self.actions_, VIEWS)
        self._builder = WindowBuilder(self.context, VIEWS, FEATURES)
        self._builder.build_views()
        self.views, self.features, self.frame = self.context.views, self._builder.features, self.context.frame
        self.idle = self.context.idle
        self.frame.layout.fit(self)
        self.setAcceptDrops(True)
        self._connect()
        self.context.followers.append(lambda _, view: self.context.fit_lazy_part(view))
        if file and not later:
            self.features.sessions.show_file(file)
        if session is None:
            self.session.set_pace(preferences.pace)
            self.session.set_engine(preferences.engine)
            self.session.set_view(**preferences.view_flags)
        self._show_first_state(preferences)
        self.context.gestures.watch()
        self.setFocus()  # so that Tab begins with Start
        QTimer.singleShot(0, partial(self._open, kept, points if later or session is not None else None, later))

    def _connect(self) -> None:
        self.themes.theme_changed.connect(self._on_theme_changed)
        self.actions_.connect(actionQuit=self.close)
        self.actions_["actionLessMotion"].toggled.connect(lambda is_less: self.themes.set_motion(not is_less))
        self.actions_[SWITCHES["letter_keys"]].toggled.connect(self.frame.names.use_keys)
        self.actions_.connect(
            actionNextRegion=lambda: focus_next_region(self.frame.regions, True),
            actionRegionBefore=lambda: focus_next_region(self.frame.regions, False),
        )
        self.actions_[SWITCHES["high_contrast"]].toggled.connect(self.themes.set_high_contrast)
        self.actions_.schemes.triggered.connect(lambda action: self.set_scheme(action.data()))
        self._builder.connect()
        for record in VIEWS:
            if record.action is not None:
                self.actions_[record.action.name].triggered.connect(partial(self.context.go_to, record.name))
        self.session.changed.connect(self._builder.build_required)
        application = cast(QApplication, QApplication.instance())
        application.focusChanged.connect(self._on_focus_changed)
        if isinstance(application, Application):
            application.file_opened.connect(self._on_file_opened)

    def _on_file_opened(self, name: str) -> None:
        self.views.panel.commit_typing()
        QTimer.singleShot(0, partial(self.context.incoming.open_files, [name]))  # once the window is open

    def _show_first_state(self, preferences: Preferences) -> None:
        made_in = theme(), zoom()
        with QSignalBlocker(self.themes):  # both at once: the style sheet is the slowest part
            self.set_scheme(preferences.scheme)
            for name, action in SWITCHES.items():
                self.actions_[action].setChecked(getattr(preferences, name))
            self.themes.set_motion(not preferences.less_motion)
            self.frame.presentation.set_percent(preferences.zoom)
        self.views.panel.show_all(preferences.all_settings)
        self.views.inspector.numbers.show_all(preferences.all_numbers)
        self._apply_theme()
        if (theme(), zoom()) != made_in:
            self._show_theme_in_parts()
        self.frame.layout.fit(self)
        self.frame.layout.restore(self, self._store)
        self.frame.arranger.load(self._store)
        self._builder.build_required()
        layout = self.frame.layout
        restore_open_tabs((layout.tabs, self.views.inspector.tabs), layout.pages, self._store)

    def _open(self, kept: Restored, points: Points | None, file: str) -> None:
        """Start the program, and read a file; then replace the session's samples, if others are given."""
        self.program.open()
        if file:
            self.features.sessions.open_file(file, points)
        elif points is not None:
            self.session.edit({"data.points": points})
        self.frame.status.notify(kept.words)
        if kept.trouble:
            self.features.sessions.show_trouble(kept.trouble)

    def _on_theme_changed(self) -> None:
        if self.isVisible():
            self.program.jobs.yield_to_window()  # thousands of calls that need the GIL
        self._apply_theme()
        self._show_theme_in_parts()

    def _apply_theme(self) -> None:
        context = self.context
        with context.gestures.suspended():
            self._skin.follow()
            self._zoom_follower.follow(*context.frame.layout.without_tab)
        self.actions_.show_theme()
        context.frame.show_theme()

    def _show_theme_in_parts(self) -> None:
        show_theme_in(self, *self.frame.layout.without_tab)

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        """Move the focus frame; clear the hovered element if its widget was hidden and Qt moved the focus on."""
        move_ring(old, new, self.context.gestures.are_by_mouse)
        if old is not None and not old.isVisible():
            self.context.selection.hover(None)

    def set_scheme(self, scheme: str) -> None:
        """Follow the system's colours, or keep to light or dark."""
        check(self.actions_.schemes, scheme)
        self.themes.set_scheme(_COLOR_SCHEMES[scheme])

    def closeEvent(self, event: QCloseEvent) -> None:
        """Save everything, hide, and end all threads, which may take a moment with a large network."""
        self.idle.stop()
        self.views.panel.commit_typing()
        self.frame.presentation.set_on(False)
        self.context.leave_lesson()
        self._store.save_layout("geometry", self.saveGeometry())
        self.frame.arranger.save(self._store)
        layout = self.frame.layout
        save_open_tabs((layout.tabs, self.views.inspector.tabs), layout.pages, self._store)
        for view in self.frame.layout.without_tab:
            view.setParent(self)  # Qt destroys all of them with the window
        self.hide()
        self.features.preferences.save()
        self.context.regions.stop()
        self.program.shut_down()
        super().closeEvent(event)

    def focusNextPrevChild(self, is_onward: bool) -> bool:
        return focus_next(self, is_onward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle keys that no view has used: Escape ends modes, Enter clicks a button, Shift+F10 opens a menu."""
        has_focus = QApplication.focusWidget()
        if has_focus is not None and event.keyCombination() == SHIFT_F10:
            cards.open_by_key(has_focus)
        elif event.key() in ENTER and isinstance(has_focus, QPushButton | QToolButton) and not event.isAutoRepeat():
            has_focus.click()
        elif event.key() != Qt.Key.Key_Escape or not any(
            end() for end in (self.frame.presentation.end_innermost, *self.context.ends)
        ):
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.context.incoming.takes(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)  # never move the file
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        if self.context.incoming.takes(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.views.panel.commit_typing()
            self.context.incoming.take(event.mimeData())

    def event(self, event: QEvent) -> bool:
        """Paint before background work; make Space click the focused button rather than start a training."""
        is_override = event.type() == QEvent.Type.ShortcutOverride
        is_space = is_override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space
        if is_space and isinstance(QApplication.focusWidget(), QAbstractButton | QComboBox):
            event.accept()
            return True
        if event.type() in (QEvent.Type.WindowDeactivate, QEvent.Type.WindowBlocked):
            self.context.selection.hover(None)  # no leave event will follow
        if event.type() in PAINT_EVENTS and self.isVisible():
            self.program.jobs.yield_to_window()
        return super().event(event)


guard.guard_package("tinynet_gui.ui")  # lazy modules are guarded by their importer
