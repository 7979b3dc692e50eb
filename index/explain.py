"""How a passage came to its place, and where one that is missed was lost.

Ranks beyond the first thousand are not counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index.types import RETRIEVERS, Hit, Scope, Trace

FAR = 1000
"""The rank down to which a retriever is asked where it has a passage."""

_STAGES = ("fusion", "echo")


def explained(hit: Hit, scope: Scope) -> dict[str, Any]:
    """Return, for one hit, what each retriever, the fusion, the reranker and the filters made of it."""
    traces = {trace.retriever: trace for trace in hit.traces}
    fusion = traces.get("fusion")
    reranker = _reranker(hit.traces)
    return {
        "passage_id": hit.passage.passage_id,
        "score": hit.score,
        "retrievers": {
            name: {"rank": t.rank, "score": t.score}
            for name, t in traces.items()
            if name in RETRIEVERS
        },
        "fusion": {"rank": fusion.rank, "score": fusion.score} if fusion else None,
        "lifted": lifts(hit.traces),
        "reranker": {"name": reranker.retriever.removeprefix("rerank:"), "score": reranker.score}
        if reranker
        else None,
        "filters": filters(scope),
    }


def lifts(traces: Sequence[Trace]) -> dict[str, float]:
    """Return what was added to the fused score, by its reason."""
    return {
        t.retriever: t.score
        for t in traces
        if t.score is not None
        and t.retriever not in (*RETRIEVERS, *_STAGES)
        and not t.retriever.startswith("rerank:")
    }


def filters(scope: Scope) -> dict[str, Any]:
    """Return the filters in force, by the names of their options."""
    found = {
        "since": scope.since,
        "until": scope.until,
        "source": list(scope.sources),
        "as_of": scope.as_of,
    }
    return {name: value for name, value in found.items() if value}


def line(hit: Hit) -> str:
    """Return the explanation of a hit in one line for people."""
    traces = {trace.retriever: trace for trace in hit.traces}
    said = [_place(name, traces[name]) for name in RETRIEVERS if name in traces]
    said += [f"{reason} {plus:+.3f}" for reason, plus in lifts(hit.traces).items()]
    if fusion := traces.get("fusion"):
        said.append(_place("fused", fusion))
    if reranker := _reranker(hit.traces):
        said.append(f"{reranker.retriever.removeprefix('rerank:')} {reranker.score or 0.0:.3f}")
    return f"score {hit.score:.3f}: " + ", ".join(said)


def _place(name: str, trace: Trace) -> str:
    if trace.rank is None:
        return f"{name} –"
    return f"{name} #{trace.rank}" + ("" if trace.score is None else f" ({trace.score:.3f})")


def _reranker(traces: Sequence[Trace]) -> Trace | None:
    return next((t for t in traces if t.retriever.startswith("rerank:")), None)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Where a passage was lost: `lost_at` is a stage (None: it is shown), `why` says it in words.

    `stages` has what each stage made of it, in order, until it was lost.
    """

    passage_id: str
    lost_at: str | None
    why: str
    stages: Mapping[str, Mapping[str, Any]]

    def to_json(self) -> dict[str, Any]:
        return {
            "passage_id": self.passage_id,
            "lost_at": self.lost_at,
            "why": self.why,
            "stages": {name: dict(stage) for name, stage in self.stages.items()},
        }


def why_not(
    passage_id: str,
    *,
    in_scope: bool,
    far: Mapping[str, tuple[int | None, float | None]],
    pool: int,
    candidates: Sequence[Hit],
    shown: Sequence[Hit],
    behind: Sequence[Hit],
    scope: Scope,
) -> WhyNot:
    """Return where the passage was lost.

    `far` has its rank and score by retriever, down to `FAR`; `candidates` are all that were fused and,
    where there is a reranker, read again; `shown` and `behind` are what became of them.
    """
    stages: dict[str, dict[str, Any]] = {"filters": {"passed": in_scope, **filters(scope)}}
    if not in_scope:
        named = ", ".join(
            f"--{name.replace('_', '-')} {value}"
            for name, given in filters(scope).items()
            for value in (given if isinstance(given, list) else [given])
        )
        return WhyNot(passage_id, "filters", f"the filters leave it out ({named})", stages)
    for name, (rank, score) in far.items():
        stages[name] = {"rank": rank, "score": score, "passed": rank is not None and rank <= pool}
    places = {hit.passage.passage_id: hit for hit in candidates}
    if (hit := places.get(passage_id)) is None:
        told = " and ".join(
            f"{name} has it at {rank}" if rank else f"{name} not among the first {FAR}"
            for name, (rank, _) in far.items()
        )
        why = f"no retriever has it among its first {pool}: {told}"
        return WhyNot(passage_id, "retrievers", why, stages)
    stages["fusion"] = {k: v for k, v in explained(hit, scope).items() if k in ("fusion", "lifted")}
    stages["fusion"] |= stages["fusion"].pop("fusion") or {}
    if reranker := _reranker(hit.traces):
        stages["reranker"] = {"rank": hit.rank, "score": reranker.score, "new_score": hit.score}
    for other in shown:
        if other.passage.passage_id == passage_id:
            return WhyNot(passage_id, None, f"it is shown, at {other.rank}", stages)
    last = shown[-1].rank if shown else 0
    for other in behind:
        echo = next((t for t in other.traces if t.retriever == "echo"), None)
        if echo and other.passage.passage_id == passage_id:
            stages["echo"] = {"speaker": echo.rank, "passed": False}
            why = f"hit {echo.rank} speaks for it: a near-copy, or its article has been heard twice"
            return WhyNot(passage_id, "echo", why, stages)
    stages["cut"] = {"rank": hit.rank, "k": last, "passed": False}
    return WhyNot(passage_id, "cut", f"it ranks {hit.rank}, and {last} are shown (-k)", stages)
