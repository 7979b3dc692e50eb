"""Keeping the conversation and the draft as they go, and going back to an earlier conversation.

Left out: the file itself; that is `qa.sessions`. What cannot be saved goes on unsaved, and that is said.
"""

from __future__ import annotations

import sqlite3
import threading
import uuid
from typing import TYPE_CHECKING

from qa.sessions import Sessions
from qa.tui.messages import HistoryRead, Trouble
from qa.tui.turn_view import TurnView

if TYPE_CHECKING:
    from qa.tui.chat import ChatScreen

WRONG = (OSError, sqlite3.Error)


class Past:
    """The conversation's place among the sessions; without sessions nothing is written or read."""

    def __init__(self, sessions: Sessions | None) -> None:
        self.sessions = sessions
        self.session_id = uuid.uuid4().hex
        self._lock = threading.Lock()  # turns are saved in the order in which they were finished
        self._warned = False

    def begin(self) -> None:
        """Start a new conversation."""
        self.session_id = uuid.uuid4().hex

    def keep(self, chat: ChatScreen, view: TurnView) -> None:
        """Save a turn as it stands, in a thread; a failure is said once."""
        sessions, session_id, number = self.sessions, self.session_id, view.number
        if sessions is None:
            return
        question, answer, partial = view.question, view.answer, "" if view.answer else view.text

        def save() -> None:
            try:
                with self._lock:
                    sessions.save(session_id, number, question, answer, partial)
            except WRONG as error:
                if not self._warned:
                    self._warned = True
                    kind = type(error).__name__
                    chat.post_message(Trouble(f"this conversation is not being saved ({kind})"))

        chat.spawn(save)

    def keep_draft(self, text: str) -> None:
        """Save what stands in the input; failing at it is no reason to interrupt anybody."""
        if self.sessions is not None:
            try:
                with self._lock:
                    if self.sessions.file.exists() or text:
                        self.sessions.draft = text
            except WRONG:
                pass

    def read_history(self, chat: ChatScreen) -> None:
        """Read, in a thread, what was asked before and the draft of the last time."""
        sessions = self.sessions
        if sessions is None:
            return

        def read() -> None:
            try:
                chat.post_message(HistoryRead(tuple(sessions.questions()), sessions.draft))
            except WRONG as error:
                kind = type(error).__name__
                chat.post_message(Trouble(f"the sessions cannot be read ({kind})"))

        chat.spawn(read)

    def choose(self, chat: ChatScreen) -> None:
        """Offer the earlier conversations and go back to the one that is picked."""
        if self.sessions is None:
            chat.conversation.notice("nothing is saved in a private chat")
            return
        from qa.tui.sessions_screen import SessionsScreen

        try:
            if not self.sessions.latest(1):
                chat.conversation.notice("there is no earlier conversation yet")
                return
        except WRONG as error:
            kind = type(error).__name__
            chat.conversation.notice(f"the sessions cannot be read ({kind})", problem=True)
            return

        def picked(session_id: str | None) -> None:
            if session_id is not None:
                self.resume(chat, session_id)

        chat.app.push_screen(SessionsScreen(self.sessions, self.session_id), picked)

    def resume(self, chat: ChatScreen, session_id: str | None = None) -> None:
        """Show an earlier conversation, the last one where none is named, and go on from there."""
        if self.sessions is None:
            return
        try:
            if session_id is None:
                newest = self.sessions.latest(1)
                if not newest:
                    chat.conversation.notice("there is no earlier conversation yet")
                    return
                session_id = newest[0].session_id
            turns = self.sessions.load(session_id)
            last = self.sessions.last_number(session_id)
        except WRONG as error:
            kind = type(error).__name__
            chat.conversation.notice(f"that conversation cannot be read ({kind})", problem=True)
            return
        chat.resume(turns, last)
        self.session_id = session_id

    def rename(self, chat: ChatScreen, name: str) -> None:
        """Give this conversation a name."""
        if self.sessions is None:
            chat.conversation.notice("nothing is saved in a private chat")
            return
        try:
            self.sessions.rename(self.session_id, name)
            chat.say(f"this conversation is called {name!r} now" if name else "its name is gone")
        except WRONG as error:
            chat.conversation.notice(f"it cannot be renamed ({type(error).__name__})", problem=True)
