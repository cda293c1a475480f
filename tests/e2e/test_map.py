"""A map, end to end: a user zooms with the wheel, opens the run of a pixel with a click, and takes that back."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.e2e.play import Condition, is_loaded, label, run_main
from tests.gui.conftest import place_in, turn_wheel
from tests.not_none import not_none
from tinynet_gui.core.maps.outcome_map import OutcomeMap
from tinynet_gui.ui.window.main_window import MainWindow


def _finest(window: MainWindow) -> OutcomeMap | None:
    picture = window.views.map.picture
    return picture if picture is not None and window.context.controllers["map"].is_up_to_date else None


def test_wheel_click_and_undo(qtbot: QtBot) -> None:
    def user(window: MainWindow) -> Iterator[Condition]:
        yield lambda: is_loaded(window) and window.session.state.status.compiled == "ready"
        window.session.edit({"training.stop_step": 50})
        window.frame.layout.show(window.views.map)
        yield lambda: _finest(window) is not None
        plot, session, first = window.views.map.plot.plot, window.session, window.session.state.run.id
        whole = not_none(_finest(window)).plane.axes
        place = place_in(plot, -2.0, 0.0)
        turn_wheel(plot.viewport(), place, 240)
        yield lambda: _finest(window) is not None and not_none(_finest(window)).plane.axes != whole
        x, y = not_none(_finest(window)).plane.axes
        assert whole[0].low < x.low < 0.01 < x.high < whole[0].high
        assert whole[1].low < y.low < 1.0 < y.high < whole[1].high
        QTest.mouseMove(plot.viewport(), place)
        yield lambda: ": loss " in label(window, "mapCaption")
        yield lambda: window.views.function_plot.layers.pointed.drawn() is not None
        at = window.views.map.plot.box.mapSceneToView(plot.mapToScene(place))
        point = not_none(window.views.map.plot.images.point_at(at.x(), at.y()))
        QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
        yield lambda: session.state.run.id != first and session.state.status.phase == "finished"
        assert not_none(session.state.snapshot).train_loss == pytest.approx(point.number)
        assert session.state.config.training.learning_rate == point.x
        assert session.state.config.network.weight_scale == point.y
        session.undo()
        yield lambda: session.state.run.id == first

    assert run_main(user) == 0
