"""A sentence that may answer, with what was measured of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.types import Hit, Source
from qa.days import written
from qa.types import Span


@dataclass(slots=True)
class Sentence:
    """A candidate: where it is, what stands around it, and what was measured of it.

    `start` and `end` are offsets in the article; `short` is the reader's span in `text`.
    """

    hit: Hit
    start: int
    end: int
    text: str
    before: str
    terms: frozenset[str]
    context: frozenset[str]
    known: frozenset[str]
    features: dict[str, float]
    score: float = 0.0
    short: tuple[int, int] = (0, 0)

    @property
    def span(self) -> Span:
        return Span(self.hit.passage.passage_id, self.start, self.end)

    @property
    def source(self) -> Source:
        return self.hit.passage.source

    @property
    def story(self) -> str:
        """What tells the same story has the same: the article itself, where no copies are known."""
        return getattr(self.source, "story", None) or self.source.article_id


def overlap(a: Sentence, b: Sentence) -> float:
    """Return the share of the shorter one's terms that the other has, 0 to 1."""
    return len(a.terms & b.terms) / max(min(len(a.terms), len(b.terms)), 1)


def origin(s: Sentence) -> str:
    """Return outlet and date as they stand behind a value: "Northline, 2 June 2025"."""
    parts = [s.source.publisher, written(s.source.published) if s.source.published else None]
    return ", ".join(part for part in parts if part) or s.source.title


def asks(text: str) -> bool:
    """Whether it is a question: a quiz that asks the same is no evidence of the answer."""
    return text.rstrip("”\"’' )").endswith("?")


_RUN = re.compile(
    r"(?!The |An? |In |At |On )[A-ZÀ-ÖØ-Þ][\w-]*(?: (?:(?:of|and|for|the|&) ){0,2}[A-ZÀ-ÖØ-Þ][\w-]*){2,6}"
)


def initials(text: str) -> str:
    """Return the acronyms that names of a text may be called by: "CMA" of the Competition and Markets Authority."""
    return " ".join("".join(re.findall(r"\b[A-ZÀ-ÖØ-Þ]", run)) for run in _RUN.findall(text))


_LINK = re.compile(r"[A-Z“‘'][^.!?\n]{1,90}?:(?=[^\s\d/])")
_CAPTION = re.compile(
    r"(?:hide caption|in (?:photos|pictures)|photos?:)|\d+ of \d+ photos\b|"
    r".{0,80}?/(?:Getty Images|AFP|AP|Reuters|EPA)\b(?! \w+ed)",
    re.IGNORECASE,
)
_CLOSED = (".", "!", "?", "…", ":", ";", "。", "！", "？", "।", "؟")


def is_heading(text: str) -> bool:
    """Whether it is a heading, a picture's caption or the line of a link ("More:Speaker tests positive")."""
    bare = text.rstrip("”\"’' )]»")
    return bool(_LINK.match(text) or _CAPTION.match(text)) or not bare.endswith(_CLOSED)


_DATELINE = re.compile(
    r"[A-ZÀ-ÖØ-Þİ]{3}[A-ZÀ-ÖØ-Þİ .'’/-]{0,40}(?:,\s+[A-Z][a-z.]+)?(?:,\s+[A-Z][a-z]+\.?\s+\d{1,2}(?:,\s+\d{4})?)?"
    r"\s*(?:\([^()\n]{2,40}\))?\s*[—–-]+\s+(?=\S)"
)
_CREDIT = re.compile(
    r"(?:[A-ZÀ-ÖØ-Þİ][\w’'.-]+ ){0,4}[A-ZÀ-ÖØ-Þİ][\w’'.-]+(?:/[A-Z][\w’'. -]{1,40})?/"
    r"(?:Getty Images|AFP|AP|Reuters|EPA|Bloomberg|Shutterstock)(?:/(?:Getty Images|File))?\s+(?=[A-ZÀ-ÖØ-Þİ])"
)
"""Who took a picture, run into the sentence that tells what it shows."""


def past_dateline(text: str, start: int, end: int) -> int:
    """Return where the sentence at `[start:end)` begins to tell, behind a dateline or who took the picture.

    "ISTANBUL, June 2 (Northline) — Talks began": the quote begins where the sentence does.
    """
    found = _DATELINE.match(text, start, end) or _CREDIT.match(text, start, end)
    return found.end() if found else start
