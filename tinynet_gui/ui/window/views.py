"""The list of the window's views: a new one is a folder in `ui/views` and a record here.

Views that are not visible at first are `LazyImport`.
"""

from PySide6.QtWidgets import QWidget

from tinynet_gui.core.text.language import gettext as _, pgettext
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.function_plot.controller import BandController
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.inspector.inspector import Inspector
from tinynet_gui.ui.views.loss_plot.controller import SharpnessController, save_losses
from tinynet_gui.ui.views.loss_plot.loss_plot import LossPlot
from tinynet_gui.ui.views.panel.parameter_panel import ParameterPanel
from tinynet_gui.ui.views.time_line.controller import TimeLineController
from tinynet_gui.ui.views.time_line.time_line import TimeLine
from tinynet_gui.ui.window.actions import Action
from tinynet_gui.ui.window.context import MIN_RUNS, Context, LazyImport, View
from tinynet_gui.ui.window.frame.arrangement import WHOLE

FOLDER = "tinynet_gui.ui.views"
LESSON, RUNS = f"{FOLDER}.lesson.lesson_view", f"{FOLDER}.runs.controller"
EXPERIMENTS, MAP = f"{FOLDER}.experiments.controller", f"{FOLDER}.map.controller"
DATA, MICROSCOPE = f"{FOLDER}.data_table.controller", f"{FOLDER}.microscope.controller"


def _make_panel(context: Context) -> QWidget:
    panel = ParameterPanel(begins_with_few=True)
    for action in context.actions.text_input_actions:  # connected first, so called first
        action.triggered.connect(panel.commit_typing)
    return panel


# In the order in which they are made, also within shared tabs.
VIEWS: tuple[View, ...] = (
    View("lesson", _("Lesson"), "side", make=LazyImport(LESSON, "make"), on_demand=True),
    View("panel", _("Settings"), "side", make=_make_panel, presented_as=("9", _("Settings"))),
    View(
        "diagram",
        _("Network diagram"),
        "network",
        make=lambda context: NetworkDiagram(context.selection),
        keys=(
            (_("Arrows"), _("Go from neuron to neuron.")),
            ("Enter", _("Pin it, or let it go.")),
            (_("Menu, Shift+F10"), _("Show what can be done with it.")),
        ),
        presented_as=("1", _("Network")),
        has_picture=True,
    ),
    View(
        "function_plot",
        _("Function plot"),
        "plot",
        make=lambda context: FunctionPlot(context.selection),
        connect=BandController,
        keys=((_("Arrows"), _("Move the selection.")), (pgettext("key", "Delete"), _("Delete it."))),
        keys_title=_("Function plot, while data are edited"),
        companion=("diagram",),
        presented_as=("2", _("Curve")),
        has_picture=True,
    ),
    View(
        "inspector",
        _("Inspector"),
        "beside",
        make=lambda context: Inspector(context.selection),
        companion=("diagram",),
        presented_as=("8", _("Inspector")),
        has_picture=True,
    ),
    View(
        "numbers",
        _("Numbers"),
        "inside",
        make=lambda context: context.views.inspector.numbers,
        hidden_as="view.numbers",
    ),
    View(
        "torch_text",
        "PyTorch",
        "inside",
        make=LazyImport(f"{FOLDER}.inspector.torch_view", "make"),
        connect=lambda view, context: context.views.inspector.take("torch_text", view),
        hidden_as="view.pytorch",
        listed_as=_("PyTorch's print"),
    ),
    View(
        "mathematics",
        _("Mathematics"),
        "inside",
        make=LazyImport(f"{FOLDER}.inspector.mathematics_view", "make"),
        connect=lambda view, context: context.views.inspector.take("mathematics", view),
        hidden_as="view.mathematics",
    ),
    View(
        "data_table",
        _("Data"),
        "inside",
        make=LazyImport(DATA, "make"),
        connect=LazyImport(DATA, "DataTableController"),
        hidden_as="view.data",
        listed_as=_("Table of the data"),
    ),
    View(  # first of the right-aligned tabs, so that adding it moves no other
        "runs",
        _("Runs"),
        "tab",
        make=LazyImport(RUNS, "make"),
        connect=LazyImport(RUNS, "connect"),
        on_demand=True,
        required_when=lambda state: len(state.session.kept_runs) >= MIN_RUNS,
        hidden_as="view.runs",
        keys=(
            ("Enter", _("Open the run.")),
            (_("Space"), _("Show or hide it.")),
            ("F2", _("Rename it.")),
            (pgettext("key", "Delete"), _("Delete it.")),
        ),
        room=1 / 2,
        companion=("function_plot", "loss_plot"),
        presented_as=("4", _("Runs")),
        has_picture=True,
        save_numbers=LazyImport(RUNS, "save_numbers"),
    ),
    View(
        "loss_plot",
        pgettext("view", "Loss"),
        "tab",
        make=lambda context: LossPlot(),
        connect=SharpnessController,
        keys=(
            (_("Arrows"), _("Move what is in view.")),
            ("+, −", _("Zoom in, or out.")),
            (_("Home"), _("Show everything.")),
            (_("Menu, Shift+F10"), _("Show what a right-click shows.")),
        ),
        keys_title=_("All plots"),
        presented_as=("3", pgettext("view", "Loss")),
        has_picture=True,
        save_numbers=save_losses,
    ),
    View(
        "experiments",
        _("Experiments"),
        "tab",
        make=LazyImport(EXPERIMENTS, "make"),
        connect=LazyImport(EXPERIMENTS, "ExperimentsController"),
        hidden_as="view.experiments",
        room=1 / 2,
        companion=("function_plot",),
        presented_as=("5", _("Experiments")),
        has_picture=True,
        save_numbers=LazyImport(EXPERIMENTS, "save_numbers"),
    ),
    View(
        "map",
        _("Map"),
        "tab",
        make=LazyImport(MAP, "make"),
        connect=LazyImport(MAP, "MapController"),
        hidden_as="view.map",
        keys=(
            (_("Arrows"), _("Move the map.")),
            ("+, −", _("Zoom in, or out.")),
            ("Enter", _("Open the run in the ring.")),
            (_("Home"), _("Show the whole map.")),
            (_("Backspace"), _("Go back one view.")),
        ),
        room=WHOLE,
        companion=("function_plot",),
        presented_as=("6", _("Map")),
        has_picture=True,
        save_numbers=LazyImport(MAP, "save_numbers"),
    ),
    View(
        "microscope",
        _("Microscope"),
        "tab",
        make=LazyImport(MICROSCOPE, "make"),
        connect=LazyImport(MICROSCOPE, "connect"),
        hidden_as="view.microscope",
        action=Action(
            "actionMicroscope",
            _("&Microscope"),
            _("Take the next step apart: forward, loss, backward, update."),
            "further",
            "M",
        ),
        keys=(
            (_("Left, Right"), _("The phase before, or the next one.")),
            (_("Home, End"), _("The first phase, or the last one.")),
        ),
        room=1 / 2,
        companion=("diagram",),
        presented_as=("7", _("Microscope")),
        has_picture=True,
    ),
    View(
        "time_line",
        _("Time line"),
        "below",
        make=lambda context: TimeLine(),
        connect=TimeLineController,
        keys=(
            (_("Left, Right"), _("The step before, or the next one.")),
            (_("Ctrl+Left, Ctrl+Right"), _("The mark before, or the next one.")),
            (_("Home, End"), _("Step 0, or the latest step.")),
        ),
        has_picture=True,
    ),
)
