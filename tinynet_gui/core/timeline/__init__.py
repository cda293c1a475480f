"""The course of a whole run: its marks, its film, its end."""
