"""A run: every case of a question set through the pipeline, written to the run file as it goes.

A kill at any moment loses at most the cases in flight: one, or as many as `jobs` for a hosted model.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import qa
from eval.cases import Case, check_evidence, fingerprint
from eval.metrics import JUDGED, metric_named
from eval.pace import Pace
from eval.row import Judge, Pipeline, run_case
from eval.runfile import Run, load_run, prepare, same_run
from index.errors import UsageError
from qa.render import to_json

__all__ = ["Pipeline", "Plan", "Progress", "Run", "choose", "identity", "load_run", "run"]

_LIBRARIES = ("chromadb", "ir-measures", "litellm", "numpy", "onnxruntime", "scipy", "tantivy")
_SYNC_EVERY_S = 1.0


class Progress(NamedTuple):
    """How far a run is: called after each case, and once before the first.

    `cost_usd` is that of this session's cases, None as soon as one has no known price.
    """

    done: int
    total: int
    skipped: int
    errors: int
    cost_usd: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How the cases are run: `jobs` at once, at most `per_minute`; `metrics` beside the usual ones.

    With `partial`, cases whose evidence is not in the index are run and labelled so; else such a set
    is refused.
    """

    depth: int = 50
    retrieval_only: bool = False
    jobs: int = 1
    per_minute: float | None = None
    metrics: tuple[str, ...] = ()
    partial: bool = False
    judge: Judge | None = None


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


def choose(
    cases: Sequence[Case],
    *,
    tags: Sequence[str] = (),
    sample: int | None = None,
    seed: int = 0,
    limit: int | None = None,
) -> list[Case]:
    """Return the cases that have one of the tags; of those a random `sample`, or the first `limit`.

    The same seed draws the same cases, in the order of the set. Raises `UsageError` where none is left.
    """
    known = {tag for case in cases for tag in case.tags}
    if strange := [tag for tag in tags if tag not in known]:
        shown = ", ".join(sorted(known)[:20]) or "this set has none"
        raise UsageError(f"no case has the tag {strange[0]!r}", f"tags: {shown}")
    chosen = [case for case in cases if not tags or set(tags) & set(case.tags)]
    if sample is not None and sample < len(chosen):
        drawn = set(random.Random(seed).sample(range(len(chosen)), sample))
        chosen = [case for place, case in enumerate(chosen) if place in drawn]
    return chosen[:limit]


def refuse_to_overwrite(out: Path) -> None:
    """Raise `UsageError` where a run file exists that was not to be gone on with."""
    if out.exists():
        raise UsageError(f"{out} exists", "go on with --resume, or name another --out")


def run(
    cases: Sequence[Case],
    pipeline: Pipeline,
    *,
    out: Path,
    plan: Plan | None = None,
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
    plan = plan or Plan()
    if plan.depth < 1:
        raise UsageError(f"a depth of {plan.depth} keeps no hits", "--depth must be 1 or more")
    for name in plan.metrics:
        metric_named(name)  # a slip in a name is told before anything runs
    found = check_evidence(cases, pipeline.corpus, partial=plan.partial)
    full = {
        **header,
        "questions": fingerprint(cases),
        "cases": len(cases),
        "depth": plan.depth,
        "retrieval_only": plan.retrieval_only,
        "judge": plan.judge.identity if plan.judge else None,
        "metrics": list(plan.metrics),
    }
    kept = Run(full, [])
    if not resume:
        refuse_to_overwrite(out)
    elif out.exists() and out.stat().st_size:
        kept = _kept(out, full, cases)
    prepare(out, kept)
    rows = {row["id"]: row for row in kept.rows}
    skipped, errors, cost = len(rows), 0, 0.0 if not kept.rows else _cost(kept.rows)
    if progress:
        progress(Progress(skipped, len(cases), skipped, 0, cost))
    todo = [(case, _gold(case, found)) for case in cases if case.id not in rows]
    with out.open("a", encoding="utf-8") as file:
        synced = time.monotonic()
        for line in _lines(todo, pipeline, plan):
            synced = _write(file, line, synced)
            row = json.loads(line)  # as a reader of the file gets it
            rows[row["id"]] = row
            errors += row["error"] is not None
            spent = _cost([row])
            cost = None if cost is None or spent is None else cost + spent
            if progress:
                progress(Progress(len(rows), len(cases), skipped, errors, cost))
        file.flush()
        os.fsync(file.fileno())
    done = Run(kept.header, [rows[case.id] for case in cases])
    if plan.jobs > 1:  # they ended in any order; the same run gives the same file
        prepare(out, done)
    return done


def _lines(
    todo: Sequence[tuple[Case, Mapping[str, int]]], pipeline: Pipeline, plan: Plan
) -> Iterator[str]:
    """The lines of the cases as they are done."""
    pace = Pace(plan.per_minute)
    names = (*plan.metrics, *(JUDGED if plan.judge else ()))

    def work(case: Case, gold: Mapping[str, int]) -> str:
        pace.wait()
        only, judge = plan.retrieval_only, plan.judge
        row = run_case(case, gold, pipeline, plan.depth, only, metrics=names, judge=judge)
        return to_json(row)

    if plan.jobs <= 1:
        for case, gold in todo:
            yield work(case, gold)
        return
    from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

    pool = ThreadPoolExecutor(plan.jobs, thread_name_prefix="qa-case")
    waiting: set[Future[str]] = set()
    left = iter(todo)
    try:
        while True:
            while len(waiting) < plan.jobs and (following := next(left, None)) is not None:
                waiting.add(pool.submit(work, *following))
            if not waiting:
                return
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _cost(rows: Sequence[Mapping[str, Any]]) -> float | None:
    total = 0.0
    for row in rows:
        for usage in (row.get("usage"), (row.get("judge") or {}).get("usage")):
            if usage:
                if usage.get("cost_usd") is None:
                    return None
                total += usage["cost_usd"]
    return total


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
