"""Which sentences the built-in embedder puts nearest to each training question."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from benchmarks.collections import KEPT
from index.embed import Vectors, open_embedder

_NEAREST = 16


def nearest(questions: Sequence[str], sentences: Sequence[str]) -> Sequence[Sequence[int]]:
    """Return the rows of the 16 nearest sentences of each question, best first; vectors are kept in `.bench/`."""
    asked, found = _vectors(questions, query=True), _vectors(sentences)
    rows: list[list[int]] = []
    for start in range(0, len(asked), 512):
        cosines = asked[start : start + 512] @ found.T
        best = np.argpartition(-cosines, _NEAREST, axis=1)[:, :_NEAREST]
        order = np.argsort(-np.take_along_axis(cosines, best, axis=1), axis=1)
        rows += np.take_along_axis(best, order, axis=1).tolist()
    return rows


def _vectors(texts: Sequence[str], *, query: bool = False) -> Vectors:
    key = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
    path = KEPT / f"training-{key}.npy"
    if not path.exists():
        vectors = open_embedder("minilm").embed(texts, query=query)
        path.parent.mkdir(exist_ok=True)
        np.save(path, vectors)
    kept: Vectors = np.load(path)
    return kept
