"""A question goes in, a stream of events comes out, and the last event is an `Answer`."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from index.types import Hit, Source

Verdict = Literal["quote", "supported", "not found"]


@dataclass(frozen=True, slots=True)
class Message:
    """One earlier turn of the conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a model call took; `cost_usd` is None when the price is unknown."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Citation:
    """A quoted slice `[start:end)` of a stored article; `verified` says that it was compared with the store."""

    number: int
    passage_id: str
    source: Source
    quote: str
    start: int
    end: int
    verified: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A slice of an article, by passage; offsets are those of the article's text."""

    passage_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Particular:
    """A name, figure, date, amount or quotation of an answer; `[start:end)` is its place in `Answer.text`."""

    text: str
    kind: Literal["name", "number", "money", "date", "quotation"]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence `[start:end)` of `Answer.text`, its markers included, and what code found of it.

    `quote`: its words stand so in a cited passage. `supported`: a cited passage holds nearly all that
    it says, and every particular. `not found`: neither; `missing` lists the particulars that the cited
    passages do not hold (it may be empty: the words differ too much). `evidence` is the sentence that
    supports it best, `support` how much of the claim it holds, from 0 to 1. Whether it is true is not
    judged.
    """

    start: int
    end: int
    verdict: Verdict
    citations: tuple[int, ...] = ()
    missing: tuple[Particular, ...] = ()
    evidence: Span | None = None
    support: float = 0.0


@dataclass(frozen=True, slots=True)
class Draft:
    """What an answerer wrote, before code has checked it.

    `text` carries `[n]` markers; n is the rank of a hit unless `spans` is given, then n is the 1-based
    place in `spans` (an answerer that quotes knows where its quotes are). `notes` are shown to the person
    (a cut answer, for one).
    """

    text: str
    short: str | None = None
    abstained: bool = False
    reason: str | None = None
    spans: tuple[Span, ...] = ()
    usage: Usage = Usage()
    notes: tuple[str, ...] = ()
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The checked answer; `notes` are remarks for the person, such as a quote that no source holds.

    `sentences` are the judged sentences of `text` in order. `nearest` is what comes nearest where the
    articles hold no answer: places to read, numbered from 1, that `text` does not cite. `searched` is
    the question as it was searched for, a follow-up with what it left unsaid. `dropped` counts the
    markers that led to no passage.
    """

    question: str
    text: str
    short: str | None
    abstained: bool
    reason: str | None
    model: str
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    usage: Usage
    timings_ms: dict[str, float]
    notes: tuple[str, ...] = ()
    confidence: float | None = None
    scores: dict[str, float] = field(default_factory=dict)
    sentences: tuple[Judged, ...] = ()
    nearest: tuple[Citation, ...] = ()
    searched: str = ""
    dropped: int = 0

    @property
    def said(self) -> str:
        """What it adds to a conversation: the short answer, where there is one, above its sentences."""
        return "\n".join(part for part in (self.short, self.text) if part)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages were found; the answer is on its way. `question` is the one that was searched for.

    May come twice: a better order replaces the first.
    """

    hits: tuple[Hit, ...]
    question: str


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event."""

    answer: Answer


Event = Retrieved | Token | Finished


class Answerer(Protocol):
    """Turns a question and passages into a draft, piece by piece."""

    @property
    def name(self) -> str:
        """How the model is shown and named in run files."""

    def rewrite(self, question: str, history: Sequence[Message]) -> Generator[Token, None, str]:
        """Return the question so that it stands alone, given the earlier turns.

        Yields empty tokens while it waits, so that a reader can stop then.
        """

    def answer(
        self, question: str, hits: Sequence[Hit], history: Sequence[Message]
    ) -> Iterator[Token | Draft]:
        """Yield pieces of text and, last, one `Draft`.

        Raises `Unreachable` when a model cannot be reached or refuses. Closing the iterator cancels.
        """
