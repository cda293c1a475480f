"""Everything the user sees and touches. Imports no torch."""
