"""A second look at the best passages: a model that reads question and passage together, by name.

The search of an index works without one. What is here: the shape that any reranker has, how its opinion
and the first ranking become one, and any cross-encoder of sentence-transformers (which needs torch).
The package's own small one lives above (`qa.rerank`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from index.errors import UsageError
from index.pretrained import load
from index.types import Hit, Passage, Trace

NONE = "none"

LINK = "link"
"""The trace of a passage that was found through what other passages name (`index.search`)."""


class Reranker(Protocol):
    """Says how well passages answer a question."""

    @property
    def name(self) -> str:
        """How it is shown, and named in run files."""

    @property
    def weight(self) -> float:
        """The share that its opinion has in the new score, 0..1; the first ranking has the rest."""

    def depth(self, question: str) -> int:
        """Return how many of the best passages it reads; the others keep their places behind them.

        0 where it has no opinion on such a question: the first ranking stays.
        """

    def score(self, question: str, passages: Sequence[Passage]) -> Sequence[float]:
        """Return a number in 0..1 for each passage, higher for one that answers better."""


def rerank(reranker: Reranker, question: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return the hits with the best of them in a new order; what the reranker said is in their traces.

    The new score is the weighted mean of the first one, as a share of its best, and the reranker's.
    Those behind keep their order; their scores are lowered where they would pass the last one read.
    Where the question has led on to other articles, all stay as they are: the passage of a second hop
    does not say what is asked, and a reranker puts it behind those that seem to.
    """
    depth = reranker.depth(question)
    read = hits[:depth]
    led_on = any(trace.retriever == LINK for hit in read for trace in hit.traces)
    if not read or led_on:
        return tuple(hits)
    scores = reranker.score(question, [hit.passage for hit in read])
    top = max(hit.score for hit in read) or 1.0
    blended = [
        replace(
            hit,
            score=top * ((1 - reranker.weight) * hit.score / top + reranker.weight * score),
            traces=(*hit.traces, Trace(f"rerank:{reranker.name}", None, score)),
        )
        for hit, score in zip(read, scores, strict=True)
    ]
    order = sorted(blended, key=lambda hit: (-hit.score, hit.rank))
    last = order[-1].score
    behind = [replace(hit, score=min(hit.score, last)) for hit in hits[depth:]]
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate([*order, *behind], 1))


class CrossEncoderReranker:
    """Any cross-encoder of sentence-transformers, by folder or by its name on the hub.

    Raises `UsageError` when it cannot be loaded, or gives more than one number a pair.
    """

    weight = 0.7

    def __init__(self, name: str) -> None:
        self.name = name
        self._model: Any = load(
            "CrossEncoder",
            name,
            "reranker",
            "use the built-in one (--rerank minilm), a folder, or a cross-encoder of the hub",
        )
        if self._model.num_labels != 1:
            raise UsageError(
                f"{name!r} gives {self._model.num_labels} numbers for a pair, not one",
                "name a cross-encoder that was trained to rank",
            )

    def depth(self, question: str) -> int:
        """It was named by somebody who knows it: it reads for every question."""
        return 30

    def score(self, question: str, passages: Sequence[Passage]) -> Sequence[float]:
        """Return the model's scores, brought to 0..1 between its worst and its best of these passages."""
        pairs = [(question, f"{p.source.title}\n{p.text}") for p in passages]
        order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][1]))
        found = self._model.predict(
            [pairs[i] for i in order], batch_size=8, show_progress_bar=False, convert_to_numpy=True
        )
        scores = dict(zip(order, (float(s) for s in found), strict=True))
        low, high = min(scores.values()), max(scores.values())
        spread = (high - low) or 1.0
        return [(scores[i] - low) / spread for i in range(len(pairs))]
