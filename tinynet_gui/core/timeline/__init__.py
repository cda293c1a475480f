"""The course of a whole run: its marks, its film, where it would end."""
