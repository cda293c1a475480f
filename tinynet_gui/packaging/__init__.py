"""What makes the folder that runs without Python, and compiles translations into each wheel."""
