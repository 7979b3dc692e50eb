"""A scripted pipeline: it answers what it was told to, and remembers what it was asked.

Shipped with the tests so that every reader of the event stream can be tried without an index.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from index.types import Article, Hit, Passage, Scope, Source
from qa.types import Answer, Citation, Event, Finished, Message, Retrieved, Token, Usage


def make_source(article_id: str, **more: Any) -> Source:
    defaults = {
        "title": article_id.title(),
        "source_id": f"src-{article_id}",
        "paths": (f"{article_id}.txt",),
    }
    return Source(article_id, **(defaults | more))


def make_hit(
    article_id: str, rank: int = 1, *, text: str = "Some words.", score: float = 0.5
) -> Hit:
    source = make_source(article_id)
    return Hit(rank, score, Passage(f"{article_id}#{rank}", source, 0, len(text), text))


def make_citation(article_id: str, quote: str, number: int = 1) -> Citation:
    source = make_source(article_id)
    return Citation(number, f"{article_id}#{number}", source, quote, 0, len(quote), True)


def make_answer(
    text: str = "It was so. [1]",
    *,
    hits: Sequence[str] = (),
    cites: Sequence[tuple[str, str]] = (),
    **more: Any,
) -> Answer:
    """An answer from article ids in rank order and from (article id, quote) pairs."""
    answer = Answer(
        question="",
        text=text,
        short=None,
        abstained=False,
        reason=None,
        model="scripted",
        citations=tuple(make_citation(a, quote, n) for n, (a, quote) in enumerate(cites, 1)),
        hits=tuple(make_hit(a, rank) for rank, a in enumerate(hits, 1)),
        usage=Usage(),
        timings_ms={"retrieve": 2.0, "answer": 3.0, "total": 5.0},
    )
    return replace(answer, **more)


@dataclass
class FakeCorpus:
    """Articles known by id, `src-ID` and `ID.txt`, as `make_source` names them."""

    articles: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)

    def article(self, article_id: str) -> Article:
        text = self.texts.get(article_id, "Some words.")
        return Article(make_source(article_id), text, text)

    def resolve(self, evidence: str) -> frozenset[str]:
        return frozenset(a for a in self.articles if evidence in (a, f"src-{a}", f"{a}.txt"))


@dataclass
class FakePipeline:
    """Answers by question; an exception is raised; what is not scripted gets an abstention."""

    script: Mapping[str, Answer | BaseException] = field(default_factory=dict)
    corpus: FakeCorpus = field(default_factory=FakeCorpus)
    asked: list[tuple[str, tuple[Message, ...], int]] = field(default_factory=list)
    k: int = 8

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Message] = (),
        scope: Scope = Scope(),  # noqa: B008 - frozen
        depth: int = 0,
    ) -> Iterator[Event]:
        answer = self._scripted(question, history, depth)
        yield Retrieved(answer.hits, question)
        yield Token(answer.text)
        yield Finished(answer)

    def search(
        self,
        question: str,
        *,
        history: Sequence[Message] = (),
        scope: Scope = Scope(),  # noqa: B008 - frozen
        depth: int = 50,
    ) -> tuple[Hit, ...]:
        return self._scripted(question, history, depth).hits[:depth]

    def _scripted(self, question: str, history: Sequence[Message], depth: int) -> Answer:
        self.asked.append((question, tuple(history), depth))
        found = self.script.get(question)
        if isinstance(found, BaseException):
            raise found
        if found is None:
            found = make_answer("The articles do not say.", abstained=True, reason="nothing fits")
        return replace(found, question=question)
