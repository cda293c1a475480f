"""The training thread and its one owner."""
