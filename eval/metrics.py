"""The metrics by name, and the scores of one case.

A metric answers with a number or with why there is none; "could not score" is never zero. To add
one is a function and a line in `METRICS`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from eval import abstaining, answering, citing
from eval.ranking import KINDS, NAMES, parse_ranking
from eval.result import Metric, Result, Score, Unscored, no_evidence
from eval.summary import Summary, summarise
from index.errors import UsageError

__all__ = [
    "LOWER_IS_BETTER",
    "METRICS",
    "Metric",
    "Result",
    "Summary",
    "Unscored",
    "metric_named",
    "score",
    "shown",
    "summarise",
]


def _ranked(name: str) -> Metric:
    """Make the function of one ranking metric."""
    parsed = parse_ranking(name)
    cut = (parsed[1] if parsed else None) or 1

    def metric(result: Result) -> Score:
        if (missing := no_evidence(result)) is not None:
            return missing
        if result.depth < cut:
            return Unscored(f"only {result.depth} hits were kept; run with --depth {cut} or more")
        return result.ranking[name]

    metric.__doc__ = f"{name} over articles."
    return metric


def _judged(name: str) -> Metric:
    def metric(result: Result) -> Score:
        if not result.answered:
            return Unscored("retrieval only")
        return result.judged.get(name, Unscored("no verdict"))

    metric.__doc__ = f"The judge's mark for {name}, 0 to 1."
    return metric


METRICS: dict[str, Metric] = {
    **{name: _ranked(name) for name in NAMES},
    "exact_match": answering.exact_match,
    "f1": answering.f1,
    "contains": answering.contains,
    "number": answering.number_within(),
    "date": answering.date,
    "cited": citing.cited,
    "cited_any": citing.cited_any,
    "citation_precision": citing.citation_precision,
    "citation_recall": citing.citation_recall,
    "citation_f1": citing.citation_f1,
    "citation_hit": citing.citation_hit,
    "quote_precision": citing.quote_precision,
    "quote_recall": citing.quote_recall,
    "quote_f1": citing.quote_f1,
    "verified": citing.verified,
    "markers": citing.markers,
    "supported": citing.supported,
    "unfounded": citing.unfounded,
    "abstention": abstaining.abstention,
    "abstention_precision": abstaining.abstention_precision,
    "abstention_recall": abstaining.abstention_recall,
    "false_abstention": abstaining.false_abstention,
}

HEADLINE = (
    "hit@1", "hit@5", "recall@5", "MRR@10", "nDCG@10", "exact_match", "f1", "contains", "cited",
    "citation_f1", "supported", "abstention", "abstention_recall", "false_abstention",
)  # fmt: skip
"""What tables show and comparisons correct for together; the others are in the run file."""

JUDGED = ("judge_correct", "judge_faithful", "judge_complete")
LOWER_IS_BETTER = frozenset({"false_abstention", "unfounded"})

_NUMBER = re.compile(r"number@(\d+(?:\.\d+)?)%?")


def shown(scored: Iterable[str]) -> list[str]:
    """Return those of the scored metrics that tables show: the headline's, and what was asked for."""
    return [name for name in dict.fromkeys(scored) if name in HEADLINE or name not in METRICS]


@lru_cache(maxsize=256)
def metric_named(name: str) -> Metric:
    """Return the metric of a name, with any cut-off: `nDCG@7`, `number@5%`.

    Raises `UsageError` naming the nearest one.
    """
    if name in METRICS:
        return METRICS[name]
    if name in JUDGED:
        return _judged(name)
    if parse_ranking(name):
        return _ranked(name)
    if within := _NUMBER.fullmatch(name):
        return answering.number_within(float(within[1]) / 100)
    near = difflib.get_close_matches(name, [*METRICS, *JUDGED], n=1, cutoff=0.4)
    kinds = ", ".join(f"{kind}@K" for kind in KINDS)
    known = ", ".join(list(METRICS)[len(NAMES) :])
    hint = f"did you mean {near[0]!r}?" if near else f"metrics: {kinds}, {known}"
    raise UsageError(f"there is no metric {name!r}", hint)


def score(
    result: Result, names: Sequence[str] = ()
) -> tuple[dict[str, float | None], dict[str, str]]:
    """Return the value of every metric (None where there is none) and why those have none.

    `names` are scored beside those of `METRICS`; `result.names` must hold the ranking metrics.
    """
    scores: dict[str, float | None] = {}
    unscored: dict[str, str] = {}
    for name in dict.fromkeys([*METRICS, *names]):
        failed = Unscored(f"error: {result.error}") if result.error is not None else None
        value: Score = failed or metric_named(name)(result)
        if isinstance(value, Unscored):
            scores[name], unscored[name] = None, value.why
        else:
            scores[name] = value
    return scores, unscored
