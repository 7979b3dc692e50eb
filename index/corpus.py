"""An index that is open to be read: search it, and get its articles and passages by id.

A corpus follows the index: before each question it looks which generation is live and reopens when
that changed. Within `snapshot()` everything comes from one generation.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.catalogue import Catalogue
from index.dense import DenseIndex
from index.embed import Embedder, Vectors
from index.errors import IndexMissing, UsageError
from index.fuse import fuse
from index.lexical import LexicalIndex, day_number
from index.split import SPLITTER
from index.store import MEAN, open_generation, reading
from index.types import Article, Hit, Passage, Scope, Source

Scored = list[tuple[int, float]]

_POOL = 100
"""Candidates that each retriever gives to the fusion."""

_EXACT = 4000
"""Up to so many passages in scope are compared one by one instead of through the graph."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """One generation, open. Arrays have one entry a passage, in the order of `rows`."""

    g: int
    dense: DenseIndex
    words: LexicalIndex
    mean: Vectors
    rows: NDArray[np.int64]
    days: NDArray[np.int64]
    outlets: NDArray[np.int32]
    publishers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """What is indexed, for people."""

    store: str
    files: int
    articles: int
    passages: int
    embedder: str
    splitter: str
    indexed_at: str | None
    oldest: str | None
    newest: str | None
    publishers: dict[str, int]
    failures: list[dict[str, str]]
    generation: int


class Corpus:
    """A reader of one index. `search` and the look-ups may be called from any thread.

    Raises `IndexMissing` when there is no index, or when it was made with another embedder.
    """

    def __init__(self, store: Path, open_embedder: Callable[[], Embedder]) -> None:
        self.store = store
        self._catalogue = Catalogue.open_to_read(store)
        self._open_embedder = open_embedder
        self._embedder: Embedder | None = None
        self._opened: _Opened | None = None
        self._lock = threading.RLock()
        self._depth = 0
        self._lease = contextlib.ExitStack()
        if self._catalogue.live == 0:
            raise IndexMissing(f"nothing is indexed in {store} yet", "qa index PATH…")

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Within it every answer comes from one generation, and what it needs is not deleted."""
        with self._lock:
            if self._depth == 0:
                self._lease.enter_context(reading(self.store))
            self._depth += 1
        try:
            self._follow()
            yield
        finally:
            with self._lock:
                self._depth -= 1
                if self._depth == 0:
                    self._lease.close()

    @property
    def embedder(self) -> Embedder:
        """The embedder of the index, loaded at the first use."""
        with self._lock:
            if self._embedder is None:
                embedder = self._open_embedder()
                found = self._catalogue.get("embedder")
                if embedder.identity != found:
                    raise IndexMissing(
                        f"the index was made with the embedder {found}, the settings name {embedder.identity}",
                        "qa index --rebuild PATH…, or choose the embedder of the index (--embedder)",
                    )
                self._embedder = embedder
            return self._embedder

    @property
    def identity(self) -> str:
        """The identity of the embedder that the index was made with."""
        with self._lock:
            return self._catalogue.get("embedder") or "?"

    @property
    def live(self) -> int:
        """The number of the live generation."""
        with self._lock:
            return self._catalogue.live

    def search(self, question: str, n: int, scope: Scope | None = None) -> tuple[Hit, ...]:
        """Return the `n` best passages for a question, best first, fused from both retrievers."""
        scope = scope or Scope()
        with self.snapshot(), self._lock:
            opened = self._follow()
            near, said, cosines, mean = self.candidates(question, max(_POOL, n), scope)
            ranked = fuse(near, said, cosines, mean)[:n]
            passages = self._catalogue.passages([f.row for f in ranked], opened.g)
            kept = [f for f in ranked if f.row in passages]
            return tuple(
                Hit(rank, f.score, passages[f.row], cosines.get(f.row, 0.0), f.traces)
                for rank, f in enumerate(kept, 1)
            )

    def candidates(
        self, question: str, n: int, scope: Scope
    ) -> tuple[Scored, Scored, dict[int, float], float]:
        """Return what is fused: the `n` best (row, score) of the dense and of the lexical retriever, the
        cosine of every candidate by row, and the question's mean cosine to the whole collection.
        """
        with self.snapshot(), self._lock:
            opened = self._follow()
            scope = self._exact_scope(scope, opened)
            vector = self.embedder.embed([question], query=True)[0]
            near = self._nearest(opened, vector, n, scope)
            said = opened.words.search(question, n, scope)
            cosines = dict(near)
            rest = [row for row, _ in said if row not in cosines]
            for row, known in self._catalogue.vectors(rest).items():
                cosines[row] = float(known @ vector)
            return near, said, cosines, float(opened.mean @ vector)

    def passages(self, rows: Sequence[int]) -> list[Passage]:
        """Return the passages of those rows, in their order."""
        with self.snapshot(), self._lock:
            found = self._catalogue.passages(rows, self._follow().g)
        return [found[row] for row in rows if row in found]

    def _nearest(
        self, opened: _Opened, vector: Vectors, n: int, scope: Scope
    ) -> list[tuple[int, float]]:
        """The passages in scope whose vectors are nearest, with their cosines."""
        if not scope:
            return opened.dense.search(vector, min(n, len(opened.rows)))
        mask = np.ones(len(opened.rows), dtype=bool)
        if scope.since or scope.until:
            # A passage without a date is in no range of dates.
            mask &= opened.days >= (day_number(scope.since) or 1)
            mask &= opened.days <= (day_number(scope.until) or 99991231)
        if scope.sources:
            wanted = [i for i, name in enumerate(opened.publishers) if name in scope.sources]
            mask &= np.isin(opened.outlets, wanted)
        rows = opened.rows[mask]
        if len(rows) > _EXACT:
            # The graph knows no filter (Chroma's own costs more than the search): ask for more.
            more = min(int(n * 1.5 * len(opened.rows) / len(rows)), len(opened.rows))
            allowed = set(rows.tolist())
            found = [(r, c) for r, c in opened.dense.search(vector, more) if r in allowed]
            if len(found) >= min(n, len(rows)):
                return found[:n]
        if not len(rows):
            return []
        vectors = self._catalogue.vectors(rows.tolist())
        cosines = sorted(((r, float(v @ vector)) for r, v in vectors.items()), key=lambda x: -x[1])
        return cosines[:n]

    def _exact_scope(self, scope: Scope, opened: _Opened) -> Scope:
        """The scope with publishers as they are spelt in the index.

        Raises `UsageError` when a name fits none.
        """
        names: list[str] = []
        for wanted in scope.sources:
            folded = wanted.casefold().strip()
            found = [p for p in opened.publishers if p.casefold() == folded]
            found = found or [p for p in opened.publishers if folded and folded in p.casefold()]
            if not found:
                import difflib

                near = difflib.get_close_matches(wanted, opened.publishers, n=3, cutoff=0.3)
                known = ", ".join(near or opened.publishers[:8]) or "none has a known outlet"
                raise UsageError(f"no article is from {wanted!r}", f"outlets in the index: {known}")
            names.extend(found)
        return Scope(scope.since, scope.until, tuple(names))

    def article(self, article_id: str) -> Article:
        """Return an article by its id. Raises `UsageError` when the index has none of that id."""
        with self.snapshot(), self._lock:
            found = self._catalogue.article(article_id, self._follow().g)
        if found is None:
            raise UsageError(f"there is no article {article_id!r} in the index", "qa search QUERY")
        return found

    def passage(self, passage_id: str) -> Passage:
        """Return a passage by its id (`article#n`). Raises `UsageError` when there is none."""
        article_id = passage_id.rpartition("#")[0]
        for passage in self.article_passages(article_id):
            if passage.passage_id == passage_id:
                return passage
        raise UsageError(f"there is no passage {passage_id!r} in the index", "qa search QUERY")

    def article_passages(self, article_id: str) -> list[Passage]:
        """Return the passages of an article in reading order; none when there is no such article."""
        with self.snapshot(), self._lock:
            found = self._catalogue.article_passages(article_id, self._follow().g)
        return [passage for _, passage in found]

    def resolve(self, name: str) -> frozenset[str]:
        """Return the ids of the articles that an article id, source id or path (or its end) names."""
        with self.snapshot(), self._lock:
            return self._catalogue.resolve(name, self._follow().g)

    def sources(self) -> list[Source]:
        """Return what a citation shows of every article, by id."""
        with self.snapshot(), self._lock:
            return list(self._catalogue.sources(self._follow().g))

    def rarity(self, words: Sequence[str]) -> list[float]:
        """Return the inverse document frequency of indexed terms (as in BM25), 0 for none of them."""
        with self.snapshot(), self._lock:
            return self._follow().words.rarity(words)

    def status(self) -> Status:
        """Return counts, dates, outlets, identity and what could not be read."""
        with self.snapshot(), self._lock:
            g = self._catalogue.live
            files, articles, passages = self._catalogue.counts(g)
            sources = list(self._catalogue.sources(g))
            dates = sorted(s.published for s in sources if s.published)
            publishers: dict[str, int] = {}
            for s in sources:
                name = s.publisher or "(unknown)"
                publishers[name] = publishers.get(name, 0) + 1
            return Status(
                store=str(self.store),
                files=files,
                articles=articles,
                passages=passages,
                embedder=self._catalogue.get("embedder") or "?",
                splitter=self._catalogue.get("splitter") or "?",
                indexed_at=self._catalogue.get("indexed_at"),
                oldest=dates[0] if dates else None,
                newest=dates[-1] if dates else None,
                publishers=dict(sorted(publishers.items(), key=lambda x: (-x[1], x[0]))),
                failures=self._catalogue.failures(g),
                generation=g,
            )

    def content_hash(self) -> str:
        """Return a hash over every passage's id, text, offsets and the embedder: equal content, equal hash."""
        digest = hashlib.sha256((self._catalogue.get("embedder") or "").encode())
        with self.snapshot(), self._lock:
            rows = self._follow().rows.tolist()
            lines = []
            for i in range(0, len(rows), 1000):
                for p in self._catalogue.passages(rows[i : i + 1000], self._follow().g).values():
                    text = hashlib.sha256(p.text.encode()).hexdigest()
                    lines.append(f"{p.passage_id} {p.start} {p.end} {text}")
        digest.update("\n".join(sorted(lines)).encode())
        return digest.hexdigest()

    def audit(self) -> list[str]:
        """Return what is wrong with the index, compared piece by piece: nothing, if it is sound."""
        wrong: list[str] = []
        with self.snapshot(), self._lock:
            opened = self._follow()
            rows = opened.rows.tolist()
            if len(opened.words) != len(rows):
                wrong.append(f"the word index holds {len(opened.words)} of {len(rows)} passages")
            for i in range(0, len(rows), 1000):
                chunk = rows[i : i + 1000]
                vectors = self._catalogue.vectors(chunk)
                for row, passage in self._catalogue.passages(chunk, opened.g).items():
                    if not passage.text or passage.end - passage.start != len(passage.text):
                        wrong.append(f"{passage.passage_id} is not a slice of its article")
                    vector = vectors.get(row)
                    if vector is None or abs(float(vector @ vector) - 1) > 1e-3:
                        wrong.append(f"{passage.passage_id} has no sound vector")
            for row, vector in self._catalogue.vectors(rows[:: max(len(rows) // 50, 1)]).items():
                found = opened.dense.search(vector, 10)
                if not found or found[0][1] < 0.999:
                    wrong.append(f"passage {row} is not found by its own vector")
        return wrong

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._opened = None
            self._catalogue.close()

    def _follow(self) -> _Opened:
        """The live generation, reopened when it changed since the last question."""
        with self._lock:
            if self._opened is not None and self._depth > 1:
                return self._opened
            live = self._catalogue.live
            if self._opened is None or self._opened.g != live:
                self._opened = self._open(live)
            return self._opened

    def _open(self, g: int) -> _Opened:
        splitter = self._catalogue.get("splitter")
        if splitter != SPLITTER:
            raise IndexMissing(
                f"the index was cut by other rules ({splitter}, this version has {SPLITTER})",
                "qa index --rebuild PATH…",
            )
        generation = open_generation(
            self.store / "generations" / str(self._catalogue.get("folder"))
        )
        rows = self._catalogue.db.execute(
            "SELECT p.id, a.published, a.publisher FROM passages p JOIN articles a ON a.id = p.article "
            "WHERE a.born <= :g AND (a.died IS NULL OR a.died > :g) ORDER BY p.id",
            {"g": g},
        ).fetchall()
        publishers = sorted({r[2] for r in rows if r[2]})
        codes = {name: i for i, name in enumerate(publishers)}
        return _Opened(
            g=g,
            dense=DenseIndex(generation.chroma, generation.collection),
            words=LexicalIndex(generation.words),
            mean=np.load(generation.folder / MEAN),
            rows=np.array([r[0] for r in rows], dtype=np.int64),
            days=np.array([day_number(r[1]) for r in rows], dtype=np.int64),
            outlets=np.array([codes.get(r[2], -1) for r in rows], dtype=np.int32),
            publishers=tuple(publishers),
        )
