"""The slash commands: their names and what they take. Left out: doing them; that is `slash.py`."""

from __future__ import annotations

import calendar
import difflib
from dataclasses import dataclass, replace
from datetime import date, timedelta

from index.errors import UsageError
from index.types import Scope

# name → (what it takes, what it does), in the order in which the help lists them
COMMANDS: dict[str, tuple[str, str]] = {
    "help": ("", "show keys and commands"),
    "model": ("[NAME]", "another model; alone: choose from a list"),
    "since": ("[DATE]", "articles from this day on; alone: no limit"),
    "until": ("[DATE]", "articles up to this day; alone: no limit"),
    "source": ("[NAME]", "this outlet only; alone: all outlets"),
    "sources": ("", "show or hide the sources"),
    "sessions": ("", "go back to an earlier conversation"),
    "export": ("[FILE]", "write the conversation to a Markdown file"),
    "new": ("", "begin a new conversation"),
    "quit": ("", "leave"),
}


@dataclass(frozen=True, slots=True)
class Slash:
    """A command that the person typed."""

    name: str
    argument: str


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


def complete_slash(text: str) -> list[str]:
    """Return the commands that `/na…` may become."""
    if not text.startswith("/") or any(c.isspace() for c in text):
        return []
    return [f"/{name}" for name in COMMANDS if name.startswith(text[1:].lower())]


def parse_day(text: str, *, last: bool = False) -> str:
    """Return the ISO date that `2025-05-31`, `2025-05`, `2025`, `today` or `yesterday` means.

    A month or a year means its first day, or its last with `last`. Raises `UsageError`.
    """
    word = text.strip().lower()
    if word in ("today", "yesterday"):
        return (date.today() - timedelta(days=word == "yesterday")).isoformat()
    try:
        parts = [int(part) for part in word.split("-")]
        if not (1 <= len(parts) <= 3 and 1000 <= parts[0] <= 9999 and word.isascii()):
            raise ValueError
        year = parts[0]
        month = parts[1] if len(parts) > 1 else (12 if last else 1)
        end = calendar.monthrange(year, month)[1]
        day = parts[2] if len(parts) > 2 else (end if last else 1)
        return date(year, month, day).isoformat()
    except (ValueError, calendar.IllegalMonthError):
        raise UsageError(
            f"{text[:40]!r} is not a date", "write it as 2025-05-31, 2025-05, 2025 or today"
        ) from None


def narrow_scope(scope: Scope, slash: Slash) -> Scope:
    """Return the scope after a filter command; raises `UsageError` when no day is left."""
    value = slash.argument
    if slash.name == "since":
        scope = replace(scope, since=parse_day(value) if value else None)
    elif slash.name == "until":
        scope = replace(scope, until=parse_day(value, last=True) if value else None)
    else:
        scope = replace(scope, sources=(value,) if value else ())
    if scope.since and scope.until and scope.since > scope.until:
        raise UsageError(
            f"no day is both since {scope.since} and until {scope.until}",
            "/since or /until alone takes a limit away",
        )
    return scope


def chips(scope: Scope) -> list[str]:
    """Return the filters in force, one short text each."""
    found = []
    if scope.since:
        found.append(f"since {scope.since}")
    if scope.until:
        found.append(f"until {scope.until}")
    found.extend(f"source {name}" for name in scope.sources)
    return found
