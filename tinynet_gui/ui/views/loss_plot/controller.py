"""What of the loss plot is for others: its numbers."""

from tinynet_gui.core.export.tables import loss_table
from tinynet_gui.ui.views.loss_plot.loss_plot import LossPlot
from tinynet_gui.ui.window.context import Context, SaveTable


def save_losses(_: LossPlot, context: Context, save: SaveTable) -> None:
    """Save the losses of the run that is looked at."""
    save("losses.csv", loss_table(context.session.state.run_so_far))
