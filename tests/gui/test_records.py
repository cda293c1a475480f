"""An activation, a loss and an optimiser that are added by their records alone are on screen everywhere."""

import math
import re

import pytest
import torch
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests import made_up
from tests.gui.conftest import child, heard, trained_snapshot
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import WeightRef
from tinynet_gui.core.step.dissection import dissect
from tinynet_gui.core.text.latex import whole_network
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.wording.step_phases import BACKWARD, FORWARD, LOSS, UPDATE
from tinynet_gui.ui.style.theme import LIGHT
from tinynet_gui.ui.views.inspector.inspector import Inspector
from tinynet_gui.ui.views.microscope.microscope_view import MicroscopeView
from tinynet_gui.ui.views.panel.parameter_panel import ParameterPanel
from tinynet_gui.ui.widgets.fields.fields import ChoiceBox
from tinynet_gui.ui.widgets.selection import Selection

MATHEMATICS = 2


@pytest.fixture(autouse=True)
def _made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.nn, "SmoothSizeLoss", made_up.SmoothSizeLoss, raising=False)
    made_up.add(monkeypatch.setitem)


def test_the_panel_offers_them(qtbot: QtBot) -> None:
    panel = ParameterPanel()
    qtbot.addWidget(panel)
    panel.show()
    panel.show_config(Config())
    wanted = heard(panel.edited)
    for name, label in (("activation", "Softsign"), ("lossFunction", "smooth size"), ("optimizer", "Adagrad")):
        child(panel, ChoiceBox, name).setCurrentText(label)
    assert wanted == [
        {"network.activation": "made_up"},
        {"training.loss": "made_up"},
        {"training.optimizer": "made_up"},
    ]
    panel.show_config(made_up.config())
    shown = {name: _is_shown(panel, name) for name in ("epsilon", "beta1", "momentum")}
    assert shown == {"epsilon": True, "beta1": False, "momentum": False}


def test_the_microscope_writes_them(qtbot: QtBot, selection: Selection) -> None:
    view = MicroscopeView(selection, LIGHT)
    qtbot.addWidget(view)
    view.show()
    trainer = Trainer(made_up.config())
    trainer.run(5)
    view.show_dissection(dissect(trainer.config, trainer.state()))
    expected = {
        FORWARD: ("softsign(", "Softsign makes h of it"),
        LOSS: ("√(1 + e²) − 1", "mean of √(1 + (ŷ − y)²) − 1"),
        BACKWARD: ("e / √(1 + e²) / n", "slope of Softsign"),
        UPDATE: ("s ← s + g²", "Δ = −η·g / (√s + ε)", "The rule is Adagrad"),
    }
    selection.pin(WeightRef(0, 1, 0))
    view.set_sample(2)
    for phase, texts in expected.items():
        view.set_phase(phase)
        for text in texts:
            assert text in view.text().replace("\N{NO-BREAK SPACE}", " ")
    view.set_phase(LOSS)
    found = re.search(r"√\(1 \+ ([\d.]+)²\) − 1 = <b>([\d.]+)</b>", view.text().replace("\N{NO-BREAK SPACE}", " "))
    assert found is not None
    assert f"{math.sqrt(1 + float(found[1]) ** 2) - 1:.5g}" == found[2]


def test_the_mathematics_has_the_activation(inspector: Inspector) -> None:
    snapshot = trained_snapshot(made_up.config().replace("network.hidden", (4,)), 20, 1)
    inspector.show_snapshot(snapshot)
    inspector.tabs.setCurrentIndex(MATHEMATICS)
    assert inspector.mathematics.formulas()[-1] == whole_network(snapshot.layers, "made_up")


def _is_shown(panel: ParameterPanel, name: str) -> bool:
    return child(panel, QWidget, name).isVisible()
