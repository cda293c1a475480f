"""What a setting chooses by name: activations, losses and optimisers, one record for each, of elementary functions."""
