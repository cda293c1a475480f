"""The network as a picture: layout, painting and interaction."""
