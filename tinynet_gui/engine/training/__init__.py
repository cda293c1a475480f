"""The training thread: its worker, its pace, its messages."""
