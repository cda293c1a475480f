"""The Help menu: the guide, keys, terms, and the purpose of each control."""
