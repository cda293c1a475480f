"""The network: layers, first weights, outputs, and references to its parameters."""
