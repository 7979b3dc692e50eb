"""Embedders by name: the built-in MiniLM, any other through sentence-transformers.

Vectors are float32 of unit length, so that the dot product is the cosine. How they are computed is
decided elsewhere (`index.minilm`, `index.transformer`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

BUILT_IN = "minilm"
_BUILT_IN_NAMES = (BUILT_IN, "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2")


class Embedder(Protocol):
    """Turns texts into unit vectors of shape (n, dimension), float32."""

    @property
    def identity(self) -> str:
        """Name, weights and input length: vectors of equal identity may be compared."""

    @property
    def max_tokens(self) -> int:
        """How many tokens of a passage are read, special tokens not counted."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, special tokens not counted."""

    def embed(
        self,
        texts: Sequence[str],
        *,
        query: bool = False,
        done: Callable[[int], None] | None = None,
    ) -> Vectors:
        """Return one row a text; `done(n)` is called when n more texts are embedded."""


def can_be(name: str, identity: str) -> bool:
    """Whether the embedder of that name may have that identity; nothing is loaded."""
    return identity.startswith(f"{BUILT_IN if name in _BUILT_IN_NAMES else name}/")


def open_embedder(name: str) -> Embedder:
    """Return the embedder of that name: `minilm`, or a sentence-transformers model or folder.

    Raises `UsageError` when it cannot be had.
    """
    if name in _BUILT_IN_NAMES:
        from index.minilm import MiniLM

        return MiniLM.installed()
    from index.pretrained import refuse_misspelt

    refuse_misspelt(name, "embedder", [BUILT_IN])
    from index.transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(name)
