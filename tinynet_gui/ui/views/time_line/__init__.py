"""The line for going through a run, step by step, into its past."""
