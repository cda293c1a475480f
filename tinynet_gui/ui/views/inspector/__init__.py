"""The pinned element: as numbers, as PyTorch prints it, and as mathematics."""
