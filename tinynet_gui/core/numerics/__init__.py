"""The arrays that everything computes with, and tests and intervals, exact or with a known error."""
