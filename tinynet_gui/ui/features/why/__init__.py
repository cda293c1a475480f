"""What is wrong with a training, why, and what would help."""
