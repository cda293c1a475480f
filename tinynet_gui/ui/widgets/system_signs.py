"""How numbers are written on this system, and so read by its spreadsheets."""

from PySide6.QtCore import QLocale


def decimal_sign() -> str:
    """Return the decimal sign, a point or a comma."""
    return "," if QLocale.system().decimalPoint() == "," else "."
