"""A network made linear in its weights around its start, and all of its training in a formula."""
