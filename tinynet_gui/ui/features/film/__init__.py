"""A run as a film."""

from tinynet_gui.ui.window.context import Feature
from tinynet_gui.ui.window.late import Late
from tinynet_gui.ui.window.menus import Action

FEATURE = Feature(
    "film",
    Late("tinynet_gui.ui.features.film.controller", "FilmController"),
    Action(
        "actionExportFilm",
        "Export &film …",
        "Show the whole run as a film: GIF, WebP or APNG.",
        "networks and pictures",
    ),
)
