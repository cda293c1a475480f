"""What keyboards and screen readers need of every widget."""
