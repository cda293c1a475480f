"""The training thread, and the session that controls it.

Its folders and modules, in the order of reading; each imports only from those above it:

    training          the training thread: its worker, its pace, its messages
    jobs              work outside the window's thread
    kernel_compiler   compiles the loop in processes of its own
    loading           loads PyTorch and the compiled loop
    session           the session, and the commands on it
    autosave_folders  the folders in which sessions are kept
    autosave          keeps the session on disk
    session_files     reads and writes sessions, as jobs
    lesson_session    the session that a page of a lesson begins with
    lesson_places     the moments that its pages are about
    lesson_player     plays a lesson, step by step
    program           all of it together, and its shutdown
    error_report      what helps to find the cause of an unexpected error
"""

from tinynet_gui.plain_import import restore_import

restore_import()
