"""Exports a run as a film."""

from tinynet_gui.ui.window.actions import Action
from tinynet_gui.ui.window.context import Feature, LazyImport

FEATURE = Feature(
    "film",
    LazyImport("tinynet_gui.ui.features.film.controller", "FilmController"),
    Action(
        "actionExportFilm",
        "Export &film …",
        "Show the whole run as a film: GIF, WebP or APNG.",
        "networks and pictures",
    ),
)
