"""The loss over the steps."""
