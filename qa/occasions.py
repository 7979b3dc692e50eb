"""Which day a sentence tells of, counted from its article's day; and the day whose events a question asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from qa.days import Day, days, written
from qa.question import Question
from qa.sentence import Sentence

_AHEAD = re.compile(
    r"\b(?:will|would(?! have\b)|is to|are to|(?:is|are) (?:\w+ing|due|set|expected|scheduled)|plans? to|next)\b"
)
_APART = 2
"""Characters between a weekday and its date: "Thursday, 19 February", "19 February (Thursday"."""

_SAID = re.compile(r"\b(?:said|says|told|wrote|\w{2,}ed)\s+(?:\w+\s+){0,2}?on\s+$")
_ASKED = re.compile(
    r"^\W*(?:and )?what (?:else )?(?:happened|took place|occurred|went on|was (?:in )?the news)\b([^?]*)\??\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A day of a month, of any year where none is named."""

    month: int
    day: int
    year: int | None

    def is_day(self, iso: str) -> bool:
        """Whether an ISO day is this one."""
        return iso[5:] == f"{self.month:02}-{self.day:02}" and self.year in (None, int(iso[:4]))


def asked_of(question: Question) -> Occasion | None:
    """Return the day of "what happened on 3 May?"; None where the question names anything else beside it.

    Asked so, it has no word in common with what answers it.
    """
    if not (found := _ASKED.match(question.text)):
        return None
    rest = re.sub(r"\b[a-z]{3,}", lambda word: word[0].capitalize(), found[1])  # "3 may"
    named = days(rest)
    for d in reversed(named):
        rest = rest[: d.start] + rest[d.end :]
    dates = [(d.month, d.day, d.year) for d in named if d.clock is None and d.month and d.day]
    if (
        len(dates) != 1
        or any(d.clock is not None for d in named)
        or re.sub(r"\b[Oo]n\b|\W", "", rest)
    ):
        return None
    month, day, year = dates[0]
    return Occasion(month or 0, day or 0, year)


def day_of(s: Sentence, about: set[tuple[int | None, int | None]]) -> str | None:
    """Return the ISO day, or month, that a sentence tells of; the days `about` are passed over."""
    published = date.fromisoformat(s.source.published) if s.source.published else None
    named = days(s.text)
    dates = [(d.start, d.end) for d in named if d.month and d.day]
    for found in named:
        # "Thursday, 19 February" is one day: its weekday alone would be counted from the article's day.
        beside = any(0 <= max(a - found.end, found.start - b) <= _APART for a, b in dates)
        if found.weekday is not None and beside:
            continue
        if found.weekday is not None and s.text[found.end : found.end + 2] in ("’s", "'s"):
            continue  # "a premium to Monday's close" did not happen on Monday
        if found.month and (found.month, found.day) in about:
            continue
        if (exact := found.exact(published)) and (meant := _meant(found, exact, s.text, published)):
            return meant.isoformat()
        if found.year and found.month:
            return f"{found.year:04}-{found.month:02}"
    return None


def _meant(found: Day, exact: Sequence[date], text: str, published: date | None) -> date | None:
    """Of the days that a weekday can be, the last one, or the next where the sentence looks ahead.

    None where it is the day after the article's: many an article goes on being written after its day.
    """
    if found.weekday is None or found.day is not None or published is None:
        return exact[0]
    if published + timedelta(1) in exact:
        return None
    said = _SAID.search(text[: found.start])  # "will cost …, the authority said on Monday"
    if not said and _AHEAD.search(text):  # "will meet on Thursday"
        return min((d for d in exact if d > published), default=max(exact))
    return max((d for d in exact if d <= published), default=min(exact))


def dated(short: str, s: Sentence) -> str:
    """A weekday or "yesterday" with the date that it is, counted from the article's day."""
    published = date.fromisoformat(s.source.published) if s.source.published else None
    named = [d for d in days(short) if d.clock is None]
    if len(named) != 1 or re.search(r"\d", short) or not (exact := named[0].exact(published)):
        return short
    meant = _meant(named[0], exact, s.text, published)
    return f"{short} ({written(meant.isoformat())})" if meant else short
