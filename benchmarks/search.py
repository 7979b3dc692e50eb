"""What `qa search` finds, beside its parts and the usual ways to fuse them, in one run.

    make bench-search                       the sample set
    make bench-search DATA=folder           every set
    make bench-search DATA=folder SETS=time,cran LIMIT=100 RERANK=none

Below each set stands what `qa search` has over the best naive row, with the 95 % interval of the paired
bootstrap. Questions that no article answers are left out. The first run embeds every set (kept in `.bench/`).
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.collections import SETS, Collection, collections
from index.corpus import Corpus
from index.search import Candidates
from index.types import Hit, Passage, Scope
from qa.extractive import Extractive
from qa.question import read_question
from qa.rerank import BUILT_IN, open_reranker

POOL = 100
Measure = Callable[[Sequence[str], Mapping[str, int]], float]


def ndcg(articles: Sequence[str], gold: Mapping[str, int], depth: int = 10) -> float:
    """nDCG with the grades as gains."""
    gains = [gold.get(a, 0) / math.log2(i + 2) for i, a in enumerate(articles[:depth])]
    best = sorted(gold.values(), reverse=True)[:depth]
    return sum(gains) / (sum(g / math.log2(i + 2) for i, g in enumerate(best)) or 1.0)


def hit(articles: Sequence[str], gold: Mapping[str, int], depth: int) -> float:
    """Whether an article that answers is among the first."""
    return float(any(gold.get(a) for a in articles[:depth]))


def recall(articles: Sequence[str], gold: Mapping[str, int], depth: int) -> float:
    """The share of the articles that answer which is among the first."""
    return sum(bool(gold.get(a)) for a in articles[:depth]) / max(len(gold), 1)


def reciprocal_rank(articles: Sequence[str], gold: Mapping[str, int], depth: int = 10) -> float:
    """One over the rank of the first article that answers."""
    return next((1 / i for i, a in enumerate(articles[:depth], 1) if gold.get(a)), 0.0)


_HIT: dict[str, Measure] = {"hit@1": partial(hit, depth=1), "hit@5": partial(hit, depth=5)}
_GRADED: dict[str, Measure] = {"nDCG@10": ndcg}
MEASURES: dict[str, dict[str, Measure]] = {
    "sample": _GRADED | _HIT,
    "xquad": _GRADED | _HIT,
    "2wiki": {"recall@2": partial(recall, depth=2), "recall@5": partial(recall, depth=5)},
    "news": _HIT | {"MRR@10": reciprocal_rank},
}


def ranks(found: Candidates) -> list[int]:
    """Reciprocal ranks: Cormack, Clarke and Büttcher, SIGIR 2009, with their k = 60."""
    scores: dict[int, float] = {}
    for ranking in (found.near, found.said):
        for rank, (row, _) in enumerate(ranking, 1):
            scores[row] = scores.get(row, 0.0) + 1 / (60 + rank)
    return sorted(scores, key=lambda row: -scores[row])


def plain_sum(found: Candidates) -> list[int]:
    """Half of BM25 over its maximum, half of the cosine less its mean over its maximum less its mean."""
    words, mean = dict(found.said), found.mean
    top_word = max(words.values(), default=0.0) or 1.0
    spread = max(found.cosines.values(), default=0.0) - mean or 1.0

    def score(row: int) -> float:
        near = max(found.cosines.get(row, mean) - mean, 0.0) / spread
        return 0.5 * near + 0.5 * words.get(row, 0.0) / top_word

    return sorted({*found.cosines, *words}, key=lambda row: (-score(row), row))


NAIVE: dict[str, Callable[[Candidates], list[int]]] = {
    "BM25": lambda found: [row for row, _ in found.said],
    "MiniLM": lambda found: [row for row, _ in found.near],
    "naive RRF": ranks,
    "naive sum": plain_sum,
}
OURS = "qa search"


def main() -> None:
    """Print a table for each set."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--limit", type=int, help="questions of each set")
    parser.add_argument("--rerank", default=BUILT_IN, help="minilm, none, or a cross-encoder")
    options = parser.parse_args()
    sets = tuple(options.sets.split(","))
    for collection in collections(options.data, sets=sets, limit=options.limit):
        report(collection, options.rerank)


def report(collection: Collection, rerank: str) -> None:
    """Print the table of one set."""
    corpus = collection.corpus
    reranker = open_reranker(rerank, corpus.rarity)
    measures = MEASURES.get(collection.name, _GRADED)
    scores: dict[str, list[list[float]]] = {}
    told: dict[str, list[float]] = {}
    for question, gold, case in zip(
        collection.questions(), collection.gold, collection.cases, strict=True
    ):
        rows = {name: articles(corpus.passages(rank)) for name, rank in _naive(corpus, question)}
        hits = corpus.search(question, POOL)
        rows[OURS] = articles([h.passage for h in hits])
        seen = {OURS: corpus.find(question, 8).hits}
        if reranker:
            corpus.reranker = reranker
            again = corpus.search(question, POOL)
            rows[f"{OURS} --rerank {rerank}"] = articles([h.passage for h in again])
            if collection.name == "xquad":
                seen[f"{OURS} --rerank {rerank}"] = corpus.find(question, 8).hits
            corpus.reranker = None
        for name, found in rows.items():
            scores.setdefault(name, []).append([m(found, gold) for m in measures.values()])
        if collection.name == "xquad":
            for name, hits in seen.items():
                told.setdefault(name, []).append(_holds(corpus, question, hits, case.answers))
    table = {name: np.array(rows) for name, rows in scores.items()}
    print(
        f"\n{collection.name}: {len(collection.cases)} questions, {corpus.status().passages:,} passages"
    )
    print(" " * 30 + "".join(f"{m:>10}" for m in measures))
    for name, values in table.items():
        print(f"  {name:<28}" + "".join(f"{x:10.4f}" for x in values.mean(axis=0)))
    for ours in [name for name in table if name.startswith(OURS)]:
        for i, measure in enumerate(measures):
            best = max(NAIVE, key=lambda name: float(table[name][:, i].mean()))
            low, high = bootstrap(table[ours][:, i] - table[best][:, i])
            gain = float((table[ours][:, i] - table[best][:, i]).mean())
            print(f"  {ours}, {measure}: {gain:+.4f} over {best} [{low:+.4f}, {high:+.4f}]")
    for name, values in told.items():
        print(f"  first sentence of qa ask holds the answer, {name}: {np.mean(values):.4f}")


def _naive(corpus: Corpus, question: str) -> list[tuple[str, list[int]]]:
    found = corpus.candidates(question, POOL, Scope())
    return [(name, rank(found)) for name, rank in NAIVE.items()]


def articles(passages: Sequence[Passage]) -> list[str]:
    """The articles of passages, each once, in their order."""
    return list(dict.fromkeys(p.source.article_id for p in passages))


def bootstrap(deltas: NDArray[np.float64], resamples: int = 9999) -> tuple[float, float]:
    """Return the 95 % percentile interval of the mean of paired differences; seeded."""
    rng = np.random.default_rng(20250531)
    means = [rng.choice(deltas, len(deltas)).mean() for _ in range(resamples)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def _holds(corpus: Corpus, question: str, hits: Sequence[Hit], answers: Sequence[str]) -> float:
    """Whether the sentence that the built-in answerer puts first holds an accepted answer."""
    ranked = Extractive(corpus).rank(read_question(question), hits)
    text = ranked[0].text.casefold() if ranked else ""
    return float(any(a.casefold() in text for a in answers))


if __name__ == "__main__":
    main()
