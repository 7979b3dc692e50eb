"""Filters as commands and as chips. Left out: applying them; that is the search."""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date, timedelta

from index.errors import UsageError
from index.types import Scope
from qa.slash_commands import Slash

FIELDS = {"since": "since", "until": "until", "as-of": "as_of"}


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
    if slash.name == "source":
        scope = replace(scope, sources=(value,) if value else ())
    else:
        day = parse_day(value, last=slash.name != "since") if value else None
        scope = replace(scope, **{FIELDS[slash.name]: day})  # type: ignore[arg-type]
    last = min(filter(None, (scope.until, scope.as_of)), default=None)
    if scope.since and last and scope.since > last:
        raise UsageError(
            f"no day is both since {scope.since} and until {last}",
            "/since, /until or /as-of alone takes a limit away",
        )
    return scope


def chips(scope: Scope) -> list[tuple[str, str]]:
    """Return the filters in force: the command that sets each, and its value."""
    found = [(name, getattr(scope, field)) for name, field in FIELDS.items()]
    return [(name, value) for name, value in found if value] + [
        ("source", s) for s in scope.sources
    ]


def without(scope: Scope, name: str, value: str) -> Scope:
    """Return the scope with one filter taken away."""
    if name == "source":
        return replace(scope, sources=tuple(s for s in scope.sources if s != value))
    return replace(scope, **{FIELDS[name]: None})  # type: ignore[arg-type]
