"""The network: layers, first weights, outputs, and references to parameters."""
