"""Makes the views and the features of a window: most at the start, the late ones when they are first needed."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from tinynet_gui.ui.window.context import Context, Feature, View
from tinynet_gui.ui.window.fingers import Fingers
from tinynet_gui.ui.window.frame.frame import WindowFrame
from tinynet_gui.ui.window.gestures import Gestures
from tinynet_gui.ui.window.late import Late
from tinynet_gui.ui.window.menus import MENUS, Action, Menu


class Making:
    """Makes all of a window in its order, and what is late on demand."""

    def __init__(self, context: Context, views: Sequence[View], features: Sequence[Feature]) -> None:
        self._context, self._views, self._features = context, views, features
        self._late_views = {record.name: record for record in views if record.is_late}
        self._late_features = {feature.name: feature for feature in features if feature.is_late}
        context.views.make, context.features.make = self._make_view, self._make_feature
        context.controllers.make = self._make_controller

    def make_views(self) -> None:
        """Make the views, and the frame around them."""
        context = self._context
        for record in self._views:
            if not record.is_late:
                context.views[record.name] = record.make(context)
        placed = [(record, context.views.get(record.name)) for record in self._views]
        context.frame = WindowFrame(context.window, context.themes, context.actions, placed)
        context.frame.layout.wanted.connect(context.views.__getitem__)
        fingers = Fingers(context.window, context.themes.see_touch)
        context.gestures = Gestures(context.window, keeps=fingers.take)  # after the views: it watches all their events

    def connect(self) -> None:
        """Make the features, and connect the views."""
        context = self._context
        for feature in self._features:
            if feature.is_late:
                self._await(feature)
            else:
                context.features[feature.name] = feature.make(context)
        for record in self._views:
            if not record.is_late:
                context.controllers[record.name] = record.connect(context.views[record.name], context)

    def make_what_comes(self) -> None:
        """Make the late views that must be there in the present state of the session."""
        state = self._context.session.state
        for name, record in self._late_views.items():
            if name not in self._context.views and record.comes_with is not None and record.comes_with(state):
                self._context.views[name]

    def steps_ahead(self) -> Iterator[Callable[[], object]]:
        """Yield the steps that make all that is late: the modules are loaded first.

        A view that is there from the start may have the rest of itself made: `make_rest`. A feature may have steps of
        its own: `steps_ahead`.
        """
        views, features = self._late_views, self._late_features
        for make in (*(view.make for view in views.values()), *(feature.make for feature in features.values())):
            assert isinstance(make, Late)
            yield make.load
        parted = [view for view in self._context.views.values() if hasattr(view, "make_rest")]
        yield from (partial(self._make_rest, view) for view in parted)
        yield from (partial(self._context.views.__getitem__, name) for name in views)
        for name in features:
            yield partial(self._context.features.__getitem__, name)
            yield from getattr(self._context.features[name], "steps_ahead", tuple)()

    def _await(self, feature: Feature) -> None:
        """Have a feature made as soon as one of its actions is triggered, or a menu with one of them is opened."""
        context = self._context
        if feature.first is not None:
            feature.first(context, partial(context.features.__getitem__, feature.name))
        for entry in feature.entries:
            if isinstance(entry, Action):
                context.make_at(feature.name, context.actions[entry.name].triggered)
        sections = {entry.section for entry in feature.entries}
        menus = (entry for each in self._features for entry in each.entries if isinstance(entry, Menu))
        for menu in (*MENUS, *menus):
            if not sections.isdisjoint(menu.sections):
                context.make_at(feature.name, context.frame.menus[menu.name].aboutToShow)

    def _make_rest(self, view: Any) -> None:
        with self._context.gestures.asleep():
            view.make_rest()

    def _make_view(self, name: str) -> Any:
        """Make a view, connect it, make the features that it needs, and put it into its place."""
        context, record = self._context, self._late_views[name]
        with context.gestures.asleep():
            context.views[name] = view = record.make(context)
            context.frame.layout.pages.setdefault(name, view)  # until it takes the place of an empty page
            context.controllers[name] = record.connect(view, context)
            for feature in self._features:
                if feature.of_view == name:
                    context.features[feature.name]
            context.frame.layout.fill(name, view)
            for then in context.followers:
                then(record, view)
        return view

    def _make_feature(self, name: str) -> Any:
        feature = self._late_features[name]
        if feature.of_view and feature.of_view not in self._context.views:
            self._context.views[feature.of_view]  # which makes it too
            return self._context.features[name]
        return feature.make(self._context)

    def _make_controller(self, name: str) -> Any:
        self._context.views[name]
        return self._context.controllers[name]
