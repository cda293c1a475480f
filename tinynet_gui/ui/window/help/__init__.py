"""Keys, glossary, and "What's this?"."""
