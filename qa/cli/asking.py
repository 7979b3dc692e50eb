"""`qa ask` and `qa search`."""

from __future__ import annotations

import contextlib
import sys
from typing import Any

from index.safe import safe
from index.types import Hit
from qa.cli.wiring import (
    announce,
    make_scope,
    open_pipeline,
    read_question,
    settings_from,
)
from qa.plain import print_answer, print_hits
from qa.types import Answer, Finished, Token

ABSTAINED = 1


def run_ask(
    question: str,
    model: str | None,
    api_base: str | None,
    offline: bool | None,
    max_cost: float | None,
    k: int | None,
    since: str | None,
    until: str | None,
    sources: tuple[str, ...],
    no_stream: bool,
    explain: bool,
    embedder: str | None,
    store: str | None,
    as_json: bool,
) -> int:
    """Answer, and return 1 when the articles hold no answer."""
    from qa.pipeline import checked_question

    settings = settings_from(
        model=model, api_base=api_base, offline=offline, max_cost=max_cost, k=k,
        embedder=embedder, store=store,
    )  # fmt: skip
    scope = make_scope(since, until, sources)
    question = checked_question(read_question(question))
    pipeline = open_pipeline(settings)
    announce(settings, settings.k, set())
    streaming = (
        not as_json and not no_stream and settings.model != "extractive" and sys.stdout.isatty()
    )
    answer: Answer | None = None
    streamed: list[str] = []
    with contextlib.closing(pipeline.ask(question, scope=scope)) as events:  # type: ignore[type-var]
        for event in events:
            if isinstance(event, Token) and streaming:
                streamed.append(event.text)
                sys.stdout.write(safe(event.text))
                sys.stdout.flush()
            elif isinstance(event, Finished):
                answer = event.answer
    assert answer is not None  # the last event of every stream
    if as_json:
        from qa.render import answer_json, to_json

        found = answer_json(answer)
        if explain:
            found["explain"] = [_explained(hit) for hit in answer.hits]
        print(to_json(found))
    else:
        if streamed:
            print()
        print_answer(answer, streamed="".join(streamed))
        if explain:
            print()
            print_hits(answer.hits, explain=True)
    return ABSTAINED if answer.abstained else 0


def run_search(
    query: str,
    k: int | None,
    since: str | None,
    until: str | None,
    sources: tuple[str, ...],
    explain: bool,
    embedder: str | None,
    store: str | None,
    as_json: bool,
) -> int:
    """Print the passages; 1 when there are none."""
    from qa.cli.wiring import open_corpus
    from qa.pipeline import checked_question

    settings = settings_from(k=k, embedder=embedder, store=store)
    scope = make_scope(since, until, sources)
    query = checked_question(read_question(query))
    hits = open_corpus(settings).search(query, settings.k, scope)
    if as_json:
        from qa.render import hit_json, to_json

        found: dict[str, Any] = {"query": query, "hits": [hit_json(hit) for hit in hits]}
        if explain:
            found["explain"] = [_explained(hit) for hit in hits]
        print(to_json(found))
    else:
        print_hits(hits, explain=explain, query=query)
        if not hits:
            print(
                "nothing found" + (" in these dates and outlets" if scope else ""), file=sys.stderr
            )
    return 0 if hits else 1


def _explained(hit: Hit) -> dict[str, Any]:
    return {
        "passage_id": hit.passage.passage_id,
        "score": hit.score,
        "retrievers": {t.retriever: {"rank": t.rank, "score": t.score} for t in hit.traces},
    }
