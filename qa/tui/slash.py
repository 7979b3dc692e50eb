"""What each slash command does. Left out: their names and arguments; those are in `commands.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from index.errors import QaError, UsageError
from qa.filters import chips, narrow_scope
from qa.slash_commands import Slash, parse_slash, typed_path
from qa.tui.messages import CaseFound, Trouble

if TYPE_CHECKING:
    from qa.tui.chat import ChatScreen


def obey(chat: ChatScreen, text: str) -> None:
    """Do what a line that begins with `/` says, or say in plain words why not."""
    try:
        slash = parse_slash(text)
        _DEEDS[slash.name](chat, slash)
    except QaError as error:
        chat.conversation.notice(error.message, error.hint, problem=True)


def _narrow(chat: ChatScreen, slash: Slash) -> None:
    chat.scope = narrow_scope(chat.scope, slash)
    now = ", ".join(f"{name} {value}" for name, value in chips(chat.scope)) or "all articles"
    chat.conversation.notice(f"searching in: {now}")


def _export(chat: ChatScreen, slash: Slash) -> None:
    from qa.export import export, export_name

    turns = [(t.question, t.answer) for t in chat.conversation.turns if t.answer]
    if not turns:
        chat.conversation.notice("there is nothing to export yet", "ask a question first")
        return
    file = typed_path(slash.argument or export_name())
    export(file, turns)
    answers = "1 answer" if len(turns) == 1 else f"{len(turns)} answers"
    chat.conversation.notice(f"wrote {answers} to {file}")


def _theme(chat: ChatScreen, slash: Slash) -> None:
    from qa.tui.themes import named

    if not slash.argument:
        chat.app.action_change_theme()
        return
    chat.app.theme = named(slash.argument, chat.app.available_themes)


def _reindex(chat: ChatScreen, slash: Slash) -> None:
    chat.keeper.refresh([typed_path(slash.argument)] if slash.argument else ())


def _rename(chat: ChatScreen, slash: Slash) -> None:
    if not slash.argument:
        raise UsageError("what shall it be called?", "/rename Talks in Istanbul")
    chat.past.rename(chat, slash.argument)


def _case(chat: ChatScreen, slash: Slash) -> None:
    find = chat.find_case
    if find is None or not slash.argument:
        raise UsageError("which case?", "/case set.run.jsonl q7")

    def work() -> None:
        try:
            chat.post_message(CaseFound(find(slash.argument)))
        except QaError as error:
            chat.post_message(Trouble(error.message, error.hint))

    chat.spawn(work)


_DEEDS: dict[str, Callable[[ChatScreen, Slash], object]] = {
    "help": lambda chat, _: chat.action_help(),
    "model": lambda chat, slash: chat.models.choose(slash.argument or None),
    "since": _narrow,
    "until": _narrow,
    "as-of": _narrow,
    "source": _narrow,
    "sources": lambda chat, _: chat.action_sources(),
    "again": lambda chat, _: chat.reading.again(),
    "edit": lambda chat, _: chat.reading.edit(),
    "copy": lambda chat, _: chat.reading.copy(),
    "inspect": lambda chat, _: chat.reading.inspect(),
    "browse": lambda chat, _: chat.action_browse(),
    "index": lambda chat, _: chat.action_index(),
    "reindex": _reindex,
    "sessions": lambda chat, _: chat.action_sessions(),
    "rename": _rename,
    "export": _export,
    "case": _case,
    "theme": _theme,
    "new": lambda chat, _: chat.action_new(),
    "quit": lambda chat, _: chat.app.exit(),
}
