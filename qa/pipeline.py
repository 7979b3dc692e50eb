"""The one path from a question to a checked answer; command line, chat and evaluation all read its events."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from index.corpus import Corpus
from index.errors import UsageError
from index.types import Article, Hit, Scope
from qa.calls import returned
from qa.citations import check
from qa.nearest import nearest
from qa.types import Answer, Answerer, Draft, Event, Finished, Message, Retrieved, Token

OUTSIDE = "outside the dates"
"""The reason to abstain where only articles of other dates were found."""

LONGEST = 8000
"""Characters of a question; a longer one is refused rather than cut in silence."""


class Pipeline:
    """Finds passages, lets the answerer write, checks what it wrote. `answerer` may be swapped at any time.

    `scope` filters the questions that bring no filters of their own.
    """

    def __init__(
        self,
        corpus: Corpus,
        answerer: Answerer,
        *,
        k: int = 8,
        scope: Scope = Scope(),  # noqa: B008  (frozen)
    ) -> None:
        self.corpus = corpus
        self.answerer = answerer
        self.k = k
        self.scope = scope

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Message] = (),
        scope: Scope | None = None,
        depth: int = 0,
    ) -> Iterator[Event]:
        """Yield `Retrieved`, then pieces of the answer, then `Finished`; closing the iterator cancels.

        Where a reranker reads the passages again, `Retrieved` comes before and after that.
        The answerer sees `k` passages without echoes, fewer where there are no more; the answer lists
        `max(k, depth)` hits, those first. Raises `QaError`.
        """
        question = checked_question(question)
        scope = scope or self.scope
        answerer = self.answerer
        started = time.perf_counter()
        with self.corpus.snapshot():
            slips = self.corpus.misspelt(question)
            meant = respelt(question, slips)
            searched = (yield from answerer.rewrite(meant, history)) if history else meant
            for search in self.corpus.looks(searched, max(self.k, depth), scope, k=self.k):
                hits, seen = search.hits, search.hits[: search.shown]
                found = time.perf_counter()
                yield Retrieved(seen, searched)
            draft = Draft("", abstained=True, reason=_nothing(scope))
            beyond = () if seen else self._beyond(searched, scope)
            if beyond:
                draft = Draft("", abstained=True, reason=OUTSIDE)
            if seen:
                for piece in answerer.answer(meant, seen, history):
                    if isinstance(piece, Token):
                        yield piece
                    else:
                        draft = piece
            near = nearest(searched, seen or beyond, draft.spans) if draft.abstained else ()
            if draft.abstained and draft.spans:  # they say what is nearest, not what answers
                draft = replace(draft, spans=())
            checked = check(draft, seen, lambda id_: self.corpus.article(id_).text)
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
                notes=(
                    *(f"“{typed}” was read as “{word}”" for typed, word in slips.items()),
                    *search.notes,
                    *checked.notes,
                ),
                confidence=draft.confidence,
                sentences=checked.sentences,
                dropped=checked.dropped,
                nearest=near,
                searched=searched,
            )
        )

    def _beyond(self, question: str, scope: Scope) -> tuple[Hit, ...]:
        """What would be found without the dates; never what is later than the day that is asked on."""
        if not (scope.since or scope.until):
            return ()
        wider = replace(scope, since=None, until=None)
        return self.corpus.find(question, self.k, wider).hits

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
            searched = question
            if history:
                searched = returned(self.answerer.rewrite(question, history))
            return self.corpus.find(searched, depth, scope or self.scope, k=min(self.k, depth)).hits

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


def respelt(question: str, slips: Mapping[str, str]) -> str:
    """Return the question with slips of the keys put right."""
    for typed, word in slips.items():
        question = re.sub(rf"\b{typed}\b", word, question)
    return question


def checked_question(question: str) -> str:
    """Return the question without the space around it. Raises `UsageError` for none or a far too long one."""
    question = question.encode("utf-8", "replace").decode().strip()  # halves of characters: "?"
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
