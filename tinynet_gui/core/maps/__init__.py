"""Maps: many trainings, or many losses, as one picture over two quantities."""
