"""`qa ask` and `qa search`."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any

from index.explain import WhyNot, explained
from index.safe import safe
from qa.cli.wiring import (
    announce,
    make_scope,
    open_pipeline,
    read_question,
    settings_from,
)
from qa.plain import print_answer, print_hits, print_notes, why_not_line
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
    as_of: str | None,
    no_stream: bool,
    explain: bool,
    why_not: str | None,
    show_prompt: bool,
    receipt: Path | None,
    embedder: str | None,
    rerank: str | None,
    store: str | None,
    as_json: bool,
) -> int:
    """Answer, and return 1 when the articles hold no answer."""
    from qa.pipeline import checked_question

    settings = settings_from(
        model=model, api_base=api_base, offline=offline, max_cost=max_cost, k=k,
        embedder=embedder, rerank=rerank, store=store,
    )  # fmt: skip
    scope = make_scope(since, until, sources, as_of)
    question = checked_question(read_question(question))
    pipeline = open_pipeline(settings)
    if show_prompt:
        from qa.cli.prompting import show

        return show(pipeline, question, scope, as_json=as_json)
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
    asked = answer.searched or question

    def lost() -> WhyNot:
        return pipeline.corpus.why_not(asked, str(why_not), settings.k, scope)

    if as_json:
        from qa.render import answer_json, to_json

        found = answer_json(answer)
        if explain:
            found["explain"] = [explained(hit, scope) for hit in answer.hits]
        if why_not:
            found["why_not"] = lost().to_json()
        print(to_json(found))
    else:
        if streamed:
            print()
        print_answer(answer, streamed="".join(streamed))
        if explain:
            print()
            print_hits(answer.hits, explain=True)
        if why_not:
            print(why_not_line(lost()))
    if receipt:  # the answer is there, whatever becomes of its receipt
        from qa.cli.receipts import keep_receipt

        sys.stdout.flush()
        keep_receipt(receipt, answer, pipeline.corpus, settings, scope, pipeline.answerer)
    return ABSTAINED if answer.abstained else 0


def run_search(
    query: str,
    k: int | None,
    since: str | None,
    until: str | None,
    sources: tuple[str, ...],
    as_of: str | None,
    explain: bool,
    why_not: str | None,
    embedder: str | None,
    rerank: str | None,
    store: str | None,
    as_json: bool,
) -> int:
    """Print the passages; 1 when there are none."""
    from qa.cli.wiring import open_corpus
    from qa.pipeline import checked_question, respelt

    settings = settings_from(k=k, embedder=embedder, rerank=rerank, store=store)
    scope = make_scope(since, until, sources, as_of)
    query = checked_question(read_question(query))
    corpus = open_corpus(settings)
    with corpus.snapshot():
        meant, slips = respelt(corpus, query)
        search = corpus.find(meant, settings.k, scope)
    hits, notes = search.hits, (*slips, *search.notes)
    if as_json:
        from qa.render import hit_json, to_json

        found: dict[str, Any] = {"query": query, "hits": [hit_json(hit) for hit in hits]}
        if notes:
            found["notes"] = list(notes)
        if explain:
            found["explain"] = [explained(hit, search.scope) for hit in hits]
        if why_not:
            found["why_not"] = corpus.why_not(meant, why_not, settings.k, scope).to_json()
        print(to_json(found))
    else:
        print_hits(hits, explain=explain, query=query)
        if not hits:
            print(
                "nothing found" + (" in these dates and outlets" if scope else ""), file=sys.stderr
            )
        if why_not:
            print(why_not_line(corpus.why_not(meant, why_not, settings.k, scope)))
        print_notes(notes)
    return 0 if hits else 1
