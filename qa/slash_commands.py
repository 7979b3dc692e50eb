"""The slash commands: their names, what they take, and what they may be completed to.

Left out: doing them; that is `slash.py`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import UsageError

# name → (what it takes, what it does), in the order in which the help lists them
COMMANDS: dict[str, tuple[str, str]] = {
    "help": ("", "show keys and commands"),
    "model": ("[NAME]", "another model; alone: choose from a list"),
    "since": ("[DATE]", "articles from this day on; alone: no limit"),
    "until": ("[DATE]", "articles up to this day; alone: no limit"),
    "as-of": ("[DATE]", "ask as on this day: nothing later is seen; alone: today"),
    "source": ("[NAME]", "this outlet only; alone: all outlets"),
    "sources": ("", "show or hide the sources"),
    "again": ("", "ask the selected question again"),
    "edit": ("", "change the selected question and ask again"),
    "copy": ("", "copy the selected answer with its citations"),
    "inspect": ("", "what was found for the selected question, and what was sent"),
    "browse": ("", "look through the articles"),
    "index": ("", "what is indexed and how fresh it is"),
    "reindex": ("[FOLDER]", "bring the index up to date in the background"),
    "sessions": ("", "find, resume, rename or delete conversations"),
    "rename": ("NAME", "give this conversation a name"),
    "export": ("[FILE]", "write the conversation to a .md, .html or .json file"),
    "case": ("RUN [ID]", "ask a case of an evaluation run again; without ID: its misses"),
    "theme": ("[NAME]", "dark, light or high contrast; alone: choose"),
    "new": ("", "begin a new conversation"),
    "quit": ("", "leave"),
}


@dataclass(frozen=True, slots=True)
class Slash:
    """A command that the person typed."""

    name: str
    argument: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What the input may become, and what that does."""

    text: str
    note: str = ""


def typed_path(text: str) -> Path:
    """Return the path that was typed, `~` for the home folder. Raises `UsageError` for another's that is not there."""
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{text}: there is no such user", "write the path out") from error


def parse_slash(text: str) -> Slash:
    """Return the command in `/name argument`; raises `UsageError` naming the nearest one."""
    name, _, argument = text.strip().removeprefix("/").partition(" ")
    name = name.lower()
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0.4)
        hint = f"did you mean /{near[0]}?" if near else "/help lists the commands"
        raise UsageError(f"there is no command /{name[:40]}", hint)
    argument = argument.strip()
    if argument and not COMMANDS[name][0]:
        raise UsageError(f"/{name} takes nothing after it", f"type /{name} alone")
    return Slash(name, argument)


def complete(text: str, known: Mapping[str, Sequence[str]]) -> list[Completion]:
    """Return what `/na…` or `/name arg…` may become; `known` holds what a command can take."""
    if not text.startswith("/") or "\n" in text:
        return []
    name, space, argument = text[1:].partition(" ")
    if not space:
        rows = [n for n in COMMANDS if n.startswith(name.lower())]
        return [
            Completion(
                f"/{n}" + (" " if COMMANDS[n][0] else ""), f"{COMMANDS[n][0]} {COMMANDS[n][1]}"
            )
            for n in rows
        ]
    wanted = argument.casefold().lstrip()
    found = [v for v in known.get(name.lower(), ()) if wanted in v.casefold()]
    found.sort(key=lambda v: not v.casefold().startswith(wanted))
    if found and found[0].casefold() == wanted:
        return []
    return [Completion(f"/{name} {value}") for value in found]
