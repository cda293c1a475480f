"""``python -m tinynet_gui.packaging``: a folder that runs without Python, and an archive of it."""
