"""The function plot: what the network computes, in layers."""
