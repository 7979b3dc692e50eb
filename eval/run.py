"""A run: every case of a question set through the pipeline, written to the run file as it goes.

A kill at any moment loses at most the case in flight. Cases run one after the other.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TextIO

import qa
from eval.cases import Case, Corpus, check_evidence, fingerprint
from eval.metrics import Result, score
from eval.runfile import Run, load_run, prepare, same_run
from index.errors import QaError, UsageError
from index.types import Hit, Scope
from qa.render import citation_json, hit_json, to_json, usage_json
from qa.types import Answer, Event, Finished, Message

__all__ = ["Pipeline", "Progress", "Run", "identity", "load_run", "run"]

_LIBRARIES = ("chromadb", "ir-measures", "litellm", "numpy", "onnxruntime", "scipy", "tantivy")
_SYNC_EVERY_S = 1.0


class Pipeline(Protocol):
    """What a run drives; the same one that `qa ask` and the chat read."""

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


class Progress(NamedTuple):
    """How far a run is: called after each case, and once before the first."""

    done: int
    total: int
    skipped: int
    errors: int


def identity(
    *,
    settings: Mapping[str, Any],
    model: str,
    index: Any,
    prompts: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the header of a run: what one needs to run it again.

    `index` is whatever names the index's content and embedder, `prompts` the hash of each prompt.
    Secrets must not be among the settings.
    """
    return {
        "format": 1,
        "qa": qa.__version__,
        "model": model,
        "settings": dict(settings),
        "prompts": dict(prompts or {}),
        "index": index,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": _versions(),
    }


def _versions() -> dict[str, str | None]:
    import platform

    found: dict[str, str | None] = {
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
    for library in _LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            found[library] = None
    return found


def run(
    cases: Sequence[Case],
    pipeline: Pipeline,
    *,
    out: Path,
    depth: int = 50,
    retrieval_only: bool = False,
    resume: bool = False,
    header: Mapping[str, Any],
    progress: Callable[[Progress], None] | None = None,
) -> Run:
    """Run every case and write it to `out`; with `resume`, only those that `out` does not hold yet.

    Resuming asks again the cases that ended in an error. Raises `UsageError` where evidence is not
    in the index, where `out` exists and `resume` was not given, or where it is the file of another
    run. A `QaError` inside a case is written down and the next case is asked; anything else ends
    the run.
    """
    if depth < 1:
        raise UsageError(f"a depth of {depth} keeps no hits", "--depth must be 1 or more")
    found = check_evidence(cases, pipeline.corpus)
    full = {
        **header,
        "questions": fingerprint(cases),
        "cases": len(cases),
        "depth": depth,
        "retrieval_only": retrieval_only,
    }
    kept = Run(full, [])
    if out.exists():
        if not resume:
            raise UsageError(f"{out} exists", "go on with --resume, or name another --out")
        if out.stat().st_size:
            kept = _kept(out, full, cases)
    prepare(out, kept)
    rows = {row["id"]: row for row in kept.rows}
    skipped, errors = len(rows), 0
    if progress:
        progress(Progress(skipped, len(cases), skipped, 0))
    with out.open("a", encoding="utf-8") as file:
        synced = time.monotonic()
        for case in cases:
            if case.id in rows:
                continue
            gold = _gold(case, found)
            line = to_json(run_case(case, gold, pipeline, depth, retrieval_only))
            synced = _write(file, line, synced)
            rows[case.id] = row = json.loads(line)  # as a reader of the file gets it
            errors += row["error"] is not None
            if progress:
                progress(Progress(len(rows), len(cases), skipped, errors))
        file.flush()
        os.fsync(file.fileno())
    return Run(kept.header, [rows[case.id] for case in cases])


def _kept(out: Path, header: Mapping[str, Any], cases: Sequence[Case]) -> Run:
    """What of an earlier run stands: every case that did not end in an error."""
    old = load_run(out, torn=True)
    same_run(out, old.header, header)
    wanted = {case.id for case in cases}
    return Run(
        old.header, [row for row in old.rows if row["id"] in wanted and row.get("error") is None]
    )


def _write(file: TextIO, line: str, synced: float) -> float:
    """Write a line and hand it to the system, which keeps it should we be killed.

    Only a power cut needs the disk to have it; on a slow disk that costs more than a case, so once
    a second.
    """
    file.write(line + "\n")
    file.flush()
    if time.monotonic() - synced < _SYNC_EVERY_S:
        return synced
    os.fsync(file.fileno())
    return time.monotonic()


def _gold(case: Case, found: Mapping[str, frozenset[str]]) -> dict[str, int]:
    """The articles that are relevant, each with its highest grade."""
    gold: dict[str, int] = {}
    for evidence in case.evidence:
        for article in found[evidence]:
            gold[article] = max(gold.get(article, 0), case.grade(evidence))
    return gold


def run_case(
    case: Case, gold: Mapping[str, int], pipeline: Pipeline, depth: int, retrieval_only: bool
) -> dict[str, Any]:
    """Return the line of one case."""
    answer: Answer | None = None
    hits: tuple[Hit, ...] = ()
    error: str | None = None
    timings: dict[str, float] = {}
    began = time.perf_counter()
    try:
        if retrieval_only:
            hits = pipeline.search(case.question, history=case.history, depth=depth)[:depth]
        else:
            answer = _ask(case, pipeline, depth)
            hits, timings = answer.hits[:depth], dict(answer.timings_ms)
    except QaError as failure:
        error = f"{type(failure).__name__}: {failure.message}"
    took = (time.perf_counter() - began) * 1000
    if retrieval_only and error is None:
        timings = {"retrieve": took}
    timings.setdefault("total", took)
    result = Result(
        case=case,
        gold=gold,
        articles=[hit.passage.source.article_id for hit in hits],
        depth=depth,
        answered=not retrieval_only,
        answer=answer.text if answer else "",
        short=answer.short if answer else None,
        abstained=answer.abstained if answer else False,
        cited=[citation.source.article_id for citation in answer.citations] if answer else [],
        quotes=[citation.quote for citation in answer.citations] if answer else [],
        error=error,
    )
    scores, unscored = score(result)
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
        "confidence": answer.confidence if answer else None,
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
