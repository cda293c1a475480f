"""Data, as they are brought: formulas, points, real data, and files that are read."""
