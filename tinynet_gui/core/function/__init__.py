"""The function that a network computes: its linear pieces, each neuron's part, and the best its kind can do."""
