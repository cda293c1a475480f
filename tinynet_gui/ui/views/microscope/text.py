"""The text of each phase of a step, as rich text.

Every number comes from the dissection; only its digits on screen are limited.
"""

import numpy as np

from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.step.dissection import Dissection
from tinynet_gui.core.step.phases import BACKWARD, FORWARD, LOSS
from tinynet_gui.core.text.worked import Write
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.microscope.gradient_text import backward, backward_batch
from tinynet_gui.ui.views.microscope.page import PhaseText
from tinynet_gui.ui.views.microscope.symbols import short
from tinynet_gui.ui.views.microscope.update_text import update
from tinynet_gui.ui.views.microscope.values_text import forward, forward_batch, loss, loss_batch

WRITERS = {FORWARD: (forward_batch, forward), LOSS: (loss_batch, loss), BACKWARD: (backward_batch, backward)}


def numbers_text(
    dissection: Dissection,
    phase: int,
    parameter: ParameterRef,
    position: int | None,
    theme: Theme,
    write: Write = short,
    hint: str = "",
) -> str:
    """Write a phase's numbers as rich text, for one sample of the batch or for the whole batch."""
    page = PhaseText(dissection, parameter, theme, write, hint)
    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        if phase not in WRITERS:
            return update(page)
        of_batch, of_one = WRITERS[phase]
        return of_batch(page) if position is None else of_one(page, position)
