"""An index of made-up passages of any size, to time the search on.

Words follow Zipf's law; vectors are points of few inner dimensions around some centres, as those of real
text are. Dates, outlets and titles are made up too. Nothing is read, split or embedded, so that what
is measured is the search alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from index.catalogue import Catalogue
from index.embed import Vectors
from index.split import SPLITTER
from index.storing import Storing
from index.types import Article, Source

IDENTITY = "synthetic/1"
_WORDS, _LENGTH, _INNER, _CENTRES = 60_000, 120, 48, 500
_FIRST = date(2015, 1, 1)


class Synthetic:
    """Makes passages and questions; the same seed makes the same ones."""

    def __init__(self, seed: int = 7) -> None:
        self._random = np.random.default_rng(seed)
        self._frame = self._random.standard_normal((_INNER, 384)).astype(np.float32)
        self._centres = self._random.standard_normal((_CENTRES, _INNER)).astype(np.float32)
        share = 1 / np.arange(1, _WORDS + 1)
        self._shares = np.cumsum(share / share.sum())

    def words(self, n: int) -> list[str]:
        """Return `n` words by Zipf's law."""
        places = np.searchsorted(self._shares, self._random.random(n))
        return [_word(int(place)) for place in places]

    def vectors(self, n: int) -> Vectors:
        """Return `n` unit vectors of 384 dimensions."""
        near = self._centres[self._random.integers(0, _CENTRES, n)]
        points = near + 0.7 * self._random.standard_normal((n, _INNER)).astype(np.float32)
        found = points @ self._frame
        found += 0.5 * self._random.standard_normal((n, 384)).astype(np.float32)
        return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)

    def articles(self, n: int) -> Iterator[Article]:
        """Yield `n` articles of one passage."""
        for i in range(n):
            words = self.words(_LENGTH)
            text = " ".join(words).capitalize() + "."
            source = Source(
                article_id=f"synthetic-{i}",
                title=" ".join(words[:6]).title(),
                publisher=f"Outlet {i % 20}",
                published=(_FIRST + timedelta(days=i % 3650)).isoformat(),
            )
            yield Article(source, text, text)


def make(store: Path, size: int) -> None:
    """Write an index of `size` passages into `store`, unless one of that size is there."""
    store.mkdir(parents=True, exist_ok=True)
    catalogue = Catalogue.open_to_write(store)
    if catalogue.live and catalogue.counts(catalogue.live)[2] == size:
        catalogue.close()
        return
    made = Synthetic()
    with catalogue.db:
        for i, article in enumerate(made.articles(size)):
            catalogue.add_article(1, article, str(i), [(0, len(article.text), 150, _key(i))])
    for start in range(0, size, 10_000):
        keys = [_key(i) for i in range(start, min(start + 10_000, size))]
        catalogue.add_vectors(keys, made.vectors(len(keys)))
    folder = Storing(store, catalogue, 1, lambda phase, done, total: None, True).make(
        range(1, size + 1), []
    )
    catalogue.switch(1, {"embedder": IDENTITY, "splitter": SPLITTER, "folder": folder.name})
    catalogue.close()


def _key(i: int) -> bytes:
    return hashlib.sha256(str(i).encode()).digest()[:16]


def _word(place: int) -> str:
    """A word that can be said, another for each place."""
    letters: list[str] = []
    place += 21
    while place:
        place, rest = divmod(place, 105)
        letters.append("bcdfghjklmnprstvwxyz "[rest // 5].strip() + "aeiou"[rest % 5])
    return "".join(letters)


class Embedder:
    """Gives questions made-up vectors and takes as long for it as a real embedder does."""

    identity = IDENTITY
    max_tokens = 254

    def __init__(self, seed: int = 11) -> None:
        from index.embed import open_embedder

        self._real = open_embedder("minilm")
        self._made = Synthetic()
        self._made.vectors(seed)  # others than those of the passages

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text."""
        return self._real.count_tokens(texts)

    def embed(self, texts: Sequence[str], *, query: bool = False, done: object = None) -> Vectors:
        """Return made-up vectors, after the real embedder has done its work."""
        self._real.embed(texts, query=query)
        return self._made.vectors(len(texts))
