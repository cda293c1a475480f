"""What is looked at and touched; a folder each."""
