"""The map: outcomes of many trainings, or many losses, as one picture."""
