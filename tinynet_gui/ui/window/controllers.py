"""The controllers that join several views, or a part of the window, with the program."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from tinynet_gui.ui.controllers.actions_controller import ActionsController
from tinynet_gui.ui.controllers.answers_controller import AnswersController
from tinynet_gui.ui.controllers.diagnosis_controller import DiagnosisController
from tinynet_gui.ui.controllers.editing_controller import EditingController
from tinynet_gui.ui.controllers.export_controller import ExportController
from tinynet_gui.ui.controllers.film_controller import FilmController
from tinynet_gui.ui.controllers.news_controller import NewsController
from tinynet_gui.ui.controllers.open_data_controller import OpenDataController
from tinynet_gui.ui.controllers.open_network_controller import OpenNetworkController
from tinynet_gui.ui.controllers.pictures_controller import PicturesController
from tinynet_gui.ui.controllers.preview_controller import PreviewController
from tinynet_gui.ui.controllers.run_controller import RunController
from tinynet_gui.ui.controllers.settings_controller import SettingsController
from tinynet_gui.ui.controllers.visible_controller import VisibleController
from tinynet_gui.ui.window.context import Context

# In the order in which they receive a change, before those of single views: the current moment is shown first.
CONTROLLERS: tuple[Callable[[Context], QObject], ...] = (
    RunController,
    DiagnosisController,
    EditingController,
    PreviewController,
    OpenDataController,
    OpenNetworkController,
    ExportController,
    NewsController,
    VisibleController,
    PicturesController,
    FilmController,
    AnswersController,
    ActionsController,
    SettingsController,
)
