"""The training thread: its worker, its pace, what it sends."""
