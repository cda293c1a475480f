"""The training thread, and the session that controls it.

Its folders and modules, in the order of reading; each imports only from those above it:

    training          the training thread: its worker, its pace, its messages
    jobs              background jobs
    loading           compiles the loop in a subprocess; imports it, and PyTorch
    session           the session, and the commands on it
    autosave_folders  the folders that hold autosaved sessions
    session_files     autosaves the session, and reads and writes the user's files, as jobs
    lesson_session    the session of a lesson's page, and the moments that the page is about
    lesson_player     plays a lesson, step by step
    program           all of it together, its shutdown, and a report when it fails
"""

from tinynet_gui.qt import restore_import

restore_import()
