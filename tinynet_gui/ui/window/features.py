"""The list of the window's features: a new one is a module or a folder in `ui/features` and a line here."""

from tinynet_gui.ui.features import (
    announcements,
    answers,
    arrivals,
    errors,
    export,
    film,
    lazy_twin,
    lessons,
    news,
    nudge,
    open_network,
    pictures,
    preferences,
    preview,
    run,
    sessions,
    settings,
    training,
    two_runs,
    visible,
    why,
)
from tinynet_gui.ui.features import help as help_
from tinynet_gui.ui.features.open_data import controller as open_data
from tinynet_gui.ui.window.context import Feature

# In the order in which they receive a change, before single views, and appear in sections of menus that they share.
FEATURES: tuple[Feature, ...] = (
    errors.FEATURE,  # first, as others can fail
    training.FEATURE,
    preview.FEATURE,  # computed while the rest is built
    lazy_twin.FEATURE,
    run.FEATURE,
    why.FEATURE,
    news.FEATURE,
    visible.FEATURE,
    arrivals.FEATURE,
    two_runs.FEATURE,
    lessons.FEATURE,
    answers.FEATURE,
    settings.FEATURE,
    sessions.FEATURE,
    open_data.FEATURE,
    open_network.FEATURE,
    export.FEATURE,
    pictures.FEATURE,
    film.FEATURE,
    run.EDITING,
    nudge.FEATURE,
    help_.FEATURE,
    announcements.FEATURE,
    preferences.FEATURE,
)
