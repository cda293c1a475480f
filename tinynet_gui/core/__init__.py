"""Data, network, training and their meaning: a library that knows no Qt."""
