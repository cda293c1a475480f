"""Numbers, formulas, names and PyTorch's print, as text."""
