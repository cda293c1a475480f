"""The user's data: formulas, points, real data, and data files."""
