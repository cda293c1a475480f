"""What of the session is shown, and what is not: pinned, hidden from students, held back while a question is open."""

from dataclasses import replace
from typing import Any

from tinynet_gui.core.network.refs import Ref
from tinynet_gui.core.run.history import AllShown
from tinynet_gui.engine.session.dispatcher import command
from tinynet_gui.engine.session.looking_back import LookingBack


class Showing(LookingBack):
    """The part of the session's controller for the view."""

    def pin(self, ref: Ref | None) -> None:
        """Keep something selected, or nothing."""
        self.set_view(pinned=ref)

    @command
    def set_view(self, **changes: Any) -> None:
        """Change the view: fields of `core.run.session.ViewState`."""
        self._put_session(view=replace(self._state.session.view, **changes))

    @command
    def show_all(self) -> None:
        """Show everything that is hidden from students. It can be undone."""
        if hidden := self._state.session.view.hidden:
            self._remember(AllShown(hidden))
            self.set_view(hidden=frozenset())

    @command
    def hold_back(self, question_is_open: bool, *, shows_runs: bool = False) -> None:
        """Say whether a question is open: until it is answered, nothing may answer it, and a training pauses.

        The runs that are ticked are drawn all the same if the question is about what lies between them.
        """
        if (question_is_open, shows_runs) != (self._state.question_is_open, self._state.shows_runs):
            self._put(question_is_open=question_is_open, shows_runs=shows_runs)
            if question_is_open and self._state.is_moving:
                self._put_playing(None)
                self._stand_still()
