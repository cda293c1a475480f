"""Leave one sample out, in the window: marks as large as the influence, and the curve without the sample meant."""

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, choose, key_text, place_in, show_result
from tests.gui.shared_window import SharedWindow
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.influence import InfluenceResult, SampleInfluence
from tinynet_gui.core.training.compiled import kernel
from tinynet_gui.core.training.start import Dataset, initial_state, make_dataset, plot_grid
from tinynet_gui.ui.views.experiments.controller import EXPERIMENT
from tinynet_gui.ui.views.function_plot.samples import LARGEST, SMALLEST, USUAL_SIZE, sizes_of
from tinynet_gui.ui.widgets import progress
from tinynet_gui.ui.widgets.fields.number_fields import NumberField
from tinynet_gui.ui.widgets.progress import Progress, time_text
from tinynet_gui.ui.widgets.text import ScrolledText
from tinynet_gui.ui.window.main_window import MainWindow

CONFIG = Config().with_changes({"training.stop_step": 500, "data.noise": 0.5})
BETWEEN_MOVES_MS = 30  # pyqtgraph looks at one in 10 ms


@pytest.fixture
def window(shared: SharedWindow) -> MainWindow:
    window = shared.get(CONFIG)
    window.resize(1280, 800)
    show_result(window, window.views.experiments)
    choose(window, "experimentKind", "influence")
    return window


