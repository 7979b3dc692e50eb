"""A question goes in, a stream of events comes out, and the last event is an `Answer`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    """The checked answer; `notes` are remarks for the person, such as a quote that no source holds."""

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


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages were found; the answer is on its way. `question` is the one that was searched for."""

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

    def rewrite(self, question: str, history: Sequence[Message]) -> str:
        """Return the question so that it stands alone, given the earlier turns."""

    def answer(
        self, question: str, hits: Sequence[Hit], history: Sequence[Message]
    ) -> Iterator[Token | Draft]:
        """Yield pieces of text and, last, one `Draft`.

        Raises `Unreachable` when a model cannot be reached or refuses. Closing the iterator cancels.
        """
