"""Made-up passages of any number: those of a real index recombined, or drawn where there is none.

Recombined ones keep what search depends on: the words and how often they come, the lengths, and how vectors lie to
each other. A text is the first half of one passage and the second half of another, a vector a point
between two of one article, moved by the difference of two others. Drawn words follow Zipf's law; drawn
vectors are points of few inner dimensions around some centres. Dates and outlets are made up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

import numpy as np

from index.catalogue import Catalogue
from index.embed import Embedder, Vectors
from index.split import SPLITTER
from index.storing import Storing
from index.types import Article, Source

PASSAGES = 10
"""Passages of an article."""
DRAWN = "drawn/1"
_WORDS, _LENGTH, _INNER, _CENTRES = 60_000, 120, 48, 500
_FIRST = date(2015, 1, 1)


class Maker(Protocol):
    """Makes passages; the same generator of numbers makes the same ones."""

    identity: str

    def texts(self, random: np.random.Generator, n: int) -> list[str]:
        """Return `n` texts of passages."""

    def title(self, random: np.random.Generator) -> str:
        """Return the title of an article."""

    def vectors(self, random: np.random.Generator, n: int) -> Vectors:
        """Return `n` unit vectors of 384 dimensions."""


class Drawn:
    """Words and vectors that are drawn."""

    identity = DRAWN

    def __init__(self) -> None:
        random = np.random.default_rng(7)
        self._frame = random.standard_normal((_INNER, 384)).astype(np.float32)
        self._centres = random.standard_normal((_CENTRES, _INNER)).astype(np.float32)
        share = 1 / np.arange(1, _WORDS + 1)
        self._shares = np.cumsum(share / share.sum())

    def words(self, random: np.random.Generator, n: int) -> list[str]:
        """Return `n` words by Zipf's law."""
        places = np.searchsorted(self._shares, random.random(n))
        return [_word(int(place)) for place in places]

    def texts(self, random: np.random.Generator, n: int) -> list[str]:
        """Return `n` texts of about equal length."""
        return [" ".join(self.words(random, _LENGTH)).capitalize() + "." for _ in range(n)]

    def title(self, random: np.random.Generator) -> str:
        """Return six words."""
        return " ".join(self.words(random, 6)).title()

    def vectors(self, random: np.random.Generator, n: int) -> Vectors:
        """Return points around the centres."""
        near = self._centres[random.integers(0, _CENTRES, n)]
        points = near + 0.7 * random.standard_normal((n, _INNER)).astype(np.float32)
        return _unit(points @ self._frame + 0.5 * _normal(random, n))


