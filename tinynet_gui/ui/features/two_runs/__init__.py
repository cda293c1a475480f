"""Questions about two of the kept runs, and their updates side by side."""

from tinynet_gui.ui.window.context import Feature, LazyImport

FEATURE = Feature("two_runs", LazyImport("tinynet_gui.ui.features.two_runs.controller", "connect"), of_view="runs")
