"""The compiled engine: the trainer's arithmetic in machine code. `kernel` is the way in; `cache` imports no numba."""
