"""What is pinned: as numbers, as PyTorch prints it, and as mathematics."""
