"""Numbers, formulas, names and translated sentences, as text."""
