"""The samples: where they lie, what they are, in which order they are taken."""
