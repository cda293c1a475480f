"""Everything the user sees and touches. Imports no torch.

Its folders, in the order of reading. Each imports only from those above it, except the four files of the window that
assemble everything, and a view's `controller.py`, which may use the engine and the window as a feature does:

    style     colours, fonts, icons and the zoom
    widgets   building blocks shared by several views, and dialogs
    views     what is seen, one folder each
    window    the frame and the menus, and the tables of views and features
    features  what can be done: a folder or a module each
"""

import os

from tinynet_gui.qt import restore_import

# A line of a few hundred pixels that Qt fills in several threads takes ten times as long as in one.
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
restore_import()
