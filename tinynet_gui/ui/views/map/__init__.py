"""A map: many trainings, or many losses, as one picture."""
