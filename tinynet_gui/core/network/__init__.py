"""The network: activations, layers, outputs, and references to its parameters."""
