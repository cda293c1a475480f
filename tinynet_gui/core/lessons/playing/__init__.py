"""Playing a lesson: progress, predictions, goals, and how they are remembered."""