def _run(window: MainWindow, qtbot: QtBot) -> InfluenceResult:
    QTest.mouseClick(child(window, QPushButton, "experimentRun"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.program.jobs.is_running(EXPERIMENT))
    QApplication.processEvents()  # the layout takes its new shape
    assert isinstance(window.views.experiments.result, InfluenceResult), window.views.experiments.answer()
    return window.views.experiments.result


@pytest.fixture
def result(window: MainWindow, qtbot: QtBot) -> InfluenceResult:
    return _run(window, qtbot)


def _list(window: MainWindow) -> QComboBox:
    return child(window, QComboBox, "experimentRunList")


def _sizes(window: MainWindow) -> list[float]:
    sizes: list[float] = window.views.function_plot.layers.samples.sizes()
    return sizes


def _chart(window: MainWindow) -> pg.PlotWidget:
    QApplication.processEvents()  # a chart that has just been put into its layout is shown in the next turn
    (chart,) = (child for child in window.views.experiments.plot.findChildren(pg.PlotWidget) if not child.isHidden())
    return chart


def _point(plot: pg.PlotWidget, x: float, y: float) -> None:
    viewport, place = plot.viewport(), place_in(plot, x, y)
    QTest.mouseMove(viewport, viewport.rect().topLeft())
    QTest.qWait(BETWEEN_MOVES_MS)
    QTest.mouseMove(viewport, place)
    QApplication.processEvents()


def _leave(plot: pg.PlotWidget) -> None:
    for left in (plot.viewport(), plot):
        QApplication.sendEvent(left, QEvent(QEvent.Type.Leave))
    QApplication.processEvents()


def _assert_meant(window: MainWindow, one: SampleInfluence | None) -> None:
    """One sample is meant everywhere, or none."""
    marks = window.views.function_plot.layers.influence
    for item in (marks.without, marks.with_all, marks.ring):
        assert item.isVisible() == (one is not None)
    if one is None:
        assert "with all samples" not in key_text(window)
        assert _list(window).currentIndex() == 0
        return
    np.testing.assert_array_equal(marks.without.yData, one.output)
    np.testing.assert_array_equal(marks.without.xData, plot_grid(CONFIG.data))
    assert marks.without.opts["pen"].style() == Qt.PenStyle.DashDotLine
    assert (marks.ring.data["x"], marks.ring.data["y"]) == (one.x, one.y)
    assert "with all samples" in key_text(window)
    assert f"without {marks.name}" in key_text(window)
    assert _list(window).currentData() == one.place
    assert window.views.experiments.answer().startswith(f"Without the sample at {marks.name} the curve moves by")


def test_samples_are_drawn_as_large_as_their_influence(window: MainWindow, result: InfluenceResult) -> None:
    assert f"x = {not_none(result.most).x:.3g}".replace("-", "−") in window.views.experiments.answer()
    assert "the most influential of 20." in window.views.experiments.answer()
    assert not child(window, NumberField, "experimentRuns").isVisible()
    sizes, influences = np.array(_sizes(window)), np.array([one.influence for one in result.samples])
    assert sizes.argmax() == influences.argmax()
    assert sizes.max() == LARGEST
    large = sizes > SMALLEST
    assert large.sum() > 10
    np.testing.assert_allclose((sizes[large] / LARGEST) ** 2, influences[large] / influences.max(), rtol=1e-6)
    assert "samples, as large as their influence" in key_text(window)
    opened = child(window, QPushButton, "experimentOpen")
    assert not opened.isEnabled()
    assert "cannot be opened" in opened.toolTip().replace("\n", " ")


def test_mouse_and_keyboard_reach_each_sample(window: MainWindow, result: InfluenceResult) -> None:
    """At its dot in the chart, in the function plot, and in the list."""
    chart, before = _chart(window), window.views.experiments.answer()
    height = chart.height()
    for one in result.ranked[:3]:
        _point(chart, one.x, one.influence)
        _assert_meant(window, one)
        assert chart.height() == height  # it stays where it is under the mouse
    _leave(chart)
    _assert_meant(window, None)
    assert window.views.experiments.answer() == before

    plot = window.views.function_plot.plot
    for one in result.ranked[:2]:
        _point(plot, one.x, one.y)
        _assert_meant(window, one)
    _leave(plot)
    _assert_meant(window, None)
    _point(plot, one.x, one.y)
    _point(plot, 0.0, 9.0)
    _assert_meant(window, None)

    listed = _list(window)
    assert listed.count() == 21
    listed.setFocus()
    for one in result.ranked[:2]:
        QTest.keyClick(listed, Qt.Key.Key_Down)
        _assert_meant(window, one)
    for _ in range(2):
        QTest.keyClick(listed, Qt.Key.Key_Up)
    _assert_meant(window, None)


def test_what_diverges_is_drawn_at_the_top_and_has_no_curve(window: MainWindow, qtbot: QtBot) -> None:
    listed, marks = _list(window), window.views.function_plot.layers.influence
    for rate in (0.2, 0.3, 10.0):
        window.session.edit({"training.learning_rate": rate, "data.noise": 0.0})
        result = _run(window, qtbot)
        one = next(one for one in result.samples if one.diverged_at is not None)
        listed.activated.emit(listed.findData(one.place))
        assert f"without {marks.name} (diverges)" in key_text(window), rate
        assert ("with all samples (diverges)" in key_text(window)) == (result.diverged_at is not None), rate
        assert "the training diverges at step" in window.views.experiments.answer(), rate
        assert listed.currentText().endswith("diverges"), rate
        window.grab()  # it can be painted
        (_, _), (low, high) = _chart(window).getViewBox().viewRange()
        assert low == 0
        assert all(one.influence < 0.9 * high for one in result.samples if np.isfinite(one.influence)), rate
        dots = [item for item in _chart(window).getPlotItem().items if isinstance(item, pg.ScatterPlotItem)]
        at_top = max(float(dot.data["y"].max()) for dot in dots if len(dot.data))
        assert (at_top > 0.8 * high) == any(np.isinf(one.influence) for one in result.samples), rate


def test_what_is_of_another_setting_leaves_the_plot(window: MainWindow, result: InfluenceResult) -> None:
    sizes, marks = _sizes(window), window.views.function_plot.layers.influence
    for path, value in (
        ("network.seed", 9),
        ("training.learning_rate", 0.002),
        ("data.seed", 5),
        ("data.sample_count", 30),
    ):
        _list(window).activated.emit(1)
        _assert_meant(window, result.ranked[0])
        window.session.edit({path: value})
        assert not any(item.isVisible() for item in (marks.with_all, marks.without, marks.ring)), path
        assert set(_sizes(window)) == {USUAL_SIZE}, path
        assert "influence" not in key_text(window), path
        assert window.views.experiments.plot.is_faint, path
        _point(
            window.views.function_plot.plot,
            *(float(v[0]) for v in window.views.function_plot.layers.samples.trained_points()),
        )
        assert not marks.without.isVisible(), path
        window.session.undo()
        assert _sizes(window) == sizes, path
        assert "influence" in key_text(window), path


def test_another_experiment_or_another_run_forgets_the_sample(
    window: MainWindow, result: InfluenceResult, qtbot: QtBot
) -> None:
    _list(window).activated.emit(1)
    QTest.mouseClick(child(window, QPushButton, "experimentRun"), Qt.MouseButton.LeftButton)
    assert window.views.experiments.answer().endswith(" …")
    qtbot.waitUntil(lambda: not window.program.jobs.is_running(EXPERIMENT))
    _assert_meant(window, None)
    _list(window).activated.emit(1)
    choose(window, "experimentKind", "swarm")
    assert not window.views.function_plot.layers.influence.without.isVisible()
    assert set(_sizes(window)) == {USUAL_SIZE}
    assert child(window, NumberField, "experimentRuns").isVisible()
    assert child(window, ScrolledText, "experimentHeadline").text() == "How often does this setting fail, and why?"
    assert "Make this run the current one" in child(window, QPushButton, "experimentOpen").toolTip()


def test_samples_look_usual_once_the_answer_is_hidden(window: MainWindow, result: InfluenceResult) -> None:
    sizes = _sizes(window)
    _list(window).activated.emit(1)
    show_result(window, window.views.loss_plot)
    assert set(_sizes(window)) == {USUAL_SIZE}
    assert "influence" not in key_text(window)
    _assert_meant(window, None)
    show_result(window, window.views.experiments)
    assert _sizes(window) == sizes
    QTest.mouseClick(child(window, QToolButton, "experimentClose"), Qt.MouseButton.LeftButton)
    assert window.views.experiments.result is None
    assert set(_sizes(window)) == {USUAL_SIZE}
    assert not child(window, QToolButton, "experimentClose").isVisible()


def test_the_curves_reach_as_far_as_the_view(window: MainWindow, result: InfluenceResult) -> None:
    _list(window).activated.emit(1)
    window.views.function_plot.plot.setXRange(-60.0, 25.0, padding=0)
    marks, one = window.views.function_plot.layers.influence, result.ranked[0]
    x = marks.without.xData
    assert (x[0], x[-1]) == (-60.0, 25.0)
    whole = make_dataset(CONFIG.data)
    x_train, y_train = (np.delete(values, one.place, axis=0) for values in (whole.x_train, whole.y_train))
    others = Dataset(x_train, y_train, whole.x_held_out, whole.y_held_out)
    for dataset, item in ((whole, marks.with_all), (others, marks.without)):
        (run,) = kernel.run_in_lanes([kernel.Start(CONFIG, dataset, initial_state(CONFIG))], 500)
        w, b, w_out, b_out = (array.astype(np.float64) for array in run.state.parameters)
        y = w_out @ np.maximum(w @ x[None, :] + b[:, None], 0) + b_out
        np.testing.assert_allclose(item.yData, y[0], rtol=1e-4, atol=1e-3)
    window.views.function_plot.view.show_everything()
    _assert_meant(window, one)


def test_the_time_that_is_left_is_measured(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(progress, "perf_counter", lambda: now)
    bar = Progress("made up")
    qtbot.addWidget(bar)
    left = child(bar, QLabel, "made upTimeLeft")

    def told(*reports: tuple[float, float]) -> list[str]:
        nonlocal now
        texts = []
        for when, share in reports:
            now = when
            bar.set_share(share)
            texts.append(left.text())
        return texts

    bar.begin(shows_time_left=True)
    # What came before the first step does not count: 40 s for all of it.
    assert told((5.0, 0.0), (7.0, 0.01), (7.4, 0.02), (27.0, 0.51)) == ["", "", "about 40 s left", "about 20 s left"]
    assert told((45.0, 0.96)) == ["about 2 s left"]
    bar.end()
    bar.begin(shows_time_left=True)
    assert told((50.0, 0.1), (50.2, 0.3), (50.9, 1.0)) == ["", "", ""]  # a second in all
    bar.end()
    bar.begin()
    assert told((60.0, 0.01), (70.0, 0.02)) == ["", ""]  # its share says nothing of the time
    bar.end()


def test_times_are_rounded_and_marks_scale_with_influence() -> None:
    texts = [time_text(seconds) for seconds in (1.2, 9.4, 12, 38, 119, 121, 3_000, 7_300)]
    assert texts == [f"about {t}" for t in ("1 s", "9 s", "10 s", "40 s", "120 s", "2 min", "50 min", "2 h")]
    sizes = sizes_of(np.array([0.0, 1.0, 4.0, np.inf, np.nan]))
    np.testing.assert_allclose(sizes, [SMALLEST, LARGEST / 2, LARGEST, LARGEST, USUAL_SIZE])
    np.testing.assert_array_equal(sizes_of(np.zeros(2)), [SMALLEST, SMALLEST])
    np.testing.assert_array_equal(sizes_of(np.array([0.0, np.inf])), [SMALLEST, LARGEST])
