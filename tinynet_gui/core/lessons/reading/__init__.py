"""A lesson's file: read completely, or each of its mistakes told."""
