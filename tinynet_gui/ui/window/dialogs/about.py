"""The About dialog."""

from PySide6.QtWidgets import QMessageBox, QWidget

from tinynet_gui import __version__


def show_about(parent: QWidget) -> None:
    """Show the About dialog."""
    QMessageBox.about(
        parent,
        "About tinynet",
        f"<b>tinynet {__version__}</b><p>A laboratory for the smallest useful neural network: "
        "Linear(1, n), ReLU, Linear(n, 1), learning a function of one variable.</p>"
        "<p>Space starts and pauses, S takes one step, R resets, N takes another seed, + and − change the "
        "speed. Tab reaches the diagram; arrow keys walk through its neurons. M takes the next step apart: "
        "Left and Right go through its four moves, Home and End to the first and the last.</p>",
    )
