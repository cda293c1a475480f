"""The networks at many points of a map: where each begins, and where its training ends."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from tinynet_gui.core.config import MAX_WIDTH, SETTINGS, Config, ConfigError, NetworkConfig
from tinynet_gui.core.maps import axes, colors, standpoint
from tinynet_gui.core.network.forward import as_layers
from tinynet_gui.core.run.train import next_stop
from tinynet_gui.core.system.background import yield_to_window
from tinynet_gui.core.training.snapshot import training_loss
from tinynet_gui.core.training.start import Dataset, TrainerState, goes_side_by_side, initial_state, make_dataset
from tinynet_gui.core.values import Array, Flags, Floats, Ints, Stop, frozen_dataclass

WITHOUT_CONFIG = (axes.RATE, axes.DECAY, axes.SCALE)  # settings that may differ within a `_Variant`
NEVER = -1
CACHED_VALUES = 32_768  # of a layer, over all networks computed together: 128 KiB, to stay in the processor's cache
MAX_NUMBERS = 1_000  # parameters of a network up to which its loss is computed for each pixel


@frozen_dataclass(eq=False)
class _Variant:
    """Points of a map that differ only in their first weights, learning rate and weight decay.

    Attributes
    ----------
    places
        The indices of these points.
    state
        The step they begin at, and the optimiser's memory.
    parameters
        With a first axis for the points.
    rates, decays
        float64 of shape (points,).
    """

    places: Ints
    config: Config
    dataset: Dataset
    state: TrainerState
    parameters: list[Array]
    rates: Floats
    decays: Floats

    @property
    def steps(self) -> int:
        """The number of steps to the stop step, or to its next multiple."""
        return next_stop(self.config, self.state.step) - self.state.step


def numbers_at(plane: standpoint.Plane, x: Floats, y: Floats, color: colors.Color, limit: float, stop: Stop) -> Floats:
    """Return the number that a map shows at points (x, y), float64 of the same shape (points,).

    NaN where there is none, or the settings are not allowed; infinite where training diverges. Once `stop` is set, the
    numbers are meaningless.
    """
    found = np.full(len(x), np.nan)
    for variant, networks in _trained(list(_variants(plane, x, y)), color.is_trained, limit, stop):
        yield_to_window()
        numbers = np.asarray(color.of(networks), dtype=np.float64)
        if color.is_trained and not color.shows_diverged:
            numbers = np.where(networks.diverged_at >= 0, np.inf, numbers)
        found[variant.places] = numbers
    return found


def network_at(plane: standpoint.Plane, x: float, y: float, *, is_trained: bool, stop: Stop) -> colors.Networks | None:
    """Return the network at one point, trained if `is_trained`; None if the settings there are not allowed."""
    variants = list(_variants(plane, np.array([x]), np.array([y])))
    return next((networks for _, networks in _trained(variants, is_trained, -np.inf, stop)), None)


def is_quick(plane: standpoint.Plane, color: colors.Color) -> bool:
    """Whether a map can have a point per pixel: trained side by side, or small and not trained."""
    if not color.is_trained:
        return len(plane.here.flat) <= MAX_NUMBERS
    widest = max((int(axis.high) for axis in plane.axes if axis.along == axes.WIDTH), default=0)
    config = plane.here.config.replace(axes.WIDTH, (min(widest, MAX_WIDTH),)) if widest else plane.here.config
    return goes_side_by_side(config, len(plane.here.dataset.x_train))


def _variants(plane: standpoint.Plane, x: Floats, y: Floats) -> Iterator[_Variant]:
    """Group the points of a map by configuration, leaving out those that are not allowed."""
    values = {axis.along: each for axis, each in zip(plane.axes, (x, y), strict=True) if isinstance(axis.along, str)}
    allowed = np.ones(len(x), dtype=bool)
    for path, each in values.items():
        if bounds := SETTINGS[path].bounds:
            allowed &= (bounds[0] <= each) & (each <= bounds[1])
    others = [path for path in values if path not in WITHOUT_CONFIG]
    places = np.flatnonzero(allowed)
    kinds, kind_of = np.empty((0, 1)), np.zeros(len(places), dtype=np.int64)
    if others:
        settings = np.stack([values[path][places] for path in others])
        kinds, kind_of = np.unique(settings, axis=1, return_inverse=True)
    begun: dict[NetworkConfig, TrainerState] = {}
    for kind, setting in enumerate(kinds.T):
        here = places[kind_of.ravel() == kind]
        changes = {path: axes.as_setting(path, value) for path, value in zip(others, setting, strict=True)}
        try:
            config = plane.here.config.with_changes(changes) if changes else plane.here.config
        except ConfigError:
            continue
        rates, decays = (values.get(path, np.full(len(x), config.get(path)))[here] for path in (axes.RATE, axes.DECAY))
        if plane.is_of_settings:
            is_drawn = axes.SCALE in values or config.network.first_weights is None
            unscaled = config.replace(axes.SCALE, 1.0) if is_drawn else config
            if unscaled.network not in begun:
                begun[unscaled.network] = initial_state(unscaled)
            dataset, state = make_dataset(config.data), begun[unscaled.network]
            scale = config.get(axes.SCALE) if is_drawn else 1.0
            scales = values.get(axes.SCALE, np.full(len(x), scale))[here].astype(np.float32)
            parameters = [scales.reshape(-1, *[1] * array.ndim) * array for array in state.parameters]
        else:
            dataset, state = plane.here.dataset, plane.here.state
            parameters = plane.parameters_at(x[here], y[here])
        yield _Variant(here, config, dataset, state, parameters, rates, decays)


def _trained(
    variants: Sequence[_Variant], is_trained: bool, limit: float, stop: Stop
) -> Iterator[tuple[_Variant, colors.Networks]]:
    """Yield the networks of each variant, after training or as they are."""
    together: dict[tuple[int, int, int], list[_Variant]] = defaultdict(list)
    for variant in variants:
        if not is_trained:
            yield variant, _networks(variant, variant.parameters)
        elif goes_side_by_side(variant.config, len(variant.dataset.x_train)):
            shape = variant.parameters[1].shape[1], len(variant.dataset.x_train), variant.steps
            together[shape].append(variant)
        elif not stop[0]:
            yield variant, _one_by_one(variant, limit, stop)
    for alike in together.values():
        yield from _side_by_side(alike, limit, stop)


def _side_by_side(variants: Sequence[_Variant], limit: float, stop: Stop) -> Iterator[tuple[_Variant, colors.Networks]]:
    from tinynet_gui.core.training.compiled.kernel import Starts, train_side_by_side

    counts = [len(v.places) for v in variants]
    starts = Starts(
        [np.concatenate(arrays) for arrays in zip(*(v.parameters for v in variants), strict=True)],
        x=np.repeat([v.dataset.x_train[:, 0] for v in variants], counts, axis=0),
        y=np.repeat([v.dataset.y_train[:, 0] for v in variants], counts, axis=0),
        rates=np.concatenate([v.rates for v in variants]).astype(np.float32),
        decays=np.concatenate([v.decays for v in variants]).astype(np.float32),
    )
    ends = train_side_by_side(starts, variants[0].steps, limit=limit, stop=stop)
    first = 0
    for variant in variants:
        here = slice(first, first + len(variant.places))
        parameters = [array[here] for array in ends.parameters]
        yield variant, _trained_networks(variant, parameters, ends.finite[here], ends.above[here], limit)
        first = here.stop


def _one_by_one(variant: _Variant, limit: float, stop: Stop) -> colors.Networks:
    from tinynet_gui.core.training.compiled import kernel

    begin, steps = variant.state.step, variant.steps
    runs: list[kernel.KernelRun] = []
    for place in range(len(variant.places)):
        yield_to_window()
        rule = {axes.RATE: float(variant.rates[place]), axes.DECAY: float(variant.decays[place])}
        state = TrainerState(begin, tuple(array[place] for array in variant.parameters), variant.state.slots)
        config = variant.config.with_changes(rule)
        runs.append(kernel.run(config, variant.dataset, state, 0 if stop[0] else steps, stop=stop))
    parameters = [np.stack(arrays) for arrays in zip(*(run.state.parameters for run in runs), strict=True)]
    finite = np.array([steps if run.diverged_at is None else run.diverged_at - begin for run in runs])
    below = [np.flatnonzero(run.losses < limit) for run in runs]
    above = np.array([places[0] if len(places) else steps for places in below])
    return _trained_networks(variant, parameters, finite, above, limit)


def _networks(variant: _Variant, parameters: Sequence[Array], are_finite: Flags | None = None) -> colors.Networks:
    """Return networks with their losses, infinite except where `are_finite`."""
    config, dataset = variant.config, variant.dataset
    losses, never = np.full(len(variant.places), np.inf, np.float32), np.full(len(variant.places), NEVER)
    finite = np.arange(len(losses)) if are_finite is None else np.flatnonzero(are_finite)
    together = max(1, CACHED_VALUES // (max(config.network.widths) * len(dataset.x_train)))
    for first in range(0, len(finite), together):
        here = finite[first : first + together]
        losses[here] = training_loss(config, dataset, as_layers([array[here] for array in parameters]))
    return colors.Networks(config, dataset, as_layers(parameters), losses, never, never)


def _trained_networks(
    variant: _Variant, parameters: Sequence[Array], finite: Ints, above: Ints, limit: float
) -> colors.Networks:
    """Return networks with the steps at which they diverged and reached the limit, even by the last update."""
    steps, begin = variant.steps, variant.state.step
    networks = _networks(variant, parameters, finite == steps)
    diverged = ~np.isfinite(networks.losses)
    reached = np.where(diverged, above < finite, (above < steps) | (networks.losses < limit))
    return replace(
        networks,
        diverged_at=np.where(diverged, begin + finite, NEVER),
        reached_at=np.where(reached, begin + above, NEVER),
    )
