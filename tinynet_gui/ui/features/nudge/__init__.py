"""Nudges a weight or bias: the loss a little below and above it, and the secant's slope beside the gradient."""

from collections.abc import Callable
from typing import Any

from tinynet_gui.ui.views.inspector.inspector import Inspector
from tinynet_gui.ui.window.context import Context, Feature, LazyImport


def _begin(context: Context, _make: Callable[[], Any]) -> None:
    context.make_at("nudge", context.find(Inspector).nudge_wanted)


FEATURE = Feature("nudge", LazyImport("tinynet_gui.ui.features.nudge.controller", "NudgeController"), first=_begin)
