"""A session as bytes: plain JSON and named arrays, in a file that is written whole or appended to."""
