"""The network as a picture: where everything stands, how it is drawn, and what it answers."""
