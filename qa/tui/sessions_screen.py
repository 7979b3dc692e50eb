"""Earlier conversations: find by what was said in them, go back to one, rename it, delete it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from qa.sessions import Session, Sessions
from qa.tui.listing import Listing, Row
from qa.tui.past import WRONG


class SessionsScreen(Listing[str]):
    """Returns the id of the conversation to go back to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2,ctrl+r", "rename", "Rename the conversation", id="session-rename"),
        Binding("ctrl+d", "delete", "Delete it (twice)", id="session-delete", priority=True),
    ]
    HEADING = "Conversations"
    FOOT = "Enter resume · F2 rename · ^D delete · Esc back"
    PLACEHOLDER = "search in all that was asked and answered"

    def __init__(self, sessions: Sessions, present: str) -> None:
        super().__init__()
        self._sessions = sessions
        self._present = present
        self._deleting: str | None = None
        self._renaming: str | None = None

    def rows(self, wanted: str) -> Sequence[Row]:
        """The conversations in which all the words are said, newest first."""
        try:
            found = self._sessions.search(wanted) if not self._renaming else self._sessions.latest()
        except WRONG as error:
            return [Row(f"the sessions cannot be read ({type(error).__name__})", available=False)]
        rows = [Row(_name(s, self._present), _note(s), key=s.session_id) for s in found]
        return rows or [Row("nothing like that was said", available=False)]

    def typed(self) -> None:
        """Search, unless what is typed is a name."""
        if self._renaming is None:
            super().typed()

    def entered(self) -> None:
        """Go back to the conversation, or keep its new name."""
        if self._renaming is None:
            super().entered()
            return
        try:
            self._sessions.rename(self._renaming, self.wanted)
        except WRONG as error:
            self.say(f"it cannot be renamed ({type(error).__name__})")
        self._end_renaming()

    def action_rename(self) -> None:
        """Take the next line that is typed as the name of the conversation."""
        row = self.current
        if row is not None and isinstance(row.key, str):
            self._renaming = row.key
            search = self.query_one(Input)
            search.value, search.placeholder = "", "the new name; Enter keeps it, Esc does not"
            self.say("type the new name and Enter")

    def _end_renaming(self) -> None:
        self._renaming = None
        search = self.query_one(Input)
        search.value, search.placeholder = "", self.PLACEHOLDER
        self.say("")
        self.refill(keep=True)

    def action_delete(self) -> None:
        """Delete the conversation when it is asked for twice."""
        row = self.current
        if row is None or not isinstance(row.key, str):
            return
        if self._deleting != row.key:
            self._deleting = row.key
            self.say("^D again deletes it for good")
            return
        self._deleting = None
        try:
            self._sessions.delete(row.key)
            self.say("deleted")
        except WRONG as error:
            self.say(f"it cannot be deleted ({type(error).__name__})")
        self.refill(keep=True)

    def action_back(self) -> None:
        """Leave renaming, else the list."""
        if self._renaming is not None:
            self._end_renaming()
        else:
            super().action_back()


def _name(session: Session, present: str) -> str:
    return session.name + (" ●" if session.session_id == present else "")


def _note(session: Session) -> str:
    turns = "1 turn" if session.turns == 1 else f"{session.turns} turns"
    return f"{session.last.replace('T', ' ')[:16]} · {turns}"
