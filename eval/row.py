"""One case through the pipeline, and the line of the run file that comes of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from eval.cases import Case, Corpus
from eval.failure import ERROR, evidence_rank, label
from eval.metrics import Result, score
from eval.ranking import NAMES, parse_ranking
from index.errors import QaError
from index.types import Hit, Scope
from qa.render import citation_json, hit_json, usage_json
from qa.types import Answer, Event, Finished, Message


class Pipeline(Protocol):
    """What a run drives; the same one that `qa ask` and the chat read."""

    k: int

    @property
    def corpus(self) -> Corpus:
        """What is indexed."""

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Message] = (),
        scope: Scope = ...,
        depth: int = 0,
    ) -> Iterator[Event]:
        """Yield events, `Finished` last; its answer keeps `depth` hits where there are."""

    def search(
        self, question: str, *, history: Sequence[Message] = (), scope: Scope = ..., depth: int = 50
    ) -> tuple[Hit, ...]:
        """Return the hits only."""


class Judge(Protocol):
    """What marks an answer by reading it (`eval.judge`)."""

    @property
    def identity(self) -> dict[str, str]:
        """What names the judge in the run file."""

    def mark(self, case: Case, answer: Answer) -> dict[str, Any]:
        """Return `marks` by name (0..1, none where there is no verdict), `reason` and `usage`."""


def run_case(
    case: Case,
    gold: Mapping[str, int],
    pipeline: Pipeline,
    depth: int,
    retrieval_only: bool,
    *,
    metrics: Sequence[str] = (),
    judge: Judge | None = None,
) -> dict[str, Any]:
    """Return the line of one case. A `QaError` is written down; anything else is raised."""
    answer: Answer | None = None
    hits: tuple[Hit, ...] = ()
    error: str | None = None
    timings: dict[str, float] = {}
    judged: dict[str, Any] | None = None
    began = time.perf_counter()
    try:
        if retrieval_only:
            hits = pipeline.search(case.question, history=case.history, depth=depth)[:depth]
        else:
            answer = _ask(case, pipeline, depth)
            hits, timings = answer.hits[:depth], dict(answer.timings_ms)
        took = (time.perf_counter() - began) * 1000
        if judge and answer:
            judged = judge.mark(case, answer)
    except QaError as failure:
        took = (time.perf_counter() - began) * 1000
        error = f"{type(failure).__name__}: {failure.message}"
    if retrieval_only and error is None:
        timings = {"retrieve": took}
    timings.setdefault("total", took)
    ranking = tuple(dict.fromkeys([*NAMES, *(name for name in metrics if parse_ranking(name))]))
    marks = (judged or {}).get("marks", {})
    result = Result(
        case=case,
        gold=gold,
        articles=[hit.passage.source.article_id for hit in hits],
        depth=depth,
        answered=not retrieval_only,
        error=error,
        judged=marks,
        names=ranking,
        **(_said(answer) if answer else {}),
    )
    scores, unscored = score(result, metrics)
    rank = evidence_rank(case, gold, hits)
    found = ERROR
    if error is None:
        found = label(
            case,
            gold,
            scores,
            k=pipeline.k,
            rank=rank,
            abstained=answer.abstained if answer else None,
            text_of=lambda id_: pipeline.corpus.article(id_).text,
        )
    return {
        "id": case.id,
        "question": case.question,
        "hits": [hit_json(hit, text=False) for hit in hits],
        "answer": answer.text if answer else None,
        "short": answer.short if answer else None,
        "abstained": answer.abstained if answer else None,
        "reason": answer.reason if answer else None,
        "citations": [citation_json(citation) for citation in answer.citations] if answer else [],
        "scores": scores,
        "unscored": unscored,
        "timings_ms": timings,
        "usage": usage_json(answer.usage) if answer else None,
        "error": error,
        "label": found,
        "history": [{"role": m.role, "content": m.content} for m in case.history],
        "evidence_rank": rank,
        "confidence": answer.confidence if answer else None,
        "sentences": _sentences(answer) if answer else [],
        "judge": judged,
        "notes": list(answer.notes) if answer else [],
        "gold": {
            "answers": list(case.answers),
            "evidence": list(case.evidence),
            "articles": dict(gold),
            "quotes": list(case.quotes),
            "answerable": case.answerable,
            "tags": list(case.tags),
        },
    }


def _ask(case: Case, pipeline: Pipeline, depth: int) -> Answer:
    answer: Answer | None = None
    for event in pipeline.ask(case.question, history=case.history, depth=depth):
        if isinstance(event, Finished):
            answer = event.answer
    if answer is None:
        raise QaError("the answer broke off")
    return answer


def _said(answer: Answer) -> dict[str, Any]:
    """What the metrics need to know of an answer."""
    missing = [part.text for judged in answer.sentences for part in judged.missing]
    return {
        "answer": answer.text,
        "short": answer.short,
        "abstained": answer.abstained,
        "cited": [citation.source.article_id for citation in answer.citations],
        "quotes": [citation.quote for citation in answer.citations],
        "verified": [citation.verified for citation in answer.citations],
        "verdicts": [judged.verdict for judged in answer.sentences],
        "missing": missing if answer.sentences else None,
        "dropped": answer.dropped,
    }


def _sentences(answer: Answer) -> list[dict[str, Any]]:
    """What code found of each sentence; its text is the slice of the answer."""
    return [
        {
            "start": judged.start,
            "end": judged.end,
            "verdict": judged.verdict,
            "citations": list(judged.citations),
            "missing": [{"text": part.text, "kind": part.kind} for part in judged.missing],
        }
        for judged in answer.sentences
    ]
