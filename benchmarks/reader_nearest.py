"""Which sentences the built-in embedder puts nearest to each training question."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from benchmarks.collections import KEPT
from index.embed import Vectors, open_embedder

_NEAREST = 16
_FILE = KEPT / "training.npz"
"""The vectors embedded so far, by the hashes of their texts."""


def nearest(questions: Sequence[str], sentences: Sequence[str]) -> Sequence[Sequence[int]]:
    """Return the rows of the 16 nearest sentences of each question, best first; vectors are kept in `.bench/`."""
    vectors = _vectors([*questions, *sentences])
    asked, found = vectors[: len(questions)], vectors[len(questions) :]
    rows: list[list[int]] = []
    for start in range(0, len(asked), 512):
        cosines = asked[start : start + 512] @ found.T
        best = np.argpartition(-cosines, _NEAREST, axis=1)[:, :_NEAREST]
        order = np.argsort(-np.take_along_axis(cosines, best, axis=1), axis=1)
        rows += np.take_along_axis(best, order, axis=1).tolist()
    return rows


def _vectors(texts: Sequence[str]) -> Vectors:
    keys = [hashlib.sha256(text.encode()).hexdigest()[:24] for text in texts]
    kept: dict[str, Vectors] = {}
    if _FILE.exists():
        with np.load(_FILE) as file:
            kept = dict(zip(file["keys"].tolist(), file["vectors"], strict=True))
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in kept}
    if new:
        kept |= dict(zip(new, open_embedder("minilm").embed(list(new.values())), strict=True))
        _FILE.parent.mkdir(exist_ok=True)
        np.savez(_FILE, keys=np.array(list(kept)), vectors=np.stack(list(kept.values())))
    return np.stack([kept[key] for key in keys])
