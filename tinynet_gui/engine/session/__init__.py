"""The session, and the commands on it."""
