"""Tests and intervals, exact or with their error."""
