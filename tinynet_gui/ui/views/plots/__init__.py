"""The function plot with the curve taken apart, and the loss plot."""
