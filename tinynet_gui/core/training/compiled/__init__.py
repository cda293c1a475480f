"""The compiled engine: the trainer's arithmetic in machine code. Start at `kernel`; `cache` imports no numba."""
