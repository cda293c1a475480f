"""The loss as a landscape over all parameters: what lies between two networks."""
