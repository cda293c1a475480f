"""tinynet_gui: a desktop laboratory for the smallest useful neural network."""

import os

from tinynet_gui.cpp_runtime import load_cpp_runtime

__version__ = "0.1.0"

# numpy's small least squares gain nothing from more threads, and get twenty times slower while the cores are busy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
load_cpp_runtime()
