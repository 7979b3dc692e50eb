"""Keeping the conversation as it goes and going back to an earlier one.

Left out: the file itself; that is `qa.sessions`. What cannot be saved goes on unsaved.
"""

from __future__ import annotations

import sqlite3
import threading
import uuid
from typing import TYPE_CHECKING

from qa.sessions import Sessions
from qa.tui.messages import Trouble
from qa.tui.picker import Choice, Picker
from qa.tui.turn_view import TurnView
from qa.types import Answer

if TYPE_CHECKING:
    from qa.tui.chat import ChatScreen


class Past:
    """The conversation's place among the sessions; without sessions nothing is written."""

    def __init__(self, sessions: Sessions | None) -> None:
        self._sessions = sessions
        self._lock = threading.Lock()  # turns are saved in the order in which they were finished
        self._warned = False
        self._session_id = uuid.uuid4().hex

    def begin(self) -> None:
        """Start a new conversation."""
        self._session_id = uuid.uuid4().hex

    def keep(self, chat: ChatScreen, view: TurnView, answer: Answer) -> None:
        """Save a finished turn in a thread; a failure is said once."""
        sessions, session_id, number = self._sessions, self._session_id, view.number
        if sessions is None:
            return

        def save() -> None:
            try:
                with self._lock:
                    sessions.save(session_id, number, view.question, answer)
            except (OSError, sqlite3.Error) as error:
                if not self._warned:
                    self._warned = True
                    kind = type(error).__name__
                    chat.post_message(Trouble(f"this conversation is not being saved ({kind})"))

        chat.spawn(save)

    def choose(self, chat: ChatScreen) -> None:
        """Offer the last conversations and go back to the one that is picked."""
        sessions = self._sessions
        if sessions is None:
            chat.conversation.notice("nothing is saved in a private chat")
            return
        try:
            found = sessions.latest()
        except (OSError, sqlite3.Error) as error:
            kind = type(error).__name__
            chat.conversation.notice(f"the sessions cannot be read ({kind})", problem=True)
            return
        if not found:
            chat.conversation.notice("there is no earlier conversation yet")
            return
        rows = [
            Choice(s.question, f"{s.began.replace('T', ' ')[:16]} · {s.turns} turns") for s in found
        ]

        def picked(place: int | None) -> None:
            if place is None:
                return
            try:
                turns = sessions.load(found[place].session_id)
            except (OSError, sqlite3.Error, ValueError, TypeError, KeyError) as error:
                kind = type(error).__name__
                chat.conversation.notice(f"that conversation cannot be read ({kind})", problem=True)
                return
            self._session_id = found[place].session_id
            chat.resume(turns)

        chat.app.push_screen(Picker("Go back to", rows), picked)
