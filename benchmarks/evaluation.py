"""What the harness itself costs: `python -m benchmarks.evaluation STORE QUESTIONS [--cases 1000]`

Runs retrieval-only cases over an index (questions are repeated until there are enough) and prints the
whole time, and how much of it the search took: the rest is scoring, labelling and writing. Processor
time, for a busy machine makes anything slow.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.cases import load_cases
from eval.run import Plan, run
from index.corpus import Corpus
from index.embed import open_embedder
from index.types import Hit
from qa.extractive import Extractive
from qa.pipeline import Pipeline


class Timed(Pipeline):
    """A pipeline that adds up the processor time of its searches."""

    spent = 0.0

    def search(self, *args: Any, **more: Any) -> tuple[Hit, ...]:
        """Return the passages, as the pipeline does."""
        began = time.process_time()
        try:
            return super().search(*args, **more)
        finally:
            self.spent += time.process_time() - began


def main() -> None:
    """Print the two times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--cases", type=int, default=1000)
    given = parser.parse_args()
    corpus = Corpus(given.store, lambda: open_embedder("minilm"))
    pipeline = Timed(corpus, Extractive(corpus))
    known = load_cases(given.questions)
    cases = [
        replace(case, id=f"{case.id}-{n}")
        for n, case in enumerate(itertools.islice(itertools.cycle(known), given.cases))
    ]
    pipeline.warm()
    with tempfile.TemporaryDirectory() as folder:
        began, busy = time.perf_counter(), time.process_time()
        plan = Plan(retrieval_only=True, partial=True)
        done = run(cases, pipeline, out=Path(folder, "run.jsonl"), plan=plan, header={})
        took, busy = time.perf_counter() - began, time.process_time() - busy
    own = (busy - pipeline.spent) / len(done.rows) * 1000
    print(f"{corpus.status().passages:,} passages, {len(cases):,} cases, retrieval only")
    print(f"whole run {took:.1f} s, {busy:.1f} CPU-s, of which the search {pipeline.spent:.1f}")
    print(f"the harness's own part: {own:.2f} CPU-ms a case")


if __name__ == "__main__":
    main()
