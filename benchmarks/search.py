"""Compare the shipped fusion with its parts and with other ways to fuse, in one run.

make bench-search                 the sample set
make bench-search DATA=folder     XQuAD and TIME too
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.collections import Collection, collections
from index.fuse import fuse
from index.types import Scope

Pairs = Sequence[tuple[int, float]]
Fusion = Callable[[Pairs, Pairs, Mapping[int, float], float], list[int]]


def _sum(near: Pairs, said: Pairs, cosines: Mapping[int, float], mean: float) -> list[int]:
    return [f.row for f in fuse(near, said, cosines, mean)]


def _sum_from_minimum(
    near: Pairs, said: Pairs, cosines: Mapping[int, float], mean: float
) -> list[int]:
    return [f.row for f in fuse(near, said, cosines, min(cosines.values(), default=0.0))]


def _reciprocal_ranks(
    near: Pairs, said: Pairs, cosines: Mapping[int, float], mean: float
) -> list[int]:
    """Cormack, Clarke and Büttcher, SIGIR 2009, with their k = 60."""
    scores: dict[int, float] = {}
    for ranking in (near, said):
        for rank, (row, _) in enumerate(ranking, 1):
            scores[row] = scores.get(row, 0.0) + 1 / (60 + rank)
    return sorted(scores, key=lambda row: -scores[row])


FUSIONS: dict[str, Fusion] = {
    "BM25": lambda near, said, cosines, mean: [row for row, _ in said],
    "MiniLM": lambda near, said, cosines, mean: [row for row, _ in near],
    "reciprocal ranks": _reciprocal_ranks,
    "sum from minimum": _sum_from_minimum,
    "sum (qa search)": _sum,
}


def main() -> None:
    """Print nDCG@10, hit@1 and hit@5 by article for each fusion on each collection."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    for collection in collections(data):
        pairs = [
            (question, gold)
            for question, gold in zip(collection.questions(), collection.gold, strict=True)
            if gold
        ]
        print(f"{collection.name} ({len(pairs)} questions)")
        scores: dict[str, list[tuple[float, float, float]]] = {name: [] for name in FUSIONS}
        for question, gold in pairs:
            for name, articles in _rankings(collection, question).items():
                found = [article in gold for article in articles]
                scores[name].append((_ndcg(found, len(gold)), any(found[:1]), any(found[:5])))
        for name, rows in scores.items():
            ndcg, first, five = np.mean(rows, axis=0)
            print(f"  {name:<18} nDCG@10 {ndcg:.4f}   hit@1 {first:.3f}   hit@5 {five:.3f}")


def _rankings(collection: Collection, question: str) -> dict[str, list[str]]:
    near, said, cosines, mean = collection.corpus.candidates(question, 100, Scope())
    rankings = {}
    for name, fusion in FUSIONS.items():
        rows = fusion(near, said, cosines, mean)
        articles = [p.source.article_id for p in collection.corpus.passages(rows)]
        rankings[name] = list(dict.fromkeys(articles))
    return rankings


def _ndcg(found: Sequence[bool], relevant: int) -> float:
    gain = sum(1 / math.log2(i + 2) for i, hit in enumerate(found[:10]) if hit)
    return gain / sum(1 / math.log2(i + 2) for i in range(min(10, relevant)))


if __name__ == "__main__":
    main()
