"""How long a warm question takes on an index of yours.

    make bench-latency STORE=folder/.qa QUESTIONS=questions.jsonl

Questions are asked one after the other, after one that warms up; the median is what matters.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from eval.cases import load_cases
from index.corpus import Corpus
from index.embed import open_embedder
from qa.extractive import Extractive
from qa.pipeline import Pipeline
from qa.types import Finished


def main() -> None:
    """Print the median and the 95th percentile of the search, the answer and the whole."""
    store, questions = Path(sys.argv[1]), Path(sys.argv[2])
    corpus = Corpus(store, lambda: open_embedder("minilm"))
    pipeline = Pipeline(corpus, Extractive(corpus))
    cases = load_cases(questions)[:200]
    times: dict[str, list[float]] = {}
    for case in (cases[0], *cases):
        for event in pipeline.ask(case.question):
            if isinstance(event, Finished):
                for part, ms in event.answer.timings_ms.items():
                    times.setdefault(part, []).append(ms)
    print(f"{pipeline.describe()}, {len(cases)} questions")
    for part, values in times.items():
        warm = sorted(values[1:])
        print(
            f"{part:<10} median {statistics.median(warm):.0f} ms   "
            f"p95 {warm[int(0.95 * (len(warm) - 1))]:.0f} ms"
        )


if __name__ == "__main__":
    main()
