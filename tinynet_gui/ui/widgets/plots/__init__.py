"""What every plot has."""
