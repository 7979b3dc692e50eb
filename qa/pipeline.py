"""The one path from a question to a checked answer; command line, chat and evaluation all read its events."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from index.corpus import Corpus
from index.errors import UsageError
from index.types import Article, Hit, Scope
from qa.citations import check
from qa.types import Answer, Answerer, Draft, Event, Finished, Message, Retrieved, Token

LONGEST = 8000
"""Characters of a question; a longer one is refused rather than cut in silence."""


class Pipeline:
    """Finds passages, lets the answerer write, checks what it wrote. `answerer` may be swapped at any time."""

    def __init__(self, corpus: Corpus, answerer: Answerer, *, k: int = 8) -> None:
        self.corpus = corpus
        self.answerer = answerer
        self.k = k

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Message] = (),
        scope: Scope | None = None,
        depth: int = 0,
    ) -> Iterator[Event]:
        """Yield `Retrieved`, then pieces of the answer, then `Finished`; closing the iterator cancels.

        The answerer sees `k` passages; the answer lists `max(k, depth)` hits. Raises `QaError`.
        """
        question = checked_question(question)
        scope = scope or Scope()
        answerer = self.answerer
        started = time.perf_counter()
        with self.corpus.snapshot():
            searched = answerer.rewrite(question, history) if history else question
            hits = self.corpus.search(searched, max(self.k, depth), scope)
            found = time.perf_counter()
            yield Retrieved(hits[: self.k], searched)
            draft = Draft("", abstained=True, reason=_nothing(scope))
            if hits:
                for piece in answerer.answer(question, hits[: self.k], history):
                    if isinstance(piece, Token):
                        yield piece
                    else:
                        draft = piece
            checked = check(draft, hits[: self.k], lambda id_: self.corpus.article(id_).text)
        done = time.perf_counter()
        yield Finished(
            Answer(
                question=question,
                text=checked.text,
                short=None if draft.abstained else draft.short,
                abstained=draft.abstained,
                reason=draft.reason,
                model=answerer.name,
                citations=checked.citations,
                hits=hits,
                usage=draft.usage,
                timings_ms={
                    "retrieve": round((found - started) * 1000, 1),
                    "answer": round((done - found) * 1000, 1),
                    "total": round((done - started) * 1000, 1),
                },
                notes=checked.notes,
                confidence=draft.confidence,
            )
        )

    def search(
        self,
        question: str,
        *,
        history: Sequence[Message] = (),
        scope: Scope | None = None,
        depth: int = 50,
    ) -> tuple[Hit, ...]:
        """Return the passages alone, best first."""
        question = checked_question(question)
        with self.corpus.snapshot():
            searched = self.answerer.rewrite(question, history) if history else question
            return self.corpus.search(searched, depth, scope)

    def warm(self) -> None:
        """Load what the first question would wait for."""
        self.corpus.search("a question", 1)

    def article(self, article_id: str) -> Article:
        """Return a whole article, to show a citation in."""
        return self.corpus.article(article_id)

    def describe(self) -> str:
        """Return a line on what is indexed."""
        status = self.corpus.status()
        name = status.embedder.split("/")[0]
        return f"{status.articles:,} articles · {status.passages:,} passages · {name}"


def checked_question(question: str) -> str:
    """Return the question without the space around it. Raises `UsageError` for none or a far too long one."""
    question = question.strip()
    if not question:
        raise UsageError("the question is empty", 'qa ask "who led the delegation?"')
    if len(question) > LONGEST:
        raise UsageError(
            f"the question has {len(question):,} characters; {LONGEST:,} is the most",
            "ask it shorter",
        )
    return question


def _nothing(scope: Scope) -> str:
    return "nothing found in the dates and outlets asked for" if scope else "nothing found"
