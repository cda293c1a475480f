"""tinynet_gui: a desktop laboratory for the smallest useful neural network."""

__version__ = "0.1.0"
