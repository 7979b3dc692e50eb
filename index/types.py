"""The values that pass through the index: where a text came from, its passages, and what a search found."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Source:
    """Everything a citation shows of an article; shared by article, passage, hit and citation.

    `published` is an ISO date (`2025-05-31`). `source_id` is the id that the record itself carried
    (`_id`, `id`, `doc_id`). `paths` are all the files that hold this very article, the first by name first.
    `story` is the id of the first of its near-copies (the same wire story elsewhere), None when it has none;
    `copies` counts the articles of the story with this one, `outlets` the known outlets that they are from.
    """

    article_id: str
    title: str
    publisher: str | None = None
    published: str | None = None
    url: str | None = None
    authors: tuple[str, ...] = ()
    source_id: str | None = None
    paths: tuple[str, ...] = ()
    story: str | None = None
    copies: int = 1
    outlets: int = 0

    @property
    def path(self) -> str | None:
        """The first of the files that hold the article."""
        return self.paths[0] if self.paths else None


@dataclass(frozen=True, slots=True)
class Article:
    """One article: the clean text that offsets refer to, and the text as it was found."""

    source: Source
    text: str
    original: str


@dataclass(frozen=True, slots=True)
class Passage:
    """An exact slice of its article: `article.text[start:end] == text`."""

    passage_id: str
    source: Source
    start: int
    end: int
    text: str


RETRIEVERS = ("dense", "lexical")


@dataclass(frozen=True, slots=True)
class Trace:
    """What one retriever said of a passage: its rank (from 1; None when it missed it) and raw score.

    Or what was added to its fused score, and why (`title`, `link`, `alike`, `period`, `outlet`, `newest`).
    """

    retriever: str
    rank: int | None
    score: float | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found; `rank` counts from 1, `score` is the fused score in 0..1.

    `cosine` is the similarity of question and passage, whatever retriever found it.
    """

    rank: int
    score: float
    passage: Passage
    cosine: float = 0.0
    traces: tuple[Trace, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """The filters of a search: ISO dates, all inclusive, and publishers by name (any case).

    `as_of` is the day on which the question is asked: what is later is hidden, and "last week" counts
    from there. An article without a date is in no range of dates, nor known to be of before that day.
    """

    since: str | None = None
    until: str | None = None
    sources: tuple[str, ...] = field(default=())
    as_of: str | None = None

    def __bool__(self) -> bool:
        return bool(self.since or self.last or self.sources)

    @property
    def last(self) -> str | None:
        """The last day that is let through: the earlier of `until` and `as_of`."""
        return min((day for day in (self.until, self.as_of) if day), default=None)
