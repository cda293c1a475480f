"""Building blocks shared by several views."""
