"""A session as bytes: plain JSON and named arrays, in a session file or the journal that autosave appends to."""
