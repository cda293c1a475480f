"""A session as bytes: plain JSON and named arrays, a file of one's own, and the journal that autosave appends to."""
