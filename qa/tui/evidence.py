"""What an answer rests on, in the form that the sources panel and the article screen show.

Left out: fetching the article; that is the article screen's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.types import Hit, Source
from qa.tui.lettering import line
from qa.types import Answer, Citation

NEAREST = 3
AROUND = 160
# Cosines of question and passage. On the sample's questions half of the passages that hold the answer
# reach the first and 85 % the second; of the other passages found, 12 % and 50 %.
STRONG, FAIR = 0.5, 0.33


@dataclass(frozen=True, slots=True)
class Evidence:
    """A slice `[start:end)` of an article, and its passage; `number` 0 means not cited.

    `cosine` says how near the passage is to the question, None where nobody knows it any more. `copies`
    are the other pieces of evidence that tell the same in the same story, folded under this one.
    """

    number: int
    source: Source
    start: int
    end: int
    quote: str
    passage: str
    passage_start: int
    verified: bool
    cosine: float | None = None
    copies: tuple[Evidence, ...] = ()


def behind(answer: Answer) -> tuple[Evidence, ...]:
    """Return what can be opened from an answer: its citations, else what comes nearest."""
    shown = answer.citations or answer.nearest
    return tuple(_of(c, answer.hits) for c in shown) or nearest(answer.hits)


def nearest(hits: Sequence[Hit], count: int = NEAREST) -> tuple[Evidence, ...]:
    """Return the best passages of a search, as evidence that nothing was quoted from."""
    return tuple(
        Evidence(0, p.source, p.start, p.end, p.text, p.text, p.start, True, hit.cosine or None)
        for hit in hits[:count]
        for p in (hit.passage,)
    )


def whole(source: Source) -> Evidence:
    """Return an article as evidence of which nothing is lit."""
    return Evidence(0, source, 0, 0, "", "", 0, True)


def _of(c: Citation, hits: Sequence[Hit]) -> Evidence:
    """A citation with its passage and score where the hits hold them."""
    hit = next((h for h in hits if h.passage.passage_id == c.passage_id), None)
    found = Evidence(
        c.number, c.source, c.start, c.end, c.quote, c.quote, c.start, c.verified,
        (hit.cosine or None) if hit else None,
    )  # fmt: skip
    if hit and hit.passage.start <= c.start and c.end <= hit.passage.end:
        found = replace(found, passage=hit.passage.text, passage_start=hit.passage.start)
    return found


def fold(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Put uncited passages of one story under the best of them; what is cited stays in sight."""
    kept: list[Evidence] = []
    for e in evidence:
        story = e.source.story or e.source.article_id
        for place, other in enumerate(kept):
            same = (other.source.story or other.source.article_id) == story
            if same and e.number == 0:
                kept[place] = replace(other, copies=(*other.copies, e))
                break
        else:
            kept.append(e)
    return tuple(kept)


def band(cosine: float | None) -> str:
    """Return how well a passage fits the question, as bars and a word; nothing when unknown."""
    if cosine is None:
        return ""
    if cosine >= STRONG:
        return "▮▮▮ strong"
    return "▮▮▯ fair" if cosine >= FAIR else "▮▯▯ weak"


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


def days_of(evidence: Sequence[Evidence]) -> list[str]:
    """Return the days of the evidence that are known, oldest first."""
    return sorted({line(e.source.published, 20) for e in evidence if e.source.published})


def dates(evidence: Sequence[Evidence]) -> str:
    """Return the days that the evidence spans, or nothing when none is known."""
    days = days_of(evidence)
    if not days:
        return ""
    return days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}"
