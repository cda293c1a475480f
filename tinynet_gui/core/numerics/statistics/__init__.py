"""Tests and intervals, exact or with a known error."""
