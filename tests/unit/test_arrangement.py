"""What is hidden, how the views stand, and how large they are, as a table of states and sizes."""

from dataclasses import replace
from typing import Any

import pytest

from tinynet_gui.ui.window.frame.arrangement import (
    FINE,
    MODEST_UPPER_PX,
    WHOLE,
    Arrangement,
    LayoutState,
    Placed,
    Space,
    ViewPlace,
    arrange,
    drag,
    usual_presented,
)


def _placed(name: str, place: ViewPlace, room: float = 1 / 3, *companion: str) -> Placed:
    return Placed(name, name, place, make=lambda _: pytest.fail("no view is built"), room=room, companion=companion)


VIEWS = {
    record.name: record
    for record in (
        _placed("lesson", "side"),
        _placed("panel", "side"),
        _placed("diagram", "network"),
        _placed("function_plot", "plot", 1 / 3, "diagram"),
        _placed("inspector", "beside", 1 / 3, "diagram"),
        _placed("runs", "tab", 1 / 2, "function_plot", "loss_plot"),
        _placed("loss_plot", "tab"),
        _placed("experiments", "tab", 1 / 2, "function_plot"),
        _placed("map", "tab", WHOLE, "function_plot"),
        _placed("microscope", "tab", 1 / 2, "diagram"),
    )
}
SMALL, USUAL, LARGE = (1024, 600), (1280, 640), (1920, 900)


def _arrange(size: tuple[int, int] = USUAL, scale: float = 1.0, tab: str = "loss_plot", **wishes: Any) -> Arrangement:
    space = Space(size[0], size[0] - 20, size[1] - 16, (size[0] - 306, size[1] - 16), scale=scale)
    return arrange(LayoutState(tab=tab, **wishes), space, VIEWS)


@pytest.mark.parametrize(
    ("size", "wishes", "large", "hidden"),
    [
        (USUAL, {}, "", ""),
        (SMALL, {}, "", ""),
        (LARGE, {"tab": "map"}, "tabs", "diagram beside"),
        (USUAL, {"tab": "map"}, "tabs", "diagram beside"),
        (SMALL, {"tab": "map"}, "tabs", "side diagram beside"),  # the panel goes first
        (SMALL, {"tab": "map", "has_lesson": True}, "tabs", "diagram beside"),  # unless it holds a lesson
        (USUAL, {"tab": "map", "is_restored": True}, "", ""),
        (USUAL, {"tab": "experiments"}, "tabs", "diagram beside"),  # two rows would be too low
        (LARGE, {"tab": "experiments"}, "", ""),
        (LARGE, {"tab": "runs", "maximized": "tabs"}, "tabs", "side diagram beside"),
        (LARGE, {"tab": "microscope", "maximized": "tabs"}, "tabs", "side function_plot beside"),
        (USUAL, {"maximized": "tabs"}, "tabs", "side upper beside"),
        (USUAL, {"maximized": "beside"}, "beside", "side upper tabs"),
        (USUAL, {"maximized": "diagram", "has_lesson": True}, "diagram", "side function_plot details"),
        (USUAL, {"maximized": "side"}, "side", "views"),
        (USUAL, {"enlarged": "diagram", "is_widened": True}, "", ""),
        (USUAL, {"enlarged": "inspector", "has_lesson": True}, "beside", "diagram tabs"),
        (LARGE, {"enlarged": "loss_plot", "has_lesson": True}, "tabs", "diagram beside"),
        (LARGE, {"enlarged": "runs"}, "", ""),  # it has no tab now
        (USUAL, {"enlarged": "lesson", "has_lesson": True}, "side", "views"),
        (USUAL, {"presented": "function_plot"}, "function_plot", "side details"),
        (USUAL, {"presented": "loss_plot"}, "tabs", "side diagram beside"),
        (LARGE, {"presented": "runs", "tab": "runs"}, "tabs", "side diagram beside"),  # one companion
        (USUAL, {"presented": "panel"}, "side", "diagram details"),
        (USUAL, {"presented": "diagram", "has_lesson": True}, "diagram", "function_plot details"),  # it and the page
        (USUAL, {"presented": "panel", "has_lesson": True}, "side", "diagram details"),
        (USUAL, {"presented": "map", "is_explained": True}, "beside", "side function_plot tabs"),
        (USUAL, {"presented": "map", "maximized": "diagram"}, "diagram", "side function_plot details"),
    ],
)
def test_what_is_large_and_what_is_hidden(
    size: tuple[int, int], wishes: dict[str, Any], large: str, hidden: str
) -> None:
    found = _arrange(size, **wishes)
    assert (found.large, found.hidden) == (large, frozenset(hidden.split()))


