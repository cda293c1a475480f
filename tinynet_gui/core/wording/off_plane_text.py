"""What is said of a run that leaves the plane of a picture."""

from collections.abc import Sequence

from tinynet_gui.core.maps.off_plane import OffPlane
from tinynet_gui.core.text.numbers import count_text, loss_text, plain

IN_PLANE = 1e-9  # no more than the noise of rounding


def off_plane_texts(off: OffPlane) -> Sequence[str]:
    """Say how far a run is from a plane, at the moment where it matters most; shorter texts follow."""
    if off.distance < IN_PLANE:
        return ("The run has not left this plane.",)
    apart = f"{plain(off.distance, 2)} away from this plane"
    losses = f"its loss is {loss_text(off.loss)}, the plane's nearest {loss_text(off.plane_loss)}"
    return (
        f"The run's path is not in the picture: at step {count_text(off.step)} it is {apart}; {losses}.",
        f"At step {count_text(off.step)} the run is {apart}; {losses}.",
        f"At step {count_text(off.step)} the run is {apart}.",
    )
