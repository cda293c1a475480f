"""Small random networks for property tests."""

from itertools import pairwise

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tinynet_gui.core.network.forward import Layer

SEEDS = st.integers(0, 2**32 - 1)


def random_layers(hidden: tuple[int, ...], seed: int, scale: float = 1.0) -> tuple[Layer, ...]:
    """Return layers with normal weights of about unit gain, and normal biases."""
    random = np.random.default_rng(seed)
    widths = (1, *hidden, 1)
    return tuple(
        Layer(
            (scale * random.standard_normal((n_out, n_in)) / np.sqrt(n_in)).astype(np.float32),
            (scale * random.standard_normal(n_out)).astype(np.float32),
        )
        for n_in, n_out in pairwise(widths)
    )


def layer_of(weight: list[list[float]], bias: list[float]) -> Layer:
    """Return a layer of these numbers."""
    return Layer(np.array(weight, np.float32), np.array(bias, np.float32))


def networks(max_layers: int = 3, max_width: int = 8, min_layers: int = 0) -> SearchStrategy[tuple[Layer, ...]]:
    """Draw networks of so many hidden layers at most."""

    @st.composite
    def draw_network(draw: DrawFn) -> tuple[Layer, ...]:
        hidden = draw(st.lists(st.integers(1, max_width), min_size=min_layers, max_size=max_layers))
        return random_layers(tuple(hidden), draw(SEEDS))

    return draw_network()
