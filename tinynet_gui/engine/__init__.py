"""The training thread, and the session that controls it.

Its folders and modules, in the order of reading; each imports only from those above it:

    training          the training thread: its worker, its pace, its messages
    jobs              work outside the window's thread
    loading           compiles the loop in processes of its own; loads it, and PyTorch
    session           the session, and the commands on it
    autosave_folders  the folders in which sessions are kept
    autosave          keeps the session on disk
    session_files     reads and writes sessions, as jobs
    lesson_session    the session that a page of a lesson begins with, and the moments that it is about
    lesson_player     plays a lesson, step by step
    program           all of it together, its shutdown, and a report when it fails
"""

from tinynet_gui.qt import restore_import

restore_import()
