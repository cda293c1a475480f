"""The network as a picture: its layout, its drawing, and its reactions."""
