"""The network: activations, layers, what it computes, and where a parameter is."""
