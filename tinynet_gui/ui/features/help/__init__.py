"""The Help menu: keys, terms, and the purpose of each control."""
