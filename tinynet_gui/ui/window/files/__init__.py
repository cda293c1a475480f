"""Opening, saving, dropping and exporting files."""
