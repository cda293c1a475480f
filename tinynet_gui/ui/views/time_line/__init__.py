"""The line on which a run is gone through, step by step, into its past."""
