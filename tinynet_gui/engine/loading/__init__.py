"""Loads PyTorch and the compiled loop."""
