"""Pictures of widgets."""
