"""Whether the evidence is old for the question, said in a sentence.

Only what can be read off the question is used: a word for the present, or a year that it names. Left out:
questions whose age shows in nothing but their subject.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

_NOW = re.compile(
    r"\b(now|today|tonight|current(?:ly)?|at present|nowadays|latest|newest|most recent(?:ly)?|"
    r"so far|this (?:week|month|year)|still|up to date|yet)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(19\d\d|20\d\d)\b")
FRESH = 30
"""Days for which evidence counts as new for a question about the present."""


def warn(question: str, days: Sequence[str], as_of: str | None = None) -> str:
    """Return a warning, or nothing. `days` are the ISO dates of the evidence, oldest first; `as_of` is
    the day from which the question is asked, today when none is given."""
    newest = _day(days[-1]) if days else None
    if newest is None:
        return ""
    if years := [int(y) for y in _YEAR.findall(question)]:
        if newest.year < min(years):
            return (
                f"old for this question: it names {min(years)}, the newest evidence is of {newest}"
            )
        return ""
    if not _NOW.search(question):
        return ""
    asked = _day(as_of or "") or date.today()
    age = (asked - newest).days
    if age <= FRESH:
        return ""
    return f"old for this question: the newest evidence is of {newest}, {_span(age)} before"


def _span(days: int) -> str:
    if days < 60:
        return f"{days} days"
    return f"{days // 30} months" if days < 730 else f"{days // 365} years"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
