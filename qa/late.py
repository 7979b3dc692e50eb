"""How much of what is searched for a passage says, in whatever words: token beside token.

`tokens.onnx` (int8) is the first four layers of the built-in embedder: it gives each token of a text a vector
that knows the words around it. Every token of the question is met by the nearest one of the passage, and the
rare ones count for more: late interaction (Khattab and Zaharia, "ColBERT", SIGIR 2020), by a network that
was not trained for it. It ranks what is no question (`qa.rerank`), and says whether a large archive tells all that
is asked (`qa.extractive`). What it is worth: docs/retrieval.md, docs/answers.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embed import Vectors
from index.lexical import terms
from index.networks import spread
from index.types import Passage

LENGTH = 256
"""Tokens that are read of a text."""

_COMMON = 0.1
"""What a token weighs whose word is a stop word, a mark, or in nearly every passage."""


class TokenMatch:
    """Compares passages with a text; `rarity` gives the inverse document frequencies of terms.

    The network is loaded when it is first asked. Raises `UsageError` then, if its weights are missing.
    """

    def __init__(self, rarity: Callable[[Sequence[str]], Sequence[float]]) -> None:
        self._rarity = rarity

    def score(self, text: str, passages: Sequence[Passage]) -> list[float]:
        """Return the weighted mean of the cosines of each token of `text` to its nearest one in each passage.

        Of a passage its title is read too. 0..1, mostly .4 to .9; 0 for all where `text` has no token.
        """
        tokenizer, _ = _network()
        encoded = tokenizer.encode(text)
        weights = self._weights(text, encoded)
        if not len(weights):
            return [0.0] * len(passages)
        asked = _vectors(encoded.ids)

        def compare(passage: Passage) -> float:
            title = passage.source.title
            whole = passage.text if passage.text.startswith(title) else f"{title}\n{passage.text}"
            said = _vectors(tokenizer.encode(whole).ids)
            return float((asked @ said.T).max(axis=1, initial=0.0) @ weights)

        return spread(compare, passages)

    def _weights(self, text: str, encoded: Any) -> NDArray[np.float32]:
        """Return what share each token has that is read: the rarity of its word."""
        spans: dict[int, tuple[int, int]] = {}
        words = [w for w in encoded.word_ids[: LENGTH - 1] if w is not None]
        for word, (start, end) in zip(encoded.word_ids, encoded.offsets, strict=True):
            if word is not None:
                spans[word] = (spans.get(word, (start, end))[0], end)
        found = {word: terms(text[start:end]) for word, (start, end) in spans.items()}
        wanted = sorted({term for said in found.values() for term in said})
        rarity = dict(zip(wanted, self._rarity(wanted), strict=True))
        rare = {word: max((rarity[t] for t in said), default=0.0) for word, said in found.items()}
        weights = np.array([max(rare[word], _COMMON) for word in words], dtype=np.float32)
        return weights / max(float(weights.sum()), 1e-9)


@cache
def _network() -> tuple[Any, Any]:
    """The tokenizer and the session, which the reranker and the answerer share."""
    from qa.reader import open_network, open_tokenizer

    return open_tokenizer(), open_network("tokens.onnx", "do without it: --rerank none")


def _vectors(ids: Sequence[int]) -> Vectors:
    """Return unit vectors of shape (tokens, 384), those of the marks at both ends left out."""
    _, session = _network()
    ids = [*ids[: LENGTH - 1], ids[-1]] if len(ids) > LENGTH else ids
    # One text a run: int8 activations are scaled by the whole batch.
    vectors: Vectors = session.run(["vectors"], {"ids": np.array([ids])})[0][1:-1]
    return vectors
