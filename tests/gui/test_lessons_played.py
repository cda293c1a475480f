"""Every lesson is played to its end in the window; what it reveals is what is so."""

from tinynet_gui.ui.controllers.lessons_controller import own_lessons

FILES = own_lessons()
