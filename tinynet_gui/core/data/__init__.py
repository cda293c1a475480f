"""The samples: their origin, their values, and the order in which training takes them."""
