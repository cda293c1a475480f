"""The inspected part of the network: as numbers, as PyTorch prints it, and as mathematics."""
