"""Print which words of a question set are taken for slips of the keys, and for what: to be judged by reading.

python -m benchmarks.slips QUESTIONS STORE
"""

from __future__ import annotations

import sys
from pathlib import Path

from eval.cases import load_cases
from index.corpus import Corpus
from index.embed import open_embedder


def main() -> None:
    """Print a line a question with slips, and how many there are."""
    questions, store = map(Path, sys.argv[1:3])
    embedder = open_embedder("minilm")
    corpus = Corpus(store, lambda: embedder)
    cases = load_cases(questions)
    found = {case.question: slips for case in cases if (slips := corpus.misspelt(case.question))}
    for question, slips in found.items():
        print(question, slips)
    words = sum(map(len, found.values()))
    print(f"{words} words in {len(found)} of {len(cases)} questions")


if __name__ == "__main__":
    main()
