"""The package's own reranker: the reader, asked of the likeliest part of each passage.

The reader (`qa.reader`) could read whole passages; two sentences of each keep thirty of them within a
second on one core. Which two are read is decided by their words alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from index.lexical import terms
from index.rerank import NONE, CrossEncoderReranker, Reranker
from index.split import sentences
from index.types import Passage

if TYPE_CHECKING:
    from qa.reader import Reader, Window

READER = "reader"
_SENTENCES = 2


class ReaderReranker:
    """The built-in reranker; `rarity` gives the inverse document frequencies of terms."""

    name = READER
    weight = 0.5

    def __init__(self, rarity: Callable[[Sequence[str]], Sequence[float]]) -> None:
        self._rarity = rarity
        self._reader: Reader | None = None

    def score(self, question: str, passages: Sequence[Passage]) -> Sequence[float]:
        """Return how likely the likeliest sentences of each passage answer, 0..1."""
        wanted = list(dict.fromkeys(terms(question)))
        rarity = dict(zip(wanted, self._rarity(wanted), strict=True))
        windows = [_likeliest(passage, rarity) for passage in passages]
        if self._reader is None:
            from qa.reader import Reader

            self._reader = Reader()
        logits = self._reader.rerank(question, windows)
        return [1 / (1 + math.exp(-max(min(logit, 30.0), -30.0))) for logit in logits]


def open_reranker(name: str, rarity: Callable[[Sequence[str]], Sequence[float]]) -> Reranker | None:
    """Return the reranker of that name: `reader`, `none`, or a cross-encoder.

    Raises `UsageError` when it cannot be loaded.
    """
    if name == NONE:
        return None
    return ReaderReranker(rarity) if name == READER else CrossEncoderReranker(name)


def _likeliest(passage: Passage, rarity: dict[str, float]) -> Window:
    """The two sentences that together say most of what the question does, with the one before them."""
    from qa.reader import Window

    texts = [passage.text[a:b] for a, b in sentences(passage.text)] or [passage.text]
    said = [set(terms(text)) for text in texts]
    best, most = 0, -1.0
    for i in range(max(len(texts) - _SENTENCES + 1, 1)):
        together = set().union(*said[i : i + _SENTENCES])
        worth = sum(rarity.get(t, 0.0) for t in together)
        if worth > most:
            best, most = i, worth
    before = texts[best - 1] if best else ""
    return Window(passage.source.title, before, tuple(texts[best : best + _SENTENCES]))
