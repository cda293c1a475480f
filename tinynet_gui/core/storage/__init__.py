"""A session as bytes: plain JSON and named arrays, a session file, and the journal that autosave appends to."""
