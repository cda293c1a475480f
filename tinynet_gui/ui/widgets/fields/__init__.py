"""Fields to type and to choose in, and what they say to what is not allowed."""
