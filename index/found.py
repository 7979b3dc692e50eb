"""What a search gives: the passages, and in words what a person should know of how they were found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from index.asked import Asked
from index.search import Search
from index.types import Hit, Scope


@dataclass(frozen=True, slots=True)
class Found:
    """The passages, best first, of which the first `shown` are without echoes; `notes` are for the person.

    `scope` are the filters, outlets as spelt in the index; `asked` is what was read in the question.
    """

    hits: tuple[Hit, ...]
    shown: int = 0
    notes: tuple[str, ...] = ()
    scope: Scope = field(default_factory=Scope)
    asked: Asked = field(default_factory=Asked)


def notes(search: Search, asked: Asked) -> Iterator[str]:
    """Yield what a person should know: how dates and outlets were read, and what a filter left out."""
    if asked.since or asked.until or asked.sources:
        said = ", ".join(f"“{phrase}”" for phrase in asked.words)
        meant = " and ".join(filter(None, (_days(asked), ", ".join(asked.sources))))
        if search.holds(asked):
            yield f"{said} was read as {meant}: such articles are put higher, others are not left out"
        else:
            yield f"{said} was read as {meant}, of which there is no article: all were searched"
    yield from _left_out(search)


def _days(asked: Asked) -> str:
    if asked.since == asked.until:
        return asked.since or ""
    if asked.since and asked.until:
        return f"{asked.since} to {asked.until}"
    ends = (
        f"since {asked.since}" if asked.since else "",
        f"until {asked.until}" if asked.until else "",
    )
    return " ".join(filter(None, ends))


def _left_out(search: Search) -> Iterator[str]:
    """Yield what the filters remove, where that is everything or for want of a date."""
    scope, opened = search.scope, search.opened
    if not scope:
        return
    mask = opened.mask(scope)
    dated = opened.days[opened.days > 0]
    if not mask.any() and len(dated):
        first, last = (_iso(int(day)) for day in (dated.min(), dated.max()))
        yield f"the filters leave no article; those in the index are of {first} to {last}"
    elif (scope.since or scope.last) and (undated := int((opened.days == 0).sum())):
        yield f"{undated:,} of {len(opened.days):,} passages have no date and were left out"


def _iso(day: int) -> str:
    return f"{day // 10000:04}-{day // 100 % 100:02}-{day % 100:02}"