class Recombined:
    """The passages of an index, recombined."""

    def __init__(self, store: Path) -> None:
        catalogue = Catalogue.open_to_read(store)
        g = catalogue.live
        self.identity = catalogue.get("embedder") or ""
        rows = [r[0] for r in catalogue.db.execute("SELECT id FROM passages ORDER BY id")]
        passages = catalogue.passages(rows, g)
        found = catalogue.vectors(list(passages))
        catalogue.close()
        self._vectors = np.stack([found[row] for row in passages])
        self._titles = sorted({p.source.title for p in passages.values()})
        self._halves = [_halves(p.text) for p in passages.values()]
        articles = [p.source.article_id for p in passages.values()]
        last = len(articles) - 1
        self._beside = np.array([
            i + 1 if i < last and articles[i + 1] == articles[i] else max(i - 1, 0)
            for i in range(len(articles))
        ])  # fmt: skip

    def texts(self, random: np.random.Generator, n: int) -> list[str]:
        """Return `n` texts of two halves."""
        pairs = random.integers(0, len(self._halves), (n, 2)).tolist()
        return [f"{self._halves[a][0]} {self._halves[b][1]}" for a, b in pairs]

    def title(self, random: np.random.Generator) -> str:
        """Return the beginning of one title and the end of another."""
        one, other = (self._titles[i].split() for i in random.integers(0, len(self._titles), 2))
        return " ".join(one[: len(one) // 2 + 1] + other[len(other) // 2 :])

    def vectors(self, random: np.random.Generator, n: int) -> Vectors:
        """Return points between two passages of one article, moved as two others differ."""
        at, plus, minus = random.integers(0, len(self._vectors), (3, n))
        share = random.uniform(0, 0.5, (n, 1)).astype(np.float32)
        here, v = self._vectors[at], self._vectors
        return _unit(
            here + share * (v[self._beside[at]] - here) + np.float32(0.3) * (v[plus] - v[minus])
        )


def maker(like: Path | None) -> Maker:
    """Return what makes passages like those of an index, or drawn ones."""
    return Recombined(like) if like else Drawn()


def articles(made: Maker, n: int, seed: int = 3) -> Iterator[tuple[Article, list[tuple[int, int]]]]:
    """Yield `n` articles with the spans of their passages."""
    random = np.random.default_rng(seed)
    for i in range(n):
        spans, text = [], ""
        for part in made.texts(random, PASSAGES):
            text += "\n\n" if text else ""
            spans.append((len(text), len(text) + len(part)))
            text += part
        source = Source(
            article_id=f"synthetic-{i}",
            title=made.title(random),
            publisher=f"Outlet {i % 20}",
            published=(_FIRST + timedelta(days=i % 3650)).isoformat(),
        )
        yield Article(source, text, text), spans


def make(store: Path, size: int, made: Maker) -> None:
    """Write an index of `size` passages into `store`, unless one of that size is there.

    Nothing is read, cut or embedded: this is the store's part of a build alone.
    """
    store.mkdir(parents=True, exist_ok=True)
    catalogue = Catalogue.open_to_write(store)
    if catalogue.live and catalogue.counts(catalogue.live)[2] == size:
        catalogue.close()
        return
    if catalogue.counts(1)[2] != size:
        with catalogue.db:
            for i, (article, spans) in enumerate(articles(made, size // PASSAGES)):
                first = i * PASSAGES
                passages = [(a, b, 150, _key(first + n)) for n, (a, b) in enumerate(spans)]
                catalogue.add_article(1, article, str(i), passages)
        random = np.random.default_rng(5)
        for start in range(0, size, 10_000):
            keys = [_key(i) for i in range(start, min(start + 10_000, size))]
            catalogue.add_vectors(keys, made.vectors(random, len(keys)))
    folder = Storing(store, catalogue, 1, lambda phase, done, total: None, True).make(
        range(1, size + 1), []
    )
    catalogue.switch(1, {"embedder": made.identity, "splitter": SPLITTER, "folder": folder.name})
    catalogue.close()


class ByText:
    """An embedder that draws a made-up vector for a text, the same for the same text."""

    max_tokens = 254

    def __init__(self, made: Maker, count: Callable[[Sequence[str]], list[int]]) -> None:
        """`count` counts the tokens of texts."""
        self.identity, self._made, self.count_tokens = made.identity, made, count

    def embed(self, texts: Sequence[str], *, query: bool = False, done: object = None) -> Vectors:
        """Return a vector for each text."""
        rows = np.empty((len(texts), 384), dtype=np.float32)
        for i, text in enumerate(texts):
            seed = int.from_bytes(hashlib.sha256(text.strip().encode()).digest()[:8], "big")
            rows[i] = self._made.vectors(np.random.default_rng(seed), 1)[0]
        return rows


class Slow:
    """Gives questions made-up vectors and takes as long for it as a real embedder does."""

    max_tokens = 254

    def __init__(self, made: Maker, real: Embedder) -> None:
        self.identity, self._made, self._real = made.identity, made, real
        self._random = np.random.default_rng(11)
        self.count_tokens = real.count_tokens

    def embed(self, texts: Sequence[str], *, query: bool = False, done: object = None) -> Vectors:
        """Return made-up vectors, after the real embedder has done its work."""
        self._real.embed(texts, query=query)
        return self._made.vectors(self._random, len(texts))


def _halves(text: str) -> tuple[str, str]:
    """A text cut at the end of a sentence near its middle, or between words."""
    middle = len(text) // 2
    at = text.find(". ", middle)
    at = at + 2 if 0 < at < 0.8 * len(text) else text.find(" ", middle) + 1
    return text[:at].strip(), text[at:].strip()


def _normal(random: np.random.Generator, n: int) -> Vectors:
    return random.standard_normal((n, 384), dtype=np.float32)


def _unit(rows: np.ndarray) -> Vectors:
    found: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return found


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
