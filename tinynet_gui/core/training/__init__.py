"""Losses, optimisers, and the tutorial's loop: on torch, and compiled."""
