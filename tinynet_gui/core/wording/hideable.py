"""The names of what can be hidden from students, in *What students see*, in a file of settings and in a lesson."""

from collections.abc import Collection

from tinynet_gui.core.config import SETTINGS
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.shortened import written

VIEWS = tuple(  # that can be hidden
    f"view.{name}" for name in ("runs", "experiments", "map", "microscope", "numbers", "pytorch", "mathematics", "data")
)
_CONTROLS = {  # the switches of the function plot; some actions
    *(f"switch.{name}" for name in ("edit", "parts", "probe", "seeds")),
    *(f"action.{name}" for name in ("new_seed", "freeze", "teachers_notes")),
}
_NO_ROWS = {"data.x_max", "network.drawn_before", "network.rounding"}  # of their own in the panel


def hideable() -> frozenset[str]:
    """Return the names that can be hidden besides views, as in *What students see*."""
    from tinynet_gui.core.experiments.table import EXPERIMENTS

    return frozenset({*SETTINGS, *_CONTROLS, *(f"experiment.{name}" for name in EXPERIMENTS)} - _NO_ROWS)


def why_not_hideable(name: object, views: Collection[str] = VIEWS) -> str:
    """Say why a name cannot be hidden, and what can; "" if it can."""
    from difflib import get_close_matches

    known = {*hideable(), *views}
    if isinstance(name, str) and name in known:
        return ""
    close = get_close_matches(str(name)[:60], known, 1) or sorted(known)
    return _("{name} cannot be hidden; what can is {names}").format(name=written(name), names=", ".join(close))
