"""Base classes of dialogs, message boxes and file dialogs."""
