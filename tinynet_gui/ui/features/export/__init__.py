"""A run as code or as a web page, its network as numbers."""
