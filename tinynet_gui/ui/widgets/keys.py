"""Groups of keys: those that exist twice on a keyboard, and those that move something."""

from PySide6.QtCore import Qt

Key = Qt.Key
ENTER = (Key.Key_Return, Key.Key_Enter)
DELETE = (Key.Key_Delete, Key.Key_Backspace)
ARROWS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, 1), Key.Key_Down: (0, -1)}  # right, up
ENDS = (Key.Key_Home, Key.Key_End)
SCROLLS = (Key.Key_Up, Key.Key_Down, Key.Key_PageUp, Key.Key_PageDown)
