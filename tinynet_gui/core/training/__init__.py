"""Training: the samples and their order, the first weights, and the tutorial's loop: on torch, and compiled."""
