"""Saves the current run's settings and the user's preferences, soon after each change."""

from functools import partial
from typing import Any

from PySide6.QtGui import QAction, QActionGroup

from tinynet_gui.core.text import language
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.qt import native_name, single_shot
from tinynet_gui.ui.widgets.dialogs import FOLDER, ask, show_message
from tinynet_gui.ui.window.actions import SWITCHES, Menu
from tinynet_gui.ui.window.context import Context, Controller, Feature
from tinynet_gui.ui.window.preferences import VIEW_FLAGS, Preferences

LANGUAGES = "languageMenu"
SAVE_DELAY_MS = 1_000  # after the last change of a setting


class PreferencesController(Controller):
    """Saves the initial state of a window without a session, if remembering is on.

    `restarts`: the program should start again once the window has closed.
    """

    restarts = False

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._store, self._actions, self._presentation = context.store, context.actions, context.frame.presentation
        self._panel, self._numbers = context.views.panel, context.views.inspector.numbers
        self._delay = single_shot(self, SAVE_DELAY_MS, self.save, "saveDelay")
        switches = (self._actions[name].toggled for name in SWITCHES.values())
        chosen = self._presentation.percent_chosen, self._actions.schemes.triggered
        for changed in (*chosen, *switches, self._panel.all_toggled, self._numbers.all_toggled):
            changed.connect(self._save_soon)
        self._languages = QActionGroup(self)
        for code in language.languages():
            is_used = code == language.process_language()
            action = QAction(native_name(code), self._languages, checkable=True, checked=is_used)
            action.setObjectName(f"windowLanguage:{code}")
            action.triggered.connect(partial(self._on_language_chosen, code))
        context.frame.menus[LANGUAGES].addActions(self._languages.actions())
        self._session.watch(self, _chosen, self._save_soon)  # at once, too, to report early if nothing can be saved

    def _save_soon(self, _value: object = None) -> None:
        self._delay.start()

    def _on_language_chosen(self, code: str) -> None:
        """Use another language from the next start on: texts are made as modules are imported."""
        self._store.language = code
        self.save()
        if code == language.process_language():
            return
        text = _("{language} is used from the next start on.").format(language=native_name(code))
        nothing_lost = _("The session continues where it is, with all runs; a training pauses.")
        title, yes = _("Language"), _("Restart now")
        box = ask("restart", title, f"{text}\n\n{nothing_lost}", yes, self._window, no=_("Later"))
        box.accepted.connect(self._restart)

    def _restart(self) -> None:
        self.restarts = True
        self._window.close()

    def save(self) -> None:
        """Save now; errors are reported while the window exists."""
        self._delay.stop()
        session = self._session.state.own_session
        flags: dict[str, Any] = {name: getattr(session.view, flag) for name, flag in VIEW_FLAGS.items()}
        flags |= {name: self._actions[action].isChecked() for name, action in SWITCHES.items()}
        preferences = Preferences(
            pace=session.pace,
            engine=session.engine,
            scheme=self._actions.scheme,
            zoom=self._presentation.percent,
            all_settings=self._panel.shows_all,
            all_numbers=self._numbers.shows_all,
            **flags,
        )
        if folder := self._window.property(FOLDER):
            self._store.folder = folder
        trouble = self._store.save(session.config, preferences)
        if trouble and self._window.isVisible():
            show_message(self._window, _("Settings"), "settingsTrouble", trouble)


def _chosen(state: AppState) -> tuple[object, ...]:
    session = state.own_session
    return session.pace, session.engine, session.view, session.config


FEATURE = Feature("preferences", PreferencesController, Menu(LANGUAGES, _("L&anguage"), section="screen"))
