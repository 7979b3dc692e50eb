"""One ranking from two: the dense and the lexical scores of each candidate, normalised and added.

The lexical score is divided by its maximum, the cosine by its maximum after the collection's mean is
taken from both; the two are added, with equal weight unless the settings say otherwise. On news,
scientific and encyclopaedic collections this sum beat either part and reciprocal-rank fusion
(docs/retrieval.md has the figures).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.embed import Vectors
from index.types import Trace

DENSE_WEIGHT = 0.5

AGREEMENT = 0.1
"""The share of a candidate's score that is given to those which are most like it."""

NEIGHBOURS = 5
"""How many those are."""


@dataclass(frozen=True, slots=True)
class Fused:
    """A candidate with its fused score in 0..1 and what each retriever said of it."""

    row: int
    score: float
    traces: tuple[Trace, ...]


def fuse(
    near: Sequence[tuple[int, float]],
    said: Sequence[tuple[int, float]],
    cosines: Mapping[int, float],
    floor: float,
    weight: float = DENSE_WEIGHT,
) -> list[Fused]:
    """Return all candidates, best first.

    `near` and `said` are (row, score) of the dense and the lexical retriever, best first; `cosines`
    has the cosine of every candidate, those that neither found but something else did included;
    `floor` is the mean cosine of the question to all passages, which is where "not at all near" begins;
    `weight` (0..1) is the share of the dense score, the lexical one has the rest.
    """
    words = dict(said)
    top_word = max(words.values(), default=0.0)
    top = max(cosines.values(), default=0.0)
    near_rank = {row: rank for rank, (row, _) in enumerate(near, 1)}
    said_rank = {row: rank for rank, (row, _) in enumerate(said, 1)}
    fused = []
    for row in dict.fromkeys([*near_rank, *said_rank, *cosines]):
        cosine = cosines.get(row, floor)
        dense = max(cosine - floor, 0.0) / (top - floor) if top > floor else 0.0
        lexical = words.get(row, 0.0) / top_word if top_word > 0 else 0.0
        traces = (
            Trace("dense", near_rank.get(row), cosine),
            Trace("lexical", said_rank.get(row), words.get(row)),
        )
        fused.append(Fused(row, weight * dense + (1 - weight) * lexical, traces))
    return _sorted(fused)


def lift(ranking: Sequence[Fused], added: Mapping[int, float], reason: str) -> list[Fused]:
    """Return the ranking with something added to the scores of some rows, and `reason` in their traces.

    What is below 0 lowers. Scores may pass 1 until they are brought back by `bounded`.
    """
    if not added:
        return list(ranking)
    return _sorted(
        [
            replace(f, score=f.score + plus, traces=(*f.traces, Trace(reason, None, plus)))
            if (plus := added.get(f.row, 0.0))
            else f
            for f in ranking
        ]
    )


def agreed(ranking: Sequence[Fused], vectors: Vectors) -> list[Fused]:
    """Return the ranking with each score a little nearer to those of the candidates that are most like it.

    What is near to a passage that answers tends to answer too: score regularisation (Diaz, "Regularizing ad hoc
    retrieval scores", CIKM 2005), over the candidates alone. `vectors` are the unit vectors of the first candidates,
    of shape (n, dimension), in their order; those behind keep their scores and places.
    """
    n = len(vectors)
    if n <= NEIGHBOURS:
        return list(ranking)
    scores = np.array([f.score for f in ranking[:n]])
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -1.0)
    near = np.argsort(-likeness, axis=1, kind="stable")[:, :NEIGHBOURS]
    weights = np.maximum(np.take_along_axis(likeness, near, axis=1), 1e-6)
    around = (weights * scores[near]).sum(axis=1) / weights.sum(axis=1)
    nearer = AGREEMENT * (around - scores)
    return lift(ranking, {f.row: float(x) for f, x in zip(ranking, nearer, strict=False)}, "alike")


def bounded(ranking: Sequence[Fused]) -> list[Fused]:
    """Return the ranking with its scores divided by the best one where that is above 1."""
    top = max((f.score for f in ranking), default=0.0)
    return [replace(f, score=f.score / top) for f in ranking] if top > 1 else list(ranking)


def _sorted(ranking: list[Fused]) -> list[Fused]:
    return sorted(ranking, key=lambda f: (-f.score, f.row))