@pytest.mark.parametrize(
    ("width", "scale", "wishes", "across"),
    [
        (936, 1.0, {}, "main upper details"),
        (935, 1.0, {}, "main"),
        (641, 1.0, {}, ""),
        (1280, 1.5, {}, "main"),
        (1280, 2.0, {}, ""),
        (600, 1.0, {"presented": "diagram"}, "main upper details"),  # one view has room enough
        (936, 1.0, {"tab": "map"}, "main views details"),
        (935, 1.0, {"tab": "map"}, "main"),
        (1280, 1.0, {"maximized": "diagram"}, "main upper details"),
    ],
)
def test_what_stands_beside_what(width: int, scale: float, wishes: dict[str, Any], across: str) -> None:
    found = _arrange((width, 700), scale, **wishes)
    assert (found.across, found.is_column) == (frozenset(across.split()), not across)
    is_stacked = "details" not in across
    has_rows = "upper" in across and "presented" not in wishes
    assert [bool(found.least[part]) for part in ("side", "tabs", "views")] == [not across, is_stacked, has_rows]


@pytest.mark.parametrize(
    ("splitter", "size", "wishes", "sizes"),
    [
        ("main", USUAL, {}, (276, 974)),
        ("main", USUAL, {"side_px": 300.0}, (300, 950)),
        ("main", USUAL, {"presented": "map"}, (388, 862)),  # the panel as a companion
        ("main", USUAL, {"presented": "map", "has_lesson": True}, (538, 712)),
        ("upper", USUAL, {}, (FINE // 2, FINE // 2)),
        ("upper", USUAL, {"shares": {"upper": 0.25}}, (FINE // 4, 3 * FINE // 4)),
        ("upper", USUAL, {"enlarged": "diagram", "is_widened": True}, (666_667, 333_333)),
        ("upper", USUAL, {"enlarged": "function_plot", "is_widened": True}, (333_333, 666_667)),
        ("upper", USUAL, {"enlarged": "function_plot", "shares": {"upper": 0.25}}, (FINE // 4, 3 * FINE // 4)),
        ("upper", USUAL, {"presented": "diagram"}, (690_000, 310_000)),
        ("upper", USUAL, {"presented": "function_plot"}, (310_000, 690_000)),
        ("upper", LARGE, {"tab": "runs", "maximized": "tabs"}, (FINE, FINE, 600_000)),  # the loss from the tabs
        ("details", USUAL, {"shares": {"details": 0.75}}, (750_000, 250_000)),
        ("views", LARGE, {}, (563, 311)),  # a third of what is above the names of the tabs, and these
        ("views", LARGE, {"tab": "map", "is_restored": True}, (422, 452)),
        ("views", SMALL, {}, (363, 211)),
        ("views", (1024, 500), {}, (300, 174)),  # the function plot is the last to shrink
        ("views", (1024, 500), {"shares": {"loss_plot": 0.5}}, (222, 252)),  # except by hand
        ("views", (1024, 500), {"needs": {"loss_plot": (0.5, 0)}}, (222, 252)),
        ("views", SMALL, {"needs": {"loss_plot": (0.5, MODEST_UPPER_PX)}}, (330, 244)),
        ("views", SMALL, {"needs": {"loss_plot": (0.5, 0)}, "shares": {"loss_plot": 0.9}}, (272, 302)),
        ("views", LARGE, {"tab": "map"}, (497, 1107)),
        ("views", USUAL, {"tab": "map"}, (338, 626)),
        ("views", USUAL, {"tab": "map", "shares": {"map maximized": 0.5}}, (482, 482)),
    ],
)
def test_sizes(splitter: str, size: tuple[int, int], wishes: dict[str, Any], sizes: tuple[int, ...]) -> None:
    assert _arrange(size, **wishes).sizes[splitter] == sizes


def test_a_decision_does_not_depend_on_the_size_of_the_views() -> None:
    """It makes them larger or smaller; else it could cause its opposite, endlessly."""
    state = LayoutState(tab="experiments")
    for width in range(500, 1400, 150):
        for height in range(300, 1000, 25):
            small, large = (
                arrange(state, Space(width, width, height, views), VIEWS) for views in ((9, 9), (1800, 900))
            )
            assert replace(small, sizes={}) == replace(large, sizes={})


@pytest.mark.parametrize(("presented", "has_lesson"), [("", False), ("diagram", False), ("diagram", True)])
def test_the_zoom_scales_everything(presented: str, has_lesson: bool) -> None:
    """So the panel's width is the same after any number of presentations."""
    state = LayoutState("map", presented=presented, has_lesson=has_lesson)
    small, large = (
        arrange(state, Space(1280 * scale, 1260 * scale, 620 * scale, (0, 0), 10 * scale, 30, scale), VIEWS)
        for scale in (1, 2)
    )
    assert small.hidden == large.hidden
    assert large.sizes["main"] == pytest.approx([2 * px for px in small.sizes["main"]], abs=1)


def test_what_ends_first() -> None:
    state = LayoutState(tab="map", maximized="tabs", enlarged="inspector")
    ends = [state := state.restore() for _ in range(3)]
    assert [(each.maximized, each.enlarged, each.is_restored) for each in ends] == [
        ("", "inspector", False),
        ("", "", False),
        ("", "", True),
    ]
    assert LayoutState(enlarged="diagram").restore() == LayoutState(enlarged="diagram", is_restored=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"maximized": "tabs", "is_restored": True}, {"maximized": "tabs"}),
        ({"maximized": "diagram", "enlarged": "map"}, {}),
        ({"enlarged": "diagram", "is_widened": True}, {"enlarged": "diagram", "is_widened": True}),
        ({"enlarged": "runs"}, {"enlarged": "runs"}),
    ],
)
def test_another_tab(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert LayoutState(tab="loss_plot", **before).choose_tab("runs") == LayoutState(tab="runs", **after)


@pytest.mark.parametrize(
    ("splitter", "sizes", "wishes", "after"),
    [
        ("main", (450, 800), {}, {"side_px": 300.0}),
        ("main", (450, 800), {"presented": "panel"}, {}),
        ("main", (0, 1250), {"maximized": "diagram"}, {}),
        ("upper", (250, 750), {"enlarged": "diagram", "is_widened": True}, {"upper": 0.25}),
        ("upper", (250, 750), {"presented": "diagram"}, {}),
        ("upper", (0, 600, 400), {"tab": "runs", "maximized": "tabs"}, {}),
        ("details", (250, 750), {"is_widened": True}, {"details": 0.25, "is_widened": True}),
        ("details", (0, 0), {}, {}),
        ("views", (300, 330), {}, {"loss_plot": 0.5}),
        ("views", (300, 330), {"needs": {"loss_plot": (0.4, 0)}}, {"loss_plot with more": 0.5}),
        ("views", (300, 300), {"tab": "map"}, {"map maximized": 0.5}),
        ("views", (300, 300), {"tab": "map", "presented": "map"}, {"map maximized": 0.5}),
        ("views", (600, 30), {}, {}),
    ],
)
def test_what_is_dragged_is_kept(
    splitter: str, sizes: tuple[int, ...], wishes: dict[str, Any], after: dict[str, Any]
) -> None:
    state, space = LayoutState(**{"tab": "loss_plot", **wishes}), Space(1900, 1880, 640, scale=1.5)
    found = drag(state, arrange(state, space, VIEWS), space, splitter, sizes)
    known = {name: after[name] for name in after if name in ("side_px", "is_widened")}
    shares = {name: after[name] for name in after if name not in known}
    assert found == replace(state, **({"is_widened": state.is_widened and not shares} | known), shares=shares)


@pytest.mark.parametrize(
    ("tab", "presented"), [("loss_plot", "function_plot"), ("runs", "runs"), ("map", "map"), ("", "")]
)
def test_what_is_presented_at_first(tab: str, presented: str) -> None:
    assert usual_presented(LayoutState(tab), VIEWS) == presented
