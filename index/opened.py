"""One generation of an index, open to be read: its two engines, and what filters look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index import distinct, matrix
from index.catalogue import Catalogue
from index.dense import REBUILD, DenseIndex
from index.embed import Vectors
from index.errors import IndexMissing, UsageError
from index.lexical import LexicalIndex, day_number
from index.split import SPLITTER
from index.store import MEAN, open_generation
from index.types import Scope

_EXACT = 20_000
"""Up to so many passages in scope are compared one by one, in 9 ms at most, instead of through the graph."""


class Dense(Protocol):
    """The vectors of a generation, on this machine or on a server."""

    def search(self, vector: Vectors, n: int) -> list[tuple[int, float]]:
        """Return (passage row id, cosine) of about the `n` nearest, nearest first."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One generation, open. Arrays have one entry a passage, in the order of `rows`.

    `articles` are row ids of the catalogue, `days` numbers such as 20250531 (0: not known), `outlets`
    places in `publishers` (-1: not known).
    """

    g: int
    dense: Dense
    words: LexicalIndex
    mean: Vectors
    vectors: Vectors
    rows: NDArray[np.int64]
    articles: NDArray[np.int64]
    days: NDArray[np.int64]
    outlets: NDArray[np.int32]
    publishers: tuple[str, ...]

    @property
    def newest(self) -> date | None:
        """The day of the newest article; None where none has a day."""
        last = int(self.days.max(initial=0))
        return date(last // 10000, last // 100 % 100, last % 100) if last else None

    def places(self, rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where in the arrays those passages stand."""
        return np.searchsorted(self.rows, np.asarray(rows, dtype=np.int64))

    def mask(self, scope: Scope) -> NDArray[np.bool_]:
        """Return which passages a scope lets through; publishers are spelt as in the index."""
        mask = np.ones(len(self.rows), dtype=bool)
        if scope.since or scope.last:
            # A passage without a date is in no range of dates.
            mask &= self.days >= (day_number(scope.since) or 1)
            mask &= self.days <= (day_number(scope.last) or 99991231)
        if scope.sources:
            wanted = [i for i, name in enumerate(self.publishers) if name in scope.sources]
            mask &= np.isin(self.outlets, wanted)
        return mask

    def cosines(self, rows: Iterable[int], vector: Vectors) -> dict[int, float]:
        """Return the cosine of each of those passages to a unit vector."""
        wanted = np.fromiter(rows, dtype=np.int64)
        products = self.vectors[self.places(wanted)] @ vector
        return dict(zip(wanted.tolist(), products.tolist(), strict=True))

    def nearest(
        self, catalogue: Catalogue, vector: Vectors, n: int, scope: Scope
    ) -> list[tuple[int, float]]:
        """Return (row, cosine) of the `n` passages in scope whose vectors are nearest, nearest first."""
        if not scope:
            return self._search(catalogue, vector, n)[:n]
        mask = self.mask(scope)
        places = np.flatnonzero(mask)
        if len(places) > _EXACT:
            # The graph knows no filter (Chroma's own costs more than the search): ask for more.
            more = int(n * 1.5 * len(self.rows) / len(places))
            found = self._search(catalogue, vector, more)
            allowed = mask[self.places([row for row, _ in found])]
            found = [pair for pair, in_scope in zip(found, allowed, strict=True) if in_scope]
            if len(found) >= n:
                return found[:n]
        near = matrix.near(self.vectors, places, vector, n)
        return [(int(self.rows[place]), cosine) for place, cosine in near]

    def _search(self, catalogue: Catalogue, vector: Vectors, n: int) -> list[tuple[int, float]]:
        """Return (row, cosine) of about the `n` nearest and of every passage with the vector of one of them."""
        found = self.dense.search(vector, min(n, len(self.rows)))
        twins = distinct.twins(catalogue.db, [row for row, _ in found])
        if not twins:
            return found
        cosines: dict[int, float] = {}
        for row, cosine in found:
            for one in (row, *twins.get(row, ())):
                cosines.setdefault(one, cosine)
        ids = np.array(list(cosines), dtype=np.int64)
        alive = self.rows[np.minimum(self.places(ids), len(self.rows) - 1)] == ids
        return [(row, cosines[row]) for row in ids[alive].tolist()]

    def spelt(self, scope: Scope) -> Scope:
        """Return the scope with publishers as they are spelt in the index.

        Raises `UsageError` when a name fits none.
        """
        names: list[str] = []
        for wanted in scope.sources:
            folded = wanted.casefold().strip()
            found = [p for p in self.publishers if p.casefold() == folded]
            found = found or [p for p in self.publishers if folded and folded in p.casefold()]
            if not found:
                import difflib

                near = difflib.get_close_matches(wanted, self.publishers, n=3, cutoff=0.3)
                known = ", ".join(near or self.publishers[:8]) or "none has a known outlet"
                raise UsageError(f"no article is from {wanted!r}", f"outlets in the index: {known}")
            names.extend(found)
        return replace(scope, sources=tuple(names))


def open_live(
    store: Path,
    catalogue: Catalogue,
    g: int,
    served: Callable[[Catalogue, int], Dense] | None = None,
) -> Opened:
    """Open generation `g`; `served` gives the vectors where they are on a server.

    Raises `IndexMissing` when it is damaged or was cut by other rules.
    """
    splitter = catalogue.get("splitter") or "?"
    if splitter.partition("/")[0] != SPLITTER:
        raise IndexMissing(
            f"the index was cut by other rules ({splitter}, this version has {SPLITTER})",
            "qa index --rebuild PATH…",
        )
    generation = open_generation(store / "generations" / str(catalogue.get("folder")))
    rows = catalogue.db.execute(
        "SELECT p.id, p.article, a.published, a.publisher FROM passages p "
        "JOIN articles a ON a.id = p.article "
        "WHERE a.born <= :g AND (a.died IS NULL OR a.died > :g) ORDER BY p.id",
        {"g": g},
    ).fetchall()
    publishers = sorted({r[3] for r in rows if r[3]})
    codes = {name: i for i, name in enumerate(publishers)}
    ids = np.array([r[0] for r in rows], dtype=np.int64)
    return Opened(
        g=g,
        dense=served(catalogue, g)
        if served
        else DenseIndex(generation.chroma, generation.collection),
        words=LexicalIndex(generation.words),
        mean=np.load(generation.folder / MEAN),
        vectors=_vectors(generation.folder, catalogue, ids),
        rows=ids,
        articles=np.array([r[1] for r in rows], dtype=np.int64),
        days=np.array([day_number(r[2]) for r in rows], dtype=np.int64),
        outlets=np.array([codes.get(r[3], -1) for r in rows], dtype=np.int32),
        publishers=tuple(publishers),
    )


def _vectors(folder: Path, catalogue: Catalogue, rows: NDArray[np.int64]) -> Vectors:
    """The vectors of all passages. Raises `IndexMissing` where some are not there."""
    try:
        if (folder / matrix.FILE).exists():
            return matrix.load(folder, len(rows))
        # An index from before there was such a file; the next run of the writer makes it.
        found = catalogue.vectors(rows.tolist())
        return np.stack([found[row] for row in rows.tolist()])
    except (OSError, ValueError, KeyError) as error:
        raise IndexMissing(f"the vectors in {folder} are damaged: {error}", REBUILD) from error
