"""How long a warm search takes, on made-up indexes of several sizes or on an index of yours.

    make bench-latency                                       10,000 and 100,000 made-up passages
    make bench-latency SIZES=1000000
    make bench-latency STORE=folder/.qa QUESTIONS=questions.jsonl

Questions are asked one after the other on one thread, after some that warm up; on a busy machine the
processor's time says more than the clock's. Made-up indexes are kept in
`.bench/`. `recall@10` compares the graph's ten nearest with the exact ones; the memory is that of the process.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.collections import KEPT
from benchmarks.synthetic import Embedder, Synthetic, make
from index.corpus import Corpus
from index.embed import Vectors, open_embedder
from index.types import Scope

_ASKED = 200
SCOPES = {
    "no filter": Scope(),
    "a tenth by date": Scope(since="2016-01-01", until="2016-12-31"),
    "half by date": Scope(since="2020-01-01"),
    "one outlet of 20": Scope(sources=("Outlet 3",)),
}


def main() -> None:
    """Print the times of an index that is named, or of made-up ones."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--store", type=Path)
    parser.add_argument("--questions", type=Path)
    options = parser.parse_args()
    if options.store and options.questions:
        from eval.cases import load_cases

        corpus = Corpus(options.store, lambda: open_embedder("minilm"))
        questions = [case.question for case in load_cases(options.questions)][:_ASKED]
        print(f"{corpus.status().passages:,} passages, {len(questions)} questions")
        _report("qa search", _times(lambda q: corpus.find(q, 8), questions))
        return
    for size in map(int, options.sizes.split(",")):
        store = KEPT / f"synthetic-{size}" / ".qa"
        make(store, size)
        _synthetic(store, size)


def _synthetic(store: Path, size: int) -> None:
    embedder = Embedder()
    corpus = Corpus(store, lambda: embedder)
    made = Synthetic(seed=23)
    questions = [" ".join(made.words(9)) + "?" for _ in range(_ASKED)]
    began = time.perf_counter()
    corpus.search(questions[0], 8)
    print(
        f"\n{size:,} passages; the first search, opening included: {time.perf_counter() - began:.2f} s"
    )
    for name, scope in SCOPES.items():
        _report(name, _times(lambda q, s=scope: corpus.find(q, 8, s), questions))
    opened = corpus._follow()
    vectors = made.vectors(100)
    print(f"  recall@10 of the graph {_recall(corpus, opened.rows.tolist(), vectors):.4f}")
    print(f"  memory of the process {_megabytes():,.0f} MB")
    corpus.close()


def _times(search: Callable[[str], object], questions: Sequence[str]) -> list[tuple[float, float]]:
    """Milliseconds of each question, after ten that warm up: by the clock, and of the processor."""
    for question in questions[:10]:
        search(question)
    times = []
    for question in questions:
        began, used = time.perf_counter(), time.process_time()
        search(question)
        times.append((1000 * (time.perf_counter() - began), 1000 * (time.process_time() - used)))
    return times


def _report(name: str, times: Sequence[tuple[float, float]]) -> None:
    line = f"  {name:<18}"
    for clock, values in zip(
        ("by the clock", "of one core"), zip(*times, strict=True), strict=True
    ):
        p50, p95 = np.percentile(values, [50, 95])
        line += f"   p50 {p50:6.1f} p95 {p95:6.1f} ms {clock}"
    print(line, flush=True)


def _recall(corpus: Corpus, rows: Sequence[int], asked: Vectors) -> float:
    opened = corpus._follow()
    best = np.full((len(asked), 10), -np.inf, dtype=np.float32)
    kept = np.zeros((len(asked), 10), dtype=np.int64)
    for i in range(0, len(rows), 20_000):
        found = corpus._catalogue.vectors(rows[i : i + 20_000])
        names = np.array(list(found), dtype=np.int64)
        cosines = asked @ np.stack(list(found.values())).T
        for q in range(len(asked)):
            scores = np.concatenate([best[q], cosines[q]])
            ids = np.concatenate([kept[q], names])
            top = np.argsort(-scores)[:10]
            best[q], kept[q] = scores[top], ids[top]
    right = [
        len({row for row, _ in opened.dense.search(vector, 100)[:10]} & set(exact.tolist()))
        for vector, exact in zip(asked, kept, strict=True)
    ]
    return float(np.mean(right) / 10)


def _megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    main()
