"""What a setting chooses by name: activations, losses, optimisers; one record each, built from elementary functions."""
