"""The training thread, and the session that controls it."""
