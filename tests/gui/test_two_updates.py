"""Where two runs part: their updates side by side."""

import numpy as np
import pytest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.run.events import first_rule
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.training.engines import EngineName, Stepper
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.wording.step_phases import PHASES
from tinynet_gui.engine.jobs.computations import dissect_both
from tinynet_gui.engine.jobs.jobs import Job
from tinynet_gui.ui.style.theme import DARK, LIGHT
from tinynet_gui.ui.views.microscope.microscope_view import HINT_ELSEWHERE
from tinynet_gui.ui.views.microscope.two_updates import TwoUpdates
from tinynet_gui.ui.widgets.selection import Selection


def _moments(engine: EngineName = "PyTorch") -> tuple[Moment, Moment]:
    one, other = (first_rule(Config().replace("training.learning_rate", rate), engine) for rate in (0.001, 0.01))
    state = Trainer(one.config).state()
    return Moment(state, one), Moment(state, other)


@pytest.mark.parametrize("engine", ["PyTorch", "Compiled"])
def test_each_update_is_that_of_its_own_run(engine: EngineName) -> None:
    moments = _moments(engine)
    for moment, found in zip(moments, dissect_both(moments, Job(lambda job: None)), strict=True):
        expected = Stepper().take(engine, moment.rule.config, (), moment.state, 1)
        assert found.after is not None
        for ours, theirs in zip(found.after.parameters, expected.parameters, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_both_go_through_the_phases_together(qtbot: QtBot, selection: Selection) -> None:
    updates = dissect_both(_moments(), Job(lambda job: None))
    dialog = TwoUpdates("They part.", ("lr 0.001", "lr 0.01"), updates, selection, LIGHT)
    qtbot.addWidget(dialog)
    dialog.show()
    selection.pin(NeuronRef(0, 3))
    one, other = dialog.views
    assert one.phases.index == other.phases.index == 3
    one.set_phase(0)
    assert one.text() == other.text()  # the same weights see the same samples
    one.set_phase(3)
    assert other.phases.index == 3
    assert one.text() != other.text()
    assert "0.001" in one.text()
    assert "0.01" in other.text()
    other.set_phase(1)
    assert one.phases.index == 1
    for name in ("microscopeDissect", "microscopeTake"):
        assert all(not button.isVisible() for button in dialog.findChildren(QToolButton, name))
    dialog.show_theme(DARK)


def test_no_text_speaks_of_a_diagram_that_the_dialog_has_not(qtbot: QtBot, selection: Selection) -> None:
    updates = dissect_both(_moments(), Job(lambda job: None))
    dialog = TwoUpdates("They part.", ("lr 0.001", "lr 0.01"), updates, selection, LIGHT)
    qtbot.addWidget(dialog)
    dialog.show()
    for view in dialog.views:
        texts = []
        for phase in range(len(PHASES)):
            view.set_phase(phase)
            texts.append(view.text())
        assert any(HINT_ELSEWHERE in text for text in texts)
        assert not any("diagram" in text for text in texts)
    selection.pin(NeuronRef(0, 3))  # as a click in the main window does
    assert all(HINT_ELSEWHERE not in view.text() for view in dialog.views)
