"""What an answer rests on, in the form that the sources panel and the citation screen show.

Left out: fetching the article; that is the citation screen's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.types import Hit, Source
from qa.tui.lettering import line
from qa.types import Answer

NEAREST = 3
AROUND = 160


@dataclass(frozen=True, slots=True)
class Evidence:
    """A slice `[start:end)` of an article, and its passage; `number` 0 means not cited."""

    number: int
    source: Source
    start: int
    end: int
    quote: str
    passage: str
    passage_start: int
    verified: bool


def cited(answer: Answer) -> tuple[Evidence, ...]:
    """Return the citations of an answer, each with its passage where the hits hold it."""
    passages = {hit.passage.passage_id: hit.passage for hit in answer.hits}
    found = []
    for c in answer.citations:
        passage = passages.get(c.passage_id)
        holds = passage is not None and passage.start <= c.start and c.end <= passage.end
        found.append(
            Evidence(
                c.number,
                c.source,
                c.start,
                c.end,
                c.quote,
                passage.text if passage is not None and holds else c.quote,
                passage.start if passage is not None and holds else c.start,
                c.verified,
            )
        )
    return tuple(found)


def nearest(hits: Sequence[Hit], count: int = NEAREST) -> tuple[Evidence, ...]:
    """Return the best passages of a search, as evidence that nothing was quoted from."""
    return tuple(
        Evidence(0, p.source, p.start, p.end, p.text, p.text, p.start, True)
        for p in (hit.passage for hit in hits[:count])
    )


def behind(answer: Answer) -> tuple[Evidence, ...]:
    """Return what can be opened from an answer: its citations, else the nearest passages."""
    return cited(answer) or nearest(answer.hits)


def excerpt(evidence: Evidence, around: int = AROUND) -> tuple[str, str, str]:
    """Cut the passage down to the quote and a little before and after it."""
    start = evidence.start - evidence.passage_start
    end = evidence.end - evidence.passage_start
    before, after = evidence.passage[:start], evidence.passage[end:]
    if len(before) > around:
        before = "…" + before[-around:].partition(" ")[2]
    if len(after) > around:
        after = after[:around].rpartition(" ")[0] + "…"
    return before, evidence.quote, after


def dates(evidence: Sequence[Evidence]) -> str:
    """Return the days that the evidence spans, or nothing when none is known."""
    days = sorted({line(e.source.published, 20) for e in evidence if e.source.published})
    if not days:
        return ""
    return days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}"
