"""What each slash command does. Left out: their names and arguments; those are in `commands.py`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import QaError
from qa.export import to_markdown, write_export
from qa.tui.commands import Slash, chips, narrow_scope, parse_slash

if TYPE_CHECKING:
    from qa.tui.chat import ChatScreen


def obey(chat: ChatScreen, text: str) -> None:
    """Do what a line that begins with `/` says, or say in plain words why not."""
    try:
        slash = parse_slash(text)
        _DEEDS[slash.name](chat, slash)
    except QaError as error:
        chat.conversation.notice(error.message, error.hint, problem=True)


def export_name() -> str:
    """Return the file that an export goes to when none is named."""
    return f"qa-chat-{date.today().isoformat()}.md"


def _narrow(chat: ChatScreen, slash: Slash) -> None:
    chat.scope = narrow_scope(chat.scope, slash)
    now = ", ".join(chips(chat.scope)) or "all articles"
    chat.conversation.notice(f"searching in: {now}")


def _export(chat: ChatScreen, slash: Slash) -> None:
    turns = [(t.question, t.answer) for t in chat.conversation.turns if t.answer]
    if not turns:
        chat.conversation.notice("there is nothing to export yet", "ask a question first")
        return
    file = Path(slash.argument or export_name()).expanduser()
    write_export(file, to_markdown(turns))
    chat.conversation.notice(f"wrote {len(turns)} answers to {file}")


_DEEDS: dict[str, Callable[[ChatScreen, Slash], None]] = {
    "help": lambda chat, _: chat.action_help(),
    "model": lambda chat, slash: chat.models.choose(slash.argument or None),
    "since": _narrow,
    "until": _narrow,
    "source": _narrow,
    "sources": lambda chat, _: chat.action_sources(),
    "sessions": lambda chat, _: chat.action_sessions(),
    "export": _export,
    "new": lambda chat, _: chat.action_new(),
    "quit": lambda chat, _: chat.app.exit(),
}
