"""Questions whose answers are known with passages that our own search finds for them, to train the reranker on.

    python -m benchmarks.reranker_written DATA --out ranked.json

The questions are those that were written for the project (`benchmarks/written/`, the held-out ones left out) and
SQuAD 2.0's, of paragraphs that XQuAD does not have. Of a question's eight passages one or two answer it; the others are
those of its story that do not, and what the search finds with it.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

from benchmarks.answers import Bench
from benchmarks.reader_data import Question, Questions, joined, read_squad
from benchmarks.reader_stories import read_stories
from benchmarks.reader_written import read_written
from benchmarks.reranker_data import encoded
from index.corpus import Corpus
from index.types import Hit

POOL, FIRST, GROUP = 50, 10, 8
SIBLINGS = 3
"""Passages at most of the same story that do not answer."""

OFTEN = {"stories": 1.0, "written": 0.4, "squad": 0.3}
"""The share of the questions of each set that is taken."""


def read(data: Path, *, held: bool) -> Iterator[tuple[str, Questions]]:
    """Yield the sets by name."""
    yield "stories", read_stories(held=held)
    yield "written", read_written(held=held)
    if not held:
        yield (
            "squad",
            read_squad(data / "qa/squad2_half_dev.json", [data / "qa/xquad.en.json"]),
        )


def group(q: Question, corpus: Corpus, rng: random.Random) -> tuple[list[Hit], list[bool]] | None:
    """Return eight passages and which of them answer; None where the search finds none that does."""
    hits = corpus.search(q.text, POOL)
    own = {str(p) for p in (q.answering or (q.paragraph,))}
    beside = {str(p) for p in q.beside}
    right, story, others = [], list[Hit](), list[Hit]()
    for hit in hits:
        held = any(answer in hit.passage.text for answer in q.answers)
        if hit.passage.source.source_id in own:
            right += [hit] if held else []
        elif hit.passage.source.source_id in beside:
            story.append(hit)
        elif not held:
            others.append(hit)
    if not right or len(others) < FIRST + GROUP:
        return None
    chosen = [*right[:2], *story[:SIBLINGS]]
    near = rng.sample(others[:FIRST], (GROUP - len(chosen) + 1) // 2 + 1)
    chosen += [*near, *rng.sample(others[FIRST:], GROUP)][: GROUP - len(chosen)]
    return chosen, [n < len(right[:2]) for n in range(GROUP)]


def main() -> None:
    """Write a list of `pairs` and which of them are `right` for each question, in a drawn order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--held", action="store_true", help="the questions never trained on")
    options = parser.parse_args()
    rng = random.Random(4)
    sets = list(read(options.data, held=options.held))
    often = [1.0 if options.held else OFTEN[name] for name, data in sets for _ in data.questions]
    everything = reduce(joined, (data for _, data in sets))
    name = "ranked-held" if options.held else "ranked"
    corpus = Bench(None, 1.0, None).paragraphs(name, everything, range(len(everything.paragraphs)))
    groups = []
    for q, share in zip(everything.questions, often, strict=True):
        if q.gold and rng.random() < share and (found := group(q, corpus, rng)):
            groups.append({"pairs": encoded(corpus, q.text, found[0]), "right": found[1]})
    rng.shuffle(groups)
    options.out.write_text(json.dumps(groups), encoding="utf-8")
    print(f"{len(groups)} questions of {sum(bool(q.gold) for q in everything.questions)}")


if __name__ == "__main__":
    main()
